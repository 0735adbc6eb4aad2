/** What the parts of the panel see of the chat; it imports none of them, so that each can import it. */
import type { ReactiveControllerHost } from 'lit'
import type { Account } from '../accounts/account.ts'
import type { ChatClient } from '../api/client.ts'
import type { WidgetConfig } from '../api/decode-body.ts'
import type { Strings } from '../words/strings.ts'
import type { Disclosure } from '../owner/owner.ts'
import type { ConversationController } from '../conversation/conversation-controller.ts'
import type { Settings } from '../conversation/memory.ts'
import type { PanelActions } from './panel-actions.ts'
import type { PanelRoom } from './panel-room.ts'

/** The element that has the list. */
export type DrawerOwner = ReactiveControllerHost & {
  readonly mode: string
  conversationId: string | null
  newConversation(): void
  focus(): void
}

/** The list of conversations, beside the chat or over it. */
export interface Drawer {
  readonly chat: DrawerOwner
  /** It lies over the chat, or is about to. */
  isOpen: boolean
  /** There is room for it beside the chat. */
  readonly canDock: boolean
  /** It stands there. */
  readonly isDocked: boolean
  /** It could not be fetched; asking for it again tries again. */
  readonly hasFailed: boolean
  readonly toggle: () => void
  render(view: PanelView): unknown
}

/** What goes on beyond this page. */
export interface VisitView {
  /** Conversations that are being answered, as far as this browser knows. */
  readonly answering: ReadonlySet<string>
  /** What the page has put in place of our mark, for the header's slot. */
  renderLogo(): unknown
}

export interface PanelView {
  readonly isBubble: boolean
  readonly open: boolean
  /** It covers the window, and nothing behind it can be reached. */
  readonly modal: boolean
  readonly heading: string
  /** What goes on beyond this page, once its code is there. */
  readonly visit: VisitView | undefined
  readonly placeholder: string
  /** Nothing that is shown will be replaced: until then, what may be is not shown. */
  readonly settled: boolean
  readonly strings: Strings
  /** Of what is said, where the words are in another one. */
  readonly language: string | undefined
  readonly config: WidgetConfig | undefined
  /** The line on what answers, where one is wanted. */
  readonly disclosure: Disclosure | undefined
  readonly controller: ConversationController
  readonly online: boolean
  readonly canThink: boolean
  readonly thinking: boolean
  readonly settings: Settings
  readonly client: ChatClient | undefined
  /** What signs in and out, where the server has accounts. */
  readonly account: Account | undefined
  /** The form, while somebody has to sign in. */
  readonly signIn: unknown
  readonly drawer: Drawer
  /** What turns the sound off and on, where the page offers it. */
  readonly soundSwitch: unknown
  readonly room: PanelRoom
  /** Where images in answers may come from. */
  readonly imageOrigins: string
  readonly actions: PanelActions
}

/** There is a list of conversations. */
export const hasList = ({ config }: PanelView): boolean => config?.features.list !== false

/** Whether a text is for the chat itself. */
export const isCommand = ({ config }: PanelView, text: string): boolean =>
  text.startsWith('/') && config?.features.commands !== false
