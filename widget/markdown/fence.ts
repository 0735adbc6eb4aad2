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
  let partial = ''
  let shownOfPartial = 0
  let firstLine = true

  const withoutIndent = (text: string) => {
    if (stripped === 0) return text
    const own = /^\s*/.exec(text)?.[0].length ?? 0
    return text.slice(Math.min(own, stripped))
  }

  /** What of the current line is not shown yet. */
  const show = (complete: boolean) => {
    const line_ = withoutIndent(partial)
    if (!complete && (line_ === '' || mayClose.test(partial))) return ''
    const text = (shownOfPartial === 0 && !firstLine ? '\n' : '') + line_.slice(shownOfPartial)
    shownOfPartial = line_.length
    return text
  }

  const nextLine = () => {
    partial = ''
    shownOfPartial = 0
    firstLine = false
  }

  return {
    language: languageOf(info),
    openingLength: line.length,
    read(text) {
      let shown = ''
      let from = 0
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
        partial += text.slice(from, at)
        if (closing.test(partial)) return { text: shown, rest: text.slice(at) }
        shown += show(true)
        nextLine()
        from = at + 1
      }
      partial += text.slice(from)
      return { text: shown + show(false) }
    },
    end() {
      if (partial === '' || closing.test(partial)) return { text: '', rest: '' }
      return { text: show(true), rest: '' }
    },
  }
}
