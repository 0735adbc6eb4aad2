/** States of the launcher: what it tells of the closed chat, the owner's brand on it, and its corner. */
import { ask } from './conversation-states.ts'
import type { Mounted } from '../scripted/mount.ts'
import { until } from '../scripted/until.ts'
import type { State } from './state.ts'

const DRAWING = `<svg xmlns="http://www.w3.org/2000/svg" width="68" height="34">
  <rect width="68" height="34" rx="9" fill="#1d6b4f"/><circle cx="34" cy="17" r="9" fill="#fff"/>
</svg>`
/** A picture of the owner's, wider than high; of the page's own origin, else it would not be shown. */
const LOGO = URL.createObjectURL(new Blob([DRAWING], { type: 'image/svg+xml' }))

/** Asks, and closes the panel while the answer is made. */
async function leave(mounted: Mounted): Promise<void> {
  await ask(mounted)
  mounted.chat.hide()
  await until(() => mounted.findAll('.steam').length > 0)
}

/** Closed, and answered meanwhile. */
async function beTold(mounted: Mounted): Promise<void> {
  await leave(mounted)
  mounted.server.lastTurn.token('Done.')
  mounted.server.lastTurn.done()
  await mounted.wait('.badge')
}

const showsLogo = ({ find }: Mounted) =>
  until(() => find('.root')?.style.getPropertyValue('--_logo'))

const CORNERS = ['bottom-end', 'bottom-start', 'top-end', 'top-start'] as const

const inCorner = (position: (typeof CORNERS)[number]): readonly State[] => [
  {
    name: `the launcher with news, ${position}`,
    mode: 'bubble',
    attributes: { position },
    enter: beTold,
  },
  {
    name: `the open bubble, ${position}`,
    mode: 'bubble',
    attributes: { position, open: '' },
    enter: ({ wait }) => wait('.greeting'),
  },
]

export const launcherStates: readonly State[] = [
  { name: 'the closed launcher', mode: 'bubble', enter: ({ wait }) => wait('samosa-launcher') },
  { name: 'the launcher at work', mode: 'bubble', enter: leave },
  {
    name: 'the launcher with a label',
    mode: 'bubble',
    attributes: { 'launcher-label': 'Ask us anything' },
    enter: ({ wait }) => wait('samosa-launcher'),
  },
  {
    name: 'the launcher with a label, at work',
    mode: 'bubble',
    attributes: { 'launcher-label': 'Ask us anything' },
    enter: leave,
  },
  {
    name: 'the launcher with a label and news',
    mode: 'bubble',
    attributes: { 'launcher-label': 'Ask us anything' },
    enter: beTold,
  },
  {
    name: 'the launcher with the owner’s logo',
    mode: 'bubble',
    attributes: { logo: LOGO },
    enter: showsLogo,
  },
  {
    name: 'the launcher with the owner’s logo, at work',
    mode: 'bubble',
    attributes: { logo: LOGO },
    enter: (at) => leave(at).then(() => showsLogo(at)),
  },
  {
    name: 'the launcher with the owner’s own element, and news',
    mode: 'bubble',
    async enter(mounted) {
      const picture = new Image()
      picture.src = LOGO
      picture.alt = ''
      picture.slot = 'launcher'
      mounted.chat.append(picture)
      await picture.decode()
      await beTold(mounted)
    },
  },
  {
    name: 'the owner’s logo in the header and beside answers',
    attributes: { logo: LOGO },
    async enter(mounted) {
      await showsLogo(mounted)
      await ask(mounted)
      mounted.server.lastTurn.token('A pastry.')
      mounted.server.lastTurn.done()
      await mounted.wait('.assistant .actions')
    },
  },
  {
    name: 'an open bubble without a launcher',
    mode: 'bubble',
    attributes: { launcher: 'hidden', open: '' },
    enter: ({ wait }) => wait('.greeting'),
  },
  ...CORNERS.flatMap(inCorner),
]
