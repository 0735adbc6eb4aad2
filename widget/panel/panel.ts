import { html, nothing } from 'lit'
import type { ChatClient } from '../api/client.ts'
import { errorSentence, whatFailed } from '../words/localize.ts'
import type { Strings } from '../words/strings.ts'
import { maxLengthOf } from '../composer/composer.ts'
import { isComposing } from '../ui/text-field.ts'
import { MESSAGE_PARTS } from '../ui/element.ts'
import './empty-state.ts'
import './message-list.ts'
import type { ListView } from './message-list.ts'
import { messageActions } from '../answer/message.ts'
import { headingOf } from './panel-header.ts'
import { hasList, type PanelView } from './panel-view.ts'

/** The chat itself: header, messages, composer. */
export function renderPanel(view: PanelView) {
  const { isBubble, open, actions, drawer, signIn } = view
  const isEmpty = view.controller.state.messages.length === 0
  return html`<section
    class="panel ${isEmpty ? 'empty' : ''} ${signIn || !hasList(view) ? 'out' : ''}"
    part="panel"
    role=${isBubble ? 'dialog' : 'region'}
    aria-modal=${view.modal || nothing}
    aria-label=${headingOf(view)}
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
    <samosa-panel-header part="header" exportparts="heading" .view=${view}
      >${view.visit?.renderLogo()}<slot name="header"></slot
    ></samosa-panel-header>
    ${renderBanner(view)} ${signIn && isEmpty ? nothing : renderMessages(view)} ${signIn}
    <div class="bottom">
      ${signIn ? nothing : renderComposer(view)}${view.disclosure?.below}<slot name="footer"></slot>
    </div>
    ${drawer.render(view)}
  </section>`
}

/** A button that goes when it is pressed takes the focus with it, and the keys no longer reach the panel. */
const takesFocus = (node: EventTarget) =>
  node instanceof Element && node.hasAttribute('data-leaves')

function renderBanner({ strings, controller, online }: PanelView) {
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

function renderMessages(view: PanelView) {
  const { controller, strings } = view
  const { state } = controller
  const { phase } = state
  const isLoading = phase.kind === 'loading'
  // The notice offers the same in words.
  const canRetry = state.endsBroken || (phase.kind === 'failed' && phase.retry)
  const { features, questionsOnly } = view.config ?? {}
  const isFree = !controller.busy && !isLoading && !questionsOnly
  const list: ListView = {
    messages: state.messages,
    earlier: state.earlier,
    onEarlier: controller.loadEarlier,
    strings,
    language: view.language,
    canCopy: features?.copy !== false,
    canDownload: features?.download !== false,
    canRegenerate: isFree && !canRetry && features?.regenerate !== false,
    controller,
    canEdit: isFree && features?.edit !== false,
    maxLength: maxLengthOf(view.config),
    onEdit: view.actions.onEdit,
    toolTitles: controller.tools.registry.titles,
    imageOrigins: view.imageOrigins,
    feedback: features?.feedback ? controller.feedback : undefined,
  }
  return html`<samosa-message-list
    part="messages"
    exportparts=${`message, ${MESSAGE_PARTS}`}
    @samosa-client=${(event: CustomEvent<(client: ChatClient | undefined) => void>) => {
      event.stopPropagation()
      event.detail(view.client)
    }}
    .view=${list}
  >
    ${state.messages.length > 0 ? nothing : isLoading ? renderLoading(strings) : renderEmpty(view)}
    ${renderNotices(view)} ${renderWayOn(view)}
  </samosa-message-list>`
}

const renderLoading = (strings: Strings) =>
  html`<p class="loading" role="status">${strings.loading}</p>`

const renderEmpty = (view: PanelView) =>
  html`<slot name="empty"
    ><samosa-empty-state exportparts="starter, disclosure" .view=${view}></samosa-empty-state
  ></slot>`

function renderNotices({ controller, strings, signIn }: PanelView) {
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
  import('./notice.ts').catch(() => {})
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

const renderComposer = (view: PanelView) =>
  html`<samosa-composer
    part="composer"
    exportparts="input, send, pill"
    .view=${view}
  ></samosa-composer>`

/** What may follow comes with what can be done with an answer. */
function renderWayOn(view: PanelView) {
  const { busy, state } = view.controller
  const code = messageActions.loaded()
  // What waits is drawn with it, too.
  const isNeeded = state.queued.length > 0 || (!busy && state.messages.length > 0)
  if (!code && isNeeded) void messageActions.arrival().then(() => state.show({}))
  return code?.renderWayOn(view)
}
