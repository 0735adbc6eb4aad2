/** A message as the element's events show it. */
export interface MessageDetail {
  readonly id: string | null
  readonly role: 'user' | 'assistant'
  /** Tagged text: reasoning and tools stand in it as tags. */
  readonly content: string
}

/** Who has signed in with an account of the server. */
export interface AccountUser {
  readonly id: string
  readonly username: string
  readonly full_name: string | null
  readonly roles: readonly string[]
}

/** What the element's events carry in `detail`. */
export interface ChatEventDetails {
  'samosa-open': undefined
  'samosa-close': undefined
  /** `replaces`: the id of the message that an edited one takes the place of. */
  'samosa-send': { readonly text: string; readonly replaces?: string | undefined }
  'samosa-message': { readonly message: MessageDetail }
  'samosa-error': { readonly code: string; readonly message: string }
  'samosa-sign-in': { readonly user: AccountUser }
  'samosa-sign-out': { readonly user: AccountUser }
  'samosa-conversation': { readonly id: string | null }
  'samosa-token': {
    readonly refused: string
    readonly respondWith: (token: string | Promise<string>) => void
  }
}

/** Fires an event of the element; false when a listener cancelled it (`samosa-send` alone can be). */
export function emit<Type extends keyof ChatEventDetails>(
  target: EventTarget,
  type: Type,
  detail: ChatEventDetails[Type],
): boolean {
  const cancelable = type === 'samosa-send'
  return target.dispatchEvent(
    new CustomEvent(type, { detail, cancelable, bubbles: true, composed: true }),
  )
}
