import { html, nothing, render, css } from 'lit'
import { createMarkdownStream } from '../markdown/stream/stream.ts'
import { chevron } from '../ui/action-icons.ts'
import type { PartFactory } from './part.ts'

// Why, here and not in the text that every page loads:
// `.think:not([data-open]) > .think-body`: The last lines only, the older ones fading out above.

/** Thinking. */
const thinkStyles = css`
  .think {
    color: var(--_muted);
    font-size: var(--samosa-font-size-card);
    font-style: italic;
    font-synthesis-style: none;
  }
  .think-head {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    margin-inline-start: -3px;
    padding: 2px 6px 2px 0;
    border-radius: 6px;
    font-size: var(--samosa-font-size-small);
    transition: color var(--samosa-motion);
  }
  .think-head:hover {
    color: var(--_ink);
  }
  .think[data-state='running'] .think-head > span {
    color: var(--_ink);
    animation: samosa-breathe 1.8s ease-in-out 6;
  }
  .think-time {
    font-variant-numeric: tabular-nums;
  }
  .think-body {
    margin-block-start: 4px;
    margin-inline-start: 3px;
    padding-inline-start: 12px;
    border-inline-start: 2px solid var(--_line);
  }
  .think:not([data-open]) > .think-body {
    display: flex;
    flex-direction: column;
    justify-content: flex-end;
    max-block-size: calc(3 * 1.55em);
    overflow: hidden;
    mask-image: linear-gradient(to bottom, transparent, black 80%);
  }
  .think:not([data-open]) > .think-body:has(> .think-text:empty) {
    display: none;
  }
  @keyframes samosa-breathe {
    50% {
      opacity: 0.7;
    }
  }
`

/** Reasoning: its last lines while it runs, one line that opens when it is done. */
export const createThinkPart: PartFactory = ({ strings, cite, now, nextThink, style }) => {
  style(thinkStyles)
  const element = document.createElement('div')
  element.className = 'think'
  element.setAttribute('part', 'think')
  const head = document.createElement('button')
  head.type = 'button'
  head.className = 'think-head'
  const body = document.createElement('div')
  body.className = 'think-body'
  const text = document.createElement('div')
  text.className = 'think-text'
  body.append(text)
  element.append(head, body)
  const stream = createMarkdownStream(text, {
    get strings() {
      return strings().markdown
    },
    enrich: cite,
  })
  const time = nextThink()
  let running = true
  let open = false
  let timer: ReturnType<typeof setInterval> | undefined

  const secondsSince = (start: number) => Math.round((now() - start) / 1_000)

  const label = () => {
    const { thinking, thought, thoughtFor } = strings()
    if (running) return thinking
    return time.seconds === undefined ? thought : thoughtFor(time.seconds)
  }

  /** For the eye alone: nobody wants to hear every second. */
  const renderElapsed = () => {
    const seconds = running && time.since !== undefined ? secondsSince(time.since) : 0
    if (seconds < 1) return nothing
    return html`<span class="think-time" aria-hidden="true">${strings().elapsed(seconds)}</span>`
  }

  const show = () => {
    element.dataset['state'] = running ? 'running' : 'done'
    head.setAttribute('aria-expanded', String(open))
    element.toggleAttribute('data-open', open)
    body.hidden = !open && !running
    // Half-visible lines are no place for the keyboard.
    body.inert = !open
    render(html`${chevron}<span>${label()}</span>${renderElapsed()}`, head)
  }

  const tick = () => {
    if (running && element.isConnected) return show()
    clearInterval(timer)
    timer = undefined
  }

  const finish = () => {
    if (!running) return
    running = false
    clearInterval(timer)
    stream.end()
    // Thinking that was over when it was first seen has no measured time.
    if (time.since !== undefined) time.seconds ??= Math.max(1, secondsSince(time.since))
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
      time.since ??= now()
      timer ??= setInterval(tick, 1_000)
      stream.render()
    },
    end: finish,
    refresh() {
      stream.refresh()
      show()
    },
  }
}
