/** Reads an open code fence line by line, so that its text can be appended and never parsed again. */
import { languageOf } from './render-blocks.ts'

const OPENING = /^( {0,3})(`{3,}|~{3,})([^\n]*)\n/

export interface FenceProgress {
  /** To be appended to what is shown. */
  readonly text: string
  /** What follows the fence, once it is closed. */
  readonly rest?: string
}

export interface FenceReader {
  readonly language: string
  /** Length of the opening line with its line break. */
  readonly openingLength: number
  read(text: string): FenceProgress
  /** No more will come. */
  end(): FenceProgress
}

/** A reader for a source that starts with a complete opening line, else `undefined`. */
export function openFence(source: string): FenceReader | undefined {
  const opening = OPENING.exec(source)
  const [line = '', indent = '', marks = '', info = ''] = opening ?? []
  const mark = marks.charAt(0)
  if (!opening || (mark === '`' && info.includes('`'))) return undefined
  const closing = new RegExp(`^ {0,3}${mark}{${marks.length},} *$`)
  const mayClose = new RegExp(`^ {0,3}${mark}* *$`)
  const stripped = mark === '`' ? indent.length : 0
  /** Of a line what may be its indentation, or close the fence. */
  let start = ''
  /** The line does neither: what comes of it is text. */
  let isText = false
  let isFirst = true

  const withoutIndent = (text: string) => {
    if (stripped === 0) return text
    const own = /^\s*/.exec(text)?.[0].length ?? 0
    return text.slice(Math.min(own, stripped))
  }

  /** What is to be shown of a line's start. */
  const show = (isWhole: boolean) => {
    const text = withoutIndent(start)
    if (!isWhole && (text === '' || mayClose.test(start))) return ''
    const separator = isFirst ? '' : '\n'
    start = ''
    isText = true
    isFirst = false
    return separator + text
  }

  return {
    language: languageOf(info),
    openingLength: line.length,
    read(text) {
      let shown = ''
      for (let from = 0; ;) {
        const end = text.indexOf('\n', from)
        const isWhole = end >= 0
        const piece = text.slice(from, isWhole ? end : undefined)
        if (isText) shown += piece
        else {
          start += piece
          if (isWhole && closing.test(start)) return { text: shown, rest: text.slice(end) }
          shown += show(isWhole)
        }
        if (!isWhole) return { text: shown }
        isText = false
        from = end + 1
      }
    },
    end() {
      const isOver = isText || start === '' || closing.test(start)
      return { text: isOver ? '' : show(true), rest: '' }
    },
  }
}
