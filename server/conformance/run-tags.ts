import { readFile } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { createTagParser, type Segment, type SegmentKind } from '../protocol/tags.ts'
import type { Tally } from './tally.ts'

const segments = z.array(z.object({ kind: z.string(), content: z.string(), closed: z.boolean() }))
const corpus = z.object({
  cases: z.array(
    z.object({ name: z.string(), text: z.string(), acceptSegments: z.array(segments) }),
  ),
})

interface PlainSegment {
  readonly kind: string
  readonly content: string
  readonly closed: boolean
}

/** Feeds tagged text whole, cut in two everywhere, and character by character. */
export async function runTags(file: string, tally: Tally): Promise<void> {
  const { cases } = corpus.parse(JSON.parse(await readFile(file, 'utf8')))
  for (const { name, text, acceptSegments } of cases) {
    const accepted = acceptSegments.map(comparable)
    const judge = (how: string, feeds: readonly (readonly string[])[]) => {
      const wrong = feeds
        .map((pieces) => comparable(parse(pieces)))
        .find((got) => !accepted.some((right) => isDeepStrictEqual(got, right)))
      tally.judge(`tags ${name}, ${how}`, wrong ? [`got ${JSON.stringify(wrong)}`] : [])
    }
    judge('whole', [[text]])
    judge(
      'cut in two everywhere',
      Array.from(text, (_, at) => [text.slice(0, at), text.slice(at)]),
    )
    judge('character by character', [text.split('')])
  }
}

function parse(pieces: readonly string[]): readonly PlainSegment[] {
  const parsed: { kind: SegmentKind; content: string; closed: boolean }[] = []
  const parser = createTagParser()
  for (const change of [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()]) {
    if (change.type === 'open') parsed.push({ kind: change.kind, content: '', closed: false })
    const segment = parsed[change.index]
    if (!segment) continue
    if (change.type === 'append') segment.content += change.text
    if (change.type === 'close') segment.closed = true
    if (change.type === 'rekind') segment.kind = change.kind
  }
  return parsed satisfies readonly Segment[]
}

/** Neighbouring texts joined, contents trimmed, empty texts left out. */
function comparable(list: readonly PlainSegment[]): readonly PlainSegment[] {
  const joined: PlainSegment[] = []
  for (const segment of list) {
    const last = joined.at(-1)
    if (segment.kind === 'text' && last?.kind === 'text') {
      joined.splice(-1, 1, { ...segment, content: last.content + segment.content })
    } else {
      joined.push(segment)
    }
  }
  return joined
    .map(({ kind, content, closed }) => ({ kind, content: content.trim(), closed }))
    .filter(({ kind, content }) => kind !== 'text' || content !== '')
}
