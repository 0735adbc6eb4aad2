/**
 * The chat as a React component, with its attributes as props and an `onSamosa…` prop for each event.
 * Importing it defines the element; on a server it renders an empty tag, which the browser fills.
 *
 * ```jsx
 * import { SamosaChat } from 'samosa-chat/react'
 *
 * <SamosaChat endpoint="https://chat.example.com" mode="inline" onSamosaMessage={count} />
 * ```
 */
import { createComponent, type EventName, type ReactWebComponent } from '@lit/react'
import React from 'react'
import type { ChatEventMap } from '../element-types.ts'
import { SamosaChat as SamosaChatElement } from '../index.ts'

type Named<Type extends keyof ChatEventMap> = EventName<ChatEventMap[Type]>

/** The prop for an event: `onSamosaSignIn` for `samosa-sign-in`. */
type ListenerName<Type extends string> = `on${Pascal<Type>}`
type Pascal<Name extends string> = Name extends `${infer Word}-${infer Rest}`
  ? `${Capitalize<Word>}${Pascal<Rest>}`
  : Capitalize<Name>

/** An event's name, which carries what its listener is given. */
function named<Type extends keyof ChatEventMap>(type: Type): Named<Type>
function named(type: string): string {
  return type
}

const events = {
  onSamosaOpen: named('samosa-open'),
  onSamosaClose: named('samosa-close'),
  onSamosaSend: named('samosa-send'),
  onSamosaMessage: named('samosa-message'),
  onSamosaError: named('samosa-error'),
  onSamosaConversation: named('samosa-conversation'),
  onSamosaContact: named('samosa-contact'),
  onSamosaFeedback: named('samosa-feedback'),
  onSamosaLink: named('samosa-link'),
  onSamosaToken: named('samosa-token'),
  onSamosaSignIn: named('samosa-sign-in'),
  onSamosaSignOut: named('samosa-sign-out'),
} satisfies Record<ListenerName<keyof ChatEventMap>, EventName>

/** The element as a React component; a `ref` is the element itself. */
export const SamosaChat: ReactWebComponent<SamosaChatElement, typeof events> = createComponent({
  react: React,
  tagName: 'samosa-chat',
  elementClass: SamosaChatElement,
  events,
  displayName: 'SamosaChat',
})
