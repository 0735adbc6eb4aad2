/** What TypeScript knows about the element by its name: `querySelector('samosa-chat')`, its events. */
import type { ChatEventDetails } from './chat-events.ts'
import type { SamosaChat } from './samosa-chat.ts'

/** The element's events by name, for `addEventListener`. */
export type ChatEventMap = {
  readonly [Type in keyof ChatEventDetails]: CustomEvent<ChatEventDetails[Type]>
}

declare global {
  interface HTMLElementTagNameMap {
    'samosa-chat': SamosaChat
  }

  // They bubble and are composed: the element, its ancestors, the document and the window hear them.
  interface GlobalEventHandlersEventMap extends ChatEventMap {}
}
