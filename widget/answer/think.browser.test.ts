import { type PartContext, thinkTimesOf } from './part.ts'
import { answerStrings } from '../words/en/answer.ts'
import { createThinkPart } from './think.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}

let now = 0
let tick = () => {}
const { setInterval: realInterval } = globalThis

const contextOf = (chunks: readonly string[]): PartContext => ({
  strings: () => answerStrings,
  now: () => now,
  nextThink: thinkTimesOf(chunks),
  cite() {},
  allowsImage: () => false,
  titleOf: () => undefined,
  waitingCalls: [],
  callCards: [],
  style() {},
  arrived() {},
})

const heading = (element: HTMLElement) => element.querySelector('.think-head')?.textContent?.trim()

function start(chunks: readonly string[]) {
  const part = createThinkPart(contextOf(chunks))
  assert(part.element)
  document.body.append(part.element)
  return { ...part, element: part.element }
}

beforeEach(() => {
  now = 0
  const setInterval = (callback: () => void) => {
    tick = callback
    return 0
  }
  Object.assign(globalThis, { setInterval })
})

afterEach(() => {
  Object.assign(globalThis, { setInterval: realInterval })
  for (const element of document.querySelectorAll('.think')) element.remove()
})

describe('the line over the thinking', () => {
  it('counts the seconds while it runs, for the eye alone', () => {
    const { append, render, element } = start(['x'])
    append('Hm')
    render()
    assert(heading(element) === 'Thinking…')
    now = 12_000
    tick()
    assert(heading(element) === 'Thinking…12 s', heading(element))
    assert(element.querySelector('.think-time')?.ariaHidden === 'true')
  })

  it('keeps how long it took', () => {
    const { append, render, close, element } = start(['x'])
    append('Hm')
    render()
    now = 65_000
    close()
    assert(heading(element) === 'Thought for 1 min 5 s', heading(element))
    tick()
    assert(heading(element) === 'Thought for 1 min 5 s')
  })

  it('knows it still when the answer is drawn again, and not that of another one', () => {
    const chunks = ['x']
    const first = start(chunks)
    first.append('Hm')
    first.render()
    now = 8_000
    first.close()
    const again = start(chunks)
    again.append('Hm')
    again.close()
    assert(heading(again.element) === 'Thought for 8 s', heading(again.element))
    const other = start(['x'])
    other.append('Hm')
    other.close()
    assert(heading(other.element) === 'Thought', heading(other.element))
  })

  it('counts from where it was when the answer is drawn again in the middle', () => {
    const chunks = ['x']
    start(chunks).render()
    now = 5_000
    const again = start(chunks)
    again.append('Hm')
    again.render()
    now = 9_000
    again.close()
    assert(heading(again.element) === 'Thought for 9 s', heading(again.element))
  })
})
