import { MARK_BODY, MARK_SEAM_OUTLINE } from '../components/mark-paths.ts'

/**
 * The launcher until the element is there, as `launcher.styles.ts` draws it then. Clear borders are drawn
 * where the visitor's system forces its colours. The mark is a shape cut out of borders, which are drawn
 * then too: a page that has no SVG of its own would pay for the first one. The build takes the white
 * space out.
 */
export const STYLE = `
  :host {
    all: initial !important;
    view-transition-name: samosa-chat !important;
    color-scheme: inherit !important;
  }
  :host, output {
    position: fixed !important;
    inset-block-end: var(--samosa-inset-block-end, 20px) !important;
    inset-inline: var(--samosa-inset-inline-start, auto) var(--samosa-inset-inline-end, 20px) !important;
    z-index: var(--samosa-z-index, 2147483000) !important;
  }
  :host([theme=light]) {
    color-scheme: light !important;
  }
  :host([theme=dark]) {
    color-scheme: dark !important;
  }
  button, output {
    border: 1px solid transparent;
    box-shadow: 0 1px 3px rgb(40 20 0/.25), 0 6px 20px rgb(40 20 0/.22);
  }
  button {
    --a: var(--samosa-accent, light-dark(#a84b08, #f0a24a));
    display: grid;
    place-items: center;
    width: 56px;
    height: 56px;
    padding: 0;
    border-radius: 50%;
    background: var(--a) border-box;
    color: var(--samosa-on-accent, oklch(from var(--a) clamp(.2, (.58 - l) * 999, 1) .04 h));
    cursor: pointer;
  }
  i {
    border: 16px solid;
    scale: 1.0625;
    clip-path: path(evenodd, '${MARK_BODY}${MARK_SEAM_OUTLINE}');
  }
  [aria-busy] {
    opacity: .6;
  }
  output {
    translate: 0 -68px;
    padding: 8px 12px;
    border-radius: 12px;
    background: Canvas;
    color: CanvasText;
    font: 14px system-ui;
  }
  output:empty {
    display: none;
  }
  :host([hidden]) {
    display: none !important;
  }
  @media print {
    :host {
      display: none !important;
    }
  }
`
