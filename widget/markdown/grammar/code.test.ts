/** Whoever asks what is code gets one answer: the grammar that shows it, and tagged text, whose tags are text there. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseTagged } from '../../../server/protocol/tags.ts'
import { readBlocks, readInline, type InlineToken } from './index.ts'

const NO_LINKS = new Map<string, never>()
const TAG = '<|python_end|>'
const CHECKS = { seed: 20_261_201, numRuns: 3_000 }

/** Whether a tag at the place would be text; of a text without another tag. */
const isTextInCode = (text: string, at: number) =>
  parseTagged(text.slice(0, at) + TAG + text.slice(at)).some(({ content }) => content.includes(TAG))

const codeIn = (tokens: readonly InlineToken[]): string[] =>
  tokens.flatMap((token) => (typeof token === 'object' && token.type === 'code' ? token.text : []))

it('finds the same code spans, whatever runs of backticks stand in a paragraph', () => {
  const piece = fc.constantFrom('`', '``', '```', 'a', 'b c', ' ', '\\', '\\`')
  // It starts with a word: no run is a fence.
  const paragraph = fc.array(piece, { maxLength: 12 }).map((pieces) => `w${pieces.join('')}w`)
  fc.assert(
    fc.property(paragraph, (text) => {
      for (const { index } of text.matchAll(/(?<=[abcw])/g)) {
        const marked = `${text.slice(0, index)}†${text.slice(index)}`
        const isCode = codeIn(readInline(marked, NO_LINKS)).join('').includes('†')
        expect([marked, isTextInCode(text, index)]).toEqual([marked, isCode])
      }
    }),
    CHECKS,
  )
})

it('finds the same fences, whatever stands between them', () => {
  const line = fc.constantFrom(
    '```',
    '````js',
    '```md',
    '~~~',
    '~~~ sh',
    'word',
    '',
    '``` a `',
    '  ```',
  )
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), (lines) => {
      for (const index of lines.keys()) {
        const text = [...lines.slice(0, index), '†', ...lines.slice(index)].join('\n')
        const tokens = readBlocks(text, false)
        const isCode = tokens.some((token) => token.type === 'code' && token.text.includes('†'))
        expect([text, isTextInCode(text, text.indexOf('†'))]).toEqual([text, isCode])
      }
    }),
    CHECKS,
  )
})
