import { html, render } from 'lit'
import { createMarkdownStream } from '../markdown/stream.ts'
import type { PartFactory } from './part.ts'
import { chevron } from './tool-icons.ts'

/** Reasoning: its last lines while it runs, one line that opens when it is done. */
export const createThinkPart: PartFactory = ({ strings, cite, now }) => {
  const element = document.createElement('div')
  element.className = 'think'
  const head = document.createElement('button')
  head.type = 'button'
  head.className = 'think-head'
  const body = document.createElement('div')
  body.className = 'think-body'
  const text = document.createElement('div')
  text.className = 'think-text'
  body.append(text)
  element.append(head, body)
  const stream = createMarkdownStream(text, { strings: strings.markdown, enrich: cite })
  /** When it was first seen running: thinking that was over by then has no measured time. */
  let startedAt: number | undefined
  let running = true
  let open = false
  let label = strings.thinking

  const show = () => {
    element.dataset['state'] = running ? 'running' : 'done'
    head.setAttribute('aria-expanded', String(open))
    element.toggleAttribute('data-open', open)
    body.hidden = !open && !running
    // Half-visible lines are no place for the keyboard.
    body.inert = !open
    render(html`${chevron}<span>${label}</span>`, head)
  }

  const finish = () => {
    if (!running) return
    running = false
    stream.end()
    label =
      startedAt === undefined
        ? strings.thought
        : strings.thoughtFor(Math.max(1, Math.round((now() - startedAt) / 1_000)))
    show()
  }

  head.addEventListener('click', () => {
    open = !open
    show()
  })
  show()
  return {
    element,
    append: stream.append,
    close: finish,
    render() {
      if (!running) return
      startedAt ??= now()
      stream.render()
    },
    end: finish,
    refresh: stream.refresh,
  }
}
