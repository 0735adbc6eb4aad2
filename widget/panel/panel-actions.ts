import type { ChatMessage } from '../conversation/chat-message.ts'
import type { Settings } from '../conversation/memory.ts'

/** What a text takes the place of. */
export interface Edit {
  /** The id of the message. */
  readonly replaces?: string
  /** Of its files, those that stay; all, where nothing is said. */
  readonly keep?: readonly string[] | undefined
}

/** What the panel can ask for. */
export interface PanelActions {
  readonly focusComposer: () => void
  readonly onClose: () => void
  readonly onNew: () => void
  readonly onSend: (text: string) => void
  /** False when the text was not taken. */
  readonly onEdit: (message: ChatMessage, text: string, keep?: readonly string[]) => boolean
  readonly onThink: (on: boolean) => void
  readonly onSettings: (settings: Settings) => void
}

/** What the panel's wishes come to. */
export interface PanelHost {
  readonly chat: { hide(): void; newConversation(): void }
  readonly focusComposer: () => void
  /** False when the text was not taken. */
  readonly send: (text: string, edit?: Edit) => boolean
  readonly think: (on: boolean) => void
  readonly settle: (settings: Settings) => void
}

/** Does what the panel asks for; the focus goes on in the composer. */
export function createPanelActions(host: PanelHost): PanelActions {
  const { chat, focusComposer, send, think, settle } = host
  const sendAndFocus = (text: string, edit?: Edit) => {
    const isTaken = send(text, edit)
    if (isTaken) focusComposer()
    return isTaken
  }
  return {
    focusComposer,
    onClose: () => chat.hide(),
    onNew() {
      chat.newConversation()
      focusComposer()
    },
    onSend: (text) => sendAndFocus(text),
    onEdit: ({ id }, text, keep) => id !== null && sendAndFocus(text, { replaces: id, keep }),
    onThink: think,
    onSettings: settle,
  }
}
