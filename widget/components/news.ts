import type { Strings } from '../locales/strings.ts'
import type { ChatMessage } from '../state/chat-message.ts'

/** What has come since the reader left the end of a conversation. */
export type News =
  | { readonly kind: 'none' }
  | { readonly kind: 'messages'; readonly count: number }
  /** An answer that is still being written. */
  | { readonly kind: 'text' }

/** What the button says that leads to it. */
export function newsInWords({ jump, newText, unread }: Strings, news: News): string {
  switch (news.kind) {
    case 'none':
      return jump
    case 'messages':
      return unread(news.count)
    case 'text':
      return newText
  }
}

interface Mark {
  readonly last: ChatMessage | undefined
  readonly version: number
  readonly known: ReadonlySet<ChatMessage>
  readonly unfinished: boolean
}

const NONE: News = { kind: 'none' }

const isOver = ({ state }: ChatMessage) => state === 'settled'

/** Remembers what was there when the reader went up. */
export class NewsWatch {
  readonly #onChange: () => void
  #mark: Mark | undefined
  #unsubscribe = () => {}

  /** `onChange` is called when there is text that was not there. */
  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  /** What is new below; nothing is while the reader is at the end. */
  since(messages: readonly ChatMessage[], isAtEnd: boolean): News {
    const last = messages.at(-1)
    if (isAtEnd || !last) {
      this.#mark = undefined
      this.stop()
      return NONE
    }
    this.#mark ??= {
      last,
      version: last.version,
      known: new Set(messages),
      unfinished: !isOver(last),
    }
    const { known, last: marked, version, unfinished } = this.#mark
    this.#follow(last, last === marked ? version : 0)
    const hasGrown = last !== marked || last.version !== version
    if (last.state === 'streaming' && hasGrown) return { kind: 'text' }
    const added = messages.slice(messages.findLastIndex((message) => known.has(message)) + 1)
    const finished = unfinished && marked && isOver(marked) && messages.includes(marked) ? 1 : 0
    const answers = added.filter((message) => isOver(message) && message.role === 'assistant')
    const count = answers.length + finished
    return count > 0 ? { kind: 'messages', count } : NONE
  }

  stop(): void {
    this.#unsubscribe()
    this.#unsubscribe = () => {}
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
