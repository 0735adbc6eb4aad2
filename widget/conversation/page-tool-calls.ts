/** Calls of a page's tools: which are taken in here, and when what runs them is loaded. */
import { toApiError } from '../api/api-error.ts'
import type { ChatClient } from '../api/client.ts'
import type { KeyValueStore } from '../api/key-value-store.ts'
import { type ChatMessage, newId } from './chat-message.ts'
import type { Wait } from './follow-turn.ts'
import { TOOL_DENIED, type WidgetEvent } from '../api/decode-event.ts'
import type { ToolRunner } from './page-tool-runner.ts'
import { PageTools, safeJson } from './page-tools.ts'

const KEY = 'page'

interface PageToolCallsOptions {
  /** What lasts as long as the tab. */
  readonly tabStore: KeyValueStore
  readonly wait: Wait
  /** Another number of questions waits for the visitor. */
  readonly onAsk: (open: number) => void
  /** Tools came or went. */
  readonly onChange: () => void
}

/** The page's tools, and what runs them: loaded when the first one is registered, or called. */
export class PageToolCalls {
  readonly registry = new PageTools(() => this.#onChange())
  readonly #options: PageToolCallsOptions
  #client: ChatClient | undefined
  #runner: ToolRunner | undefined
  #isLoading = false
  /** What happened before the runner was there. */
  #missed: Parameters<ToolRunner['take']>[] = []
  #kept: string | undefined

  constructor(options: PageToolCallsOptions) {
    this.#options = options
  }

  /** Talks to this server from now on. */
  connect(client: ChatClient): void {
    this.leave()
    this.#kept = this.#runner?.kept ?? this.#kept
    this.#runner = undefined
    this.#client = client
    if (!this.registry.isEmpty) void this.#load()
  }

  /**
   * The page is loaded, or shown again: it is who it was before. The browser copies what a tab stores
   * into its duplicates, so who it is stands there only while no page does.
   */
  enterPage(): void {
    this.#kept = this.#options.tabStore.get(KEY) ?? this.#kept
    this.#options.tabStore.remove(KEY)
  }

  /** The page goes, and may come back. */
  leavePage(): void {
    const kept = this.#runner?.kept ?? this.#kept
    if (kept !== undefined) this.#options.tabStore.set(KEY, kept)
  }

  /** Takes in what happened in the turn that this answer belongs to. */
  take(events: readonly WidgetEvent[], answer: ChatMessage, conversationId: string): void {
    if (!events.some(({ type }) => type === 'page_tool')) return
    if (this.#runner) return this.#runner.take(events, answer, conversationId)
    this.#missed.push([events, answer, conversationId])
    void this.#load()
  }

  /** The visitor stops the answer: what runs is called off. */
  stop(): void {
    this.#runner?.stop()
  }

  /** The turn is over. */
  end(): void {
    this.#missed = []
    this.#runner?.end()
  }

  /** The conversation is left: what runs is called off, and the assistant is told. */
  leave(): void {
    this.#missed = []
    this.#runner?.leave()
  }

  #onChange(): void {
    if (this.#runner) this.#runner.consider()
    else if (!this.registry.isEmpty) void this.#load()
    this.#options.onChange()
  }

  async #load(): Promise<void> {
    if (this.#isLoading || !this.#client) return
    this.#isLoading = true
    try {
      const { ToolRunner } = await import('./page-tool-runner.ts')
      const { wait, onAsk } = this.#options
      this.#runner = new ToolRunner({
        client: this.#client,
        find: (name) => this.registry.find(name),
        kept: this.#kept,
        newId,
        errorOf: toApiError,
        wait,
        jsonOf: safeJson,
        denied: TOOL_DENIED,
        onAsk,
      })
      for (const missed of this.#missed.splice(0)) this.#runner.take(...missed)
    } catch {
      // No network: the next call of a tool tries again, and the assistant does not wait for ever.
    } finally {
      this.#isLoading = false
    }
  }
}
