/** States that the site's owner makes: the line on what answers, and parts that are switched off. */
import { hear } from './conversation-states.ts'
import type { State } from './state.ts'

const NOTICE = { notice: 'ai', privacy_url: 'https://shop.example/privacy' }

export const ownerStates: readonly State[] = [
  {
    name: 'a line on what answers, in the empty chat',
    config: NOTICE,
    enter: ({ wait }) => wait('samosa-empty-state samosa-disclosure, samosa-disclosure'),
  },
  {
    name: 'a line on what answers, below the field',
    config: NOTICE,
    async enter(mounted) {
      await hear(mounted, 'Dough and potatoes.')
      await mounted.wait('.bottom samosa-disclosure')
    },
  },
  {
    name: 'a line on what answers, in an open bubble',
    mode: 'bubble',
    attributes: { open: '' },
    config: NOTICE,
    async enter(mounted) {
      await hear(mounted, 'Dough and potatoes.')
      await mounted.wait('.bottom samosa-disclosure')
    },
  },
  {
    name: 'a chat with all switched off that can be',
    attributes: {
      features:
        '-think -attachments -feedback -commands -microphone -list -copy -regenerate -edit -download',
    },
    async enter(mounted) {
      await hear(mounted, 'Dough and potatoes.')
      await mounted.wait('.out')
    },
  },
]
