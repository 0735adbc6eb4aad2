import type { ChatMessage } from '../state/chat-message.ts'
import type { Settings } from '../state/settings.ts'

/** What the panel can ask for. */
export interface PanelActions {
  readonly focusComposer: () => void
  readonly onClose: () => void
  readonly onNew: () => void
  readonly onSend: (text: string) => void
  /** False when the text was not taken. */
  readonly onEdit: (message: ChatMessage, text: string) => boolean
  readonly onThink: (on: boolean) => void
  readonly onSettings: (settings: Settings) => void
}

/** What the panel's wishes come to. */
export interface PanelHost {
  readonly chat: { hide(): void; newConversation(): void }
  readonly focusComposer: () => void
  /** False when the text was not taken. */
  readonly send: (text: string, replaces?: string) => boolean
  readonly think: (on: boolean) => void
  readonly settle: (settings: Settings) => void
}

/** Does what the panel asks for; the focus goes on in the composer. */
export function createPanelActions(host: PanelHost): PanelActions {
  const { chat, focusComposer, send, think, settle } = host
  const sendAndFocus = (text: string, replaces?: string) => {
    const isTaken = send(text, replaces)
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
    onEdit: ({ id }, text) => id !== null && sendAndFocus(text, id),
    onThink: think,
    onSettings: settle,
  }
}
