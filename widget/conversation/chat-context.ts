import type { ChatClient } from '../api/client.ts'
import type { WidgetConfig } from '../api/decode-body.ts'
import type { Strings } from '../words/strings.ts'
import type { ChatMessage } from './chat-message.ts'
import type { ConversationController } from './conversation-controller.ts'
import type { Settings } from './memory.ts'

/** What a view may ask of the chat. */
export interface ChatActions {
  readonly focusComposer: () => void
  readonly onClose: () => void
  readonly onNew: () => void
  readonly onSend: (text: string) => void
  /** False when the text was not taken; of the message's files those in `keep` stay, or all. */
  readonly onEdit: (message: ChatMessage, text: string, keep?: readonly string[]) => boolean
  readonly onThink: (on: boolean) => void
  readonly onSettings: (settings: Settings) => void
}

/** What the views of all features see of the chat. What only one of them shows is that one's own property. */
export interface ChatContext {
  readonly strings: Strings
  /** Of what is said, where the words are in another one. */
  readonly language: string | undefined
  /** What the chat is called. */
  readonly heading: string
  readonly config: WidgetConfig | undefined
  /** Nothing that is shown will be replaced: until then, what may be is not shown. */
  readonly settled: boolean
  readonly controller: ConversationController
  readonly client: ChatClient | undefined
  readonly actions: ChatActions
}
