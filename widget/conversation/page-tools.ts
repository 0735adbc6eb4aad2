import type { ClientToolBody } from '../../server/protocol/api.ts'
import type { ChatClient } from '../api/client.ts'
import type { WidgetEvent } from '../api/decode-event.ts'
import type { KeyValueStore } from '../api/key-value-store.ts'
import type { ChatMessage } from './chat-message.ts'
import type { Wait } from './follow-turn.ts'
import { definitionOf, type PageTool } from './page-tool.ts'
import type { PageToolRunner } from './page-tool-runner.ts'
import { lazy } from '../ui/lazy.ts'

const runnerCode = lazy(() => import('./page-tool-runner.ts'))

// What the server takes; a tool that is refused there would take the message with it.
const MOST_TOOLS = 16
const MOST_BYTES = 32 * 1024

interface PageToolsOptions {
  /** What lasts as long as the tab. */
  readonly tabStore: KeyValueStore
  readonly wait: Wait
  /** Another number of questions waits for the visitor. */
  readonly onAsk: (open: number) => void
  /** Tools came or went. */
  readonly onChange: () => void
}

const KEY = 'page'

/** The page's tools. What runs their calls is loaded when the first one is registered, or called. */
export class PageTools {
  /** What visitors read in place of the names; another map after every change. Outlives the tools. */
  titles: ReadonlyMap<string, string> = new Map()
  readonly #options: PageToolsOptions
  /** With what the server is told: whatever the page does to its own object afterwards. */
  readonly #tools = new Map<string, readonly [PageTool, ClientToolBody]>()
  #client: ChatClient | undefined
  #runner: PageToolRunner | undefined
  #isLoading = false
  /** What happened before the runner was there. */
  #missed: Parameters<PageToolRunner['take']>[] = []
  /** What the page before this one left in the tab. */
  #kept: string | undefined

  constructor(options: PageToolsOptions) {
    this.#options = options
  }

  /**
   * Adds a tool; returns how to take it away again.
   * @throws TypeError when it is none, RangeError when there is no room, Error when the name is taken
   */
  register(tool: PageTool): () => void {
    const { name, title } = tool
    const definition = definitionOf(tool)
    const isTitled = title === undefined || typeof title === 'string'
    if (!definition || !isTitled || typeof tool.execute !== 'function') {
      throw new TypeError(`"${name}" is no tool, or has another name or size than the server takes`)
    }
    const tools = this.#tools
    if (tools.has(name)) throw new Error(`A tool named "${name}" is registered already`)
    const together = new TextEncoder().encode(JSON.stringify([...this.#definitions, definition]))
    if (tools.size >= MOST_TOOLS || together.length > MOST_BYTES) {
      throw new RangeError(`There is no room for the tool ${name}`)
    }
    const registered = [tool, definition] as const
    tools.set(name, registered)
    if (title !== undefined) this.titles = new Map(this.titles).set(name, title)
    this.#changed()
    return () => {
      if (tools.get(name) !== registered) return
      tools.delete(name)
      this.#changed()
    }
  }

  find(name: string): PageTool | undefined {
    return this.#tools.get(name)?.[0]
  }

  get #definitions(): readonly ClientToolBody[] {
    return Array.from(this.#tools.values(), ([, definition]) => definition)
  }

  /** The part of a request that offers them. */
  get offer(): { readonly client_tools?: readonly ClientToolBody[] } {
    return this.#tools.size > 0 ? { client_tools: this.#definitions } : {}
  }

  /** Talks to this server from now on. */
  connect(client: ChatClient): void {
    this.leave()
    this.#kept = this.#runner?.kept ?? this.#kept
    this.#runner = undefined
    this.#client = client
    if (this.#tools.size > 0) void this.#load()
  }

  /**
   * The page is loaded, or shown again: it is who it was before. The browser copies what a tab stores
   * into its duplicates, so who it is stands there only while no page does.
   */
  enterPage(): void {
    const { tabStore } = this.#options
    this.#kept = tabStore.get(KEY) ?? this.#kept
    tabStore.remove(KEY)
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

  #changed(): void {
    if (this.#runner) this.#runner.consider()
    else if (this.#tools.size > 0) void this.#load()
    this.#options.onChange()
  }

  async #load(): Promise<void> {
    if (this.#isLoading || !this.#client) return
    this.#isLoading = true
    try {
      const code = await runnerCode.need()
      const { wait, onAsk } = this.#options
      const find = (name: string) => this.find(name)
      this.#runner = new code.PageToolRunner(this.#client, find, this.#kept, wait, onAsk)
      for (const missed of this.#missed.splice(0)) this.#runner.take(...missed)
    } catch {
      // No network: the next call of a tool tries again, and the assistant does not wait for ever.
    } finally {
      this.#isLoading = false
    }
  }
}
