import { html, nothing } from 'lit'
import type { renderList } from '../conversations/drawer.ts'
import type { PanelRoom } from './panel-room.ts'
import { hasList, type Drawer, type DrawerOwner, type PanelView } from './panel-view.ts'

/** The list of conversations, which is fetched when it is first wanted. */
export class DrawerHost implements Drawer {
  readonly chat: DrawerOwner
  /** It lies over the chat, or is about to. */
  isOpen = false
  /** It could not be fetched; asking for it again tries again. */
  hasFailed = false
  readonly #room: PanelRoom
  #render: typeof renderList | undefined

  constructor(chat: DrawerOwner, room: PanelRoom) {
    this.chat = chat
    this.#room = room
  }

  /** There is room for it beside the chat. */
  get canDock(): boolean {
    return this.chat.mode === 'page' && matchMedia('(min-width: 900px)').matches
  }

  /** It stands there, unless the visitor has folded it away. */
  get isDocked(): boolean {
    return this.canDock && !this.#room.isWide
  }

  readonly toggle = (): void => {
    if (this.canDock && !this.hasFailed) return this.#room.toggle()
    this.isOpen = this.hasFailed || !this.isOpen
    this.hasFailed = false
    this.chat.requestUpdate()
  }

  render(view: PanelView) {
    if (!hasList(view) || !view.settled) return nothing
    if (view.signIn || (view.isBubble && !view.open)) this.isOpen = false
    if (this.#render) return this.#render(view, this)
    if (this.hasFailed)
      return html`<p class="banner" role="alert">${view.strings.errors.unreachable}</p>`
    if (this.isOpen || this.isDocked) void this.#load()
    return nothing
  }

  async #load(): Promise<void> {
    try {
      const loaded = await import('../conversations/drawer.ts')
      this.#render = loaded.renderList
    } catch {
      this.hasFailed = true
    }
    this.chat.requestUpdate()
  }
}
