import { describe, expect, it } from 'vitest'
import { ChatMessage } from '../conversation/chat-message.ts'
import { paginate, type PageNumbers } from './paginate.ts'

const talk = (count: number, text = 'Hello') =>
  Array.from({ length: count }, () => new ChatMessage('user', 'settled', text))

const NONE: PageNumbers = new Map()

const flat = ({ pages }: ReturnType<typeof paginate>) => pages.flatMap(({ messages }) => messages)

describe('pages of a conversation', () => {
  it('hold every message once, in order', () => {
    const messages = talk(2_000)
    const result = paginate(messages, NONE)
    expect(flat(result)).toEqual(messages)
    expect(result.pages.every((page) => page.messages.length <= 4)).toBe(true)
    const numbers = result.pages.map(({ number }) => number)
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
  })

  it('hold few messages where these are long', () => {
    const { pages } = paginate(talk(20, 'x'.repeat(8_000)), NONE)
    expect(pages).toHaveLength(20)
  })

  it('stay as they are when older messages come in before them', () => {
    const newer = talk(30)
    const first = paginate(newer, NONE)
    const older = talk(31)
    const second = paginate([...older, ...newer], first.numbers)
    expect(flat(second)).toEqual([...older, ...newer])
    expect(second.pages.slice(-first.pages.length)).toEqual(first.pages)
  })

  it('stay as they are when newer messages come in behind them', () => {
    const older = talk(10)
    const first = paginate(older, NONE)
    const newer = talk(20)
    const second = paginate([...older, ...newer], first.numbers)
    expect(flat(second)).toEqual([...older, ...newer])
    for (const message of older) {
      expect(second.numbers.get(message.key)).toBe(first.numbers.get(message.key))
    }
    expect(second.pages.every((page) => page.messages.length <= 4)).toBe(true)
  })

  it('are in order also when a message has moved', () => {
    const messages = talk(18)
    const first = paginate(messages, NONE)
    const [moved, ...rest] = messages.toReversed()
    const shuffled = moved ? [moved, ...rest.toReversed()] : []
    const second = paginate(shuffled, first.numbers)
    expect(flat(second)).toEqual(shuffled)
  })

  it('are none without a message', () => {
    expect(paginate([], NONE).pages).toEqual([])
  })
})
