import { css, html, LitElement } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { directionOf } from '../markdown/render/direction.ts'
import type { Unsent } from '../conversation/conversation-state.ts'
import { baseStyles } from '../ui/base.styles.ts'
import { define } from '../ui/element.ts'
import { messageActionsStyles } from '../answer/message-actions.styles.ts'
import { messageStyles, renderSentFiles } from '../answer/message.styles.ts'
import type { ChatContext } from '../conversation/chat-context.ts'

import { turnStrings } from '../words/en/turns.ts'

const queueStyles = css`
  :host {
    display: block;
  }
  ul {
    display: grid;
    gap: calc(var(--samosa-space) * 3);
    margin: 0;
    padding: 0;
    list-style: none;
  }
  .bubble {
    outline: 1px dashed var(--_edge);
    background: none;
  }
  .user .note {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: end;
    gap: 0 4px;
  }
  .note .again {
    margin: 0;
    color: var(--samosa-text);
    font-weight: 550;
  }
  /* Waiting is no fault. */
  .user:not(.failed) .note {
    color: var(--samosa-text-muted);
  }
`

/** Messages that wait to be sent, below the conversation. */
export class SamosaQueue extends LitElement {
  static override properties = { context: { attribute: false } }
  static override styles = [baseStyles, messageStyles, messageActionsStyles, queueStyles]

  context!: ChatContext
  #shown = 0

  override render() {
    const { controller, strings } = this.context
    return html`<ul aria-label=${(strings.turns ?? turnStrings).queue}>
      ${repeat(
        controller.state.queued,
        ({ user }) => user.key,
        (unsent) => this.#renderWaiting(unsent),
      )}
    </ul>`
  }

  protected override updated(): void {
    const { length } = this.context.controller.state.queued
    // What somebody has sent is to be seen.
    if (length > this.#shown) this.scrollIntoView({ block: 'nearest' })
    this.#shown = length
  }

  #renderWaiting(unsent: Unsent) {
    const { strings, language, controller } = this.context
    const { queue } = controller
    if (!queue) return html``
    const { user, pending } = unsent
    const words = strings.turns ?? turnStrings
    const waiting = queue.waiting(unsent)
    const notes = {
      turn: words.waitsForAnswer,
      network: strings.notes.offline,
      visitor: words.waitsForVisitor,
      failed: strings.notes.unsent,
    }
    const sends = { visitor: words.sendNow, failed: strings.actions.tryAgain }
    const send = waiting === 'visitor' || waiting === 'failed' ? sends[waiting] : undefined
    return html`<li class="user ${waiting === 'failed' ? 'failed' : ''}">
      ${renderSentFiles(user, strings)}
      <div class="said">
        <div
          class="bubble"
          dir=${directionOf(pending.text) ?? 'auto'}
          lang=${language ?? ''}
          .textContent=${pending.text}
        ></div>
      </div>
      <div class="note">
        <span>${notes[waiting]}</span>
        ${send && this.#renderButton(send, pending.text, () => controller.sendWaiting(unsent))}
        ${this.#renderButton(words.takeBack, pending.text, () => queue.takeBack(unsent))}
      </div>
    </li>`
  }

  #renderButton(label: string, text: string, onPress: () => void) {
    return html`<button
      class="again"
      type="button"
      data-leaves
      aria-description=${text}
      @click=${onPress}
    >
      ${label}
    </button>`
  }
}

define('samosa-queue', SamosaQueue)
