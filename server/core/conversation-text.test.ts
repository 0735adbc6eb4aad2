import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exampleConversation } from '../testing/stores/store-examples.ts'
import { passageOf, readQuery, saidIn, textsAround } from './conversation-text.ts'

it('looks for nothing when there is nothing to look for', () => {
  for (const empty of ['', ' \n\t ', '\u00a0', '?!', '…']) expect(readQuery(empty)).toBeUndefined()
})

describe('what was said', () => {
  it('has neither thinking nor tools nor marks of Markdown in it', () => {
    const content =
      '<think>secret</think># Ferns\n\n- need **water**\n<|python_start|>{"tool":"x"}<|python_end|> `daily`'
    expect(saidIn(content)).toBe('Ferns need water daily')
  })

  it('keeps a lone bracket, a product of two numbers and snake_case', () => {
    expect(saidIn('a < b, 2 * 3, read_file')).toBe('a < b, 2 * 3, read_file')
  })
})

describe('the passage', () => {
  const passage = (query: string, ...contents: string[]) => passageOf(readQuery(query)!, contents)

  it('is from the message with most of the words, around the first of them', () => {
    const long = `${'Nothing here. '.repeat(40)}The fern needs water daily. ${'Or so. '.repeat(60)}`
    const found = passage('water fern', 'A fern.', long)!
    expect(found).toMatch(/^….*fern needs water daily.*…$/)
    expect(found.length).toBeLessThan(200)
  })

  it('stands where it is in the original, also when folding changes lengths', () => {
    expect(passage('ferne', `${'ﬃ İ '.repeat(60)} die Ferne`)).toContain('die Ferne')
    expect(passage('京都', `${'東'.repeat(300)}京都`)).toMatch(/^…京都$/)
  })

  it('is from the first that has all of it: the others are not read', () => {
    const read: string[] = []
    const contents = function* () {
      for (const content of ['fern water', 'A fern in the shade.', 'water a fern', 'fern']) {
        read.push(content)
        yield content
      }
    }
    const query = readQuery('fern water')!
    expect(passageOf(query, contents())).toBe('fern water')
    expect(read).toEqual(['fern water'])
  })

  it('is none when no message has any of the words', () => {
    expect(passage('cactus', 'A fern.')).toBeNull()
    expect(passage('cactus')).toBeNull()
  })

  it('is short and well formed whatever was said', () => {
    const unit = fc.constantFrom('a', ' ', '👩‍👩‍👧', 'é', '\n', 'ß', '京', '\ud800', '<think>', '**')
    const text = fc.array(unit, { maxLength: 400 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, fc.constantFrom('a', 'e', 'ss', '京', '👩'), (content, query) => {
        const found = passage(query, content)
        expect(found === null || (found.isWellFormed() && found.length <= 162)).toBe(true)
      }),
    )
  })
})

it('reads a summary and every text of metadata, however deep, and no names', () => {
  let deep: unknown = 'deep down'
  for (let count = 0; count < 20_000; count += 1) deep = [deep]
  const metadata = {
    colour: 'saffron',
    tags: ['one', { two: 'three' }],
    count: 4,
    none: null,
    deep,
  }
  const conversation = exampleConversation({ summary: 'About ferns', metadata })
  expect(textsAround(conversation)).toEqual(['About ferns', 'saffron', 'one', 'three', 'deep down'])
  expect(textsAround(exampleConversation({ summary: null }))).toEqual([])
})
