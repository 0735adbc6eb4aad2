import { html, nothing } from 'lit'
import type { Strings } from '../words/strings.ts'
import type { ChatMessage } from '../conversation/chat-message.ts'

/** The files of a message: their names, until the element is loaded that shows more of them. */
export function renderSentFiles(message: ChatMessage, strings: Strings) {
  const { attachments } = message
  if (attachments.length === 0) return nothing
  // Without a network the names stay.
  import('../composer/sent-files.ts').catch(() => {})
  const names = attachments.map(({ name }) => name).join(', ')
  return html`<samosa-sent-files .message=${message} .strings=${strings}
    >${names}</samosa-sent-files
  >`
}
