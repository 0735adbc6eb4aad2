import { describe, expect, it } from 'vitest'
import { limitHistory, withoutRepetitions } from './history.ts'
import { countCodePoints, firstCodePoints } from '../../text/code-points.ts'
import type { HistoryMessage } from '../ports/index.ts'
import { resultsIn } from '../../testing/scripted-answer.ts'

const user = (content: string): HistoryMessage => ({ role: 'user', content })
const assistant = (content: string): HistoryMessage => ({ role: 'assistant', content })

describe('history limits', () => {
  const talk = [user('one'), assistant('two'), user('three'), assistant('four'), user('five')]

  it('sends all when it fits, oldest first', () => {
    expect(limitHistory(talk, { messages: 50, characters: 6_000 })).toEqual(talk)
  })
  it('sends the newest messages', () => {
    expect(limitHistory(talk, { messages: 2, characters: 6_000 })).toEqual(talk.slice(-2))
  })
  it('sends the newest characters, in whole messages', () => {
    expect(limitHistory(talk, { messages: 50, characters: 8 })).toEqual(talk.slice(-2))
    expect(limitHistory(talk, { messages: 50, characters: 7 })).toEqual(talk.slice(-1))
  })
  it('sends the newest message even when it alone is too long', () => {
    expect(limitHistory([user('x'), user('long')], { messages: 1, characters: 1 })).toEqual([
      user('long'),
    ])
  })
  it('drops thinking, which also costs no budget', () => {
    const limited = limitHistory(
      [user('a'), assistant(`<think>${'x'.repeat(99)}</think>b`), user('c')],
      {
        messages: 9,
        characters: 3,
      },
    )
    expect(limited).toEqual([user('a'), assistant('b'), user('c')])
  })
  describe('with what tools gave', () => {
    const call = '<|python_start|>{"tool":"find","arguments":{}}<|python_end|>'
    const resultOf = (output: unknown) =>
      `<|output_start|>${JSON.stringify({ tool: 'find', success: true, output, error: null })}<|output_end|>`
    const found = (text: string, output: unknown = 'x'.repeat(5_000)) =>
      assistant(`Let me see. ${call}${resultOf(output)}${text}`)
    const lengthOf = (messages: readonly HistoryMessage[]) =>
      messages.reduce((sum, { content }) => sum + countCodePoints(content), 0)

    it('sends it whole where there is room', () => {
      const said = [user('a'), found('It is here.'), user('b')]
      expect(limitHistory(said, { messages: 50, characters: 6_000 })).toEqual(said)
    })

    it('cuts it before anything that was said is left out, the oldest first', () => {
      const said = [user('My name is Asha.'), found('One.'), user('b'), found('Two.'), user('c')]
      const limited = limitHistory(said, { messages: 50, characters: 6_000 })
      expect(lengthOf(limited)).toBeLessThanOrEqual(6_000)
      expect(limited.map(({ role }) => role)).toEqual(said.map(({ role }) => role))
      expect(limited[0]).toEqual(said[0])
      expect(limited[3]).toEqual(said[3])
      expect(limited[1]?.content).toMatch(/^Let me see\. .*One\.$/s)
      expect(limited[1]?.content).toContain('[cut here; the whole has 5000 characters]')
      expect(resultsIn(limited[1]?.content ?? '')).toMatchObject([{ tool: 'find', success: true }])
    })

    it('leaves it out where not even its beginning fits', () => {
      const said = [user('My name is Asha.'), found('It is here.'), user('b')]
      expect(limitHistory(said, { messages: 50, characters: 60 })).toEqual([
        said[0],
        assistant('Let me see. It is here.'),
        said[2],
      ])
    })

    it('cuts whatever stands between the tags', () => {
      const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
      const texts = [
        'plain words '.repeat(200),
        deep,
        JSON.stringify({ output: ['😀'.repeat(900)] }),
      ]
      for (const text of texts) {
        const said = [assistant(`${call}<|output_start|>${text}<|output_end|>A`), user('b')]
        const [answer] = limitHistory(said, { messages: 50, characters: 600 })
        expect(resultsIn(answer?.content ?? '')).toMatchObject([
          { output: expect.stringContaining('[cut here') },
        ])
        expect(answer?.content.isWellFormed()).toBe(true)
      }
    })
  })

  it('leaves tags that a visitor wrote alone', () => {
    const message = user('what is <think>this</think>?')
    expect(limitHistory([message], { messages: 9, characters: 99 })).toEqual([message])
  })
})

describe('code points', () => {
  it('count pairs once and lone halves too', () => {
    expect(countCodePoints('a😀\ud83d')).toBe(3)
    expect(countCodePoints('')).toBe(0)
  })
  it('are never cut in half', () => {
    expect(firstCodePoints('😀😀😀', 2)).toBe('😀😀')
    expect(firstCodePoints('ab', 5)).toBe('ab')
  })
})

describe('questions that stand there twice', () => {
  it.each([
    ['without an answer between them', [user('a'), user(' a\n')], [user(' a\n')]],
    ['with others between them', [user('a'), user('b'), user('a')], [user('b'), user('a')]],
    ['with an answer between them', [user('a'), assistant('x'), user('a')], undefined],
    ['in other words', [user('a'), user('b')], undefined],
  ])('go once to a model, where nobody answered: %s', (_name, said, sent = said) => {
    expect(withoutRepetitions(said)).toEqual(sent)
  })

  it('stay where only the first has files', () => {
    const withFile = { ...user('a'), attachments: [{}] }
    expect(withoutRepetitions([withFile, user('a')])).toHaveLength(2)
    expect(withoutRepetitions([withFile, withFile])).toEqual([withFile])
  })
})
