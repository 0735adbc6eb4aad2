/** What one can do with a message. Forms that come of it are loaded when somebody opens them. */
import { html, nothing } from 'lit'
import type { FeedbackBody } from '../../server/protocol/api.ts'
import type { ApiError } from '../api/api-error.ts'
import type { Strings } from '../locales/strings.ts'
import type { ChatMessage } from '../state/chat-message.ts'
import { copyText, textToCopy } from './copy-text.ts'
import { iconButton } from './icon-button.ts'
import { againIcon, badIcon, checkIcon, copyIcon, editIcon, goodIcon } from './icons.ts'
import type { SamosaFeedback } from './feedback.ts'

const COPIED_MS = 1600

/** Keeps what the visitor thinks of an answer; resolves to what went wrong. */
type FeedbackHandler = (
  message: ChatMessage,
  feedback: FeedbackBody | null,
) => Promise<ApiError | undefined>

/** What can be done with messages, and in which words. */
export interface ActionsView {
  readonly strings: Strings
  readonly canRegenerate: boolean
  readonly onRegenerate: () => void
  readonly canEdit: boolean
  /** Without it nobody is asked what the answer is worth. */
  readonly onFeedback: FeedbackHandler | undefined
}

/** The element of a message, as far as its actions change it. */
interface MessageHost {
  readonly view: ActionsView
  copied: boolean
  editing: boolean
  readonly feedback: SamosaFeedback | null
}

async function copy(host: MessageHost, text: string): Promise<void> {
  host.copied = await copyText(text)
  setTimeout(() => {
    host.copied = false
  }, COPIED_MS)
}

function renderCopy(host: MessageHost, text: () => string) {
  // Browsers offer the clipboard to pages with HTTPS only.
  if (!navigator.clipboard) return nothing
  const label = host.copied ? host.view.strings.actions.copied : host.view.strings.actions.copy
  const icon = host.copied ? checkIcon : copyIcon
  return html`${iconButton({ label, icon, onClick: () => copy(host, text()) })}<span
      class="visually-hidden"
      role="status"
      >${host.copied ? label : nothing}</span
    >`
}

/** Under an answer without a word, the button says what it does. */
function renderAgain(host: MessageHost, inWords: boolean) {
  const label = host.view.strings.actions.regenerate
  return html`<button
    class=${inWords ? 'again' : 'icon-button'}
    type="button"
    data-leaves
    aria-label=${label}
    title=${label}
    @click=${() => host.view.onRegenerate()}
  >
    ${againIcon}${inWords ? label : nothing}
  </button>`
}

function renderEdit(host: MessageHost, { id, state: now }: ChatMessage) {
  if (!host.view.canEdit || id === null || now !== 'settled') return nothing
  return iconButton({
    label: host.view.strings.actions.edit,
    icon: editIcon,
    name: 'edit',
    onClick() {
      host.editing = true
    },
  })
}

/** Beside a message of the visitor's. */
export const renderUserActions = (host: MessageHost, message: ChatMessage) =>
  html`${renderCopy(host, () => message.text)}${renderEdit(host, message)}`

type Rating = FeedbackBody['rating']

/** Rates an answer, and offers to say why; without a network for that, the rating alone is given. */
async function rate(host: MessageHost, message: ChatMessage, rating: Rating | null) {
  try {
    await import('./feedback.ts')
    await host.feedback?.rate(rating)
  } catch {
    await host.view.onFeedback?.(message, rating && { rating, comment: null })
  }
}

function renderThumb(host: MessageHost, message: ChatMessage, rating: Rating) {
  const pressed = message.feedback?.rating === rating
  return iconButton({
    label: host.view.strings.ratings[rating],
    icon: rating === 'up' ? goodIcon : badIcon,
    name: rating,
    pressed,
    onClick: () => rate(host, message, pressed ? null : rating),
  })
}

function renderThumbs(host: MessageHost, message: ChatMessage) {
  return html`<div class="actions thumbs ${message.feedback ? 'given' : ''}">
      ${renderThumb(host, message, 'up')}${renderThumb(host, message, 'down')}
    </div>
    <samosa-feedback
      .strings=${host.view.strings}
      .feedback=${message.feedback}
      .onGive=${(feedback: FeedbackBody | null) => host.view.onFeedback?.(message, feedback)}
    ></samosa-feedback>`
}

/** Below an answer; `blank` is one without a word. */
export const renderAnswerActions = (host: MessageHost, message: ChatMessage, blank: boolean) =>
  html`<div class="actions">
      ${blank ? nothing : renderCopy(host, () => textToCopy(message.text))}
      ${host.view.canRegenerate ? renderAgain(host, blank) : nothing}
    </div>
    ${!blank && host.view.onFeedback && message.id !== null ? renderThumbs(host, message) : nothing}`
