/** What one can do with a message: loaded once there is an answer, as nobody misses it before. */
import { html, nothing } from 'lit'
import type { FeedbackBody } from '../../server/protocol/api.ts'
import type { ChatMessage } from '../state/chat-message.ts'
import { checkIcon, copyIcon, editIcon } from './action-icons.ts'
import { copyText, textToCopy } from './copy-text.ts'
import './feedback.ts'
import { againIcon } from './icons.ts'
import type { SamosaMessage } from './message.ts'
import './text-form.ts'

const COPIED_MS = 1600

async function copy(host: SamosaMessage, text: string): Promise<void> {
  host.copied = await copyText(text)
  setTimeout(() => {
    host.copied = false
  }, COPIED_MS)
}

function renderCopy(host: SamosaMessage, text: () => string) {
  // Browsers offer the clipboard to pages with HTTPS only.
  if (!navigator.clipboard) return nothing
  const label = host.copied ? host.strings.actions.copied : host.strings.actions.copy
  return html`<button
      class="icon-button"
      type="button"
      aria-label=${label}
      title=${label}
      @click=${() => copy(host, text())}
    >
      ${host.copied ? checkIcon : copyIcon}</button
    ><span class="visually-hidden" role="status">${host.copied ? label : nothing}</span>`
}

/** Under an answer without a word, the button says what it does. */
function renderAgain(host: SamosaMessage, inWords: boolean) {
  const label = host.strings.actions.regenerate
  return html`<button
    class=${inWords ? 'again' : 'icon-button'}
    type="button"
    data-leaves
    aria-label=${label}
    title=${label}
    @click=${() => host.onRegenerate()}
  >
    ${againIcon}${inWords ? label : nothing}
  </button>`
}

function renderEdit(host: SamosaMessage, { id, state: now }: ChatMessage) {
  if (!host.canEdit || id === null || now !== 'settled') return nothing
  const label = host.strings.actions.edit
  return html`<button
    class="icon-button edit"
    type="button"
    aria-label=${label}
    title=${label}
    @click=${() => {
      host.editing = true
    }}
  >
    ${editIcon}
  </button>`
}

function leaveForm(host: SamosaMessage, message: ChatMessage): void {
  message.change({ edit: undefined })
  host.editing = false
}

/** The field goes; the focus stays with what opened it. */
async function endEditing(host: SamosaMessage, message: ChatMessage): Promise<void> {
  leaveForm(host, message)
  await host.updateComplete
  const button = host.renderRoot.querySelector('.edit')
  if (button instanceof HTMLElement) button.focus()
}

/** A message of the visitor's as a form. */
export function renderEditor(host: SamosaMessage, message: ChatMessage) {
  const { editor } = host.strings
  return html`<samosa-text-form
    tone="bubble"
    .strings=${host.strings}
    .label=${editor.label}
    .cancelLabel=${editor.cancel}
    .text=${message.text}
    .draft=${message.edit ?? ''}
    .warning=${host.hasAnswer ? editor.replaces : ''}
    .maxLength=${host.maxLength}
    .canSend=${host.canEdit}
    .onSend=${(text: string) => {
      if (host.onEdit(message, text)) leaveForm(host, message)
    }}
    .onCancel=${() => endEditing(host, message)}
  ></samosa-text-form>`
}

/** Beside a message of the visitor's. */
export const renderUserActions = (host: SamosaMessage, message: ChatMessage) =>
  html`${renderCopy(host, () => message.text)}${renderEdit(host, message)}`

/** Below an answer; `blank` is one without a word. */
export function renderAnswerActions(host: SamosaMessage, message: ChatMessage, blank: boolean) {
  const { onFeedback } = host
  const rates = !blank && onFeedback && message.id !== null
  return html`<div class="actions">
      ${blank ? nothing : renderCopy(host, () => textToCopy(message.text))}
      ${host.canRegenerate ? renderAgain(host, blank) : nothing}
    </div>
    ${
      rates
        ? html`<samosa-feedback
            .strings=${host.strings}
            .feedback=${message.feedback}
            .onGive=${(feedback: FeedbackBody | null) => onFeedback(message, feedback)}
          ></samosa-feedback>`
        : nothing
    }`
}
