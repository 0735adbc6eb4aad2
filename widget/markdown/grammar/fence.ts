/** Reads an open code fence line by line, so that its text can be appended and never parsed again. */
import { fenceAt, fencesBehind, holdsFences } from '../../../server/protocol/marks.ts'
import { CODE_INDENT } from './leaf-blocks.ts'
import { Line } from './line.ts'
import { languageOf } from '../render/render-blocks.ts'

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

/**
 * A reader for a source that starts with a complete opening line, else `undefined`; also for code with
 * fences of its own, of which only all the text tells where it ends.
 */
export function openFence(source: string): FenceReader | undefined {
  const openingLength = source.indexOf('\n') + 1
  const { indent, rest: opening } = new Line(source.slice(0, Math.max(0, openingLength - 1)))
  const fence = indent < CODE_INDENT ? fenceAt(opening) : undefined
  if (!fence || holdsFences(fence)) return undefined
  /** A line so far that may be nothing but marks. */
  const mayClose = new RegExp(`^[ \\t]*${fence.marks.charAt(0)}*[ \\t]*$`)
  let line = ''
  let isFirst = true
  /** What comes of the line is text. */
  let isShown = false

  /** What is to be shown of the line, of which nothing has been. */
  const show = () => {
    const text = new Line(line)
    text.skip(indent)
    const separator = isFirst ? '' : '\n'
    isShown = true
    isFirst = false
    return separator + text.rest
  }

  /** Whether the line, which is complete, closes the code. */
  const closes = () =>
    new Line(line).indent < CODE_INDENT && fencesBehind([fence], line).length === 0

  return {
    language: languageOf(fence.info),
    openingLength,
    read(text) {
      let shown = ''
      for (let from = 0; ;) {
        const end = text.indexOf('\n', from)
        const isWhole = end >= 0
        const piece = text.slice(from, isWhole ? end : undefined)
        line += piece
        if (isWhole && closes()) return { text: shown, rest: text.slice(end) }
        if (isShown) shown += piece
        else if (isWhole || !mayClose.test(line)) shown += show()
        if (!isWhole) return { text: shown }
        line = ''
        isShown = false
        from = end + 1
      }
    },
    end() {
      const isOver = isShown || line === '' || closes()
      return { text: isOver ? '' : show(), rest: '' }
    },
  }
}
