import { describe, expect, it } from 'vitest'
import { sentencesOf } from './words.ts'

describe('sentencesOf', () => {
  it.each([
    ['One. Two? Three!', ['One.', 'Two?', 'Three!']],
    ['Use a tool, e.g. Caddy. Then start.', ['Use a tool, e.g. Caddy.', 'Then start.']],
    ['Node 22.19 is enough. Run `a. B` now.', ['Node 22.19 is enough.', 'Run `a. B` now.']],
    ['Set `a`. `b` is better. End.', ['Set `a`.', '`b` is better.', 'End.']],
    ['Ask "Why?" or "How?" and wait. Done.', ['Ask "Why?" or "How?" and wait.', 'Done.']],
    ['Dr. Rao wrote it. See fig. 2.', ['Dr. Rao wrote it.', 'See fig. 2.']],
    ['送料は無料です。返品は三十日以内です。', ['送料は無料です。', '返品は三十日以内です。']],
    ['two\n  lines', ['two lines']],
    ['', []],
    ['   ', []],
  ])('cuts %j where its sentences end', (text, sentences) => {
    expect(sentencesOf(text)).toEqual(sentences)
  })
})
