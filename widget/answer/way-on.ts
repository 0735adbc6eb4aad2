/** What may follow an answer: the next questions, and a person. */
import { html, nothing } from 'lit'
import type { PanelView } from '../panel/panel-view.ts'

/** Below the conversation. */
export const renderWayOn = (view: PanelView) =>
  html`${renderQueue(view)} ${renderFollowUps(view)} ${renderContact(view)}`

/** Messages that wait. */
function renderQueue(view: PanelView) {
  return view.controller.state.queued.length > 0
    ? html`<samosa-queue .view=${view}></samosa-queue>`
    : nothing
}

/** What may be asked next; the element is loaded with the first suggestions. */
function renderFollowUps({ controller, strings, actions }: PanelView) {
  const { suggestions: texts = [], outcome } = controller.state.lastAnswer ?? {}
  if (controller.busy || texts.length === 0) return nothing
  // Without a network there are none.
  import('../composer/follow-ups.ts').catch(() => {})
  return html`<samosa-follow-ups
    exportparts="suggestion"
    .strings=${strings}
    .texts=${texts}
    .outcome=${outcome}
    .onChoose=${actions.onSend}
  ></samosa-follow-ups>`
}

/**
 * A way to a person, where the owner has set one. What offers it is loaded before that is due: it must be
 * there when the server is not.
 */
function renderContact(view: PanelView) {
  if (!view.config?.contact) return nothing
  import('../contact/contact.ts').catch(() => {})
  return html`<samosa-contact part="contact" hidden .view=${view}></samosa-contact>`
}
