import fc from 'fast-check'
import { expect, it } from 'vitest'
import { TAGS } from '../../server/protocol/marks.ts'
import * as tags from '../../server/protocol/tags.ts'
import { slowTexts } from '../../server/testing/growth.ts'
import { HARD_TEXTS } from '../../server/testing/hard-texts.ts'
import { createTagReader, withoutTagged } from './tag-reader.ts'

/** What reads tags, there from one moment on. */
const arriving = () => {
  const code = {
    isThere: false,
    loaded: () => (code.isThere ? tags : undefined),
  }
  return code
}

/** The segments that changes make. */
function segmentsOf(changes: readonly tags.SegmentChange[]) {
  const segments: { kind: tags.SegmentKind; content: string; closed: boolean }[] = []
  for (const change of changes) {
    const segment = segments[change.index]
    if (change.type === 'open') segments.push({ kind: change.kind, content: '', closed: false })
    else if (!segment) throw new Error('a change of what is not open')
    else if (change.type === 'append') segment.content += change.text
    else if (change.type === 'close') segment.closed = true
    else segment.kind = change.kind
  }
  return segments
}

const PIECES = [
  ...['<thinking>', '</thinking>', '[THINK]', '[/THINK]', '<Thought>', '[', ' '],
  ...['a', ' b. ', '\n\n', '`', '```\n', '<', '|', ...TAGS, '<thi', '</', 'nk>'],
]

it('makes of any text what the parser makes, whenever that arrives', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PIECES)), fc.nat(12), (pieces, moment) => {
      const code = arriving()
      const reader = createTagReader(code)
      const changes = pieces.flatMap((piece, at) => {
        code.isThere ||= at >= moment
        return reader.push(piece)
      })
      code.isThere = true
      const all = segmentsOf([...changes, ...reader.end()])
      expect(all).toEqual(tags.parseTagged(pieces.join('')))
    }),
    // Passed on before the parser came, which holds it back: it may be thinking in other words.
    { examples: [[['[', 'a'], 2]] },
  )
})

it('passes on at once what has no tag, and waits for nothing', () => {
  const reader = createTagReader(arriving())
  expect(segmentsOf(reader.push('1 < 2, <b>bold</b> and <|x|>'))).toEqual([
    { kind: 'text', content: '1 < 2, <b>bold</b> and <|x|>', closed: false },
  ])
  expect(createTagReader(arriving()).push('[1] and')).toHaveLength(2)
  expect(createTagReader(arriving()).push('<thin')).toEqual([])
  expect(reader.push('<|pyth')).toEqual([])
  expect(reader.waits).toBe(false)
  reader.push('on_start|>')
  expect(reader.waits).toBe(true)
})

it('leaves the words, where the parser never comes', () => {
  const reader = createTagReader(arriving())
  const call = '<|python_start|>{}<|python_end|><|output_start|>{}<|output_end|>'
  const changes = reader.push(`<think>Hm, 1 < 2.</think>Let me see. ${call}Yes.<think>Is`)
  expect(segmentsOf([...changes, ...reader.end()])).toEqual([
    { kind: 'text', content: 'Let me see. Yes.', closed: true },
  ])
  expect(createTagReader(arriving()).end()).toEqual([])
  expect(withoutTagged('Plain.')).toBe('Plain.')
})

it('does not slow down while what reads tags has not come', { timeout: 600_000 }, () => {
  const growing = (text: string) => {
    const reader = createTagReader(arriving())
    for (let at = 0; at < text.length; at += 3) reader.push(text.slice(at, at + 3))
    reader.end()
  }
  expect(slowTexts(growing, HARD_TEXTS, 1_500)).toEqual([])
})
