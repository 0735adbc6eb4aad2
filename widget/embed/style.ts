import { MARK_BODY, MARK_SEAM_OUTLINE } from '../ui/mark-paths.ts'

/**
 * The launcher until the element is there, as `panel/launcher.ts` draws it then. Clear borders are drawn
 * where the visitor's system forces its colours. The mark is a shape cut out of borders, which are drawn
 * then too: a page that has no SVG of its own would pay for the first one. The build takes the white
 * space out.
 */
export const STYLE = `
  :host {
    all: initial !important;
    color-scheme: inherit !important;
    view-transition-name: samosa-chat !important;
  }
  :host, output {
    position: fixed !important;
    inset-block: var(--samosa-inset-block-start, var(--t, auto)) var(--samosa-inset-block-end, var(--b, 20px)) !important;
    inset-inline: var(--samosa-inset-inline-start, var(--s, auto)) var(--samosa-inset-inline-end, var(--e, 20px)) !important;
    z-index: var(--samosa-z-index, 2147483000) !important;
  }
  :host([position^=top]) {
    --t: 20px;
    --n: 68px;
    --b: auto;
  }
  :host([position$=start]) {
    --s: 20px;
    --e: auto;
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
    padding: 8px 11px;
    border-radius: 28px;
    font: 600 14px system-ui;
  }
  button {
    --a: var(--samosa-accent, light-dark(#a84b08, #f0a24a));
    display: flex;
    place-items: center;
    gap: 8px;
    min-height: 56px;
    background: var(--a) border-box;
    color: var(--samosa-on-accent, oklch(from var(--a) clamp(.2, (.58 - l) * 999, 1) .04 h));
    cursor: pointer;
  }
  i {
    border: 1pc solid;
    clip-path: path(evenodd, '${MARK_BODY}${MARK_SEAM_OUTLINE}');
  }
  [aria-busy] {
    opacity: .6;
  }
  output {
    translate: 0 var(--n, -68px);
    background: Canvas;
    color: CanvasText;
  }
  output:empty, :host([launcher=hidden]) button {
    display: none;
  }
  :host([hidden]), :host::backdrop {
    display: none !important;
  }
  @media print {
    :host {
      display: none !important;
    }
  }
`
