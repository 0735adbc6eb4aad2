/**
 * The chat itself: `renderPanel` puts header, messages, notices, composer and list together. Each is an
 * element of its own; the messages are in message-list.ts, and the composer has a room of its own.
 */
import { css, html, LitElement, nothing } from 'lit'
import type { ChatClient } from '../api/client.ts'
import { messageActions } from '../answer/message.ts'
import { maxLengthOf } from '../composer/composer.ts'
import type { ChatContext } from '../conversation/chat-context.ts'
import type { Choices } from '../conversation/memory.ts'
import type { Disclosure } from '../owner/owner.ts'
import { baseStyles } from '../ui/base.styles.ts'
import { define, MESSAGE_PARTS } from '../ui/element.ts'
import { closeIcon, iconButton, listIcon, mark, newIcon } from '../ui/icons.ts'
import { isComposing } from '../ui/text-field.ts'
import { errorSentence, whatFailed } from '../words/localize.ts'
import './empty-state.ts'
import './message-list.ts'
import type { MessageListView } from './message-list.ts'
import { hasList, type ListView, panelExtras, type PanelRoom } from './panel-room.ts'

/** What the panel shows besides what all views see. */
export interface PanelView extends ListView {
  readonly isBubble: boolean
  readonly open: boolean
  /** It covers the window, and nothing behind it can be reached. */
  readonly modal: boolean
  /** The line on what answers, where one is wanted. */
  readonly disclosure: Disclosure | undefined
  /** What turns the sound off and on, where the page offers it. */
  readonly soundSwitch: unknown
  readonly room: PanelRoom
  readonly placeholder: string
  readonly choices: Choices
  /** Where images in answers may come from. */
  readonly imageOrigins: string
}

const panelHeaderStyles = css`
  :host {
    display: flex;
    align-items: center;
    gap: 10px;
    min-block-size: 56px;
    padding-block: calc(2 * var(--samosa-space));
    padding-inline: calc(4 * var(--samosa-space)) 10px;
    border-block-end: 1px solid var(--samosa-hairline);
  }
  :host([pending]) :is(.list, .mark) {
    visibility: hidden;
  }
  .list {
    margin-inline: -6px -4px;
  }
  .seam {
    stroke-width: 2.4;
  }
  h2 {
    flex: 1;
    min-inline-size: 0;
    margin: 0;
    overflow: hidden;
    font-size: var(--samosa-font-size-heading);
    font-weight: 620;
    letter-spacing: -0.01em;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
`

/** The panel's top: what this is, a new conversation, close. */
export class SamosaPanelHeader extends LitElement {
  static override properties = { context: { attribute: false }, view: { attribute: false } }
  static override styles = [baseStyles, panelHeaderStyles]

  context!: ChatContext
  view!: PanelView

  override render() {
    const { context, view } = this
    const { strings, actions, heading, settled } = context
    const { room, signIn, isBubble } = view
    this.toggleAttribute('pending', !settled)
    const isEmpty = context.controller.state.messages.length === 0
    // While one has to sign in there is neither a list nor a new conversation, and a list beside the chat has a button for that.
    const showsList = !signIn && hasList(context)
    const hasNew = !isEmpty && !signIn && !(showsList && room.isDocked && !room.hasFailed)
    return html`${
        showsList
          ? iconButton({
              label: strings.conversations,
              icon: listIcon,
              onClick: room.toggleList,
              name: 'list',
              expanded: room.canDock ? room.isDocked : undefined,
            })
          : nothing
      }<slot name="logo"
        ><svg class="mark" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
          ${mark}
        </svg></slot
      >
      <h2 part="heading" role=${heading ? nothing : 'none'}>${heading}</h2>
      <slot></slot>
      ${view.soundSwitch || nothing}
      ${
        hasNew
          ? iconButton({ label: strings.newConversation, icon: newIcon, onClick: actions.onNew })
          : nothing
      }
      ${
        // A bubble that covers the window cannot grow.
        isBubble && !view.modal
          ? panelExtras.drawn(room.chat)?.renderSizeSwitch(room, strings)
          : nothing
      }
      ${
        isBubble
          ? iconButton({ label: strings.close, icon: closeIcon, onClick: actions.onClose })
          : nothing
      }`
  }
}

define('samosa-panel-header', SamosaPanelHeader)

/** The chat itself: header, messages, composer. */
export function renderPanel(context: ChatContext, view: PanelView) {
  const { actions, strings } = context
  const { isBubble, open, room, signIn, disclosure } = view
  const isEmpty = context.controller.state.messages.length === 0
  return html`<section
    class="panel ${isEmpty ? 'empty' : ''} ${signIn || !hasList(context) ? 'out' : ''}"
    part="panel"
    role=${isBubble ? 'dialog' : 'region'}
    aria-modal=${view.modal || nothing}
    aria-label=${context.heading || strings.heading}
    tabindex="-1"
    ?hidden=${isBubble && !open}
    @keydown=${(event: KeyboardEvent) => {
      if (event.key !== 'Escape' || isComposing(event) || !isBubble) return
      event.stopPropagation()
      actions.onClose()
    }}
    @click=${(event: Event) => {
      if (event.composedPath().some(takesFocus)) actions.focusComposer()
    }}
  >
    <samosa-panel-header part="header" exportparts="heading" .context=${context} .view=${view}
      >${view.visit?.renderLogo()}<slot name="header"></slot
    ></samosa-panel-header>
    ${renderBanner(context, view.online)}
    ${signIn && isEmpty ? nothing : renderMessages(context, view)} ${signIn}
    <div class="bottom">
      ${
        signIn
          ? nothing
          : html`<samosa-composer
              part="composer"
              exportparts="input, send, pill"
              .context=${context}
              .choices=${view.choices}
              .placeholder=${view.placeholder}
              .description=${disclosure?.text}
            ></samosa-composer>`
      }${disclosure?.below}<slot name="footer"></slot>
    </div>
    ${room.renderList(context, view)}
  </section>`
}

/** A button that goes when it is pressed takes the focus with it, and the keys no longer reach the panel. */
const takesFocus = (node: EventTarget) =>
  node instanceof Element && node.hasAttribute('data-leaves')

function renderBanner({ strings, controller }: ChatContext, online: boolean) {
  const { offline, reconnecting } = strings.banner
  // A message that waits for the network says so itself.
  const text = controller.state.lacksNetwork
    ? ''
    : !online
      ? offline
      : controller.state.connected
        ? ''
        : reconnecting
  return html`<div role="status">${text && html`<p class="banner">${text}</p>`}</div>`
}

function renderMessages(context: ChatContext, view: PanelView) {
  const { controller, strings, config, language, actions } = context
  const { state } = controller
  const { phase } = state
  const isLoading = phase.kind === 'loading'
  // The notice offers the same in words.
  const canRetry = state.endsBroken || (phase.kind === 'failed' && phase.retry)
  const { features, questionsOnly } = config ?? {}
  const isFree = !controller.busy && !isLoading && !questionsOnly
  const list: MessageListView = {
    messages: state.messages,
    earlier: state.earlier,
    onEarlier: controller.loadEarlier,
    strings,
    language,
    canCopy: features?.copy !== false,
    canDownload: features?.download !== false,
    canRegenerate: isFree && !canRetry && features?.regenerate !== false,
    controller,
    canEdit: isFree && features?.edit !== false,
    maxLength: maxLengthOf(config),
    onEdit: actions.onEdit,
    toolTitles: controller.tools.titles,
    imageOrigins: view.imageOrigins,
    feedback: features?.feedback ? controller.feedback : undefined,
  }
  return html`<samosa-message-list
    part="messages"
    exportparts=${`message, ${MESSAGE_PARTS}`}
    @samosa-client=${(event: CustomEvent<(client: ChatClient | undefined) => void>) => {
      event.stopPropagation()
      event.detail(context.client)
    }}
    .view=${list}
  >
    ${
      state.messages.length > 0
        ? nothing
        : isLoading
          ? html`<p class="loading" role="status">${strings.loading}</p>`
          : html`<slot name="empty"
              ><samosa-empty-state
                exportparts="starter, disclosure"
                .context=${context}
                .disclosure=${view.disclosure?.inEmpty}
              ></samosa-empty-state
            ></slot>`
    }
    ${renderNotices(context, view.signIn)} ${renderWayOn(context)}
  </samosa-message-list>`
}

function renderNotices({ controller, strings }: ChatContext, signIn: unknown) {
  const { phase, hint, hintStrings, endsBroken } = controller.state
  const hintText = endsBroken
    ? strings.errors.interrupted
    : hint && (strings.hints[hint] ?? hintStrings[hint])
  const lacksAnswer = endsBroken || (hint === 'unanswered' && !controller.busy)
  const error = phase.kind === 'failed' ? phase.error : undefined
  // Where one has to sign in, the form says so; without a network, the message or the line above.
  const hasFailed = error !== undefined && error.code !== 'offline'
  if (signIn || (!hasFailed && !hintText)) return nothing
  const { tryAgain } = strings.actions
  // Without a network the words and the way on stand there as they are.
  void panelExtras.load()
  const notice = (tone: string, text: unknown, action: unknown, actionAt = 0) =>
    html`<samosa-notice
      part="notice"
      .tone=${tone}
      .strings=${strings}
      .text=${text}
      .actionAt=${actionAt}
      .action=${action}
      .onAction=${controller.retry}
      >${customElements.get('samosa-notice') ? nothing : html`${text} ${action ? html`<button data-leaves @click=${controller.retry}>${action}</button>` : nothing}`}</samosa-notice
    >`
  return html`<div class="notices">
    ${hintText ? notice('hint', hintText, lacksAnswer ? tryAgain : undefined) : nothing}
    ${
      phase.kind === 'failed' && hasFailed
        ? notice(
            'error',
            phase.retry ? whatFailed(strings, phase.error) : errorSentence(strings, phase.error),
            phase.retry && tryAgain,
            phase.error.retryAt,
          )
        : nothing
    }
  </div>`
}

/** What may follow comes with what can be done with an answer. */
function renderWayOn(context: ChatContext) {
  const { busy, state } = context.controller
  const code = messageActions.loaded()
  // What waits is drawn with it, too.
  const isNeeded = state.queued.length > 0 || (!busy && state.messages.length > 0)
  if (!code && isNeeded) void messageActions.arrival().then(() => state.show({}))
  return code?.renderWayOn(context)
}
