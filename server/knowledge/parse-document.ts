/** A document from its text: what it says about itself, and its passages. */
import { isMap, parseDocument as parseYaml } from 'yaml'
import { createHeadingIds } from '../text/markdown.ts'
import type { Passage } from '../core/ports/index.ts'
import { decodeEntities } from '../text/entities.ts'
import { plainText, type Block, type Content, passagesOf, titleHeadingOf } from './blocks.ts'
import { readHtml } from './html-page.ts'
import { readMarkdown } from './markdown.ts'

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
  own: DocumentFields = {},
  defaults: DocumentFields = {},
): KnowledgeDocument {
  const { creator, domain, tags, anchors, separate } = joinFields(own, defaults)
  const url = own.url ?? content.url ?? defaults.url
  const language = own.language ?? content.language ?? defaults.language
  const blocks = anchors === 'github' ? withHeadingIds(content.blocks) : content.blocks
  const heading = titleHeadingOf(blocks)?.text.replaceAll('`', '')
  const title = own.title ?? (heading || content.title) ?? defaults.title ?? titleFromName(path)
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
  const document = createDocument(path, read(body), joinFields(origin, fields), defaults)
  return problem === undefined ? document : { ...document, problem }
}

/** What a document, or a `_meta.yml` for all documents below it, says about itself. */
export interface DocumentFields {
  readonly title?: string | undefined
  readonly url?: string | undefined
  readonly creator?: string | undefined
  readonly domain?: string | undefined
  /** Searched like the title. */
  readonly tags?: readonly string[] | undefined
  /** A language tag, as it is written. */
  readonly language?: string | undefined
  /** Only questions that name the creator find it: one server answers for several sites. */
  readonly separate?: boolean | undefined
  /** `github`: the page at `url` gives its headings the ids that GitHub gives them. */
  readonly anchors?: string | undefined
}

/** What the first say; what they leave open, the second. */
export const joinFields = (first: DocumentFields, second: DocumentFields): DocumentFields => ({
  title: first.title ?? second.title,
  url: first.url ?? second.url,
  creator: first.creator ?? second.creator,
  domain: first.domain ?? second.domain,
  tags: first.tags ?? second.tags,
  language: first.language ?? second.language,
  separate: first.separate ?? second.separate,
  anchors: first.anchors ?? second.anchors,
})

interface FrontMatter {
  readonly fields: DocumentFields
  readonly body: string
  /** Why it could not be read as it was meant; the fields are what could be understood. */
  readonly problem?: string
}

/** Characters; what is longer was not written by hand, and costs more than it tells. */
const LONGEST = 16_384
const FENCED = /^(---|\+\+\+)[ \t]*\r?\n([\s\S]*?)(?:\r?\n|^)(?:\1|\.\.\.)[ \t]*(?:\r?\n|$)/
const UNCLOSED = /^---[ \t]*\r?\n[A-Za-z][\w-]*:[ \t]/
const FIELD = /^([A-Za-z][\w-]*)[ \t]*:[ \t]*(.*)$/
const QUOTED = /^(["'])(.*)\1(?:\s+#.*)?$/
/** `key = "value"` and `key = ["a", "b"]`, as Hugo has them. */
const TOML_FIELD = /^([A-Za-z][\w-]*)[ \t]*=[ \t]*(["'[].*)$/

function valueOf(written: string): string {
  const quoted = QUOTED.exec(written)
  return (
    quoted?.[2] ??
    written
      .replace(/^["']/, '')
      .replace(/(?<!\s)\s+#.*$/, '')
      .trim()
  )
}

/** What lines of `key: value` say, where a file as a whole cannot be understood. */
function readLines(text: string): Map<string, unknown> {
  const found = new Map<string, unknown>()
  for (const line of text.split(/\r?\n/)) {
    const field = FIELD.exec(line)
    const value = valueOf(field?.[2]?.trim() ?? '')
    if (field?.[1] && value !== '') found.set(field[1], value)
  }
  return found
}

interface Values {
  readonly values: ReadonlyMap<unknown, unknown>
  readonly problem?: string
}

/** `firstLine` is the number of the text's first line in its file. */
function readYaml(text: string, firstLine: number): Values {
  try {
    // All scalars are text: a title may be a number, and a language `no`.
    const yaml = parseYaml(text, { schema: 'failsafe', logLevel: 'silent', prettyErrors: false })
    const [error] = yaml.errors
    if (!error && !isMap(yaml.contents)) return { values: new Map() }
    const values: unknown = error ? undefined : yaml.toJS({ mapAsMap: true })
    if (values instanceof Map) return { values }
    const line = firstLine + text.slice(0, error?.pos[0]).split('\n').length - 1
    return { values: readLines(text), problem: `line ${line}: ${error?.message}` }
  } catch (error) {
    // An alias without its anchor, or too many of them.
    return { values: readLines(text), problem: error instanceof Error ? error.message : '' }
  }
}

const textOf = (value: unknown): string | undefined =>
  (typeof value === 'string' &&
    decodeEntities(value)
      .replaceAll(/ *\n\s*/g, ' ')
      .trim()) ||
  undefined

/** A list, or words between commas. */
function listOf(value: unknown): readonly string[] | undefined {
  const values: readonly unknown[] =
    typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : []
  const list = values.flatMap((entry) => textOf(entry) ?? [])
  return list.length === 0 ? undefined : list
}

function fieldsOf(values: ReadonlyMap<unknown, unknown>): DocumentFields {
  const byName = new Map([...values].map(([key, value]) => [String(key).toLowerCase(), value]))
  const text = (name: string) => textOf(byName.get(name))
  const separate = text('separate')
  return {
    title: text('title'),
    url: text('url'),
    creator: text('creator'),
    domain: text('domain'),
    tags: listOf(byName.get('tags')),
    language: text('language') ?? text('lang'),
    separate: separate === undefined ? undefined : /^(?:true|yes|on)$/i.test(separate),
    anchors: text('anchors'),
  }
}

/** Reads a `_meta.yml`. */
export function readMeta(text: string): Omit<FrontMatter, 'body'> {
  const { values, problem } = readYaml(text.replace(/^\uFEFF/, ''), 1)
  return { fields: fieldsOf(values), ...(problem !== undefined && { problem }) }
}

/** Reads what stands between `---` lines (YAML) or `+++` lines (TOML) at the start of a document. */
export function readFrontMatter(text: string): FrontMatter {
  const source = text.replace(/^\uFEFF/, '')
  const [fenced = '', fence, written = ''] = FENCED.exec(source.slice(0, LONGEST)) ?? []
  if (fenced === '') {
    const problem = UNCLOSED.test(source) ? 'its last line of hyphens is missing' : undefined
    return { fields: {}, body: source, ...(problem !== undefined && { problem }) }
  }
  const fromToml = () =>
    written
      .split('\n')
      .map((line) => line.replace(TOML_FIELD, '$1: $2'))
      .filter((line) => FIELD.test(line))
      .join('\n')
  const { values, problem } = readYaml(fence === '+++' ? fromToml() : written, 2)
  // Two rules with text between them are no front matter.
  const isEmpty = values.size === 0
  return {
    fields: fieldsOf(values),
    body: isEmpty ? source : source.slice(fenced.length),
    ...(problem !== undefined && !isEmpty && { problem }),
  }
}
