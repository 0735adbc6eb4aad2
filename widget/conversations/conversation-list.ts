import { toApiError, type ApiError } from '../api/api-error.ts'
import type { ChatClient } from '../api/client.ts'
import { listConversations, type ListedConversation } from '../api/conversations.ts'

/** Entries of a page. */
const PAGE = 50

/**
 * The visitor's conversations as far as they are loaded, newest first; or those that a search found, best
 * first. Asks for one page at a time.
 */
export class ConversationList {
  items: readonly ListedConversation[] = []
  /** Why a page that is wanted did not come. */
  error: ApiError | undefined
  /** A page has come at least once. */
  isLoaded = false
  readonly query: string
  readonly #client: ChatClient
  readonly #onChange: () => void
  readonly #abort = new AbortController()
  #cursor: string | null = null
  #asking: Promise<void> | undefined
  #mustRefresh = false

  constructor(client: ChatClient, onChange: () => void, query = '') {
    this.#client = client
    this.#onChange = onChange
    this.query = query
  }

  get loading(): boolean {
    return this.#asking !== undefined
  }

  get hasMore(): boolean {
    return this.#cursor !== null
  }

  /** Asks for the first page, and puts it in front of what is there. */
  async refresh(): Promise<void> {
    if (this.#asking) {
      this.#mustRefresh = true
      return this.#asking
    }
    await this.#ask(null)
  }

  /** Asks for the next page, if there is one. */
  async more(): Promise<void> {
    if (this.#asking) return this.#asking
    if (this.#cursor !== null) await this.#ask(this.#cursor)
  }

  /** Does again what failed. */
  async retry(): Promise<void> {
    if (this.isLoaded && this.hasMore) await this.more()
    else await this.refresh()
  }

  find(id: string): ListedConversation | undefined {
    return this.items.find((item) => item.id === id)
  }

  retitle(id: string, title: string): void {
    this.items = this.items.map((item) => (item.id === id ? { ...item, title } : item))
    this.#onChange()
  }

  remove(ids: ReadonlySet<string>): void {
    this.items = this.items.filter(({ id }) => !ids.has(id))
    this.#onChange()
  }

  /** Nobody wants to know any more. */
  stop(): void {
    this.#abort.abort()
  }

  async #ask(cursor: string | null): Promise<void> {
    this.#asking = this.#load(cursor)
    this.#onChange()
    await this.#asking
    if (!this.#mustRefresh || this.#abort.signal.aborted) return
    this.#mustRefresh = false
    await this.refresh()
  }

  async #load(cursor: string | null): Promise<void> {
    const { signal } = this.#abort
    try {
      const { query } = this
      const page = await listConversations(this.#client, { limit: PAGE, cursor, query, signal })
      signal.throwIfAborted()
      this.error = undefined
      if (cursor === null) this.#putInFront(page.items, page.nextCursor)
      else {
        this.items = [...this.items, ...this.#unknown(page.items)]
        this.#cursor = page.nextCursor
      }
      this.isLoaded = true
    } catch (error) {
      // What is there already stays good, and the chat itself says what is wrong.
      const isMissed = !this.isLoaded || cursor !== null
      if (!signal.aborted && isMissed) this.error = toApiError(error)
    } finally {
      this.#asking = undefined
      if (!signal.aborted) this.#onChange()
    }
  }

  #unknown(items: readonly ListedConversation[]): readonly ListedConversation[] {
    const known = new Set(this.items.map(({ id }) => id))
    return items.filter(({ id }) => !known.has(id))
  }

  /** What is there stays behind the page if it joins it; what the page should have had and has not is gone. */
  #putInFront(page: readonly ListedConversation[], cursor: string | null): void {
    const inPage = new Set(page.map(({ id }) => id))
    const last = page.at(-1)
    const joins =
      last && cursor !== null && this.query === '' && this.items.some(({ id }) => inPage.has(id))
    const older = joins
      ? this.items.filter(({ id, updatedAt }) => !inPage.has(id) && updatedAt < last.updatedAt)
      : []
    this.items = [...page, ...older]
    if (older.length === 0) this.#cursor = cursor
  }
}
