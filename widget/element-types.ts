/**
 * What TypeScript knows about the element by its name: `querySelector('samosa-chat')`, its events, and
 * its tag in TSX and in Vue's templates.
 */
/* oxlint-disable typescript/ban-ts-comment -- Few pages have both React and Vue, and all must compile. */
/** @ts-ignore: there may be no React. */
import type { HTMLAttributes as ReactAttributes, RefAttributes as ReactReference } from 'react'
/** @ts-ignore: there may be no Vue. */
import type { HTMLAttributes as VueAttributes, VNodeProps as VueNode } from 'vue'
import type { ChatEventDetails } from './api/chat-events.ts'
import type { SamosaChat } from './samosa-chat.ts'

/** The element's events by name, for `addEventListener`. */
export type ChatEventMap = {
  readonly [Type in keyof ChatEventDetails]: CustomEvent<ChatEventDetails[Type]>
}

type Settable =
  | 'client'
  | 'conversationId'
  | 'conversationKey'
  | 'creator'
  | 'dialect'
  | 'endpoint'
  | 'features'
  | 'greeting'
  | 'heading'
  | 'imageOrigins'
  | 'lang'
  | 'launcher'
  | 'launcherLabel'
  | 'logo'
  | 'mode'
  | 'notice'
  | 'open'
  | 'personalityWeight'
  | 'placeholder'
  | 'position'
  | 'privacyUrl'
  | 'sound'
  | 'starters'
  | 'strings'
  | 'theme'
  | 'think'
  | 'token'

/** What a tag may say of the element: its properties, and its attributes where their names differ. */
type SamosaChatProps = {
  readonly [Name in Settable]?: SamosaChat[Name] | undefined
} & {
  readonly 'conversation-id'?: string | undefined
  readonly 'conversation-key'?: string | undefined
  readonly 'image-origins'?: string | undefined
  readonly 'launcher-label'?: string | undefined
  readonly 'personality-weight'?: number | undefined
  readonly 'privacy-url'?: string | undefined
}

/** Listeners as React takes them on the tag of an element: `onsamosa-open`. */
type SamosaChatListeners = {
  readonly [Type in keyof ChatEventMap as `on${Type}`]?: (event: ChatEventMap[Type]) => void
}

/** One signature for each event, which is how Vue's editors learn what `@samosa-open` is given. */
type Emit = {
  [Type in keyof ChatEventMap]: (emit: (type: Type, event: ChatEventMap[Type]) => void) => void
}[keyof ChatEventMap] extends (emit: infer Signatures) => void
  ? Signatures
  : never

declare global {
  interface HTMLElementTagNameMap {
    'samosa-chat': SamosaChat
  }

  // They bubble and are composed: the element, its ancestors, the document and the window hear them.
  interface GlobalEventHandlersEventMap extends ChatEventMap {}
}

/** @ts-ignore: there may be no React. */
declare module 'react' {
  // oxlint-disable-next-line typescript/no-namespace -- it is React that keeps its tags in one.
  namespace JSX {
    interface IntrinsicElements {
      'samosa-chat': SamosaChatProps &
        SamosaChatListeners &
        ReactAttributes<SamosaChat> &
        ReactReference<SamosaChat>
    }
  }
}

/** @ts-ignore: there may be no Vue. */
declare module 'vue' {
  interface GlobalComponents {
    'samosa-chat': new () => SamosaChat & {
      readonly $props: SamosaChatProps & VueAttributes & VueNode
      readonly $emit: Emit
    }
  }
}
