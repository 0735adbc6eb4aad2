/** States of a conversation: what is waited for, said, and gone wrong. */
import { type, type Mounted } from '../scripted/mount.ts'
import { problem } from '../scripted/scripted-server.ts'
import { until } from '../scripted/until.ts'
import type { State } from './state.ts'

/** Every construct that an answer may have. */
const RICH = `# What is inside

A **samosa** is *fried* or ~~boiled~~ baked; see [the recipe](https://example.org) and \`cumin\`.

> Serve it hot.

- [x] dough
- [ ] filling
  1. potatoes
  2. peas

| Kind | Price |
| :--- | ---: |
| with peas | €3 |

\`\`\`js
const samosas = 36 // twelve boxes of three
\`\`\`

\\(a^2 + b^2\\), ![a picture](https://example.org/picture.png)

---

The end.`

const THINKING = '<think>The visitor asks about a pastry. I should say what it is made of first.\n'

const SOURCES = [
  { number: 1, title: 'Setup guide', url: 'https://example.org/a', snippet: 'Node 22 or newer.' },
  { number: 2, title: 'Notes', url: '', snippet: 'No page of its own.' },
]

/** Asks, and waits until the server is about to answer. */
export async function ask({ chat, server }: Mounted, text = 'What is a samosa?'): Promise<void> {
  const count = server.turns.length
  chat.send(text)
  await until(() => server.turns.length > count)
}

/** Asks, and is answered. */
export async function hear(mounted: Mounted, ...tokens: readonly string[]): Promise<void> {
  await ask(mounted)
  mounted.server.lastTurn.token(...tokens)
  mounted.server.lastTurn.done()
  await until(() => !mounted.find('.stop') && mounted.find('.assistant .actions'))
}

/** Asks, and the answer begins. */
async function begin(mounted: Mounted, text: string): Promise<void> {
  await ask(mounted)
  mounted.server.lastTurn.token(text)
  await mounted.wait('samosa-answer')
}

export async function click({ wait }: Mounted, selector: string): Promise<void> {
  const element = await wait(selector)
  element.click()
}

/** As the browser tells of it; for as long as the page is told, and does `meanwhile`. */
async function goOffline(meanwhile = async () => {}): Promise<void> {
  Object.defineProperty(navigator, 'onLine', { value: false, configurable: true })
  window.dispatchEvent(new Event('offline'))
  await meanwhile()
  Reflect.deleteProperty(navigator, 'onLine')
}

export const conversationStates: readonly State[] = [
  {
    name: 'the empty bubble',
    mode: 'bubble',
    attributes: { open: '', sound: '' },
    enter: ({ wait }) => wait('.greeting'),
  },
  {
    name: 'the enlarged bubble',
    mode: 'bubble',
    attributes: { open: '' },
    async enter(mounted) {
      await click(mounted, '.size')
      await mounted.wait('[aria-label="Reduce chat"]')
    },
  },
  { name: 'the empty page', mode: 'page', enter: ({ wait }) => wait('.greeting') },
  { name: 'a question on its way', enter: (at) => ask(at).then(() => at.wait('samosa-waiting')) },
  {
    name: 'a document being read',
    async enter(mounted) {
      await ask(mounted)
      const progress = { step: 'reading', name: 'guide.pdf', done: 1, total: 4 }
      mounted.server.lastTurn.emit({ progress })
      await mounted.wait('progress')
    },
  },
  { name: 'thinking', enter: (at) => begin(at, THINKING).then(() => at.wait('.think-head')) },
  {
    name: 'thinking, opened',
    async enter(mounted) {
      await begin(mounted, THINKING)
      await click(mounted, '.think-head')
      await mounted.wait('.think[data-open]')
    },
  },
  {
    name: 'thoughts of a finished answer, opened',
    async enter(mounted) {
      await hear(mounted, THINKING, '</think>A pastry.')
      await click(mounted, '.think-head')
      await mounted.wait('.think[data-open]')
    },
  },
  {
    name: 'an answer being written',
    enter: (at) => begin(at, 'A **samosa** is a').then(() => at.wait('strong')),
  },
  { name: 'an answer with everything', enter: (at) => hear(at, RICH).then(() => at.wait('pre')) },
  {
    name: 'sources, with the passage of one',
    async enter(mounted) {
      await ask(mounted)
      mounted.server.lastTurn.emit({ sources: SOURCES })
      mounted.server.lastTurn.token('Install it [1], then start it [2].')
      mounted.server.lastTurn.done()
      await click(mounted, '.source[data-source="2"] button')
      await until(() => mounted.find('.source-card:popover-open'))
    },
  },
  {
    name: 'a citation that is not proven, with its card and what was only found',
    async enter(mounted) {
      await ask(mounted)
      mounted.server.lastTurn.emit({ sources: SOURCES })
      mounted.server.lastTurn.token('It came in 1999 [2].')
      mounted.server.lastTurn.emit({ citations: [{ number: 2, unproven: ['1999'] }] })
      mounted.server.lastTurn.done()
      await mounted.wait('.unused')
      await click(mounted, '.citation[data-unproven]')
      await until(() => mounted.find('.source-card:popover-open .card-unproven'))
    },
  },
  {
    name: 'what to ask next',
    async enter(mounted) {
      await ask(mounted)
      mounted.server.lastTurn.token('A pastry.')
      mounted.server.lastTurn.emit({ suggestions: ['Who bakes them?', 'What do they cost?'] })
      mounted.server.lastTurn.done()
      await mounted.wait('[part=suggestion]')
    },
  },
  {
    name: 'the way back to the end',
    async enter(mounted) {
      await hear(mounted, 'A line.\n\n'.repeat(80))
      // The question stands at the top, and its answer goes on below; who scrolls leaves that place.
      const scroller = await mounted.wait('.scroller')
      scroller.scrollTop = scroller.scrollHeight / 2
      await mounted.wait('.jump')
    },
  },
  {
    name: 'an answer that failed, with another try',
    async enter(mounted) {
      await begin(mounted, 'So far')
      mounted.server.lastTurn.fail('inference_error')
      await mounted.wait('[role=alert]')
    },
  },
  {
    name: 'too many messages',
    async enter(mounted) {
      mounted.server.fail(/messages$/, () => problem(429, {}, { 'retry-after': '30' }))
      mounted.chat.send('Hello')
      await mounted.wait('[role=alert]')
    },
  },
  {
    name: 'an answer that was stopped before its first word',
    async enter(mounted) {
      await ask(mounted)
      await until(() => mounted.chat.conversationId && mounted.find('article.user.settled'))
      mounted.chat.stop()
      await mounted.wait('samosa-notice[tone=hint]')
    },
  },
  {
    name: 'messages that wait for an answer',
    async enter(mounted) {
      await begin(mounted, 'So far')
      mounted.chat.send('And how is it folded?')
      mounted.chat.send('And fried?')
      await until(() => mounted.findAll('li.user').length === 2)
    },
  },
  {
    name: 'a message that waits for its sender, after an error',
    async enter(mounted) {
      await begin(mounted, 'So far')
      mounted.chat.send('And how is it folded?')
      await mounted.wait('li.user')
      mounted.server.lastTurn.fail('inference_error')
      await until(() => mounted.findAll('li.user .again').length === 2)
    },
  },
  {
    name: 'a message that failed, below the next one',
    async enter(mounted) {
      mounted.server.fail(/messages$/, () => problem(500))
      mounted.chat.send('What is a samosa?')
      await mounted.wait('samosa-notice')
      await ask(mounted, 'And a pakora?')
      mounted.server.lastTurn.token('A fritter.')
      mounted.server.lastTurn.done()
      await mounted.wait('li.failed')
    },
  },
  {
    name: 'a question without an answer, before the next one',
    async enter(mounted) {
      await ask(mounted)
      mounted.server.lastTurn.fail('inference_error')
      await mounted.wait('samosa-notice')
      await ask(mounted, 'Are you there?')
      mounted.server.lastTurn.token('Yes.')
      mounted.server.lastTurn.done()
      await mounted.wait('.user .note button')
    },
  },
  {
    name: 'an answer that can go on',
    async enter(mounted) {
      await begin(mounted, 'So far, and no farther')
      mounted.server.lastTurn.done('length')
      await mounted.wait('.go-on')
    },
  },
  {
    name: 'no network',
    async enter(mounted) {
      await hear(mounted, 'A pastry.')
      await goOffline()
      await mounted.wait('.banner')
    },
  },
  {
    name: 'a message that waits for a network',
    async enter(mounted) {
      await hear(mounted, 'A pastry.')
      mounted.server.fail(/messages$/, 'refuse')
      await goOffline(async () => {
        mounted.chat.send('And how is it folded?')
        await mounted.wait('.user.offline')
      })
    },
  },
  {
    name: 'a connection that broke',
    async enter(mounted) {
      await begin(mounted, 'So far')
      mounted.server.fail(/stream$/, 'refuse')
      mounted.server.lastTurn.cut()
      await mounted.wait('.banner')
    },
  },
  {
    name: 'when it was said',
    async enter(mounted) {
      const old = mounted.server.addConversation([
        ['user', 'What is a samosa?'],
        ['assistant', 'A pastry.'],
      ])
      mounted.chat.conversationId = old
      await mounted.wait('.assistant time')
      // What can be done with a message is seen where the focus is.
      const button = await mounted.wait('.assistant .actions button')
      button.focus()
    },
  },
  {
    name: 'a text that is nearly too long',
    enter: (at) => type(at, 'x'.repeat(95)).then(() => at.wait('.count')),
  },
  {
    name: 'a text that is too long',
    enter: (at) => type(at, 'x'.repeat(101)).then(() => at.wait('.count.over')),
  },
  {
    name: 'a message being edited',
    async enter(mounted) {
      await hear(mounted, 'A pastry.')
      await click(mounted, '.edit')
      await mounted.wait('samosa-text-form')
    },
  },
  {
    name: 'the formats of a download',
    async enter(mounted) {
      await hear(mounted, 'A pastry.')
      await click(mounted, '.list')
      await click(mounted, '.download')
      await mounted.wait('[role=menuitem]')
    },
  },
  {
    name: 'what can be kept of a conversation',
    async enter(mounted) {
      await hear(mounted, 'A pastry.')
      const button = await mounted.wait('samosa-transcript')
      button.shadowRoot?.querySelector('button')?.click()
      await mounted.wait('[role=menuitem]')
    },
  },
  {
    name: 'a download that failed',
    async enter(mounted) {
      await hear(mounted, 'A pastry.')
      mounted.server.fail(/export$/, () => problem(429, {}, { 'retry-after': '30' }))
      const button = await mounted.wait('samosa-transcript')
      button.shadowRoot?.querySelector('button')?.click()
      await click(mounted, '[role=menuitem]')
      await mounted.wait('samosa-transcript .problem, .problem[role=alert]')
    },
  },
  {
    name: 'a bad rating with a comment',
    async enter(mounted) {
      await hear(mounted, 'A pastry.')
      await click(mounted, '.thumbs .down')
      await mounted.wait('.form')
    },
  },
  {
    name: 'a rating with a comment',
    async enter(mounted) {
      await hear(mounted, 'A pastry.')
      await click(mounted, '.thumbs .up')
      await mounted.wait('.form')
    },
  },
]
