import { css, html, nothing } from 'lit'
import { lazy } from '../ui/lazy.ts'
import type { Strings } from '../words/strings.ts'
import type { ChatMessage } from '../conversation/chat-message.ts'

/** What shows files, and takes them. */
const sentFiles = lazy(() => import('../composer/extras.ts'))

/** The files of a message: their names, until the element is loaded that shows more of them. */
export function renderSentFiles(message: ChatMessage, strings: Strings) {
  const { attachments } = message
  if (attachments.length === 0) return nothing
  // Without a network the names stay.
  void sentFiles.load()
  const names = attachments.map(({ name }) => name).join(', ')
  return html`<samosa-sent-files .message=${message} .strings=${strings}
    >${names}</samosa-sent-files
  >`
}

// Why, here and not in the text that every page loads:
// `.said`: The copy button beside the bubble: below it would be a gap before the answer.
// `::before`: The picture of visit/visit.ts, where there is one.
// `.bubble`, its inline size: Room for the actions, so that none moves the text when it comes or goes.

export const messageStyles = css`
  :host {
    display: block;
  }
  article {
    display: grid;
  }
  .user {
    position: relative;
    justify-items: end;
    padding-block-end: calc(3 * var(--samosa-space));
  }
  .said {
    display: flex;
    flex-direction: row-reverse;
    align-items: end;
    gap: 4px;
    min-inline-size: 0;
    inline-size: 100%;
  }
  .bubble {
    max-inline-size: min(85%, 544px, 100% - 68px);
    padding: 9px 14px;
    border-radius: var(--samosa-radius-bubble);
    border-end-end-radius: 6px;
    background: var(--_tint);
    font-size: var(--samosa-font-size);
    line-height: var(--samosa-line-height);
    overflow-wrap: anywhere;
    white-space: pre-wrap;
  }
  .failed .bubble {
    background: none;
    box-shadow: inset 0 0 0 1px color-mix(in srgb, var(--samosa-danger) 55%, transparent);
  }
  .sending .bubble {
    opacity: 0.75;
  }
  samosa-answer {
    display: block;
    min-inline-size: 0;
    max-inline-size: var(--samosa-measure, 68ch);
    transition: opacity var(--samosa-motion);
  }
  .assistant:has(> samosa-answer)::before {
    display: var(--_avatar, none);
    inline-size: 22px;
    block-size: 22px;
    margin-block-end: 6px;
    background: var(--_logo);
    content: '';
  }
  samosa-answer + samosa-waiting {
    margin-block-start: calc(3 * var(--samosa-space));
  }
  .replacing samosa-answer {
    opacity: 0.45;
  }
  .foot {
    display: flex;
    align-items: center;
    gap: 2px;
    flex-wrap: wrap;
    min-block-size: 32px;
    margin-inline-start: -7px;
    color: var(--samosa-text-muted);
    font-size: var(--samosa-font-size-tiny);
  }
  .note {
    padding-inline: 7px;
  }
  .user .note {
    padding: 4px 2px 0;
    color: var(--samosa-danger);
    font-size: var(--samosa-font-size-tiny);
  }
  @media (hover: none) {
    .bubble {
      max-inline-size: min(85%, 544px, 100% - 92px);
    }
  }
`
