import { css } from 'lit'

// Why, here and not in the text that every page loads:
// `:host`, then `.root`: A site sets the public names on the element or on anything around it. Read on
// the host, where a value of ours would hide the inherited one, they are set again for all that is inside.
// What inherits a size keeps it: each is one step of the scale, not a share of the size around it.
// `--_pigment`: Colours the cards; with our own accent like paper, which is yellower than the accent.
// `--_on-accent`: White or nearly black, whichever can be read on the accent; 0.58 is where they are equal.
// `--_accent-fill`: The accent as it was set, for what is filled with it.
// `--_accent`: The accent where it is text, an icon, a ring or a tint on the surface. One that is too light for
// paper is darkened to the luminance of ours, one too dark for the dark theme lightened and paled; what can be
// read stays as it is. A browser without relative colours keeps the accent.
// `theme='auto'` says nothing: the scheme that the page declares is inherited, and `light-dark` follows it.
// `--_column`: What is said, code, tables and the composer share their edges.

/**
 * The design tokens. Those with an underscore are ours; the others may be set from outside, and accent,
 * surface, text, font size and space restyle the whole.
 */
export const themeStyles = css`
  :host {
    --_ink: var(--samosa-text, light-dark(#2b2420, #f1eae1));
    --_accent-fill: var(--samosa-accent, light-dark(#a84b08, #f0a24a));
    --_on-accent: var(
      --samosa-on-accent,
      oklch(from var(--_accent-fill) clamp(0.2, (0.58 - l) * 999, 1) 0.04 h)
    );
    --_accent: var(--_accent-fill);
    --_surface: var(--samosa-surface, light-dark(#fffdf9, #1c1815));
    --_pigment: color-mix(
      in srgb,
      var(--samosa-accent, light-dark(#cb8415, #f0a24a)) 70%,
      var(--_ink)
    );
    --_surface-2: var(--samosa-surface-2, color-mix(in srgb, var(--_pigment) 8%, var(--_surface)));
    --_surface-3: var(--samosa-surface-3, color-mix(in srgb, var(--_pigment) 12%, var(--_surface)));
    --_muted: var(--samosa-text-muted, color-mix(in oklab, var(--_ink) 68%, var(--_surface)));
    --_hairline: var(--samosa-hairline, color-mix(in srgb, var(--_ink) 10%, transparent));
    --_success: var(--samosa-success, light-dark(#2a6b3c, #82c893));
    --_danger: var(--samosa-danger, light-dark(#b02a1f, #f4a79d));
    --_focus: var(--samosa-focus, var(--_accent));
    --_font: var(--samosa-font, system-ui, sans-serif);
    --_mono: var(--samosa-font-mono, ui-monospace, Menlo, Consolas, monospace);
    --_size: var(--samosa-font-size, 15px);
    --_leading: var(--samosa-line-height, 1.55);
    --_space: var(--samosa-space, 4px);
    --_motion: var(--samosa-motion, 0.14s);
    --_radius: var(--samosa-radius, 20px);
    --_radius-card: var(--samosa-radius-card, 12px);
    --_radius-code: var(--samosa-radius-code, 8px);
    --_radius-bubble: var(--samosa-radius-bubble, 16px);
    --_shadow: var(
      --samosa-shadow,
      0 1px 3px light-dark(rgb(60 38 18 / 0.12), rgb(0 0 0 / 0.4)),
      0 16px 48px light-dark(rgb(60 38 18 / 0.18), rgb(0 0 0 / 0.55))
    );
  }
  @supports (color: color(from red xyz x y z)) {
    :host {
      --_accent: light-dark(
        color(
          from var(--_accent-fill) xyz calc(x * min(1, 0.134 / y)) calc(y * min(1, 0.134 / y))
            calc(z * min(1, 0.134 / y))
        ),
        oklch(from var(--_accent-fill) max(l, 0.72) calc(c * min(1, l / 0.72)) h)
      );
    }
  }
  .root {
    --samosa-text: var(--_ink);
    --samosa-accent: var(--_accent-fill);
    --samosa-on-accent: var(--_on-accent);
    --samosa-surface: var(--_surface);
    --samosa-surface-2: var(--_surface-2);
    --samosa-surface-3: var(--_surface-3);
    --samosa-text-muted: var(--_muted);
    --samosa-hairline: var(--_hairline);
    --samosa-success: var(--_success);
    --samosa-danger: var(--_danger);
    --samosa-focus: var(--_focus);
    --samosa-font: var(--_font);
    --samosa-font-mono: var(--_mono);
    --samosa-font-size: var(--_size);
    --samosa-font-size-heading: calc(var(--_size) * 1.067);
    --samosa-font-size-greeting: calc(var(--_size) * 1.467);
    --samosa-font-size-card: calc(var(--_size) * 0.933);
    --samosa-font-size-small: calc(var(--_size) * 0.867);
    --samosa-font-size-tiny: calc(var(--_size) * 0.8);
    --samosa-line-height: var(--_leading);
    --samosa-space: var(--_space);
    --samosa-motion: var(--_motion);
    --samosa-radius: var(--_radius);
    --samosa-radius-card: var(--_radius-card);
    --samosa-radius-code: var(--_radius-code);
    --samosa-radius-bubble: var(--_radius-bubble);
    --samosa-shadow: var(--_shadow);
    --_column: min(680px, var(--samosa-measure, 68ch) + 32px);
    --_tint: color-mix(in oklab, var(--_accent) 13%, var(--_surface));
    --_hover: color-mix(in srgb, var(--_ink) 7%, transparent);
    --_edge: color-mix(in srgb, var(--_ink) 17%, transparent);
  }
  :host([theme='light']) {
    color-scheme: light;
  }
  :host([theme='dark']) {
    color-scheme: dark;
  }
`
