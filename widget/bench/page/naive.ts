import DOMPurify from 'dompurify'
import { marked } from 'marked'
import type { CreateContender } from './contenders.ts'

/** The whole message again, once per frame. */
export const createContender: CreateContender = (box) => {
  let text = ''
  let frame: number | undefined
  const draw = () => {
    frame = undefined
    box.innerHTML = DOMPurify.sanitize(marked.parse(text, { async: false }))
  }
  return {
    write(token) {
      text += token
      frame ??= requestAnimationFrame(draw)
    },
    end() {
      if (frame !== undefined) cancelAnimationFrame(frame)
      draw()
    },
  }
}
