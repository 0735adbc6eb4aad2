import { html, LitElement, nothing, css } from 'lit'
import { property } from 'lit/decorators.js'
import { baseStyles } from '../ui/base.styles.ts'
import { define } from '../ui/element.ts'
import { iconButton, closeIcon, listIcon, newIcon, mark } from '../ui/icons.ts'

import { hasList, type PanelView } from './panel-view.ts'

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
  .mark {
    color: var(--_accent);
  }
  .mark .body {
    fill: currentColor;
    stroke: none;
  }
  .mark .seam {
    stroke: var(--samosa-surface);
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
  @media (forced-colors: active) {
    .mark {
      color: CanvasText;
    }
    .mark .seam {
      stroke: Canvas;
    }
  }
`

/** What the panel is called. */
export const headingOf = ({ heading, config, strings }: PanelView): string =>
  heading || config?.title || strings.heading

/** The panel's top: what this is, a new conversation, close. */
export class SamosaPanelHeader extends LitElement {
  static override styles = [baseStyles, panelHeaderStyles]

  @property({ attribute: false }) view: PanelView | undefined

  override render() {
    const { view } = this
    if (!view) return nothing
    const { strings, actions, drawer, settled, signIn } = view
    this.toggleAttribute('pending', !settled)
    const title = settled ? headingOf(view) : view.heading
    const isEmpty = view.controller.state.messages.length === 0
    // Beside the chat, the list has a button for a new conversation of its own; while one has to sign in there is neither.
    const isDocked = hasList(view) && drawer.isDocked && !drawer.hasFailed
    const hasNew = !isEmpty && !signIn && !isDocked
    return html`${
        signIn || !hasList(view)
          ? nothing
          : iconButton({
              label: strings.conversations,
              icon: listIcon,
              onClick: drawer.toggle,
              name: 'list',
              expanded: drawer.canDock ? drawer.isDocked : undefined,
            })
      }<slot name="logo"
        ><svg class="mark" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
          ${mark}
        </svg></slot
      >
      <h2 part="heading" role=${title ? nothing : 'none'}>${title}</h2>
      <slot></slot>
      ${view.soundSwitch || nothing}
      ${
        hasNew
          ? iconButton({ label: strings.newConversation, icon: newIcon, onClick: actions.onNew })
          : nothing
      }
      ${view.room.renderSwitch(view)}
      ${
        view.isBubble
          ? iconButton({ label: strings.close, icon: closeIcon, onClick: actions.onClose })
          : nothing
      }`
  }
}

define('samosa-panel-header', SamosaPanelHeader)
