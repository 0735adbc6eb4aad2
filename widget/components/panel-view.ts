import { html, nothing } from 'lit'
import type { WidgetConfigBody } from '../../server/protocol/api.ts'
import { errorSentence } from '../locales/localize.ts'
import type { Strings } from '../locales/strings.ts'
import type { ConversationController } from '../state/conversation-controller.ts'
import { SamosaComposer } from './composer.ts'
import './empty-state.ts'
import './message-list.ts'
import './notice.ts'
import type { PanelActions } from './panel-actions.ts'
import './panel-header.ts'

/** All that the panel shows. */
export interface PanelView {
  readonly isBubble: boolean
  readonly open: boolean
  readonly heading: string
  readonly placeholder: string
  readonly strings: Strings
  readonly config: WidgetConfigBody | undefined
  readonly controller: ConversationController
  readonly online: boolean
  readonly canThink: boolean
  readonly thinking: boolean
  readonly actions: PanelActions
}

/** The chat itself: header, messages, composer. */
export function renderPanel(view: PanelView) {
  const { isBubble, open, strings, actions } = view
  const heading = view.heading || view.config?.title || strings.heading
  const isEmpty = view.controller.state.messages.length === 0
  return html`<section
    class="panel ${isEmpty ? 'empty' : ''}"
    part="panel"
    role=${isBubble ? 'dialog' : 'region'}
    aria-label=${heading}
    ?hidden=${isBubble && !open}
    @keydown=${(event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.isComposing || !isBubble) return
      event.stopPropagation()
      actions.onClose()
    }}
    @click=${keepFocus}
  >
    <samosa-panel-header
      part="header"
      .strings=${strings}
      .heading=${heading}
      .canStartOver=${!isEmpty}
      .canClose=${isBubble}
      .onNew=${actions.onNew}
      .onClose=${actions.onClose}
      ><slot name="header"></slot
    ></samosa-panel-header>
    ${renderBanner(view)} ${renderMessages(view)}
    <div class="bottom">${renderComposer(view)}<slot name="footer"></slot></div>
  </section>`
}

const maxLengthOf = ({ config }: PanelView) => config?.max_message_length ?? 8000

/** A button that goes when it is pressed would take the focus with it, and the keys no longer reach the panel. */
function keepFocus(event: Event): void {
  const leaves = event
    .composedPath()
    .some((node) => node instanceof Element && node.hasAttribute('data-leaves'))
  const { currentTarget } = event
  if (!leaves || !(currentTarget instanceof Element)) return
  const composer = currentTarget.querySelector('samosa-composer')
  if (composer instanceof SamosaComposer) composer.focus({ preventScroll: true })
}

function renderBanner({ strings, controller, online }: PanelView) {
  const { offline, reconnecting } = strings.banner
  const text = !online ? offline : controller.state.connected ? '' : reconnecting
  return html`<div role="status">${text && html`<p class="banner">${text}</p>`}</div>`
}

function renderMessages(view: PanelView) {
  const { controller, strings } = view
  const { state } = controller
  const { phase } = state
  const isLoading = phase.kind === 'loading'
  // The notice offers the same in words.
  const canRetry = phase.kind === 'failed' && phase.retry
  return html`<samosa-message-list
    part="messages"
    exportparts="message"
    .messages=${state.messages}
    .strings=${strings}
    .step=${waitingStep(view)}
    .canRegenerate=${!controller.busy && !isLoading && !canRetry}
    .onRegenerate=${controller.regenerate}
    .canEdit=${!controller.busy && !isLoading}
    .maxLength=${maxLengthOf(view)}
    .onEdit=${view.actions.onEdit}
    .toolTitles=${controller.tools.registry.titles}
    .onFeedback=${view.config?.features.feedback ? controller.feedback.give : undefined}
  >
    ${state.messages.length > 0 ? nothing : isLoading ? renderLoading(strings) : renderEmpty(view)}
    ${renderNotices(view)}
  </samosa-message-list>`
}

const renderLoading = (strings: Strings) =>
  html`<p class="loading" role="status">${strings.loading}</p>`

const renderEmpty = ({ strings, config, actions }: PanelView) =>
  html`<slot name="empty"
    ><samosa-empty-state
      .strings=${strings}
      .greeting=${config?.greeting ?? ''}
      .starters=${config?.starters ?? []}
      .onStarter=${actions.onSend}
    ></samosa-empty-state
  ></slot>`

function renderNotices({ controller, strings }: PanelView) {
  const { phase, hint } = controller.state
  if (phase.kind !== 'failed' && !hint) return nothing
  return html`<div class="notices">
    ${
      hint
        ? html`<samosa-notice
            tone="hint"
            .text=${strings.hints[hint]}
            .action=${hint === 'unanswered' && !controller.busy ? strings.actions.tryAgain : undefined}
            .onAction=${controller.retry}
          ></samosa-notice>`
        : nothing
    }
    ${
      phase.kind === 'failed'
        ? html`<samosa-notice
            .strings=${strings}
            .text=${phase.retry ? strings.errors[phase.error.code] : errorSentence(strings, phase.error)}
            .actionAt=${phase.error.retryAt}
            .action=${phase.retry && strings.actions.tryAgain}
            .onAction=${controller.retry}
          ></samosa-notice>`
        : nothing
    }
  </div>`
}

function renderComposer(view: PanelView) {
  const { controller, actions } = view
  const { state } = controller
  return html`<samosa-composer
    part="composer"
    exportparts="input, send"
    .strings=${view.strings}
    .value=${state.draft}
    .placeholder=${view.placeholder}
    .maxLength=${maxLengthOf(view)}
    .busy=${controller.busy}
    .stopping=${state.phase.kind === 'answering' && state.phase.stopping}
    .canThink=${view.canThink}
    .thinking=${view.thinking}
    .onDraft=${controller.keepDraft}
    .onSend=${actions.onSend}
    .onStop=${controller.stop}
    .onThink=${actions.onThink}
  ></samosa-composer>`
}

/** What is happening, in words, while an answer has none yet. */
function waitingStep({ controller, strings, config, thinking }: PanelView): string {
  const { waiting } = strings
  const { state } = controller
  if (state.messages.at(-2)?.state === 'sending') return waiting.sending
  if ((state.messages.at(-1)?.sources.length ?? 0) > 0) return waiting.writing
  return !thinking && config?.features.knowledge ? waiting.searching : waiting.thinking
}
