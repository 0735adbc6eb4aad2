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

/** What a visitor thinks of an answer; without a rating it was taken back. */
export interface FeedbackDetail {
  readonly message_id: string
  readonly rating: 'up' | 'down' | null
  readonly comment: string | null
}

/** A link that the visitor follows. */
export interface LinkDetail {
  /** A whole address. */
  readonly href: string
  /** Its words. */
  readonly text: string
  /** Where it stands: in the words of an answer, among its sources, or in what is offered to reach a person. */
  readonly kind: 'answer' | 'source' | 'contact'
}

/** What a visitor writes to the people behind the site. */
export interface ContactDetail {
  readonly message: string
  readonly email: string
  readonly conversation_id: string | null
  /** The answer below which it was written. */
  readonly message_id: string | null
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
  'samosa-contact': ContactDetail
  'samosa-feedback': FeedbackDetail
  'samosa-link': LinkDetail
  'samosa-token': {
    readonly refused: string
    readonly respondWith: (token: string | Promise<string>) => void
  }
}

/** Fires an event of the element; false when it was `cancelable` and a listener cancelled it. */
export function emit<Type extends keyof ChatEventDetails>(
  target: EventTarget,
  type: Type,
  detail: ChatEventDetails[Type],
  cancelable = false,
): boolean {
  return target.dispatchEvent(
    new CustomEvent(type, { detail, cancelable, bubbles: true, composed: true }),
  )
}

/**
 * Tells the page of a link that was clicked. A page that goes there by itself cancels that, but not where
 * the visitor has asked for another tab or window.
 */
export function followLink(
  event: MouseEvent,
  link: HTMLAnchorElement,
  kind: LinkDetail['kind'],
): void {
  const { href, textContent } = link
  const isHere = !(event.ctrlKey || event.metaKey || event.shiftKey)
  if (event.defaultPrevented) return
  if (!emit(link, 'samosa-link', { href, text: textContent.trim(), kind }, isHere))
    event.preventDefault()
}
