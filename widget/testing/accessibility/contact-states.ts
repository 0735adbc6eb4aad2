/** States of the ways to a person. */
import type { Mounted } from '../scripted/mount.ts'
import { problem } from '../scripted/scripted-server.ts'
import { until } from '../scripted/until.ts'
import { ask, click, hear } from './conversation-states.ts'
import type { State } from './state.ts'

const config = {
  contact: {
    email: 'help@shop.example',
    url: 'https://shop.example/contact',
    phone: '+49 30 123456',
    hours: 'Mon–Fri 9–17 h',
    form: true,
  },
  privacy_url: 'https://shop.example/privacy',
}

/** Asks, and gets an answer that leaves something to be wished. */
async function end(mounted: Mounted, outcome: 'unanswered' | 'wants_person'): Promise<void> {
  await ask(mounted)
  const { lastTurn } = mounted.server
  lastTurn.outcome = outcome
  lastTurn.token('That is not on this site.')
  lastTurn.emit({ suggestions: ['Who bakes them?'] })
  lastTurn.done()
  await mounted.wait('.card')
  await mounted.wait('[part=suggestion]')
}

async function openForm(mounted: Mounted): Promise<void> {
  await end(mounted, 'unanswered')
  await click(mounted, '.write button')
  await mounted.wait('#website')
}

/** Fills the form in, and sends it. */
async function send(mounted: Mounted): Promise<void> {
  await openForm(mounted)
  const [email, consent] = [mounted.find('#email'), mounted.find('#consent')]
  if (!(email instanceof HTMLInputElement)) return
  email.value = 'ada@mail.example'
  consent?.click()
  email.form?.requestSubmit()
}

export const contactStates: readonly State[] = [
  {
    name: 'a person and topics for a question without an answer',
    config,
    enter: (mounted) => end(mounted, 'unanswered'),
  },
  {
    name: 'a person for who asks for one',
    config,
    enter: (mounted) => end(mounted, 'wants_person'),
  },
  { name: 'the form to a person', config, enter: openForm },
  {
    name: 'the form with what it lacks',
    config,
    async enter(mounted) {
      await openForm(mounted)
      await click(mounted, 'button.strong')
      await until(() => mounted.findAll('.problem:not([hidden])').length > 0)
    },
  },
  {
    name: 'a message that was not sent',
    config,
    async enter(mounted) {
      const limited = () => problem(429, { code: 'rate_limited' }, { 'retry-after': '60' })
      mounted.server.fail(/contact$/, limited)
      await send(mounted)
      await mounted.wait('.failure')
    },
  },
  {
    name: 'a person after an error',
    config,
    async enter(mounted) {
      await ask(mounted)
      mounted.server.lastTurn.fail('inference_error')
      await mounted.wait('samosa-notice')
      await mounted.wait('.card')
    },
  },
  {
    name: 'a person after a bad rating, with its comment',
    config,
    async enter(mounted) {
      await hear(mounted, 'A pastry.')
      await click(mounted, '.thumbs .down')
      await mounted.wait('.form')
      await mounted.wait('.card')
    },
  },
  {
    name: 'the form to a person, in a bubble',
    mode: 'bubble',
    attributes: { open: '' },
    config,
    enter: openForm,
  },
  {
    name: 'a message that was sent',
    config,
    async enter(mounted) {
      await send(mounted)
      await mounted.wait('.sent')
    },
  },
]
