import { toApiError, type ApiError } from '../api/api-error.ts'
import type { ChatClient } from '../api/client.ts'
import {
  removeConversation,
  renameConversation,
  type ListedConversation,
} from '../api/conversations.ts'
import { decodeSummary } from '../api/decode-conversation.ts'
import type { FileFormat } from './download-menu.ts'
import { ConversationList } from './conversation-list.ts'
import { PendingDeletions, type Deletable } from './pending-deletions.ts'
import { isObject, listIn, textIn } from '../api/check.ts'

/* What tabs of one site tell each other about their conversations. */

type TabNews =
  | { readonly type: 'removed'; readonly ids: readonly string[] }
  | { readonly type: 'renamed'; readonly id: string; readonly title: string }
  | { readonly type: 'changed' }

interface TabChannel {
  tell(news: TabNews): void
  close(): void
}

const NAME = 'samosa-chat:conversations'

function readNews(data: unknown): TabNews | undefined {
  if (!isObject(data)) return undefined
  const id = textIn(data, 'id')
  const title = textIn(data, 'title')
  if (data['type'] === 'changed') return { type: 'changed' }
  if (data['type'] === 'removed') {
    return { type: 'removed', ids: listIn(data, 'ids').filter((one) => typeof one === 'string') }
  }
  if (data['type'] === 'renamed' && id !== undefined && title !== undefined) {
    return { type: 'renamed', id, title }
  }
  return undefined
}

/** Without a channel, where a browser forbids it, other tabs learn when they next ask the server. */
function openTabChannel(onNews: (news: TabNews) => void): TabChannel {
  let channel: BroadcastChannel | undefined
  try {
    channel = new BroadcastChannel(NAME)
  } catch {
    return { tell() {}, close() {} }
  }
  channel.addEventListener('message', ({ data }) => {
    const news = readNews(data)
    if (news) onNews(news)
  })
  const open = channel
  return {
    tell(news) {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has one origin
      open.postMessage(news)
    },
    close: () => open.close(),
  }
}

/** Milliseconds without another letter after which a search is asked for. */
const PAUSE = 250
/** Milliseconds in which a deletion can be undone. */
const UNDO_TIME = 6_000

/** What did not work, to be said with the error's own sentence. */
export type Problem =
  | { readonly kind: 'rename'; readonly error: ApiError }
  | { readonly kind: 'remove' | 'download'; readonly title: string; readonly error: ApiError }

export interface DrawerModelOptions {
  readonly client: ChatClient
  readonly onChange: () => void
  /** These conversations are being deleted, here or elsewhere; `isElsewhere`: in another tab, and for good. */
  readonly onLeave: (ids: ReadonlySet<string>, isElsewhere: boolean) => void
  /** These were brought back. */
  readonly onReturn: (conversations: readonly Deletable[]) => void
}

/** What the drawer shows and does: the list, the search, renaming, deleting with a way back. */
export class DrawerModel {
  readonly client: ChatClient
  /** What is being looked for. */
  query = ''
  problem: Problem | undefined
  readonly deletions: PendingDeletions
  readonly #options: DrawerModelOptions
  readonly #all: ConversationList
  readonly #channel: TabChannel
  #found: ConversationList | undefined
  /** A search whose first page has not come; the one before is shown until then. */
  #searching: ConversationList | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #stopped = new AbortController()
  /** The conversation that is shown, when the list is not loaded as far as that. */
  #current: ListedConversation | undefined

  constructor(options: DrawerModelOptions) {
    const { client, onChange } = options
    this.client = client
    this.#options = options
    this.#all = new ConversationList(client, onChange)
    this.#channel = openTabChannel((news) => this.#learn(news))
    this.deletions = new PendingDeletions({
      delay: UNDO_TIME,
      onChange,
      remove: (id, keepalive) => removeConversation(client, id, { keepalive }),
      onRemoved: (ids) => {
        this.#forget(ids)
        this.#channel.tell({ type: 'removed', ids: [...ids] })
      },
      onFailed: ({ title }, error) =>
        this.#fail({ kind: 'remove', title, error: toApiError(error) }),
    })
  }

  get list(): ConversationList {
    return this.#found ?? this.#all
  }

  get isSearch(): boolean {
    return this.#found !== undefined
  }

  /** Words have been typed for which nothing has come yet. */
  get isSearching(): boolean {
    return this.query.trim() !== '' && this.#found?.query !== this.query.trim()
  }

  get error(): ApiError | undefined {
    return this.#searching?.error ?? this.list.error
  }

  /** What is to be seen; the current conversation stands in front when the list does not reach it. */
  items(currentId: string | null): readonly ListedConversation[] {
    const seen = this.list.items.filter(({ id }) => !this.deletions.has(id))
    const current = this.#current
    const isMissing = !this.isSearch && current !== undefined && current.id === currentId
    if (!isMissing || this.deletions.has(current.id) || this.#all.find(current.id)) return seen
    return [current, ...seen]
  }

  /** Brings the list up to date; `currentId` is known afterwards, however old it is. */
  async refresh(currentId: string | null): Promise<void> {
    await this.#all.refresh()
    if (currentId === null || this.#all.find(currentId) || this.#current?.id === currentId) return
    try {
      const stored = await this.client.conversation(currentId, { limit: 1 })
      const { id, title, updatedAt } = decodeSummary(stored)
      this.#current = { id, title, updatedAt, snippet: null }
      this.#options.onChange()
    } catch {
      // It is the conversation's own view that says what is wrong with it.
    }
  }

  /** Tells other tabs that something was said. */
  tellChange(): void {
    this.#channel.tell({ type: 'changed' })
  }

  /** Looks for words, once nobody types any more. */
  search(query: string): void {
    this.query = query
    clearTimeout(this.#timer)
    this.#searching?.stop()
    this.#searching = undefined
    if (query.trim() === '') this.#found = undefined
    else this.#timer = setTimeout(() => this.#find(query.trim()), PAUSE)
    this.#options.onChange()
  }

  /** Does again what could not be loaded. */
  retry(): void {
    void (this.#searching ?? this.list).retry()
  }

  async rename({ id, title: before }: ListedConversation, title: string): Promise<void> {
    this.problem = undefined
    this.#retitle(id, title)
    try {
      const { title: now } = await renameConversation(this.client, id, title)
      this.#retitle(id, now)
      this.#channel.tell({ type: 'renamed', id, title: now })
    } catch (error) {
      this.#retitle(id, before)
      this.#fail({ kind: 'rename', error: toApiError(error) })
    }
  }

  remove(conversation: ListedConversation): void {
    this.problem = undefined
    this.deletions.add(conversation)
    this.#options.onLeave(new Set([conversation.id]), false)
  }

  /** Resolves to false when it failed, or nobody waits for it any more. */
  async download(conversation: ListedConversation, format: FileFormat): Promise<boolean> {
    this.problem = undefined
    const { signal } = this.#stopped
    try {
      const { downloadConversation } = await import('./download-menu.ts')
      await downloadConversation(this.client, conversation, { format, signal })
      return true
    } catch (error) {
      const { title } = conversation
      if (!signal.aborted) this.#fail({ kind: 'download', title, error: toApiError(error) })
      return false
    }
  }

  undo(): void {
    this.#options.onReturn(this.deletions.undo())
  }

  dismiss(): void {
    this.problem = undefined
    this.#options.onChange()
  }

  /** Ends everything; what was deleted is deleted now. */
  stop(): void {
    this.#stopped.abort()
    clearTimeout(this.#timer)
    void this.deletions.flush(true)
    this.#all.stop()
    this.#found?.stop()
    this.#searching?.stop()
    this.#channel.close()
  }

  #find(query: string): void {
    const { client, onChange } = this.#options
    const search = new ConversationList(
      client,
      () => {
        if (this.#searching === search && search.isLoaded) {
          this.#found?.stop()
          this.#found = search
          this.#searching = undefined
        }
        onChange()
      },
      query,
    )
    this.#searching = search
    void search.refresh()
  }

  get #lists(): readonly ConversationList[] {
    return [this.#all, this.#found, this.#searching].filter((list) => list !== undefined)
  }

  #retitle(id: string, title: string): void {
    if (this.#current?.id === id) this.#current = { ...this.#current, title }
    for (const list of this.#lists) list.retitle(id, title)
  }

  #forget(ids: ReadonlySet<string>): void {
    if (this.#current && ids.has(this.#current.id)) this.#current = undefined
    for (const list of this.#lists) list.remove(ids)
  }

  #learn(news: TabNews): void {
    if (news.type === 'renamed') this.#retitle(news.id, news.title)
    if (news.type === 'changed' && this.#all.isLoaded) void this.#all.refresh()
    if (news.type !== 'removed') return
    const ids = new Set(news.ids)
    this.#forget(ids)
    this.#options.onLeave(ids, true)
  }

  #fail(problem: Problem): void {
    this.problem = problem
    this.#options.onChange()
  }
}
