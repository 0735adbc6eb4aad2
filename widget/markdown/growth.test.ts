/** No text costs more for each character the longer it is. What is drawn is counted in growth.browser.test.ts. */
import { beforeAll, expect, it } from 'vitest'
import { slowTexts } from '../../server/testing/growth.ts'
import { HARD_TEXTS, LONG_TEXTS } from '../../server/testing/hard-texts.ts'
import {
  blocksOf,
  countSettled,
  markOpen,
  preview,
  definitionsIn,
  readBlocks,
  readInline,
  type BlockToken,
  type Links,
} from './grammar/index.ts'
import { followFence } from './stream/long-blocks.ts'

import { loadGrammars } from '../testing/scripted/load-grammars.ts'

const SIZE = 1_500
/** Of a test that only counts processor time: whatever else the machine does. */
const TIMEOUT = { timeout: 600_000 }

beforeAll(async () => {
  await loadGrammars()
})

/** Reads all text of the blocks. */
function readTexts(tokens: readonly BlockToken[], links: Links): void {
  for (const token of tokens) {
    if (token.type === 'paragraph' || token.type === 'heading') {
      readInline(token.text, links, token.isOpen)
    } else if (token.type === 'quote') readTexts(token.tokens, links)
    else if (token.type === 'list') {
      for (const item of token.items) readTexts(item.tokens, links)
    } else if (token.type === 'table') {
      for (const cell of [token.header, ...token.rows].flat()) readInline(cell, links)
    }
  }
}

function read(text: string): void {
  const tokens = readBlocks(text)
  readTexts(tokens, definitionsIn(tokens))
}

it('reads every construct without slowing down', TIMEOUT, () => {
  expect(slowTexts(read, HARD_TEXTS, SIZE)).toEqual([])
})

it('reads tens of thousands of lines without slowing down', TIMEOUT, () => {
  expect(slowTexts(read, LONG_TEXTS, 8 * SIZE)).toEqual([])
})

it('reads what is half written without slowing down', TIMEOUT, () => {
  const readOpen = (text: string) => {
    const blocks = blocksOf(text)
    countSettled(blocks, text)
    const shown = readBlocks(preview(text, blocks.at(-1)?.tokens ?? []), false)
    markOpen(text, shown)
    readTexts(shown, new Map())
  }
  expect(slowTexts(readOpen, HARD_TEXTS, SIZE)).toEqual([])
})

it('follows an open code fence without slowing down, also in a line without an end', () => {
  const follow = (text: string) => {
    const fence = followFence('```\n')
    for (let at = 0; at < text.length; at += 10) fence?.read(text.slice(at, at + 10))
  }
  const texts = {
    lines: (size: number) => 'line\n'.repeat(size),
    'one line': (size: number) => 'word '.repeat(size),
    'empty lines': (size: number) => '\n'.repeat(size),
  }
  expect(slowTexts(follow, texts, 20_000)).toEqual([])
})
