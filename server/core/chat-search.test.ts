import { describe, expect, it } from 'vitest'
import { readsAsPattern } from './chat-search.ts'

describe('a phrase', () => {
  it.each(
    [
      ['colou?r', '^total', 'total$', 'a.*b', 'a|b', '[abc]', 'x{2}', '\\d+', '(a+)+$', '(?i)x'],
      [
        'b.tter',
        'fer*n',
        '(unclosed',
        'closed)',
        '[',
        '*',
        'ferns? (happy|sad)',
        'a\\.b',
        '(.*)*x',
      ],
    ].flat(),
  )('reads as a pattern: %s', (phrase) => {
    expect(readsAsPattern(phrase)).toBe(true)
  })

  it.each(
    [
      ['fern', 'How do I keep a fern alive?', 'Really? I thought (well, hoped) so.', 'C++ or Rust'],
      ['18 % of 250.', 'a + b = c', 'It costs 5 $ a day', 'Wait... what?!', 'well-known', 'fern?'],
      ['What is node.js good for?', '東京都のランチは？', "it's", 'e.g. this', 'Hello!', 'done.'],
    ].flat(),
  )('reads as words: %s', (phrase) => {
    expect(readsAsPattern(phrase)).toBe(false)
  })
})
