import { sentencesOf } from '../core/sentences.ts'
import { fencedCode, type Block } from './blocks.ts'

/** Characters: a passage is closed when it has the first and would pass the second. */
const TARGET = 400
const LIMIT = 900
/** A passage still below the target may grow to this. */
const STRETCH = 1_300
/** What is left over at the end of a section joins the passage before it. */
const REMAINDER = 120
const CODE_LIMIT = 2_000

export interface DraftPassage {
  readonly section: string | null
  readonly text: string
}

interface Section {
  readonly path: string | null
  readonly blocks: Block[]
}

/** Cuts a text that has no sentence end where a word ends, else anywhere. */
function cutHard(text: string): string[] {
  const pieces: string[] = []
  let rest = text
  while (rest.length > LIMIT) {
    const space = rest.lastIndexOf(' ', LIMIT)
    let cut = space > TARGET ? space : LIMIT
    if (/[\uD800-\uDBFF]/.test(rest.charAt(cut - 1))) cut -= 1
    pieces.push(rest.slice(0, cut).trim())
    rest = rest.slice(cut).trim()
  }
  return rest === '' ? pieces : [...pieces, rest]
}

/** A long paragraph as pieces of whole sentences. */
function proseChunks(text: string): string[] {
  if (text.length <= LIMIT) return [text]
  const chunks: string[] = []
  let open = ''
  for (const sentence of sentencesOf(text).flatMap(cutHard)) {
    if (open !== '' && open.length + sentence.length > LIMIT) {
      chunks.push(open)
      open = ''
    }
    open = open === '' ? sentence : `${open} ${sentence}`
  }
  return open === '' ? chunks : [...chunks, open]
}

function codeChunks(text: string, language: string): string[] {
  if (text.length <= CODE_LIMIT) return [fencedCode(text, language)]
  const chunks: string[] = []
  let open: string[] = []
  let length = 0
  for (const line of text.split('\n').flatMap((long) => (long === '' ? [''] : cutHard(long)))) {
    if (length > 0 && length + line.length > CODE_LIMIT) {
      chunks.push(fencedCode(open.join('\n'), language))
      open = []
      length = 0
    }
    open.push(line)
    length += line.length + 1
  }
  return open.length === 0 ? chunks : [...chunks, fencedCode(open.join('\n'), language)]
}

function chunksOf(block: Block): string[] {
  switch (block.kind) {
    case 'heading':
      return []
    case 'code':
      return codeChunks(block.text, block.language)
    case 'item':
      return proseChunks(block.text).map((chunk) => `- ${chunk}`)
    case 'prose':
      return proseChunks(block.text)
  }
}

function join(open: string, chunk: string): string {
  if (open === '') return chunk
  return chunk.startsWith('- ') ? `${open}\n${chunk}` : `${open}\n\n${chunk}`
}

function pack(blocks: readonly Block[]): string[] {
  const passages: string[] = []
  let open = ''
  for (const block of blocks) {
    for (const chunk of chunksOf(block)) {
      const room = block.kind === 'code' || open.length < TARGET ? STRETCH : LIMIT
      if (open !== '' && open.length + chunk.length > room) {
        passages.push(open)
        open = ''
      }
      open = join(open, chunk)
    }
  }
  const last = passages.at(-1)
  if (last !== undefined && open.length < REMAINDER) {
    return [...passages.slice(0, -1), join(last, open)]
  }
  return open === '' ? passages : [...passages, open]
}

/** Sections in order, each with the path of its headings below the document's title. */
function sectionsOf(blocks: readonly Block[], titleHeading: Block | undefined): Section[] {
  const sections: Section[] = [{ path: null, blocks: [] }]
  let path: { readonly depth: number; readonly text: string }[] = []
  for (const block of blocks) {
    if (block.kind !== 'heading') {
      sections.at(-1)?.blocks.push(block)
      continue
    }
    if (block === titleHeading) continue
    path = [...path.filter(({ depth }) => depth < block.depth), block]
    const names = path.map(({ text }) => text.replaceAll('`', '')).filter((text) => text !== '')
    sections.push({ path: names.join(' › ') || null, blocks: [] })
  }
  return sections
}

/** The first heading, when it is the document's own title rather than a section's. */
export function titleHeadingOf(blocks: readonly Block[]): Block | undefined {
  return blocks.find((block) => block.kind === 'heading' && block.depth === 1)
}

/** Passages of about 400 to 900 characters that never cross a heading or, where possible, cut a sentence. */
export function passagesOf(blocks: readonly Block[]): readonly DraftPassage[] {
  return sectionsOf(blocks, titleHeadingOf(blocks)).flatMap(({ path, blocks: content }) =>
    pack(content).map((text) => ({ section: path, text })),
  )
}
