import { createMarkdownStream } from '../markdown/stream/stream.ts'
import type { PartFactory } from './part.ts'

/** The answer itself: Markdown. */
export const createTextPart: PartFactory = ({ strings, cite, allowsImage }) => {
  const element = document.createElement('div')
  element.className = 'text'
  const stream = createMarkdownStream(element, {
    get strings() {
      return strings().markdown
    },
    enrich: cite,
    allowsImage,
  })
  // What follows the text cannot change it: it is settled when it is closed.
  return { ...stream, element, close: stream.end }
}
