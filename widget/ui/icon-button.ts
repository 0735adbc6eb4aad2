import { html, nothing } from 'lit'

export interface IconButton {
  readonly label: string
  readonly icon: unknown
  readonly onClick: () => unknown
  /** A class besides. */
  readonly name?: string
  /** Of a switch. */
  readonly pressed?: boolean
  /** Whether what it shows and takes away is there. */
  readonly expanded?: boolean | undefined
}

/** A button that shows a picture, and says what it does. */
export const iconButton = ({ label, icon, onClick, name = '', pressed, expanded }: IconButton) =>
  html`<button
    class="icon-button ${name}"
    type="button"
    aria-label=${label}
    title=${label}
    aria-pressed=${pressed ?? nothing}
    aria-expanded=${expanded ?? nothing}
    @click=${() => onClick()}
  >
    ${icon}
  </button>`
