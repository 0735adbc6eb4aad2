import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import * as marked from 'marked'
import { expect, it } from 'vitest'
import { SAMPLES } from '../markdown/samples.ts'
import { smallerMarked } from './smaller-marked.ts'

const source = readFileSync(createRequire(import.meta.url).resolve('marked'), 'utf8')

it('cuts as the whole of marked does', async () => {
  const address = `data:text/javascript,${encodeURIComponent(smallerMarked(source))}`
  const smaller = (await import(/* @vite-ignore */ address)) as typeof marked
  expect(Object.keys(smaller).toSorted()).toEqual(['Lexer', 'Tokenizer'])
  for (const text of SAMPLES) {
    const tokens = new smaller.Lexer({ gfm: true }).lex(text)
    expect(tokens).toEqual(new marked.Lexer({ gfm: true }).lex(text))
  }
})

it('says so when marked is written in another way', () => {
  expect(() => smallerMarked(source.replaceAll('pedantic:', 'strict:'))).toThrow(
    'marked has changed',
  )
})
