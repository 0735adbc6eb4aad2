/**
 * The list of conversations: where it stands, docked or over the chat, what is in it, and where the focus goes.
 * What it lists is in conversation-list.ts, a row in rows.ts, the menu of files in download-menu.ts.
 */
import { html, LitElement, nothing, svg, type PropertyValues } from 'lit'
import type { Account } from '../accounts/account.ts'
import { ApiError, toApiError } from '../api/api-error.ts'
import type { ChatClient } from '../api/client.ts'
import type { ListedConversation } from '../api/conversations.ts'
import type { ChatContext } from '../conversation/chat-context.ts'
import type { ListView, PanelRoom } from '../panel/panel-room.ts'
import '../panel/notice.ts'
import { baseStyles } from '../ui/base.styles.ts'
import { define, mayType } from '../ui/element.ts'
import { closeIcon, icon, iconButton, newIcon } from '../ui/icons.ts'
import { lazy } from '../ui/lazy.ts'
import { isComposing } from '../ui/text-field.ts'
import { drawerWords } from '../words/en/conversations.ts'
import { en } from '../words/en/index.ts'
import { errorSentence } from '../words/localize.ts'
import type { Strings } from '../words/strings.ts'
import { ConversationList, type Problem } from './conversation-list.ts'
import type { FileFormat } from './download-menu.ts'
import { drawerStyles } from './drawer.styles.ts'
import { groupByDay, renderGroups, targetOf, titleOf, TypeAhead, type RowsView } from './rows.ts'

const downloadCode = lazy(() => import('./download-menu.ts'))

/** Distance from the end at which more is asked for, in pixels. */
const AHEAD = 800
/** What Tab goes to. */
const USABLE = 'button, input, [tabindex]'

const searchIcon = icon(
  svg`<circle cx="9" cy="9" r="5"></circle><path d="m12.8 12.8 4 4"></path>`,
  16,
)

/** What is to be downloaded, and the button that asked for it. */
interface DownloadTarget {
  readonly conversation: ListedConversation
  readonly button: HTMLElement
}

/** The list as part of the panel; there it stays, shown or not, since something may wait to be undone. */
export const renderList = (context: ChatContext, host: PanelRoom, view: ListView) =>
  html`<samosa-drawer
    exportparts="drawer"
    .strings=${context.strings}
    .client=${context.client}
    .host=${host}
    .controller=${context.controller}
    .currentId=${host.chat.conversationId}
    .busy=${context.controller.busy}
    .answering=${view.visit?.answering}
    .online=${view.online}
    .downloads=${context.config?.features.download !== false}
    .open=${host.isOpen}
    .docked=${host.isDocked && !view.signIn}
    .account=${view.account}
  ></samosa-drawer>`

/** The list of conversations: over the chat, or beside it. */
export class SamosaDrawer extends LitElement {
  static override properties = {
    strings: { attribute: false },
    client: { attribute: false },
    account: { attribute: false },
    host: { attribute: false },
    controller: { attribute: false },
    currentId: { attribute: false },
    busy: { attribute: false },
    answering: { attribute: false },
    online: { attribute: false },
    downloads: { attribute: false },
    open: { type: Boolean, reflect: true },
    docked: { type: Boolean, reflect: true },
    list: { state: true },
    activeId: { state: true },
    editingId: { state: true },
    downloading: { state: true },
    isPreparing: { state: true },
    said: { state: true },
  }
  static override styles = [baseStyles, drawerStyles]

  strings: Strings = en
  client: ChatClient | undefined
  /** Where the server has accounts. */
  account: Account | undefined
  /** Its place in the chat. */
  host!: PanelRoom
  controller!: ChatContext['controller']
  currentId: string | null = null
  /** An answer is on its way. */
  busy = false
  /** Conversations that are being answered, as far as this browser knows. */
  answering: ReadonlySet<string> | undefined
  online = true
  /** Conversations can be had as files. */
  downloads = true
  /** Over the chat. */
  open = false
  /** Beside the chat, and always there. */
  docked = false

  private list: ConversationList | undefined
  private activeId: string | undefined
  private editingId: string | undefined
  /** The menu of formats is open for this one. */
  private downloading: DownloadTarget | undefined
  /** A file is on its way. */
  private isPreparing = false
  /** Read out. */
  private said = ''
  /** The conversation that was shown when it was deleted. */
  #left: string | undefined
  /** Closing goes on in the composer, and not back to what opened the list. */
  #goesOn = false
  /** Nobody has it any more. */
  #gone = new AbortController()
  #end: IntersectionObserver | undefined
  readonly #typeAhead = new TypeAhead()

  override connectedCallback(): void {
    super.connectedCallback()
    this.#gone = new AbortController()
    const { signal } = this.#gone
    const wide = globalThis.matchMedia?.('(min-width: 900px)')
    // The room beside the chat may have changed.
    wide?.addEventListener('change', () => this.host.chat.requestUpdate(), { signal })
    const flush = () => void this.list?.deletions.flush(true)
    globalThis.addEventListener('pagehide', flush, { signal })
    document.addEventListener('visibilitychange', () => this.#freshen(), { signal })
    this.addEventListener('keydown', (event) => this.#press(event), { signal })
    this.requestUpdate()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#gone.abort()
    this.#end?.disconnect()
    this.#block(false)
    this.list?.stop()
    this.list = undefined
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const { client, account, currentId } = this
    const isAnother = this.isConnected && client !== undefined && client !== this.list?.client
    if (isAnother) this.#connect(client)
    if (account) account.beforeLeaving = () => this.list?.deletions.flush(true)
    const isOutdated =
      (changed.has('currentId') && currentId !== null) ||
      (['open', 'docked', 'busy'] as const).some((name) => changed.has(name))
    if (this.#isShown && (isAnother || isOutdated)) void this.list?.refresh(currentId)
    if (changed.get('busy') === true && !this.busy) this.list?.tellChange()
    const items = this.#items
    const hasOpened = changed.has('open') && this.open
    if (!hasOpened && items.some(({ id }) => id === this.activeId)) return
    this.activeId = (items.find(({ id }) => id === currentId) ?? items[0])?.id
  }

  override render() {
    const { list } = this
    if (!list) return nothing
    return html`${this.#isModal ? html`<div class="scrim" @click=${this.#close}></div>` : nothing}
      ${this.#isShown ? this.#renderDrawer(list) : nothing}${this.#renderToast(list)}
      ${this.#renderMenu()}
      <div class="visually-hidden" role="status">${this.said || this.#foundWords(list)}</div>`
  }

  protected override updated(changed: PropertyValues<this>): void {
    this.#watchEnd()
    this.#block(this.#isModal)
    if (changed.has('open') && this.#isModal) this.#focusIn()
    if (changed.get('open') === true && !this.#isShown) this.#focusOut()
    if (changed.has('currentId') && this.currentId !== null) {
      this.#rowOf(this.currentId)?.scrollIntoView({ block: 'nearest' })
    }
  }

  get #isShown(): boolean {
    return this.open || this.docked
  }

  get #isModal(): boolean {
    return this.open && !this.docked
  }

  get #items(): readonly ListedConversation[] {
    return this.list?.items(this.currentId) ?? []
  }

  get #searchField(): HTMLInputElement | null {
    return this.renderRoot.querySelector<HTMLInputElement>('.search input')
  }

  #rowOf(id: string): HTMLElement | undefined {
    const rows = this.renderRoot.querySelectorAll<HTMLElement>('li')
    return [...rows].find(({ dataset }) => dataset['id'] === id)
  }

  #connect(client: ChatClient): void {
    this.list?.stop()
    this.list = new ConversationList(this, client, (id, isElsewhere) => {
      if (id !== this.currentId) return
      if (isElsewhere) return void this.controller.refresh()
      // Starting over only stops watching. If this fails, deleting does it.
      if (this.busy) client.stop(id).catch(() => undefined)
      this.host.chat.newConversation()
    })
  }

  #freshen(): void {
    if (document.visibilityState !== 'visible' || !this.#isShown) return
    void this.list?.refresh(this.currentId)
  }

  /** Asks for more when the end is near; looks anew each time, so that a page which does not fill the room is followed by the next. */
  #watchEnd(): void {
    this.#end?.disconnect()
    const { list, renderRoot } = this
    const end = renderRoot.querySelector('.end')
    if (!list || !end || !list.pages.hasMore || list.pages.isLoading || list.error) return
    this.#end = new IntersectionObserver(
      (entries) => {
        // Several looks may be told together: the last one counts.
        if (entries.at(-1)?.isIntersecting) void list.pages.more()
      },
      { root: renderRoot.querySelector('.entries'), rootMargin: `${AHEAD}px` },
    )
    this.#end.observe(end)
  }

  /* What is in it. */

  #renderDrawer(list: ConversationList) {
    const { strings, docked } = this
    const words = drawerWords(strings)
    return html`<div
      class="drawer"
      part="drawer"
      role=${docked ? 'navigation' : 'dialog'}
      aria-modal=${docked ? nothing : 'true'}
      aria-label=${strings.conversations}
    >
      <div class="top">
        <h2>${strings.conversations}</h2>
        ${iconButton({
          name: 'new',
          label: strings.newConversation,
          icon: newIcon,
          onClick: () => this.#leaveFor(() => this.host.chat.newConversation()),
        })}
        ${
          docked
            ? nothing
            : iconButton({
                name: 'close',
                label: words.close,
                icon: closeIcon,
                onClick: this.#close,
              })
        }
      </div>
      ${this.#renderSearch(list)}
      <div
        class="entries ${list.isSearch ? 'found' : ''}"
        aria-busy=${list.pages.isLoading}
        @focusin=${({ target }: FocusEvent) => {
          const row = target instanceof Element ? target.closest<HTMLElement>('[data-id]') : null
          this.activeId = row?.dataset['id'] ?? this.activeId
        }}
      >
        ${this.#renderProblem(list.problem)}${this.#renderRows(list)}
        <div class="end"></div>
        ${this.#renderEnd(list)}
      </div>
      ${this.#renderUser()}
    </div>`
  }

  #renderSearch(list: ConversationList) {
    const { search, clear } = drawerWords(this.strings)
    return html`<div class="search">
      ${searchIcon}
      <input
        type="search"
        dir=${list.query === '' ? nothing : 'auto'}
        enterkeyhint="search"
        autocomplete="off"
        maxlength="200"
        aria-label=${search}
        placeholder=${search}
        .value=${list.query}
        @input=${({ target }: Event) => {
          this.said = ''
          if (target instanceof HTMLInputElement) list.search(target.value)
        }}
      />
      ${
        list.query === ''
          ? nothing
          : iconButton({
              name: 'clear',
              label: clear,
              icon: closeIcon,
              onClick: () => this.#clearSearch(),
            })
      }
    </div>`
  }

  #renderRows(list: ConversationList) {
    const { strings, currentId, activeId, editingId } = this
    const items = this.#items
    if (items.length === 0) return nothing
    const groups = list.isSearch
      ? [{ label: this.#foundWords(list), items }]
      : groupByDay(items, new Date(), drawerWords(strings))
    const view: RowsView = {
      strings,
      query: list.isSearch ? list.pages.query : '',
      currentId,
      activeId,
      editingId,
      isAnswered: (id) => (id === currentId && this.busy) || (this.answering?.has(id) ?? false),
      onSelect: (id) => this.#leaveFor(() => void (this.host.chat.conversationId = id)),
      onEdit: (id) => void this.#edit(id),
      onDownload: this.downloads
        ? (conversation, button) => void this.#askFormat({ conversation, button })
        : undefined,
      onRemove: (conversation) => this.#remove(conversation),
      onTitle: (conversation, title) => this.#retitle(conversation, title),
    }
    return renderGroups(groups, view)
  }

  /** What a search has come to, once it has. */
  #foundWords(list: ConversationList): string {
    if (!list.isSearch || list.isSearching) return ''
    const { nothing: nothingFound, found } = drawerWords(this.strings)
    const { length } = this.#items
    return length === 0 ? nothingFound(list.pages.query) : found(length, list.pages.hasMore)
  }

  /** What stands behind the last row: that more is coming, that there is nothing, or what went wrong. */
  #renderEnd(list: ConversationList) {
    const { strings } = this
    const { pages, error } = list
    const { loading, nothing: nothingFound, empty } = drawerWords(strings)
    if (error) {
      return html`<div class="trouble">
        <samosa-notice
          .strings=${strings}
          .text=${this.online ? errorSentence(strings, error) : strings.errors.offline}
          .actionAt=${error.retryAt}
          .action=${error.retryable ? strings.actions.tryAgain : undefined}
          .onAction=${() => list.retry()}
        ></samosa-notice>
      </div>`
    }
    if (pages.isLoading || !pages.isLoaded) return html`<p class="note">${loading}</p>`
    if (this.#items.length > 0 || pages.hasMore) return nothing
    return html`<p class="note">${list.isSearch ? nothingFound(pages.query) : empty}</p>`
  }

  #renderProblem(problem: Problem | undefined) {
    if (!problem) return nothing
    const { strings } = this
    const { notRenamed, notRemoved, notDownloaded, tooLong } = drawerWords(strings)
    const { kind, error } = problem
    const isTooLong = kind === 'download' && error.code === 'too_large'
    const sentence = isTooLong ? tooLong : errorSentence(strings, error)
    const text =
      kind === 'rename'
        ? notRenamed(sentence)
        : (kind === 'remove' ? notRemoved : notDownloaded)(titleOf(problem, strings), sentence)
    return html`<div class="trouble">
      <samosa-notice .strings=${strings} .text=${text}></samosa-notice>
    </div>`
  }

  /** Who has signed in, and the way out. */
  #renderUser() {
    const { account, strings } = this
    if (!account?.user) return nothing
    const { full_name, username } = account.user
    const name = full_name || username
    return html`<div class="account">
      <span class="initial" aria-hidden="true">${Array.from(name)[0]}</span>
      <bdi title=${username}>${name}</bdi>
      <button type="button" @click=${() => account.signOut()}>
        ${drawerWords(strings).signOut}
      </button>
    </div>`
  }

  /** What was deleted just now, and the way back; or that a file takes its time, which screen readers are told elsewhere. */
  #renderToast({ deletions }: ConversationList) {
    const { removed, removedMany, undo, preparing } = drawerWords(this.strings)
    const { waiting } = deletions
    const last = waiting.at(-1)
    if (!last && !this.isPreparing) return nothing
    if (!last) return html`<div class="toast late" aria-hidden="true"><p>${preparing}</p></div>`
    const hold = (isHeld: boolean) => () => deletions.hold(isHeld)
    return html`<div
      class="toast"
      @pointerenter=${hold(true)}
      @pointerleave=${hold(false)}
      @focusin=${hold(true)}
      @focusout=${hold(false)}
    >
      <p role="status" dir="auto">
        ${waiting.length === 1 ? removed(titleOf(last, this.strings)) : removedMany(waiting.length)}
      </p>
      <button class="undo" type="button" aria-keyshortcuts="Control+Z" @click=${() => this.#undo()}>
        ${undo}
      </button>
    </div>`
  }

  #renderMenu() {
    const { downloading: target, strings } = this
    const title = target && titleOf(target.conversation, strings)
    return html`<samosa-download-menu
      .button=${this.#isShown ? target?.button : undefined}
      .label=${title === undefined ? '' : drawerWords(strings).download(title)}
      .onFormat=${(format: FileFormat) => target && this.#download(target.conversation, format)}
      .onClose=${() => void (this.downloading = undefined)}
    ></samosa-download-menu>`
  }

  /* What is done in it. */

  readonly #close = (): void => {
    this.host.isOpen = false
    this.host.chat.requestUpdate()
  }

  #leaveFor(action: () => void): void {
    action()
    this.#goesOn = mayType()
    if (!this.docked) this.#close()
    else if (mayType()) this.host.chat.focus()
  }

  #clearSearch(): void {
    this.list?.search('')
    this.#searchField?.focus()
  }

  async #edit(id: string): Promise<void> {
    this.editingId = id
    await this.updateComplete
    const field = this.renderRoot.querySelector<HTMLInputElement>('.title-field')
    field?.focus()
    field?.select()
  }

  #retitle(conversation: ListedConversation, title: string | undefined): void {
    const hadFocus = this.renderRoot.querySelector('.title-field:focus') !== null
    this.editingId = undefined
    if (title !== undefined) void this.list?.rename(conversation, title)
    if (hadFocus) void this.#focusRow(conversation.id)
  }

  async #askFormat(target: DownloadTarget): Promise<void> {
    this.list?.fail(undefined)
    this.said = ''
    this.downloading = this.downloading?.button === target.button ? undefined : target
    try {
      await downloadCode.need()
    } catch {
      this.downloading = undefined
      const { title } = target.conversation
      this.list?.fail({ kind: 'download', title, error: new ApiError('unreachable') })
    }
  }

  async #download({ id, title }: ListedConversation, format: FileFormat): Promise<void> {
    const { list, strings } = this
    if (!list) return
    const { signal } = this.#gone
    const { preparing, downloaded } = drawerWords(strings)
    list.fail(undefined)
    this.said = preparing
    this.isPreparing = true
    try {
      const { downloadConversation } = await downloadCode.need()
      await downloadConversation(list.client, id, { format, signal })
      this.said = downloaded
    } catch (error) {
      this.said = ''
      if (!signal.aborted) list.fail({ kind: 'download', title, error: toApiError(error) })
    }
    this.isPreparing = false
  }

  #remove(conversation: ListedConversation): void {
    const items = this.#items
    const at = items.findIndex(({ id }) => id === conversation.id)
    const next = items[at + 1] ?? items[at - 1]
    this.said = ''
    if (conversation.id === this.currentId) this.#left = conversation.id
    this.list?.remove(conversation)
    void this.#focusRow(next?.id)
  }

  #undo(): void {
    this.said = drawerWords(this.strings).restored
    const restored = this.list?.deletions.undo() ?? []
    const shown = restored.find(({ id }) => id === this.#left)
    // Not over what was begun in its place.
    if (shown && this.currentId === null) this.host.chat.conversationId = shown.id
    this.#left = undefined
    void this.#focusRow(restored.at(-1)?.id)
  }

  /* Where the focus is, and what keys do. */

  /** Nothing around the list can be used while it lies over the chat. */
  #block(isBlocked: boolean): void {
    for (const sibling of this.parentElement?.children ?? []) {
      if (sibling !== this) sibling.toggleAttribute('inert', isBlocked)
    }
  }

  #focusIn(): void {
    const current = this.renderRoot.querySelector<HTMLElement>('.current .entry')
    const close = this.renderRoot.querySelector<HTMLElement>('.close')
    const target = current ?? (mayType() ? this.#searchField : close)
    target?.focus()
  }

  /** What is around the list can be used again. */
  #focusOut(): void {
    const header = this.parentElement?.querySelector('samosa-panel-header')
    if (this.#goesOn) this.host.chat.focus()
    else header?.shadowRoot?.querySelector<HTMLElement>('.list')?.focus()
    this.#goesOn = false
  }

  async #focusRow(id: string | undefined): Promise<void> {
    if (id !== undefined) this.activeId = id
    await this.updateComplete
    if (!this.#isShown) return this.host.chat.focus()
    const entry = id === undefined ? undefined : this.#rowOf(id)?.querySelector('button')
    const target = entry ?? this.#searchField
    target?.focus()
    // The current row is in sight at every place: its focus alone scrolls nothing.
    if (id === this.#items[0]?.id) this.renderRoot.querySelector('.entries')?.scrollTo(0, 0)
  }

  #press(event: KeyboardEvent): void {
    if (isComposing(event) || !this.#takes(event)) return
    event.preventDefault()
    event.stopPropagation()
  }

  /** Does what a key is for, whatever has the focus; true when it is for something. */
  #takes(event: KeyboardEvent): boolean {
    const { key } = event
    if (key === 'Tab') return this.#isModal && this.#turnAround(event)
    if (key === 'Escape') return this.#leaveOff()
    const focused = this.shadowRoot?.activeElement
    if (focused instanceof HTMLInputElement) {
      if (key === 'ArrowDown') void this.#focusRow(this.#items[0]?.id)
      return key === 'ArrowDown'
    }
    if (key.toLowerCase() === 'z' && (event.ctrlKey || event.metaKey)) {
      const canUndo = (this.list?.deletions.waiting.length ?? 0) > 0
      if (canUndo) this.#undo()
      return canUndo
    }
    const active = this.#items.find(({ id }) => id === this.activeId)
    return active && focused?.closest('li') ? this.#takesIn(active, event) : false
  }

  /** At its last element, Tab goes on with the first: what is around cannot be used while the list is open. */
  #turnAround({ shiftKey }: KeyboardEvent): boolean {
    const usable = [...this.renderRoot.querySelectorAll<HTMLElement>(USABLE)].filter(
      (element) => element.tabIndex >= 0 && element.checkVisibility(),
    )
    const [end, other] = shiftKey ? [usable[0], usable.at(-1)] : [usable.at(-1), usable[0]]
    const focused = this.shadowRoot?.activeElement
    if (focused && focused !== end) return false
    other?.focus()
    return true
  }

  #leaveOff(): boolean {
    if (this.list?.query) this.#clearSearch()
    else if (this.#isModal) this.#close()
    else return false
    return true
  }

  #takesIn(active: ListedConversation, event: KeyboardEvent): boolean {
    const { key } = event
    if (key === 'F2') void this.#edit(active.id)
    else if (key === 'Delete' || (key === 'Backspace' && event.metaKey)) this.#remove(active)
    else if (key === 'ArrowUp' && active === this.#items[0]) this.#searchField?.focus()
    else return this.#moves(active, event)
    return true
  }

  #moves({ id }: ListedConversation, event: KeyboardEvent): boolean {
    const { key, timeStamp } = event
    if (event.ctrlKey || event.metaKey || event.altKey) return false
    const items = this.#items
    const isForward = key === 'End' || key === 'ArrowDown' || key === 'PageDown'
    if (isForward && id === items.at(-1)?.id) void this.list?.pages.more()
    const isLetter = [...key].length === 1 && key !== ' '
    const goesOn = key === ' ' && this.#typeAhead.isTyping(timeStamp)
    const found =
      isLetter || goesOn
        ? this.#typeAhead.find(key, items, id, timeStamp)
        : targetOf(key, items, id)
    if (found) void this.#focusRow(found.id)
    return found !== undefined || goesOn
  }
}

define('samosa-drawer', SamosaDrawer)
