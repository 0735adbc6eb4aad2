import { css } from 'lit'

/**
 * The design tokens. The public ones may be set from outside on the element; those with an underscore
 * are made from them, so that accent, surface and text restyle the whole.
 */
export const themeStyles = css`
  :host {
    color-scheme: light dark;
    --samosa-accent: light-dark(#a84b08, #f0a24a);
    --samosa-on-accent: light-dark(#fff, #2b1804);
    --samosa-surface: light-dark(#fffdf9, #1c1815);
    --samosa-surface-2: light-dark(#f7f1e7, #27211d);
    --samosa-surface-3: light-dark(#f2ebdf, #2f2823);
    --samosa-text: light-dark(#2b2420, #f1eae1);
    --samosa-text-muted: light-dark(#6b6056, #b0a497);
    --samosa-hairline: color-mix(in srgb, var(--samosa-text) 10%, transparent);
    --samosa-success: light-dark(#2a6b3c, #82c893);
    --samosa-danger: light-dark(#b02a1f, #f4a79d);
    --samosa-focus: var(--samosa-accent);
    --samosa-font:
      system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;
    --samosa-font-mono: ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace;
    --samosa-radius: 20px;
    --samosa-radius-card: 12px;
    --samosa-radius-code: 8px;
    --samosa-radius-bubble: 16px;
    --samosa-shadow:
      0 1px 3px light-dark(rgb(60 38 18 / 0.12), rgb(0 0 0 / 0.4)),
      0 16px 48px light-dark(rgb(60 38 18 / 0.18), rgb(0 0 0 / 0.55));
    --_tint: color-mix(in oklab, var(--samosa-accent) 13%, var(--samosa-surface));
    --_hover: color-mix(in srgb, var(--samosa-text) 7%, transparent);
    --_edge: color-mix(in srgb, var(--samosa-text) 17%, transparent);
  }
  :host([theme='light']) {
    color-scheme: light;
  }
  :host([theme='dark']) {
    color-scheme: dark;
  }
`
