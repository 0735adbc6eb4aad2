/** Changing a question: loaded when somebody wants to. */
import { html } from 'lit'
import type { ChatMessage } from '../state/chat-message.ts'
import { editorStrings } from './form-strings.ts'
import type { SamosaMessage } from './message.ts'
import './text-form.ts'

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
  const editor = host.view.strings.editor ?? editorStrings
  return html`<samosa-text-form
    tone="bubble"
    .strings=${host.view.strings}
    .label=${editor.label}
    .cancelLabel=${editor.cancel}
    .text=${message.text}
    .draft=${message.edit ?? ''}
    .warning=${host.view.last ? '' : editor.replaces}
    .maxLength=${host.view.maxLength}
    .canSend=${host.view.canEdit}
    .onSend=${(text: string) => {
      if (host.view.onEdit(message, text)) leaveForm(host, message)
    }}
    .onCancel=${() => endEditing(host, message)}
  ></samosa-text-form>`
}
