import type { Passage } from '../core/ports.ts'
import { plainText, type Block } from './blocks.ts'
import { readFrontMatter } from './front-matter.ts'
import { readHtml } from './html-page.ts'
import { readMarkdown } from './markdown-blocks.ts'
import { passagesOf, titleHeadingOf } from './passages.ts'

export interface KnowledgeDocument {
  /** Path below the knowledge directory, `/` between folders. */
  readonly id: string
  readonly title: string
  readonly passages: readonly Passage[]
}

interface Content {
  readonly title?: string | undefined
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
  '.html': readHtml,
  '.txt': readText,
}

function extensionOf(path: string): string {
  return /\.[^./]+$/.exec(path)?.[0].toLowerCase() ?? ''
}

/** Whether a file of that name can be a document. */
export function isDocumentName(path: string): boolean {
  return Object.hasOwn(READERS, extensionOf(path))
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

/** Reads one document. */
export function parseDocument(path: string, text: string): KnowledgeDocument {
  const { fields, body } = readFrontMatter(text)
  const read = READERS[extensionOf(path)] ?? readText
  const { title: ownTitle, blocks } = read(body)
  const heading = titleHeadingOf(blocks)
  const title =
    fields.get('title') ??
    (heading ? heading.text.replaceAll('`', '') : undefined) ??
    ownTitle ??
    titleFromName(path)
  const shared = {
    documentTitle: title,
    url: safeUrl(fields.get('url')),
    creator: fields.get('creator') ?? null,
    domain: fields.get('domain') ?? null,
  }
  const passages = passagesOf(blocks).map((draft, index) => ({
    id: `${path}#${index + 1}`,
    ...shared,
    ...draft,
  }))
  return { id: path, title, passages }
}
