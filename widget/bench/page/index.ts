/** Runs in the page that is measured; `browser.ts` calls it. */
import { createClient } from '../../api/client.ts'
import type { CreateContender } from './contenders.ts'
import { findScroller, nextFrame, painted, shows, watchTasks, whenIdle } from './watch.ts'

/** Milliseconds. */
export interface PageReport {
  /** From the beginning to the last change on the screen. */
  readonly took: number
  /** Tasks over 50 ms. */
  readonly longTasks: readonly number[]
}

export interface AnswerReport extends PageReport {
  /** When the last change was on the screen: milliseconds since 1970. */
  readonly paintedAt: number
}

/** What draws, and the server that it talks to. */
export interface Preparation {
  /** `ours` or another contender. */
  readonly name: string
  /** Base URL of the server that has the element. */
  readonly scripts: string
  readonly endpoint: string
}

/** A long conversation, whose it is, and the words that it ends with. */
export interface OpenedHistory {
  readonly scripts: string
  readonly endpoint: string
  readonly id: string
  readonly token: string
  readonly lastWords: string
}

export interface HistoryReport extends PageReport {
  /** Tasks over 50 ms on the way to the oldest message. */
  readonly scrolling: readonly number[]
}

/** Draws what the server answers to a message. */
type Answer = (message: string) => Promise<void>

export interface BenchPage {
  /** Makes ready what draws. */
  prepare(how: Preparation): Promise<void>
  /** Has the message answered and drawn. */
  answer(message: string): Promise<AnswerReport>
  /** Whether a text is on the page. */
  shows(text: string): boolean
  /** Opens a long conversation, and goes back to its beginning. */
  openHistory(opened: OpenedHistory): Promise<HistoryReport>
}

declare global {
  interface Window {
    bench: BenchPage
  }
}

interface Chat extends HTMLElement {
  token: string | undefined
  send(text: string): boolean
}

const CONTENDERS: Readonly<Record<string, () => Promise<{ createContender: CreateContender }>>> = {
  floor: () => import('./floor.ts'),
  'streaming-markdown': () => import('./streaming-markdown.ts'),
  naive: () => import('./naive.ts'),
}

const isChat = (element: HTMLElement): element is Chat => 'send' in element

/** The published element, as a page has it. */
async function createChat(
  scripts: string,
  attributes: Readonly<Record<string, string>>,
): Promise<Chat> {
  // By its address, so that the published bundle is measured and not one within this script.
  await import(/* @vite-ignore */ `${scripts}/samosa-chat.js`)
  const chat = document.createElement('samosa-chat')
  if (!isChat(chat)) throw new Error('samosa-chat is not defined')
  for (const [name, value] of Object.entries({ mode: 'inline', ...attributes })) {
    chat.setAttribute(name, value)
  }
  chat.style.inlineSize = '420px'
  chat.style.blockSize = '640px'
  return chat
}

/** Resolves when the element tells of a whole message of the assistant. */
const answered = (chat: Chat) =>
  new Promise<void>((resolve) => {
    chat.addEventListener('samosa-message', (event) => {
      const detail: unknown = event instanceof CustomEvent ? event.detail : undefined
      if (JSON.stringify(detail).includes('"role":"assistant"')) resolve()
    })
  })

async function prepareOurs({ scripts, endpoint }: Preparation): Promise<Answer> {
  const chat = await createChat(scripts, { endpoint })
  document.body.append(chat)
  return async (message) => {
    const whole = answered(chat)
    if (!chat.send(message)) throw new Error('the message was not taken')
    await whole
  }
}

/** A box of the same size and letters as the element's, that stays at its end as the element does. */
function createBox(): HTMLElement {
  const box = document.createElement('div')
  const { style } = box
  style.inlineSize = '420px'
  style.blockSize = '640px'
  style.overflow = 'auto'
  style.font = '15px/1.55 system-ui'
  style.overflowWrap = 'anywhere'
  document.body.append(box)
  return box
}

async function prepareOther({ name, endpoint }: Preparation): Promise<Answer> {
  const module = await CONTENDERS[name]?.()
  if (!module) throw new Error(`there is no contender ${name}`)
  const box = createBox()
  const contender = module.createContender(box)
  let frame: number | undefined
  const follow = () => {
    frame = undefined
    box.scrollTop = box.scrollHeight
  }
  // Reads as the element does: what differs is the drawing.
  const client = createClient({ endpoint })
  const id = await client.createConversation()
  return async (message) => {
    const idempotencyKey = crypto.randomUUID()
    for await (const batch of await client.send(id, { content: message }, { idempotencyKey })) {
      for (const { event } of batch) if (event.type === 'token') contender.write(event.text)
      frame ??= requestAnimationFrame(follow)
    }
    await contender.end()
  }
}

const tasks = watchTasks()
let answer: Answer | undefined

/** How far a hurried reader scrolls in a frame. */
const LEAP = 900
const MOST_FRAMES = 900

async function scrollToStart(): Promise<void> {
  const scroller = findScroller()
  if (!scroller) throw new Error('nothing scrolls')
  for (let frames = 0; frames < MOST_FRAMES && scroller.scrollTop > 0; frames += 1) {
    scroller.scrollTop -= LEAP
    await nextFrame()
  }
}

/** When the response that holds the conversation was there; milliseconds of this page's clock. */
function arrivedAt(id: string): number {
  const entry = performance
    .getEntriesByType('resource')
    .find(({ name }) => name.includes(`/conversations/${id}`))
  if (!(entry instanceof PerformanceResourceTiming)) throw new Error('nothing was asked for')
  return entry.responseEnd
}

window.bench = {
  async prepare(how) {
    answer = how.name === 'ours' ? await prepareOurs(how) : await prepareOther(how)
    await whenIdle()
    tasks()
  },

  async answer(message) {
    const began = performance.now()
    await answer?.(message)
    await painted()
    const ended = performance.now()
    await whenIdle()
    return { took: ended - began, paintedAt: performance.timeOrigin + ended, longTasks: tasks() }
  },

  shows,

  async openHistory({ scripts, endpoint, id, token, lastWords }) {
    const chat = await createChat(scripts, { endpoint, 'conversation-id': id })
    chat.token = token
    await whenIdle()
    tasks()
    document.body.append(chat)
    while (!shows(lastWords)) await nextFrame()
    await nextFrame()
    const took = performance.now() - arrivedAt(id)
    await whenIdle()
    const longTasks = tasks()
    await scrollToStart()
    await whenIdle()
    return { took, longTasks, scrolling: tasks() }
  },
}
