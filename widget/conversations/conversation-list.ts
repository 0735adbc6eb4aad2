/**
 * The visitor's conversations: what of them is loaded and found, and what renaming and deleting makes of it.
 * The element that shows them is drawer.ts: begin there.
 */
import { initialState, Task, TaskStatus } from '@lit/task'
import type { ReactiveControllerHost } from 'lit'
import { toApiError, type ApiError } from '../api/api-error.ts'
import { isObject, textIn } from '../api/check.ts'
import type { ChatClient } from '../api/client.ts'
import {
  listConversations,
  removeConversation,
  renameConversation,
  type ConversationsPage,
  type ListedConversation,
} from '../api/conversations.ts'
import { decodeSummary } from '../api/decode-conversation.ts'

/** Entries of a page. */
const PAGE = 50
/** Milliseconds without another letter after which a search is asked for. */
const PAUSE = 250
/** Milliseconds in which a deletion can be undone. */
const UNDO_TIME = 6_000

interface WantedPage {
  readonly query: string
  /** `null`: the first page. */
  readonly cursor: string | null
  /** Somebody is still typing the words, perhaps. */
  readonly isTyped: boolean
}

/**
 * All conversations as far as they are loaded, newest first; or those that a search found, best first. One
 * page is asked for at a time.
 */
export class ConversationPages {
  items: readonly ListedConversation[] = []
  /** What these were found with; empty for all. */
  query = ''
  /** A page has come at least once. */
  isLoaded = false
  readonly #host: ReactiveControllerHost
  readonly #page: Task<readonly [WantedPage], ConversationsPage | undefined>
  #wanted: WantedPage = { query: '', cursor: null, isTyped: false }
  #cursor: string | null = null

  constructor(host: ReactiveControllerHost, client: ChatClient) {
    this.#host = host
    this.#page = new Task(host, {
      autoRun: false,
      task: async ([{ query, cursor, isTyped }], { signal }) => {
        try {
          if (isTyped) await new Promise((resolve) => setTimeout(resolve, PAUSE))
          signal.throwIfAborted()
          const page = await listConversations(client, { limit: PAGE, cursor, query, signal })
          signal.throwIfAborted()
          return page
        } catch (error) {
          if (signal.aborted) return initialState
          const isMissed = !this.isLoaded || cursor !== null || query !== this.query
          // What is there already stays good, and the chat itself says what is wrong.
          if (!isMissed) return undefined
          throw toApiError(error)
        }
      },
      onComplete: (page) => page && this.#take(page),
    })
  }

  get isLoading(): boolean {
    return this.#page.status === TaskStatus.PENDING && this.#wanted.query === this.query
  }

  get hasMore(): boolean {
    return this.#cursor !== null
  }

  /** Why a page that is wanted did not come. */
  get error(): ApiError | undefined {
    const isAsked = this.#page.status === TaskStatus.PENDING && this.#wanted.isTyped
    return isAsked || !this.#page.error ? undefined : toApiError(this.#page.error)
  }

  /** Asks for the first page, and puts it in front of what is there. */
  async refresh(): Promise<void> {
    await this.#ask({ query: this.query, cursor: null, isTyped: false })
  }

  /** Asks for the next page, if there is one. */
  async more(): Promise<void> {
    if (this.#page.status === TaskStatus.PENDING || this.#cursor === null) return
    await this.#ask({ query: this.query, cursor: this.#cursor, isTyped: false })
  }

  /** Looks for words, once nobody types any more; until then what is there stays. */
  async search(query: string): Promise<void> {
    await this.#ask({ query, cursor: null, isTyped: true })
  }

  /** Does again what failed. */
  async retry(): Promise<void> {
    await this.#ask({ ...this.#wanted, isTyped: false })
  }

  find(id: string): ListedConversation | undefined {
    return this.items.find((item) => item.id === id)
  }

  retitle(id: string, title: string): void {
    this.items = this.items.map((item) => (item.id === id ? { ...item, title } : item))
  }

  remove(id: string): void {
    this.items = this.items.filter((item) => item.id !== id)
  }

  /** Nothing is looked for any more. */
  clear(): void {
    this.#page.abort()
    this.items = []
    this.isLoaded = false
  }

  /** Nobody wants to know any more. */
  stop(): void {
    this.#page.abort()
    this.#host.removeController(this.#page)
  }

  async #ask(wanted: WantedPage): Promise<void> {
    this.#wanted = wanted
    await this.#page.run([wanted])
  }

  #take(page: ConversationsPage): void {
    const { query, cursor } = this.#wanted
    this.query = query
    this.isLoaded = true
    if (cursor === null) return this.#putInFront(page)
    const known = new Set(this.items.map(({ id }) => id))
    this.items = [...this.items, ...page.items.filter(({ id }) => !known.has(id))]
    this.#cursor = page.nextCursor
  }

  /** What is there stays behind the page if it joins it; what the page should have had and has not is gone. */
  #putInFront({ items, nextCursor }: ConversationsPage): void {
    const inPage = new Set(items.map(({ id }) => id))
    const last = items.at(-1)
    const joins =
      last &&
      nextCursor !== null &&
      this.query === '' &&
      this.items.some(({ id }) => inPage.has(id))
    const older = joins
      ? this.items.filter(({ id, updatedAt }) => !inPage.has(id) && updatedAt < last.updatedAt)
      : []
    this.items = [...items, ...older]
    if (older.length === 0) this.#cursor = nextCursor
  }
}

export type Deletable = Pick<ListedConversation, 'id' | 'title'>

interface PendingDeletionsOptions {
  readonly remove: (id: string, isLeaving: boolean) => Promise<void>
  /** It is gone for good. */
  readonly onRemoved: (id: string) => void
  /** It is back, since it could not be deleted. */
  readonly onFailed: (conversation: Deletable, error: unknown) => void
  readonly onChange: () => void
}

/** Conversations on their way out: gone from sight at once, from the server when nobody wants them back. */
export class PendingDeletions {
  /** What can still be brought back, the last one last. */
  waiting: readonly Deletable[] = []
  readonly #options: PendingDeletionsOptions
  /** What the server is being asked to delete. */
  readonly #leaving = new Set<string>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #isHeld = false

  constructor(options: PendingDeletionsOptions) {
    this.#options = options
  }

  /** Whether it is not to be seen. */
  has(id: string): boolean {
    return this.#leaving.has(id) || this.waiting.some((one) => one.id === id)
  }

  /** The time to bring them back begins anew, for all that wait. */
  add(conversation: Deletable): void {
    this.waiting = [...this.waiting.filter(({ id }) => id !== conversation.id), conversation]
    this.#start()
    this.#options.onChange()
  }

  /** Brings back what waits; returns it. */
  undo(): readonly Deletable[] {
    return this.#takeAll()
  }

  /** Time stands still while somebody is about to decide. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld
    if (isHeld) clearTimeout(this.#timer)
    else if (this.waiting.length > 0) this.#start()
  }

  /** Deletes now, and resolves when that is done. `isLeaving`: the page is being left, and nobody is there to be told. */
  async flush(isLeaving = false): Promise<void> {
    const removals = this.#takeAll().map((conversation) => this.#remove(conversation, isLeaving))
    await Promise.all(removals)
  }

  #start(): void {
    clearTimeout(this.#timer)
    if (!this.#isHeld) this.#timer = setTimeout(() => void this.flush(), UNDO_TIME)
  }

  #takeAll(): readonly Deletable[] {
    clearTimeout(this.#timer)
    // What was about to be decided is: nothing tells when a message goes from under the pointer.
    this.#isHeld = false
    const { waiting } = this
    this.waiting = []
    this.#options.onChange()
    return waiting
  }

  async #remove(conversation: Deletable, isLeaving: boolean): Promise<void> {
    const { id } = conversation
    const { remove, onRemoved, onFailed, onChange } = this.#options
    this.#leaving.add(id)
    try {
      await remove(id, isLeaving)
      onRemoved(id)
    } catch (error) {
      onFailed(conversation, error)
    } finally {
      this.#leaving.delete(id)
      onChange()
    }
  }
}

/** What tabs of one site tell each other about their conversations. */
type TabNews =
  | { readonly type: 'removed'; readonly id: string }
  | { readonly type: 'renamed'; readonly id: string; readonly title: string }
  | { readonly type: 'changed' }

/** Without a channel, where a browser forbids it, other tabs learn when they next ask the server. */
function openChannel(onNews: (news: unknown) => void): BroadcastChannel | undefined {
  try {
    const channel = new BroadcastChannel('samosa-chat:conversations')
    channel.addEventListener('message', ({ data }) => onNews(data))
    return channel
  } catch {
    return undefined
  }
}

/** What did not work, to be said with the error's own sentence. */
export type Problem =
  | { readonly kind: 'rename'; readonly error: ApiError }
  | { readonly kind: 'remove' | 'download'; readonly title: string; readonly error: ApiError }

/** A conversation is being deleted, here or elsewhere; `isElsewhere`: in another tab, and for good. */
type OnLeave = (id: string, isElsewhere: boolean) => void

/** What the list shows and does: all conversations or those found, renaming, deleting with a way back. */
export class ConversationList {
  readonly client: ChatClient
  /** What is being looked for, as it is typed. */
  query = ''
  problem: Problem | undefined
  readonly deletions: PendingDeletions
  readonly #host: ReactiveControllerHost
  readonly #onLeave: OnLeave
  readonly #all: ConversationPages
  readonly #found: ConversationPages
  readonly #channel: BroadcastChannel | undefined
  /** The conversation that is shown, when the list is not loaded as far as that. */
  #current: ListedConversation | undefined

  constructor(host: ReactiveControllerHost, client: ChatClient, onLeave: OnLeave) {
    this.client = client
    this.#host = host
    this.#onLeave = onLeave
    this.#all = new ConversationPages(host, client)
    this.#found = new ConversationPages(host, client)
    this.#channel = openChannel((news) => this.#learn(news))
    this.deletions = new PendingDeletions({
      onChange: () => host.requestUpdate(),
      remove: (id, keepalive) => removeConversation(client, id, { keepalive }),
      onRemoved: (id) => {
        this.#forget(id)
        this.#tell({ type: 'removed', id })
      },
      onFailed: ({ title }, error) =>
        this.fail({ kind: 'remove', title, error: toApiError(error) }),
    })
  }

  /** What is shown: while words are looked for, what was found before, or all. */
  get pages(): ConversationPages {
    return this.isSearch ? this.#found : this.#all
  }

  get isSearch(): boolean {
    return this.#found.isLoaded
  }

  /** Words have been typed for which nothing has come yet. */
  get isSearching(): boolean {
    const words = this.query.trim()
    return words !== '' && !(this.isSearch && this.#found.query === words)
  }

  get error(): ApiError | undefined {
    return (this.isSearching ? this.#found.error : undefined) ?? this.pages.error
  }

  /** What is to be seen; the current conversation stands in front when the list does not reach it. */
  items(currentId: string | null): readonly ListedConversation[] {
    const seen = this.pages.items.filter(({ id }) => !this.deletions.has(id))
    const current = this.#current
    const isMissing = !this.isSearch && current !== undefined && current.id === currentId
    if (!isMissing || this.deletions.has(current.id) || this.#all.find(current.id)) return seen
    return [current, ...seen]
  }

  /** Brings the list up to date; `currentId` is known afterwards, however old it is. */
  async refresh(currentId: string | null): Promise<void> {
    await this.#all.refresh()
    // Asked for anew meanwhile: whoever did that goes on.
    if (this.#all.isLoading) return
    if (currentId === null || this.#all.find(currentId) || this.#current?.id === currentId) return
    try {
      const stored = await this.client.conversation(currentId, { limit: 1 })
      const { id, title, updatedAt } = decodeSummary(stored)
      this.#current = { id, title, updatedAt, snippet: null }
      this.#host.requestUpdate()
    } catch {
      // It is the conversation's own view that says what is wrong with it.
    }
  }

  /** Tells other tabs that something was said. */
  tellChange(): void {
    this.#tell({ type: 'changed' })
  }

  search(query: string): void {
    this.query = query
    if (query.trim() === '') this.#found.clear()
    else void this.#found.search(query.trim())
    this.#host.requestUpdate()
  }

  /** Does again what could not be loaded. */
  retry(): void {
    void (this.isSearching ? this.#found : this.pages).retry()
  }

  async rename({ id, title: before }: ListedConversation, title: string): Promise<void> {
    this.problem = undefined
    this.#retitle(id, title)
    try {
      const { title: now } = await renameConversation(this.client, id, title)
      this.#retitle(id, now)
      this.#tell({ type: 'renamed', id, title: now })
    } catch (error) {
      this.#retitle(id, before)
      this.fail({ kind: 'rename', error: toApiError(error) })
    }
  }

  remove(conversation: ListedConversation): void {
    this.problem = undefined
    this.deletions.add(conversation)
    this.#onLeave(conversation.id, false)
  }

  /** Has it said what did not work, or no longer. */
  fail(problem: Problem | undefined): void {
    this.problem = problem
    this.#host.requestUpdate()
  }

  /** Ends everything; what was deleted is deleted now. */
  stop(): void {
    // Other tabs are still told of what that was.
    void this.deletions.flush(true).then(() => this.#channel?.close())
    this.#all.stop()
    this.#found.stop()
  }

  #retitle(id: string, title: string): void {
    if (this.#current?.id === id) this.#current = { ...this.#current, title }
    this.#all.retitle(id, title)
    this.#found.retitle(id, title)
    this.#host.requestUpdate()
  }

  #forget(id: string): void {
    if (this.#current?.id === id) this.#current = undefined
    this.#all.remove(id)
    this.#found.remove(id)
    this.#host.requestUpdate()
  }

  #tell(news: TabNews): void {
    this.#channel?.postMessage(news)
  }

  /** The other tab may have another version of this script. */
  #learn(news: unknown): void {
    if (!isObject(news)) return
    const { type } = news
    const id = textIn(news, 'id')
    const title = textIn(news, 'title')
    if (type === 'changed' && this.#all.isLoaded) void this.#all.refresh()
    if (type === 'renamed' && id !== undefined && title !== undefined) this.#retitle(id, title)
    if (type !== 'removed' || id === undefined) return
    this.#forget(id)
    this.#onLeave(id, true)
  }
}
