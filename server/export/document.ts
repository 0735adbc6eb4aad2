/** What a file of a conversation says, whatever its format: the head, and one entry for each message. */
import { textIn } from '../core/conversation-text.ts'
import type {
  Attachment,
  Conversation,
  ExportedConversation,
  Message,
} from '../core/ports/index.ts'
import type { FinishReason, Source } from '../protocol/events.ts'
import { Lexer, type MarkedToken, type Token, type Tokens } from 'marked'
import { decodeEntities } from '../text/entities.ts'
import { markdownPieces } from '../text/markdown.ts'

/* The Markdown of an answer as blocks that a document can be set from. */

/** Text in one style; `\n` begins a new line. */
export interface Run {
  readonly text: string
  readonly bold?: boolean
  readonly italic?: boolean
  readonly code?: boolean
  readonly strike?: boolean
  /** Where it leads: http, https or mailto. */
  readonly href?: string
}

export interface ListItem {
  readonly blocks: readonly Block[]
  /** Of a list of things to do. */
  readonly checked?: boolean
}

export interface Table {
  readonly kind: 'table'
  /** The first is the heads of the columns. */
  readonly rows: readonly (readonly (readonly Run[])[])[]
  /** Where the text of each column stands; `null`: where its language begins. */
  readonly align: readonly ('left' | 'center' | 'right' | null)[]
}

export type Block =
  | { readonly kind: 'heading'; readonly depth: number; readonly runs: readonly Run[] }
  | { readonly kind: 'paragraph'; readonly runs: readonly Run[] }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'quote'; readonly blocks: readonly Block[] }
  | {
      readonly kind: 'list'
      readonly start: number | undefined
      readonly items: readonly ListItem[]
    }
  | Table
  | { readonly kind: 'rule' }

/** Elements that lay text out; other words in pointed brackets were written to be read. */
const ELEMENT =
  /<\/?(?:abbr|a|article|aside|b|bdi|bdo|big|blockquote|br|caption|center|cite|code|col|colgroup|dd|del|details|dfn|div|dl|dt|em|figcaption|figure|font|footer|h[1-6]|header|hr|img|i|ins|kbd|li|main|mark|nav|ol|p|picture|pre|q|rp|rt|ruby|samp|section|small|span|strike|strong|sub|summary|sup|s|table|tbody|td|tfoot|th|thead|tr|tt|ul|u|var|wbr)(?=[\s/>])[^<>]*>/gi
/** What a page would run, or not show. */
const UNSHOWN = /<(script|style)\b[^]*?(?:<\/\1\s*>|$)|<!--[^]*?(?:-->|$)/gi
const BREAK = /<(?:br|\/(?:p|div|li|tr|h[1-6]))(?=[\s/>])[^<>]*>/gi

/** The words of HTML, each paragraph on its own line. */
const textOfHtml = (html: string) =>
  decodeEntities(html.replaceAll(UNSHOWN, '').replaceAll(BREAK, '\n').replaceAll(ELEMENT, ''))

/** An address that a reader may follow from a document; `undefined` for any other. */
function linkTo(address: string, base?: string): string | undefined {
  // Only the path of this server may be known.
  const from = base !== undefined && URL.canParse(base) ? base : undefined
  if (!URL.canParse(address, from)) return undefined
  const { protocol, href } = new URL(address, from)
  return ['http:', 'https:', 'mailto:'].includes(protocol) ? href : undefined
}

/** Tokens of other kinds come only from extensions, and this lexer has none. */
const isMarkedToken = (token: Token): token is MarkedToken => token.type !== ''

type Style = Omit<Run, 'text'>

const linked = (style: Style, address: string): Style => {
  const href = linkTo(decodeEntities(address))
  return href === undefined ? style : { ...style, href }
}

/** A line's end in the source is a space, but for one that breaks the line. */
const flowing = (text: string) => text.replaceAll(/\s*\n\s*/g, ' ')

function runsOf(tokens: readonly Token[], style: Style = {}): Run[] {
  return tokens.filter(isMarkedToken).flatMap((token): Run[] => {
    switch (token.type) {
      case 'strong':
        return runsOf(token.tokens, { ...style, bold: true })
      case 'em':
        return runsOf(token.tokens, { ...style, italic: true })
      case 'del':
        return runsOf(token.tokens, { ...style, strike: true })
      case 'link':
        return runsOf(token.tokens, linked(style, token.href))
      case 'image':
        return [{ ...linked(style, token.href), text: token.text || token.href }]
      case 'codespan':
        return [{ ...style, code: true, text: flowing(token.text) }]
      case 'br':
        return [{ ...style, text: '\n' }]
      case 'html':
        return [{ ...style, text: textOfHtml(token.text) }]
      case 'escape':
        return [{ ...style, text: token.text }]
      case 'text':
        return token.tokens
          ? runsOf(token.tokens, style)
          : [{ ...style, text: flowing(decodeEntities(token.text)) }]
      default:
        return []
    }
  })
}

const isText = (runs: readonly Run[]) => runs.some(({ text }) => text.trim() !== '')

const paragraphOf = (runs: readonly Run[]): Block[] =>
  isText(runs) ? [{ kind: 'paragraph', runs }] : []

const itemOf = ({ tokens, task, checked }: Tokens.ListItem): ListItem => ({
  blocks: blocksOf(tokens),
  ...(task && { checked: checked ?? false }),
})

function blocksOf(tokens: readonly Token[]): Block[] {
  return tokens.filter(isMarkedToken).flatMap((token): Block[] => {
    switch (token.type) {
      case 'heading':
        return [{ kind: 'heading', depth: token.depth, runs: runsOf(token.tokens) }]
      case 'paragraph':
        return paragraphOf(runsOf(token.tokens))
      case 'text':
        return paragraphOf(runsOf([token]))
      case 'code':
        return [{ kind: 'code', text: token.text }]
      case 'blockquote':
        return [{ kind: 'quote', blocks: blocksOf(token.tokens) }]
      case 'list': {
        const start = token.ordered ? Number(token.start) : undefined
        return [{ kind: 'list', start, items: token.items.map(itemOf) }]
      }
      case 'table': {
        const rows = [token.header, ...token.rows].map((row) =>
          row.map((cell) => runsOf(cell.tokens)),
        )
        return [{ kind: 'table', rows, align: token.align }]
      }
      case 'hr':
        return [{ kind: 'rule' }]
      case 'html':
        return plainBlocks(textOfHtml(token.text).trim())
      default:
        return []
    }
  })
}

/** Text as it was typed: blank lines part paragraphs, every other line stays one. */
const plainBlocks = (text: string): Block[] =>
  text.split(/\n[ \t]*\n\s*/).flatMap((paragraph) => paragraphOf([{ text: paragraph }]))

/** Reads Markdown; what no lexer can read stays as it was typed. */
function markdownBlocks(markdown: string): readonly Block[] {
  const text = markdown.replaceAll(/\r\n?/g, '\n')
  try {
    const lexer = new Lexer({ gfm: true })
    // Text is read after all blocks, when the definitions are known.
    for (const piece of markdownPieces(text)) lexer.blockTokens(piece, lexer.tokens)
    return blocksOf(lexer.lex(''))
  } catch (error) {
    // It nests deeper than the stack.
    if (error instanceof RangeError) return plainBlocks(text)
    throw error
  }
}

/** Something named that leads somewhere, mostly; files of a message, or its sources. */
export interface LinkList {
  readonly name: string
  readonly links: readonly Run[]
}

/** A line of the head. */
export interface Fact {
  readonly name: string
  readonly value: string
}

export interface Head {
  readonly title: string
  readonly facts: readonly Fact[]
  /** As indented JSON; `undefined` without any. */
  readonly metadata: string | undefined
}

export interface Entry {
  readonly sender: string
  readonly time: string
  /** Markdown of an answer or of the system; of the user, text as it was typed. */
  readonly text: string
  readonly isMarkdown: boolean
  /** Why there is no more of it. */
  readonly note: string | undefined
  /** Its files, and its sources, each of which begins with its number in brackets, as the text cites it; none is empty. */
  readonly lists: readonly LinkList[]
}

const UNTITLED = 'Conversation'
const SENDERS = { user: 'User', assistant: 'Assistant', system: 'System' } as const
const NOTES: Partial<Record<FinishReason, string>> = {
  stopped: 'This answer was stopped.',
  interrupted: 'This answer was interrupted.',
  error: 'This answer broke off.',
  length: 'This answer reached its length limit.',
}

/** `2026-11-30 14:05:09 UTC` */
const timeOf = (iso: string) => `${iso.slice(0, 19).replace('T', ' ')} UTC`

/** The title in one line. */
export const titleOf = ({ title }: Conversation): string =>
  title?.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim() || UNTITLED

export function headOf(conversation: Conversation): Head {
  const { id, summary, metadata = {}, createdAt, updatedAt } = conversation
  return {
    title: titleOf(conversation),
    facts: [
      { name: 'Thread', value: id },
      { name: 'Created', value: timeOf(createdAt) },
      { name: 'Updated', value: timeOf(updatedAt) },
      ...(summary ? [{ name: 'Summary', value: summary }] : []),
    ],
    metadata: Object.keys(metadata).length > 0 ? JSON.stringify(metadata, null, 2) : undefined,
  }
}

export function entryOf(message: Message, { base }: Pick<ExportedConversation, 'base'>): Entry {
  const { role, content, attachments = [], sources } = message
  return {
    sender: senderOf(message),
    time: timeOf(message.createdAt),
    // Tags are a model's; a person may write about them.
    text: (role === 'assistant' ? textIn(content) : content).toWellFormed(),
    isMarkdown: role !== 'user',
    note: noteOf(message),
    lists: [
      { name: 'Attachments', links: attachments.map((file) => fileLink(file, base)) },
      { name: 'Sources', links: sources.map((source) => sourceLink(source, base)) },
    ].filter(({ links }) => links.length > 0),
  }
}

function senderOf({ role, modelTag }: Message): string {
  const isNamed = role === 'assistant' && modelTag !== null && modelTag !== 'default'
  return isNamed ? `${SENDERS[role]} (${modelTag})` : SENDERS[role]
}

function noteOf({ role, status, errorCode, finishReason }: Message): string | undefined {
  if (status === 'error') {
    const what = role === 'assistant' ? 'This answer failed' : 'This message got no answer'
    return errorCode ? `${what}: ${errorCode}` : `${what}.`
  }
  return finishReason === null ? undefined : NOTES[finishReason]
}

/** The text of an entry as blocks. */
export const blocksOfEntry = ({ text, isMarkdown }: Entry): readonly Block[] =>
  isMarkdown ? markdownBlocks(text) : plainBlocks(text)

function sourceLink(source: Source, base: string): Run {
  const { number, title, section, url, open_url: openUrl } = source
  const address = openUrl ?? url
  // The pages of this server's own documents have addresses without it.
  const href = address ? linkTo(address, base) : undefined
  return {
    text: `[${number}] ${section ? `${title} › ${section}` : title}`,
    ...(href !== undefined && { href }),
  }
}

function fileLink({ id, filename, sizeBytes }: Attachment, base: string): Run {
  return {
    text: `${filename} (${sizeOf(sizeBytes)})`,
    href: `${base}/api/attachments/${encodeURIComponent(id)}`,
  }
}

function sizeOf(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)} kB`
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}
