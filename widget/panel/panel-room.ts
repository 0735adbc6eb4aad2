import { html, nothing, type ReactiveControllerHost } from 'lit'
import type { Account } from '../accounts/account.ts'
import type { ChatContext } from '../conversation/chat-context.ts'
import type { Memory } from '../conversation/memory.ts'
import { lazy } from '../ui/lazy.ts'
import type { Visit } from '../visit/visit.ts'

/** What the panel of a first answer can do without. */
export const panelExtras = lazy(() => import('./panel-extras.ts'))

const listCode = lazy(() => import('../conversations/drawer.ts'))

type RoomHost = ReactiveControllerHost & {
  readonly mode: string
  readonly open: boolean
  conversationId: string | null
  newConversation(): void
  focus(): void
}

/** What the list of conversations shows besides what all views see. */
export interface ListView {
  readonly account: Account | undefined
  readonly online: boolean
  /** The form, while somebody has to sign in. */
  readonly signIn: unknown
  readonly visit: Visit | undefined
}

/** There is a list of conversations. */
export const hasList = ({ config }: ChatContext): boolean => config?.features.list !== false

/**
 * What room the chat takes: the size of the bubble, which the visitor can change, and the list of
 * conversations, which stands beside a page's chat, or lies over the chat. What the visitor chooses is remembered.
 */
export class PanelRoom {
  /** The element that has the list. */
  readonly chat: RoomHost
  /** The list lies over the chat, or is about to. */
  isOpen = false
  /** The list could not be fetched; asking for it again tries again. */
  hasFailed = false
  readonly #memory: () => Memory | undefined

  constructor(chat: RoomHost, memory: () => Memory | undefined) {
    this.chat = chat
    this.#memory = memory
  }

  /** The bubble is large, or the list beside a page's chat is folded away. */
  get isWide(): boolean {
    return this.#memory()?.isWide(this.chat.mode) ?? false
  }

  /** There is room for the list beside the chat. */
  get canDock(): boolean {
    return this.chat.mode === 'page' && matchMedia('(min-width: 900px)').matches
  }

  /** The list stands there. */
  get isDocked(): boolean {
    return this.canDock && !this.isWide
  }

  readonly toggleWide = (): void => {
    this.#memory()?.keepWide(this.chat.mode, !this.isWide)
    this.chat.requestUpdate()
  }

  readonly toggleList = (): void => {
    if (this.canDock && !this.hasFailed) return this.toggleWide()
    this.isOpen = this.hasFailed || !this.isOpen
    this.hasFailed = false
    this.chat.requestUpdate()
  }

  /** The list, which is fetched when it is first wanted. */
  renderList(context: ChatContext, view: ListView) {
    if (!hasList(context) || !context.settled) return nothing
    const { mode, open } = this.chat
    if (view.signIn || (mode === 'bubble' && !open)) this.isOpen = false
    const code = listCode.loaded()
    if (code) return code.renderList(context, this, view)
    if (this.hasFailed)
      return html`<p class="banner" role="alert">${context.strings.errors.unreachable}</p>`
    if (this.isOpen || this.isDocked) void this.#load()
    return nothing
  }

  async #load(): Promise<void> {
    this.hasFailed = await listCode.need().then(
      () => false,
      () => true,
    )
    this.chat.requestUpdate()
  }
}
