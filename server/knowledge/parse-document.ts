import { createHeadingIds } from '../text/heading-ids.ts'
import type { Passage } from '../core/ports/index.ts'
import { plainText, type Block } from './blocks.ts'
import { readFrontMatter, type DocumentFields } from './front-matter.ts'
import { readHtml } from './html-page.ts'
import { readMarkdown } from './markdown-blocks.ts'
import { passagesOf, titleHeadingOf } from './passages.ts'

export interface KnowledgeDocument {
  /** Path below the knowledge directory, `/` between folders. */
  readonly id: string
  readonly title: string
  /** A language tag, where the document or its folder names one. */
  readonly language?: string
  readonly passages: readonly Passage[]
  /** What could not be read as it was meant, though the document was read. */
  readonly problem?: string
}

/** What a reader makes of a file's content. */
export interface Content {
  readonly title?: string | undefined
  readonly url?: string | undefined
  readonly language?: string | undefined
  readonly blocks: readonly Block[]
}

const readText = (text: string): Content => ({
  blocks: text
    .split(/\r?\n(?:[ \t]*\r?\n)+/)
    .map((paragraph) => plainText(paragraph).replaceAll(/\s+/g, ' ').trim())
    .filter((paragraph) => paragraph !== '')
    .map((paragraph) => ({ kind: 'prose', text: paragraph })),
})

const asMarkdown = (text: string): Content => ({ blocks: readMarkdown(text) })

/** How each kind of file is read; a new kind is one reader and one line. */
const READERS: Readonly<Record<string, (text: string) => Content>> = {
  '.md': asMarkdown,
  '.markdown': asMarkdown,
  '.mdx': asMarkdown,
  '.html': readHtml,
  '.htm': readHtml,
  '.txt': readText,
}

/** Files that a worker reads, because that may take long; file-worker.ts has their readers. */
const BINARY_KINDS = ['.pdf', '.docx'] as const

export type BinaryKind = (typeof BINARY_KINDS)[number]

/** How a file is read that is no text. */
export function binaryKindOf(path: string): BinaryKind | undefined {
  const extension = extensionOf(path)
  return BINARY_KINDS.find((kind) => kind === extension)
}

function extensionOf(path: string): string {
  return /\.[^./]+$/.exec(path)?.[0].toLowerCase() ?? ''
}

/** Whether a file of that name can be a document. */
export function isDocumentName(path: string): boolean {
  return Object.hasOwn(READERS, extensionOf(path)) || binaryKindOf(path) !== undefined
}

/** `refund-policy.md` → `Refund policy`. */
function titleFromName(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).replace(/\.[^.]+$/, '')
  const words = name.replaceAll(/[-_.]+/g, ' ').trim()
  return words === '' ? path : words.charAt(0).toUpperCase() + words.slice(1)
}

/** A link that a page may show: http, https, or a path of the site itself. */
function safeUrl(written: string | undefined): string | null {
  if (written === undefined) return null
  const base = 'https://site.invalid'
  const url = URL.canParse(written, base) ? new URL(written, base) : undefined
  return url && (url.protocol === 'https:' || url.protocol === 'http:') ? written : null
}

/** Blocks whose headings have the ids that GitHub would give them, where they have none of their own. */
function withHeadingIds(blocks: readonly Block[]): readonly Block[] {
  const idOf = createHeadingIds()
  return blocks.map((block) => {
    if (block.kind !== 'heading') return block
    const id = idOf(block.text.replaceAll('`', ''))
    return { ...block, id: block.id ?? id }
  })
}

/** A document of what a reader has found; what the fields say comes before it, `defaults` after it. */
export function createDocument(
  path: string,
  content: Content,
  { title: given, ...own }: DocumentFields = {},
  { title: usual, ...defaults }: DocumentFields = {},
): KnowledgeDocument {
  const found = {
    ...(content.url !== undefined && { url: content.url }),
    ...(content.language !== undefined && { language: content.language }),
  }
  const fields: DocumentFields = { ...defaults, ...found, ...own }
  const { url, creator, domain, tags, language, anchors, separate = false } = fields
  const blocks = anchors === 'github' ? withHeadingIds(content.blocks) : content.blocks
  const heading = titleHeadingOf(blocks)?.text.replaceAll('`', '')
  const title = given ?? (heading || content.title) ?? usual ?? titleFromName(path)
  const shared = {
    documentTitle: title,
    url: safeUrl(url),
    creator: creator ?? null,
    domain: domain ?? null,
    ...(tags && { tags }),
    ...(separate && { isSeparate: true }),
  }
  const passages = passagesOf(blocks).map((draft, index) => ({
    id: `${path}#${index + 1}`,
    ...shared,
    ...draft,
  }))
  return { id: path, title, ...(language !== undefined && { language }), passages }
}

/**
 * Reads one document of text; `defaults` are what its folders say of all that is in them, `origin` what is known
 * of where it was fetched, whatever it says itself.
 */
export function parseDocument(
  path: string,
  text: string,
  defaults: DocumentFields = {},
  origin: DocumentFields = {},
): KnowledgeDocument {
  const { fields, body, problem } = readFrontMatter(text)
  const read = READERS[extensionOf(path)] ?? readText
  const document = createDocument(path, read(body), { ...fields, ...origin }, defaults)
  return problem === undefined ? document : { ...document, problem }
}
