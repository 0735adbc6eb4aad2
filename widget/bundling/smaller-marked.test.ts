import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import * as marked from 'marked'
import { expect, it } from 'vitest'
import { decodeEntities } from '../markdown/entities.ts'
import { SAMPLES } from '../markdown/samples.ts'
import { smallerMarked } from './smaller-marked.ts'

const source = readFileSync(createRequire(import.meta.url).resolve('marked'), 'utf8')

const NO_FORMULAS = {
  renderers: {},
  childTokens: {},
  block: [() => undefined],
  inline: [() => undefined],
  startBlock: [() => undefined],
  startInline: [() => undefined],
}

/** What nothing reads of a token. */
const UNREAD = new Set(['block', 'escaped', 'inLink', 'inRawBlock'])

/** The tokens of a text as far as the element reads them, cut as the element's lexer does. */
function cut({ Lexer, Tokenizer }: typeof marked, text: string): unknown {
  const lexer = new Lexer({ gfm: true, tokenizer: new Tokenizer(), extensions: NO_FORMULAS })
  lexer.blockTokens(text, lexer.tokens)
  for (const { src, tokens } of lexer.inlineQueue) lexer.inlineTokens(src, tokens)
  return JSON.parse(
    JSON.stringify(lexer.tokens, (key, value: unknown) => {
      if (UNREAD.has(key)) return undefined
      return key === 'text' && typeof value === 'string' ? decodeEntities(value) : value
    }),
  )
}

it('cuts as the whole of marked does', async () => {
  const address = `data:text/javascript,${encodeURIComponent(smallerMarked(source))}`
  const smaller = (await import(/* @vite-ignore */ address)) as typeof marked
  expect(Object.keys(smaller).toSorted()).toEqual(['Lexer', 'Tokenizer'])
  for (const text of [...SAMPLES, 'A &#66;&#x43; & <pre>*a* &#0; &#38;amp;</pre>']) {
    expect(cut(smaller, text)).toEqual(cut(marked, text))
  }
})

it.each([
  ['its settings', 'pedantic', 'strict'],
  ['its rules', 'blockquoteStart', 'quoteStart'],
  ['its loops', 'infiniteLoopError', 'endlessLoopError'],
])('says so when marked writes %s in another way', (_what, written, instead) => {
  expect(() => smallerMarked(source.replaceAll(written, instead))).toThrow('marked has changed')
})
