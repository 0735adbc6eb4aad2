import { css } from 'lit'
import type { Strings } from '../locales/strings.ts'
import type { ChatMessage } from '../state/chat-message.ts'

/** What was there when the reader left the end of a conversation. */
export interface Mark {
  readonly messages: readonly ChatMessage[]
  /** Of the last message: how much of it there was, and whether that was all. */
  readonly version: number
  readonly isWhole: boolean
}

/** Of the button that says so. */
export const newsStyles = css`
  .news {
    border-color: transparent;
    background: var(--samosa-accent);
    color: var(--samosa-on-accent);
  }
  .news:hover {
    background: color-mix(in oklab, var(--samosa-accent) 88%, var(--samosa-text));
  }
`

const isOver = ({ state }: ChatMessage) => state === 'settled'

/** Notices what has come since; its code is loaded when a reader leaves the end. */
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
