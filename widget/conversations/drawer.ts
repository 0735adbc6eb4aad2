import { html, LitElement, nothing, type PropertyValues } from 'lit'
import { property, state } from 'lit/decorators.js'
import type { Account } from '../accounts/account.ts'
import type { ChatClient } from '../api/client.ts'
import type { ListedConversation } from '../api/conversations.ts'
import { baseStyles } from '../ui/base.styles.ts'
import { define, mayType } from '../ui/element.ts'
import '../panel/notice.ts'
import { en } from '../words/en/index.ts'
import type { Strings } from '../words/strings.ts'
import type { Deletable } from './pending-deletions.ts'
import type { DownloadTarget, FileFormat } from './download-menu.ts'
import { DrawerKeys, type KeyTarget } from './drawer-keys.ts'
import { DrawerModel } from './drawer-model.ts'
import { drawerStyles } from './drawer.styles.ts'
import {
  foundWords,
  renderDrawer,
  renderPreparing,
  renderToast,
  type DrawerView,
} from './drawer-view.ts'
import { rowsStyles } from './rows.styles.ts'
import { drawerWords } from '../words/en/conversations.ts'

/** Distance from the end at which more is asked for, in pixels. */
const AHEAD = 800

/** Says when the end of a list that scrolls is near. */
class EndWatch {
  readonly #onNear: () => void
  #observer: IntersectionObserver | undefined

  constructor(onNear: () => void) {
    this.#onNear = onNear
  }

  /** Looks anew, so that a page which does not fill the room is followed by the next. */
  watch(scroller: Element | null, end: Element | null): void {
    this.stop()
    if (!scroller || !end) return
    const options = { root: scroller, rootMargin: `${AHEAD}px` }
    this.#observer = new IntersectionObserver((entries) => {
      // Several looks may be told together: the last one counts.
      if (entries.at(-1)?.isIntersecting) this.#onNear()
    }, options)
    this.#observer.observe(end)
  }

  stop(): void {
    this.#observer?.disconnect()
  }
}

/* Finds and focuses what stands in the list. */

/** The row of a conversation. */
function rowOf(root: ParentNode, id: string): HTMLElement | undefined {
  const rows = root.querySelectorAll<HTMLElement>('li')
  return [...rows].find(({ dataset }) => dataset['id'] === id)
}

/** Puts the cursor into the title that is being written, all of it selected. */
function selectTitle(root: ParentNode): void {
  const field = root.querySelector<HTMLInputElement>('.title-field')
  field?.focus()
  field?.select()
}

/** What of the chat the list works on. */
export interface DrawerChat {
  /** Shows a conversation. */
  readonly select: (id: string) => void
  /** The one that is shown was deleted in another tab. */
  readonly lose: () => void
  readonly startOver: () => void
  readonly focusComposer: () => void
  /** Closes the list, and gives the focus back to what opened it. */
  readonly close: () => void
  /** The room beside the chat may have changed. */
  readonly layOut: () => void
}

/** The list of conversations: over the chat, or beside it. */
export class SamosaDrawer extends LitElement {
  static override styles = [baseStyles, drawerStyles, rowsStyles]

  @property({ attribute: false }) strings: Strings = en
  @property({ attribute: false }) client: ChatClient | undefined
  /** Where the server has accounts. */
  @property({ attribute: false }) account: Account | undefined
  @property({ attribute: false }) chat: DrawerChat | undefined
  @property({ attribute: false }) currentId: string | null = null
  /** An answer is on its way. */
  @property({ attribute: false }) busy = false
  /** Conversations that are being answered, as far as this browser knows. */
  @property({ attribute: false }) answering: ReadonlySet<string> | undefined
  @property({ attribute: false }) online = true
  /** Conversations can be had as files. */
  @property({ attribute: false }) downloads = true
  /** Over the chat. */
  @property({ type: Boolean, reflect: true }) open = false
  /** Beside the chat, and always there. */
  @property({ type: Boolean, reflect: true }) docked = false

  @state() private model: DrawerModel | undefined
  @state() private activeId: string | undefined
  @state() private editingId: string | undefined
  /** The menu of formats is open for this one. */
  @state() private downloading: DownloadTarget | undefined
  /** A file is on its way. */
  @state() private isPreparing = false
  /** Read out. */
  @state() private said = ''
  /** The conversation that was shown when it was deleted. */
  #left: string | undefined
  /** Closing goes on in the composer, and not back to what opened the list. */
  #goesOn = false
  readonly #wide = globalThis.matchMedia?.('(min-width: 900px)')
  readonly #end = new EndWatch(() => void this.model?.list.more())
  readonly #keys = new DrawerKeys(this.#keyTarget())

  override connectedCallback(): void {
    super.connectedCallback()
    this.#wide?.addEventListener('change', this.#layOut)
    globalThis.addEventListener('pagehide', this.#flush)
    document.addEventListener('visibilitychange', this.#freshen)
    this.addEventListener('keydown', this.#keys.press)
    this.requestUpdate()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#wide?.removeEventListener('change', this.#layOut)
    globalThis.removeEventListener('pagehide', this.#flush)
    document.removeEventListener('visibilitychange', this.#freshen)
    this.removeEventListener('keydown', this.#keys.press)
    this.#end.stop()
    this.#block(false)
    this.model?.stop()
    this.model = undefined
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const isAnother = this.isConnected && this.client && this.client !== this.model?.client
    if (isAnother && this.client) this.#connect(this.client)
    if (this.account) this.account.beforeLeaving = () => this.model?.deletions.flush(true)
    if (this.#isShown && (isAnother || this.#isOutdated(changed))) {
      void this.model?.refresh(this.currentId)
    }
    if (changed.get('busy') === true && !this.busy) this.model?.tellChange()
    const items = this.#items
    const hasOpened = changed.has('open') && this.open
    if (!hasOpened && items.some(({ id }) => id === this.activeId)) return
    this.activeId = (items.find(({ id }) => id === this.currentId) ?? items[0])?.id
  }

  override render() {
    const { model, strings } = this
    if (!model) return nothing
    const view = this.#view(model)
    return html`${this.#isModal ? html`<div class="scrim" @click=${view.onClose}></div>` : nothing}
      ${this.#isShown ? renderDrawer(view) : nothing}${renderToast(model, strings, this.#undo)}${this.isPreparing ? renderPreparing(model, strings) : nothing}
      <samosa-download-menu
        .strings=${strings}
        .target=${this.#isShown ? this.downloading : undefined}
        .onFormat=${this.#download}
        .onClose=${this.#closeMenu}
      ></samosa-download-menu>
      <div class="visually-hidden" role="status">${this.said || foundWords(view)}</div>`
  }

  protected override updated(changed: PropertyValues<this>): void {
    const { model, renderRoot } = this
    const hasMore = model && model.list.hasMore && !model.list.loading && !model.error
    if (hasMore)
      this.#end.watch(renderRoot.querySelector('.entries'), renderRoot.querySelector('.end'))
    else this.#end.stop()
    this.#block(this.#isModal)
    if (changed.has('open') && this.#isModal) this.#focusIn()
    if (changed.get('open') === true && !this.#isShown) this.#focusOut()
    if (changed.has('currentId') && this.currentId !== null) {
      rowOf(renderRoot, this.currentId)?.scrollIntoView({ block: 'nearest' })
    }
  }

  get #isShown(): boolean {
    return this.open || this.docked
  }

  get #isModal(): boolean {
    return this.open && !this.docked
  }

  get #items(): readonly ListedConversation[] {
    return this.model?.items(this.currentId) ?? []
  }

  get #searchField(): HTMLInputElement | null {
    return this.renderRoot.querySelector<HTMLInputElement>('.search input')
  }

  #view(model: DrawerModel): DrawerView {
    const { strings, account, docked, online, currentId, activeId, editingId } = this
    return {
      strings,
      account,
      model,
      items: this.#items,
      docked,
      online,
      rows: {
        currentId,
        activeId,
        editingId,
        isAnswered: (id) => (id === currentId && this.busy) || (this.answering?.has(id) ?? false),
        onSelect: (id) => this.#leaveFor((chat) => chat.select(id)),
        onEdit: (id) => this.#edit(id),
        onDownload: this.downloads
          ? (conversation, button) => void this.#askFormat({ conversation, button })
          : undefined,
        onRemove: (conversation) => this.#remove(conversation),
        onTitle: (conversation, title) => this.#retitle(conversation, title),
      },
      onClose: () => this.chat?.close(),
      onNew: () => this.#leaveFor((chat) => chat.startOver()),
      onSearch: ({ target }) => {
        this.said = ''
        if (target instanceof HTMLInputElement) model.search(target.value)
      },
      onClear: () => this.#clearSearch(),
      onActive: (id) => void (this.activeId = id),
    }
  }

  #keyTarget(): KeyTarget {
    return {
      now: () => ({
        root: this.shadowRoot,
        isModal: this.#isModal,
        isSearching: (this.model?.query ?? '') !== '',
        canUndo: (this.model?.deletions.waiting.length ?? 0) > 0,
        items: this.#items,
        activeId: this.activeId,
      }),
      focusRow: (id) => void this.#focusRow(id),
      focusSearch: () => this.#searchField?.focus(),
      clearSearch: () => this.#clearSearch(),
      close: () => this.chat?.close(),
      undo: () => this.#undo(),
      edit: (id) => this.#edit(id),
      remove: (conversation) => this.#remove(conversation),
      more: () => void this.model?.list.more(),
    }
  }

  #isOutdated(changed: PropertyValues<this>): boolean {
    const isAnotherShown = changed.has('currentId') && this.currentId !== null
    return isAnotherShown || changed.has('open') || changed.has('docked') || changed.has('busy')
  }

  #connect(client: ChatClient): void {
    this.model?.stop()
    this.model = new DrawerModel({
      client,
      onChange: () => this.requestUpdate(),
      onLeave: (ids, isElsewhere) => {
        if (this.currentId === null || !ids.has(this.currentId)) return
        if (isElsewhere) return this.chat?.lose()
        // Starting over only stops watching. If this fails, deleting does it.
        if (this.busy) client.stop(this.currentId).catch(() => undefined)
        this.chat?.startOver()
      },
      onReturn: (conversations) => this.#return(conversations),
    })
  }

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
    if (this.#goesOn) this.chat?.focusComposer()
    else header?.shadowRoot?.querySelector<HTMLElement>('.list')?.focus()
    this.#goesOn = false
  }

  #leaveFor(action: (chat: DrawerChat) => void): void {
    const { chat } = this
    if (!chat) return
    action(chat)
    this.#goesOn = mayType()
    if (!this.docked) chat.close()
    else if (mayType()) chat.focusComposer()
  }

  #clearSearch(): void {
    this.model?.search('')
    this.#searchField?.focus()
  }

  #edit(id: string): void {
    this.editingId = id
    void this.updateComplete.then(() => selectTitle(this.renderRoot))
  }

  #retitle(conversation: ListedConversation, title: string | undefined): void {
    const hadFocus = this.renderRoot.querySelector('.title-field:focus') !== null
    this.editingId = undefined
    if (title !== undefined) void this.model?.rename(conversation, title)
    if (hadFocus) void this.#focusRow(conversation.id)
  }

  async #askFormat(target: DownloadTarget): Promise<void> {
    this.model?.dismiss()
    this.said = ''
    this.downloading = this.downloading?.button === target.button ? undefined : target
    try {
      await import('./download-menu.ts')
    } catch {
      // The list says that there is no connection, as with every download that fails.
      this.downloading = undefined
      await this.model?.download(target.conversation, 'markdown')
    }
  }

  readonly #closeMenu = (): void => void (this.downloading = undefined)

  readonly #download = async (
    conversation: ListedConversation,
    format: FileFormat,
  ): Promise<void> => {
    const { preparing, downloaded } = drawerWords(this.strings)
    this.said = preparing
    this.isPreparing = true
    const isDone = await this.model?.download(conversation, format)
    this.said = isDone ? downloaded : ''
    this.isPreparing = false
  }

  #remove(conversation: ListedConversation): void {
    const items = this.#items
    const at = items.findIndex(({ id }) => id === conversation.id)
    const next = items[at + 1] ?? items[at - 1]
    this.said = ''
    if (conversation.id === this.currentId) this.#left = conversation.id
    this.model?.remove(conversation)
    void this.#focusRow(next?.id)
  }

  readonly #undo = (): void => {
    this.said = drawerWords(this.strings).restored
    this.model?.undo()
  }

  #return(conversations: readonly Deletable[]): void {
    const shown = conversations.find(({ id }) => id === this.#left)
    // Not over what was begun in its place.
    if (shown && this.currentId === null) this.chat?.select(shown.id)
    this.#left = undefined
    void this.#focusRow(conversations.at(-1)?.id)
  }

  async #focusRow(id: string | undefined): Promise<void> {
    if (id !== undefined) this.activeId = id
    await this.updateComplete
    if (!this.#isShown) return this.chat?.focusComposer()
    const entry = id === undefined ? undefined : rowOf(this.renderRoot, id)?.querySelector('button')
    const target = entry ?? this.#searchField
    target?.focus()
    // The current row is in sight at every place: its focus alone scrolls nothing.
    if (id === this.#items[0]?.id) this.renderRoot.querySelector('.entries')?.scrollTo(0, 0)
  }

  readonly #layOut = (): void => this.chat?.layOut()

  readonly #flush = (): void => void this.model?.deletions.flush(true)

  readonly #freshen = (): void => {
    if (document.visibilityState !== 'visible' || !this.#isShown) return
    void this.model?.refresh(this.currentId)
  }
}

define('samosa-drawer', SamosaDrawer)
