import { html, LitElement, nothing } from 'lit'
import { property } from 'lit/decorators.js'
import { baseStyles } from '../ui/base.styles.ts'
import { define } from '../ui/define.ts'
import { iconButton } from '../ui/icon-button.ts'
import { closeIcon, listIcon, newIcon } from '../ui/icons.ts'
import { mark } from '../ui/mark.ts'
import { panelHeaderStyles } from './panel-header.styles.ts'
import { hasList, type PanelView } from './panel-view.ts'

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
