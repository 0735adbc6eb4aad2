/**
 * Markdown as site generators and note takers write it, without what only their programs read: comments,
 * shortcodes, template tags, components, directives. In code all of that is code, and stays.
 */
import { Lexer, Tokenizer, type MarkedToken, type Token, type Tokens } from 'marked'
import { decodeEntities } from '../text/entities.ts'
import { markdownPieces } from '../text/markdown.ts'
import { splitCodeSpans } from '../protocol/code.ts'
import { CodeTracker } from '../protocol/code-tracker.ts'
import { inlineCode, plainText, type Block } from './blocks.ts'
import { htmlBlocks } from './html-blocks.ts'
import { parseHtml } from './html-tree.ts'

/** A value of a component's attribute; braces nest as in `style={{ margin: 0 }}`. */
const VALUE = String.raw`(?:"[^"]{0,500}"|'[^']{0,500}'|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]{0,100}\}){0,100}\}){0,200}\})`
const ATTRIBUTES = String.raw`(?:\s{1,40}(?:[:@#]?[\w:.-]{1,60}(?:=${VALUE})?|\{\.\.\.[\w.]{1,60}\})){0,40}\s{0,40}`
const CAPITAL = String.raw`[A-Z][\w.]{0,60}`
const NAME = String.raw`(?:${CAPITAL}|[a-z]\w{0,40}(?:-\w{1,40}){1,4})`
const COMPONENT = new RegExp(String.raw`<(/?)(${NAME})(${ATTRIBUTES})(/?)>`, 'g')
/** Lines of nothing but components. */
const COMPONENTS_ALONE = new RegExp(
  String.raw`^[ \t>]*(?:</?(?:${CAPITAL}${ATTRIBUTES})?/?>[ \t]*){1,9}$`,
  'gm',
)
const COMPONENT_END = new RegExp(`</(${CAPITAL})>`, 'g')

/** What is taken out of a paragraph, and what of it stays. */
const INLINE: readonly (readonly [written: RegExp, reads: string])[] = [
  [/\{\{[\s\S]{0,2000}?\}\}/g, ''],
  [/\{%[\s\S]{0,2000}?%\}/g, ''],
  [/\{\/\*[\s\S]{0,2000}?\*\/\}/g, ''],
  [/%%[^%\n]{1,500}%%/g, ''],
  // A quote of its own kind: `> [!NOTE] Title`.
  [/^((?:[ \t]*>)+[ \t]*)\[![\w-]{1,40}\][+-]?/gm, '$1'],
  [/!\[\[[^\]\n]{1,300}\]\]/g, ''],
  [/\[\[_?toc_?\]\]|^[ \t]*@?\[toc\][ \t]*$|\$\{toc\}/gim, ''],
  [/(?<!\w)\[\[(?! )[^[\]|\n]{1,300}\|([^[\]|\n]{1,300})\]\]/g, '$1'],
  [/(?<!\w)\[\[(?! )([^[\]|\n#^]{1,300})(?:[#^][^[\]|\n]{0,300})?\]\]/g, '$1'],
  [/(?<![\w=)])==(?=\S)([^=\n]{1,300})(?<=\S)==(?![\w=(])/g, '$1'],
  // Kramdown's list that becomes a table of contents, and its `{: .class}`.
  [/^[ \t]*(?:[-*+]|1\.)[ \t].{0,80}\n[ \t]*\{:[ \t]*toc[^{}\n]{0,80}\}/gim, ''],
  [/[ \t]{0,40}\{:(?![ \t]*#)[^{}\n]{0,200}\}/g, ''],
]
/** `{.class #id}` at the end of a line. */
const CLASSES =
  /[ \t]{0,40}\{:?[ \t]*((?:[.#][\w-]{1,60}|[\w-]{1,60}="[^"\n]{0,200}")(?:[ \t]+(?:[.#][\w-]{1,60}|[\w-]{1,60}="[^"\n]{0,200}")){0,9})[ \t]*\}$/gm
const SPECIAL = /[{<[%=]/

/** Lines that only tell a program where to look. */
const DIRECTIVE = /^[ \t]*(?:<<<[ \t]*@?\S+|--8<--.*|@\[[\w-]+\]\(.*\)|\^[\w-]+)[ \t]*$/
/** `:::note[Title]`, `::: tip Title`, `:::{note} Title`, and `:::` that ends it. */
const COLONS =
  /^[ \t]*:{3,}[ \t]*(?:\{[^{}]*\}|[\w-]+)?(?:\[([^\]]*)\]|[ \t]+([^{}]*))?(?:\{[^{}]*\})?[ \t]*$/
/** `:class: wide` below it. */
const OPTION = /^[ \t]*:[\w-]+:/
/** `!!! note "Title"`, `??? note`, `=== "Tab"`; what belongs to it is indented. */
const INDENTS =
  /^ *(?:(?:!!!|\?\?\?\+?)[ \t]+[\w-]+(?:[ \t]+[\w-]+)*(?:[ \t]+"([^"]*)")?|===[!+]?[ \t]+"([^"]*)")[ \t]*$/
const LIST_ITEM = /^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]/
const NOTE = /^ {0,3}\[\^([^\]\s]+)\]:/
const DEFINITION = /^ {0,3}\[[^\]^]+\]:[ \t]*<?(?:\w+:|[/.#])\S/
/** A module's first lines in MDX. */
const MODULE = new RegExp(
  [
    String.raw`^import\s+(?:[\w*{$][^'"]*\sfrom\s+)?['"][^'"]+['"];?\s*$`,
    String.raw`^import\s+\{\s*$`,
    String.raw`^export\s+(?:(?:const|let|var)\s+[\w$[{]|(?:default\s+|async\s+)*(?:function|class)\b|default\s*[({[<]|[{*])`,
  ].join('|'),
)
/** What is open until a line says so; `code` is how it is fenced for us, else it is left out. */
const SPANS: readonly {
  readonly opens: RegExp
  readonly closes: RegExp
  readonly isCode: boolean
}[] = [
  {
    opens: /^[ \t]*\{(?:%|\{[<%])-?[ \t]*highlight[ \t]+["']?([\w+#-]*)[^}]*\}{1,2}[ \t]*$/,
    closes: /^[ \t]*\{(?:%|\{[<%])-?[ \t]*(?:\/[ \t]*highlight|endhighlight)[^}]*\}{1,2}[ \t]*$/,
    isCode: true,
  },
  {
    opens: /^[ \t]*\{%-?[ \t]*comment\b[^%]*%\}[ \t]*$/,
    closes: /^[ \t]*\{%-?[ \t]*endcomment[ \t]*-?%\}/,
    isCode: false,
  },
]

const indentOf = (line: string) => /^ */.exec(line)?.[0].length ?? 0
const isBlank = (line: string) => line.trim() === ''

/** Components go, what stands between them stays; `Dear <Customer>` is none. */
function withoutComponents(text: string): string {
  const ended = new Set([...text.matchAll(COMPONENT_END)].map(([, name]) => name))
  const gone = new Set<string>()
  return text
    .replaceAll(COMPONENTS_ALONE, '')
    .replaceAll(
      COMPONENT,
      (written: string, closing: string, name: string, attributes: string, single: string) => {
        const isComponent =
          closing === ''
            ? single !== '' || /[={]/.test(attributes) || ended.has(name)
            : gone.has(name) || ended.has(name)
        if (isComponent) gone.add(name)
        return isComponent ? '' : written
      },
    )
}

function withoutMarks(text: string, notes: ReadonlySet<string>): string {
  let changed = withoutComponents(text)
  for (const [written, reads] of INLINE) changed = changed.replaceAll(written, reads)
  return changed
    .replaceAll(/\[\^([^\]\s]{1,60})\]/g, (written, note: string) =>
      notes.has(note) ? '' : written,
    )
    .replaceAll(CLASSES, (written, attributes: string, at: number) => {
      // The id of a heading is wanted.
      const isHeading = changed.startsWith('#', changed.lastIndexOf('\n', at) + 1)
      return isHeading && attributes.includes('#') ? written : ''
    })
}

/** Inline code stands for a single sign while the text around it changes. */
function readParagraph(text: string, notes: ReadonlySet<string>): string {
  if (!SPECIAL.test(text)) return text
  const pieces = splitCodeSpans(text)
  const marked = pieces.map((piece, at) => (at % 2 === 0 ? piece : `\uE000${at}\uE001`)).join('')
  return withoutMarks(marked, notes).replaceAll(
    /\uE000(\d+)\uE001/g,
    (_, at: string) => pieces[Number(at)] ?? '',
  )
}

/** Cuts comments out of lines that are no code; a comment that nothing ends is none. */
function createCommentCutter(markdown: string) {
  const last = markdown.lastIndexOf('-->')
  let isOpen = false
  /** `at` is where the line stands in the text. */
  const cut = (line: string, at: number): string => {
    let kept = ''
    let kind: 'text' | 'code' = 'text'
    let from = 0
    for (const { 0: mark, index } of line.matchAll(/<!--|-->|`+/g)) {
      if (mark === '-->') {
        if (isOpen) from = index + 3
        isOpen = false
      } else if (isOpen) {
        continue
      } else if (mark !== '<!--') {
        kind = kind === 'text' ? 'code' : 'text'
      } else if (kind === 'text' && at + index < last) {
        kept += line.slice(from, index)
        isOpen = true
      }
    }
    return isOpen ? kept : kept + line.slice(from)
  }
  return { cut, isOpen: () => isOpen }
}

/** The text as a Markdown reader that knows nothing of generators can read it; lines end in `\n`. */
function readableMarkdown(markdown: string): string {
  const notes = new Set(
    [...markdown.matchAll(/^ {0,3}\[\^([^\]\s]{1,60})\]:/gm)].map(([, name = '']) => name),
  )
  const source = markdown.replaceAll(/[\uE000\uE001]/g, '')
  const comments = createCommentCutter(source)
  const code = new CodeTracker()
  const written: string[] = []
  let paragraph: string[] = []
  /** Columns that are taken from lines, because what they belong to is no block of its own any more. */
  let indents: readonly number[] = []
  let span: (typeof SPANS)[number] | undefined
  let isRaw = false
  let isModule = false
  let isNote = false
  let isInList = false
  let isOption = false

  const flush = () => {
    if (paragraph.length > 0) written.push(readParagraph(paragraph.join('\n'), notes))
    paragraph = []
  }
  /** Lines as they are. */
  const keep = (...lines: readonly string[]) => {
    flush()
    written.push(...lines)
  }
  const keepTitle = (title: string | undefined) => {
    keep('', ...(title ? [readParagraph(title, notes), ''] : []))
  }
  const dedent = (line: string) => {
    if (!isBlank(line)) indents = indents.filter((indent) => indent <= indentOf(line))
    return line.slice(Math.min(indentOf(line), indents.at(-1) ?? 0))
  }

  /** Whether a line belongs to what is left out, or is read in its own way. */
  const readOpen = (line: string): boolean => {
    if (span) {
      if (span.closes.test(line)) {
        if (span.isCode) keep('```')
        span = undefined
      } else if (span.isCode) {
        keep(line)
      }
      return true
    }
    if (isRaw) {
      isRaw = !/\{%-?\s*endraw\s*-?%\}/.test(line)
      if (isRaw) keep(line)
      return true
    }
    if (isModule && !isBlank(line)) return true
    isModule = false
    if (isNote && (isBlank(line) || indentOf(line) >= 2 || !isBlank(written.at(-1) ?? '')))
      return true
    isNote = false
    return false
  }

  /** Whether a line is what only a program reads. */
  const readSpecial = (line: string): boolean => {
    if (isOption && OPTION.test(line)) return true
    isOption = false
    span = SPANS.find(({ opens }) => opens.test(line))
    if (span) {
      if (span.isCode) keep('', `\`\`\`${span.opens.exec(line)?.[1] ?? ''}`)
      return true
    }
    if (/^\s*\{%-?\s*raw\s*-?%\}\s*$/.test(line)) {
      isRaw = true
      return true
    }
    if (paragraph.length === 0 && MODULE.test(line)) {
      isModule = true
      return true
    }
    if (NOTE.test(line)) {
      flush()
      isNote = true
      return true
    }
    if (DIRECTIVE.test(line)) return true
    const colons = COLONS.exec(line)
    if (colons) {
      keepTitle(colons[1] ?? colons[2])
      isOption = line.includes('{')
      return true
    }
    const admonition = INDENTS.exec(line)
    if (!admonition) return false
    keepTitle(admonition[1] ?? admonition[2])
    indents = [...indents, (indents.at(-1) ?? 0) + indentOf(line) + 4]
    return true
  }

  let at = 0
  for (const whole of source.split('\n')) {
    const start = at
    at += whole.length + 1
    let line = dedent(whole)
    if (code.inFence) {
      code.read(`${line}\n`)
      keep(line)
      continue
    }
    const isApart = span !== undefined || isRaw || isModule || isNote || comments.isOpen()
    if (!isApart && paragraph.length === 0 && !isInList && /^(?: {4}|\t)/.test(line)) {
      keep(line)
      continue
    }
    const wasOpen = comments.isOpen()
    const cut = comments.cut(line, start + whole.length - line.length)
    if (cut !== line && isBlank(cut)) {
      if (!wasOpen) keep('')
      continue
    }
    line = cut
    if (readOpen(line) || readSpecial(line)) continue
    code.read(`${line}\n`)
    if (isBlank(line) || code.inFence) {
      keep(line)
    } else {
      // A definition cannot stand in a paragraph, but that is where people put it.
      if (DEFINITION.test(line) && paragraph.length > 0) keep('')
      paragraph.push(line)
      isInList = LIST_ITEM.test(line) || (isInList && /^\s/.test(line))
    }
  }
  flush()
  return written.join('\n')
}

/** What Markdown is laid out with; other tags were written to be read: `git clone <repo-url>`. */
const ELEMENTS =
  'abbr|article|aside|audio|b|bdi|bdo|big|blockquote|br|caption|center|code|col|colgroup|dd|del|details|dfn|div|dl|dt|em|figcaption|figure|font|footer|h[1-6]|header|hr|i|iframe|ins|kbd|li|main|mark|nav|noscript|ol|p|picture|pre|q|rp|rt|ruby|s|samp|script|section|small|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|tfoot|th|thead|tr|tt|u|ul|video|wbr'
/** They are nothing without an attribute: `cp <source> <target>`. */
const LEADING = 'a|img|source'
const ATTRIBUTE = String.raw`\s+(?:[a-z_:][\w.:-]*\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>${'`'}]+)|allowfullscreen|autoplay|controls|hidden|loop|muted|nowrap|open|reversed|scoped|setup)`
const TAG = new RegExp(
  String.raw`^<(?:(?:${ELEMENTS})(?:${ATTRIBUTE})*\s*/?|(?:${LEADING})(?:${ATTRIBUTE})+\s*/?|/(?:${ELEMENTS}|${LEADING})\s*)>`,
  'i',
)
const COMMENT = /^<!--/
/** What is followed when it stands in pointed brackets. */
const ADDRESS = /^<(?:(?:https?|ftp|mailto|tel):|[^:>]*@)/i

const isTag = (written: string) => TAG.test(written)

/** A block of HTML begins with some; what only looks like it begins a paragraph. */
class DocumentTokenizer extends Tokenizer {
  override html(source: string): Tokens.HTML | undefined {
    const token = super.html(source)
    const isHtml = token && (isTag(token.raw.trimStart()) || COMMENT.test(token.raw.trimStart()))
    return isHtml ? token : undefined
  }
}

/** Tokens of other kinds come only from extensions, and this lexer has none. */
const isMarkedToken = (token: Token): token is MarkedToken => token.type !== ''

function inlineText(tokens: readonly Token[]): string {
  return tokens
    .filter(isMarkedToken)
    .map((token) => {
      switch (token.type) {
        case 'codespan':
          return inlineCode(token.text)
        case 'br':
          return ' '
        case 'html':
          return isTag(token.text) || COMMENT.test(token.text) ? '' : plainText(token.text)
        case 'checkbox':
          return ''
        case 'image':
          return plainText(token.text)
        case 'text':
          return token.tokens ? inlineText(token.tokens) : plainText(decodeEntities(token.text))
        case 'escape':
          return plainText(token.text)
        case 'link':
          return token.raw.startsWith('<') && !ADDRESS.test(token.raw)
            ? plainText(token.raw)
            : inlineText(token.tokens)
        case 'strong':
        case 'em':
        case 'del':
          return inlineText(token.tokens)
        default:
          return ''
      }
    })
    .join('')
}

const oneLine = (tokens: readonly Token[]) => inlineText(tokens).replaceAll(/\s+/g, ' ').trim()

const tableOf = ({ header, rows }: Tokens.Table): Block => ({
  kind: 'table',
  header: header.map((cell) => oneLine(cell.tokens)),
  rows: rows.map((row) => row.map((cell) => oneLine(cell.tokens))),
})

/** A list item's first lines make the item; what it holds besides follows as blocks of its own. */
function itemBlocks({ tokens }: Tokens.ListItem, marker: string): Block[] {
  const [first, ...rest] = blocksOf(tokens, ' '.repeat(marker.length))
  if (!first) return []
  const head: Block = first.kind === 'prose' ? { kind: 'item', marker, text: first.text } : first
  return [head, ...rest]
}

function listBlocks({ ordered, start, items }: Tokens.List, indent: string): Block[] {
  const first = Number(start)
  return items.flatMap((item, index) =>
    itemBlocks(item, indent + (ordered ? `${first + index}. ` : '- ')),
  )
}

const HEADING_ID = /\s*\{:?\s*#([^\s{}]+)[^{}]*\}$/
const ANCHOR = /^<a\s[^>]*?\b(?:id|name)\s*=\s*["']?([^\s"'>]+)/i

const isAnchors = (token: Token | undefined): token is Token =>
  token !== undefined && /^(?:\s*<a\s[^<>]*>\s*<\/a>)+\s*$/i.test(token.raw)

/** `## Prices {#prices}`, or with an anchor `<a id="prices"></a>` in the heading or on the line above. */
function headingOf({ depth, tokens }: Tokens.Heading, before: Token | undefined): Block {
  const written = oneLine(tokens)
  const [attribute = '', id] = HEADING_ID.exec(written) ?? []
  const anchors = [...tokens, ...(isAnchors(before) ? [before] : [])]
  return {
    kind: 'heading',
    depth,
    text: written.slice(0, written.length - attribute.length),
    id: id ?? anchors.flatMap(({ raw }) => ANCHOR.exec(raw.trimStart())?.[1] ?? [])[0],
  }
}

/** A paragraph, if anything of it can be read. */
function proseOf(tokens: readonly Token[]): Block[] {
  const text = oneLine(tokens)
  return text === '' ? [] : [{ kind: 'prose', text }]
}

function blocksOf(tokens: readonly Token[], indent = ''): Block[] {
  const visible = tokens.filter(isMarkedToken).filter(({ type }) => type !== 'space')
  return visible.flatMap((token, index): Block[] => {
    switch (token.type) {
      case 'heading':
        return [headingOf(token, visible[index - 1])]
      case 'paragraph':
        return proseOf(token.tokens)
      case 'text':
        return proseOf([token])
      case 'code':
        return [{ kind: 'code', text: token.text, language: token.lang?.split(/\s/)[0] ?? '' }]
      case 'list':
        return listBlocks(token, indent)
      case 'table':
        return [tableOf(token)]
      case 'blockquote':
        return blocksOf(token.tokens, indent)
      case 'html':
        return [...htmlBlocks(parseHtml(token.text, isTag))]
      default:
        return []
    }
  })
}

/** Reads the content of a Markdown document. */
export function readMarkdown(markdown: string): readonly Block[] {
  const lexer = new Lexer({ gfm: true, tokenizer: new DocumentTokenizer() })
  const text = readableMarkdown(markdown.replaceAll(/\r\n?/g, '\n'))
  // Text is read after all blocks, when the definitions are known.
  for (const piece of markdownPieces(text)) lexer.blockTokens(piece, lexer.tokens)
  return blocksOf(lexer.lex(''))
}
