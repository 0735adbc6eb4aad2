/** Changing a question: loaded when somebody wants to. */
import { html, nothing } from 'lit'
import '../composer/sent-files.ts'
import type { ChatMessage } from '../conversation/chat-message.ts'
import type { Attachment } from '../api/decode-conversation.ts'

import { editorStrings } from '../words/en/forms.ts'
import type { SamosaMessage } from './message.ts'
import '../ui/text-form.ts'

/** Files that are not to go with the edited message. */
const dropped = new WeakMap<ChatMessage, ReadonlySet<Attachment>>()

function leaveForm(host: SamosaMessage, message: ChatMessage): void {
  dropped.delete(message)
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

function renderFiles(host: SamosaMessage, message: ChatMessage, gone: ReadonlySet<Attachment>) {
  if (message.attachments.every((file) => gone.has(file))) return nothing
  return html`<samosa-sent-files
    .message=${message}
    .strings=${host.view.strings}
    .gone=${gone}
    .onRemove=${(file: Attachment) => {
      dropped.set(message, new Set([...gone, file]))
      host.requestUpdate()
      const form = host.renderRoot.querySelector('samosa-text-form')
      if (form instanceof HTMLElement) form.focus()
    }}
  ></samosa-sent-files>`
}

/** A message of the visitor's as a form. */
export function renderEditor(host: SamosaMessage, message: ChatMessage) {
  const editor = host.view.strings.editor ?? editorStrings
  const gone = dropped.get(message) ?? new Set()
  const kept = message.attachments.filter((file) => !gone.has(file))
  const keep = gone.size > 0 ? kept.flatMap(({ id }) => id ?? []) : undefined
  return html`${renderFiles(host, message, gone)}<samosa-text-form
      tone="bubble"
      .strings=${host.view.strings}
      .label=${editor.label}
      .cancelLabel=${editor.cancel}
      .text=${message.text}
      .draft=${message.edit ?? ''}
      .isChanged=${gone.size > 0}
      .warning=${host.view.last ? '' : editor.replaces}
      .maxLength=${host.view.maxLength}
      .canSend=${host.view.canEdit}
      .onSend=${(text: string) => {
        if (host.view.onEdit(message, text, keep)) leaveForm(host, message)
      }}
      .onCancel=${() => endEditing(host, message)}
    ></samosa-text-form>`
}
