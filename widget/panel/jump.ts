/**
 * The button that leads to the end of a conversation: when it is due, and what is new there. Until this is
 * loaded, it leads to the rest of an answer alone.
 */
import { css, svg } from 'lit'
import type { Strings } from '../words/strings.ts'
import type { ChatMessage } from '../conversation/chat-message.ts'
import { icon } from '../ui/icons.ts'

/** What was there when the reader left the end of a conversation. */
interface Mark {
  readonly messages: readonly ChatMessage[]
  /** Of the last message: how much of it there was, and whether that was all. */
  readonly version: number
  readonly isWhole: boolean
}

export const downIcon = icon(svg`<path d="M10 4.5V15m-4.5-4.3L10 15.2l4.5-4.5"></path>`, 16)

/** Its words would cover too much of a narrow chat: there they are its name alone. */
export const jumpStyles = css`
  .jump {
    display: flex;
    align-items: center;
    gap: 6px;
    inline-size: fit-content;
    min-block-size: 36px;
    margin-inline: auto;
    padding-inline: 12px 14px;
    border: 1px solid var(--_edge);
    border-radius: 18px;
    box-shadow: 0 2px 10px rgb(40 20 0 / 0.12);
    font-size: var(--samosa-font-size-small);
    font-weight: 550;
    animation: appear 0.16s;
  }
  .jump:hover {
    background: var(--samosa-surface-2);
  }
  @container (max-width: 420px) {
    .jump {
      inline-size: 44px;
      block-size: 44px;
      padding-inline: 13px;
      border-radius: 50%;
      font-size: 0;
    }
  }
  .news {
    border-color: transparent;
    background: var(--samosa-accent);
    color: var(--samosa-on-accent);
  }
  .news:hover {
    background: color-mix(in oklab, var(--samosa-accent) 88%, var(--samosa-text));
  }
  @media print {
    .jump {
      display: none;
    }
  }
  @keyframes appear {
    from {
      opacity: 0;
    }
  }
`

/** Less of the words out of sight is no reason to go down. */
const LINE_PX = 24

/** Whether a form inside is filled in. */
function isFilledIn(scroller: Element): boolean {
  let focused = document.activeElement
  while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement
  return scroller.matches(':focus-within') && Boolean(focused?.closest('form'))
}

/**
 * Whether the words of the last message go on below (see `wordsBelow`), or who scrolled up to them has left
 * more than a window there (`left`), in pixels. What stands below the words, as buttons and forms, is no
 * reason alone, and a form that is filled in is one against it: the button would lie on them.
 */
export function leadsDown(scroller: Element, words: number, left: number): boolean {
  const isAway = left > scroller.clientHeight && words > -scroller.clientHeight
  return (isAway || words > LINE_PX) && !isFilledIn(scroller)
}

const isOver = ({ state }: ChatMessage) => state === 'settled'

/** Notices what has come since; from when a reader has left the end. */
export class NewsWatch {
  readonly #mark: Mark
  readonly #onChange: () => void
  #unsubscribe = () => {}

  /** `onChange` is called when there is text that was not there. */
  constructor(mark: Mark, onChange: () => void) {
    this.#mark = mark
    this.#onChange = onChange
  }

  /** What is new below; `undefined` for nothing. */
  inWords({ newText, unread }: Strings, messages: readonly ChatMessage[]): string | undefined {
    const last = messages.at(-1)
    if (!last) return undefined
    const marked = this.#mark.messages.at(-1)
    const version = last === marked ? this.#mark.version : 0
    this.#follow(last, version)
    // An answer that is still being written.
    if (last.state === 'streaming' && (last !== marked || last.version !== version)) return newText
    const known = new Set(this.#mark.messages)
    const added = messages.slice(messages.findLastIndex((message) => known.has(message)) + 1)
    const answers = added.filter((message) => isOver(message) && message.role === 'assistant')
    const isFinished =
      !this.#mark.isWhole && marked !== undefined && isOver(marked) && messages.includes(marked)
    const count = answers.length + (isFinished ? 1 : 0)
    return count > 0 ? unread(count) : undefined
  }

  stop(): void {
    this.#unsubscribe()
  }

  /** Once: that there is more is said, and not how much. */
  #follow(last: ChatMessage, version: number): void {
    this.stop()
    if (isOver(last) || last.version !== version) return
    this.#unsubscribe = last.subscribe(() => {
      if (last.version === version) return
      this.stop()
      this.#onChange()
    })
  }
}
