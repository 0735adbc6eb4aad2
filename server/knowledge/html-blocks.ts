import { inlineCode, plainText, type Block } from './blocks.ts'
import { htmlTokens, type HtmlToken } from './html-tokens.ts'

const HEADING = /^h([1-6])$/
const LANGUAGE = /\blang(?:uage)?-([\w+#.-]+)/

/** Elements that do not end the line they stand in. */
const INLINE: ReadonlySet<string> = new Set(
  `a abbr b bdi bdo big cite data del dfn em font i ins kbd label mark q s samp small span strong sub sup
  time tt u var wbr`.split(/\s+/),
)

export interface HtmlDocument {
  /** The `<title>`. */
  readonly title: string | undefined
  readonly blocks: readonly Block[]
}

/** Reads a page's readable content; for `isTag` see `htmlTokens`. */
export function readHtml(html: string, isTag?: (written: string) => boolean): HtmlDocument {
  const blocks: Block[] = []
  let title: string | undefined
  let text = ''
  let code = ''
  let inCode = false
  let inPre = false
  let inTitle = false
  let language = ''
  let item = false
  let heading = 0

  const flush = () => {
    const line = text.replaceAll(/\s+/g, ' ').trim()
    text = ''
    if (line === '') return
    if (inTitle) title ??= line
    else if (heading > 0) blocks.push({ kind: 'heading', depth: heading, text: line })
    else blocks.push({ kind: item ? 'item' : 'prose', text: line })
  }

  const closeCode = () => {
    if (inCode && !inPre) text += inlineCode(code)
    if (!inPre) code = ''
    inCode = false
  }

  const endBlock = (name: string) => {
    if (!inPre) closeCode()
    flush()
    if (HEADING.test(name)) heading = 0
    if (name === 'li' || name === 'tr' || name === 'ul' || name === 'ol') item = false
    if (name === 'title') inTitle = false
  }

  const startBlock = (name: string) => {
    heading = Number(HEADING.exec(name)?.[1] ?? 0)
    if (name === 'li' || name === 'tr') item = true
    if (name === 'title') inTitle = true
  }

  const readPre = (closing: boolean, attributes: string) => {
    if (closing) {
      inPre = false
      if (code.trim() !== '') {
        blocks.push({ kind: 'code', text: code.replace(/^\r?\n/, '').trimEnd(), language })
      }
      code = ''
      inCode = false
    } else {
      flush()
      inPre = true
      code = ''
      language = LANGUAGE.exec(attributes)?.[1] ?? ''
    }
  }

  const readTag = ({ name, closing, attributes }: Extract<HtmlToken, { kind: 'tag' }>) => {
    if (name === 'pre') return readPre(closing, attributes)
    if (name === 'code') {
      if (inPre) language ||= LANGUAGE.exec(attributes)?.[1] ?? ''
      if (closing) closeCode()
      else inCode = true
      return
    }
    if (inPre) {
      if (name === 'br') code += '\n'
      return
    }
    if (INLINE.has(name)) return
    if (name === 'br' || name === 'img' || name === 'input') {
      text += ' '
    } else if (name === 'td' || name === 'th') {
      if (closing) text += ' · '
    } else {
      // Inside an item or a heading a paragraph is only a wrapper.
      if ((name === 'p' || name === 'div') && (item || heading > 0)) {
        text += ' '
        return
      }
      endBlock(name)
      if (!closing) startBlock(name)
    }
  }

  for (const token of htmlTokens(html, isTag)) {
    if (token.kind === 'tag') readTag(token)
    else if (inPre || inCode) code += token.text
    else text += plainText(token.text)
  }
  if (inPre) readPre(true, '')
  endBlock('')
  return { title, blocks: blocks.map(trimCells) }
}

/** The separator behind a row's last cell separates nothing. */
function trimCells(block: Block): Block {
  return block.kind === 'item' ? { ...block, text: block.text.replace(/(?: ·)+$/, '') } : block
}
