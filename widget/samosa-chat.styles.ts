import { css } from 'lit'

// Why, here and not in the text that every page loads:
// `.bubble[dir]`: Words of another direction do not take the chat to the other side of the page.

/**
 * `all: initial` inside the shadow tree ends what the page's style sheets would pass on by inheritance;
 * what they set on the element itself is overruled with `!important`, which for them has no answer.
 * `display` is theirs: a site may hide the chat. Where one takes the box away (`contents`), launcher and
 * panel keep their places by themselves.
 */
export const samosaChatStyles = css`
  :host {
    display: block;
    box-sizing: border-box !important;
    padding: 0 !important;
    border: 0 !important;
    background: none !important;
    opacity: 1 !important;
    filter: none !important;
    backdrop-filter: none !important;
    mask: none !important;
    clip-path: none !important;
    mix-blend-mode: normal !important;
    transform: none !important;
    translate: none !important;
    rotate: none !important;
    scale: none !important;
    offset-path: none !important;
    zoom: 1 !important;
    perspective: none !important;
    contain: none !important;
    container-type: normal !important;
    content-visibility: visible !important;
    will-change: auto !important;
    float: none !important;
    columns: auto !important;
    min-inline-size: 0;
  }
  :host([hidden]) {
    display: none !important;
  }
  :host([mode='bubble']) {
    position: fixed !important;
    --_ends: var(--samosa-inset-block-start, var(--_t, auto))
      var(--samosa-inset-block-end, var(--_b, 20px));
    --_start: var(--samosa-inset-inline-start, var(--_s, auto));
    --_end: var(--samosa-inset-inline-end, var(--_e, 20px));
    --_sides: var(--_start) var(--_end);
    inset-block: var(--_ends) !important;
    inset-inline: var(--_sides) !important;
    z-index: var(--samosa-z-index, 2147483000) !important;
    inline-size: 56px !important;
    block-size: 56px !important;
    min-inline-size: 0 !important;
    max-inline-size: none !important;
    min-block-size: 0 !important;
    max-block-size: none !important;
    margin: 0 !important;
    overflow: visible !important;
    visibility: visible !important;
    pointer-events: auto !important;
  }
  :host::backdrop {
    display: none !important;
  }
  :host([position^='top']) {
    --_t: 20px;
    --_b: auto;
  }
  :host([position$='start']) {
    --_s: 20px;
    --_e: auto;
  }
  :host([launcher='hidden']) {
    --_gap: 0;
  }
  :host([mode='inline']) {
    block-size: 600px;
    min-block-size: 320px;
  }
  :host([mode='page']) {
    block-size: 100vh;
    block-size: 100dvh;
  }
  .root {
    all: initial;
    display: block;
    block-size: 100%;
    --_safe: env(safe-area-inset-top) env(safe-area-inset-right) env(safe-area-inset-bottom)
      env(safe-area-inset-left);
    color-scheme: inherit;
    color: var(--samosa-text);
    font-family: var(--samosa-font);
    font-size: var(--samosa-font-size);
    line-height: var(--samosa-line-height);
    text-align: start;
    -webkit-font-smoothing: antialiased;
    -webkit-text-size-adjust: 100%;
    text-size-adjust: 100%;
  }
  .panel,
  .bottom {
    box-sizing: border-box;
  }
  .panel {
    display: flex;
    flex-direction: column;
    position: relative;
    block-size: 100%;
    min-block-size: 160px;
    container-type: size;
    overflow: hidden;
    outline: 0;
    background: var(--samosa-surface);
  }
  .inline .panel {
    border: 1px solid var(--samosa-hairline);
    border-radius: var(--samosa-radius);
  }
  .page .panel {
    padding: var(--_safe);
  }
  :host(:not(:dir(rtl))) .bubble[dir='rtl'],
  :host(:dir(rtl)) .bubble[dir='ltr'] {
    --_sides: var(--_end) var(--_start);
  }
  .bubble .panel {
    position: fixed;
    inset-block: var(--_ends);
    inset-inline: var(--_sides);
    margin-block: var(--_gap, 68px);
    z-index: var(--samosa-z-index, 2147483000);
    inline-size: min(var(--samosa-width, 404px), calc(100vw - 32px));
    block-size: min(var(--samosa-height, 680px), calc(100dvh - 112px));
    border: 1px solid var(--samosa-hairline);
    border-radius: var(--samosa-radius);
    background-clip: padding-box;
    box-shadow: var(--samosa-shadow);
    animation: arrive var(--samosa-motion) ease-out;
  }
  .bubble samosa-launcher {
    position: fixed;
    inset-block: var(--_ends);
    inset-inline: var(--_sides);
    z-index: var(--samosa-z-index, 2147483000);
  }
  .panel[hidden] {
    display: none;
  }
  @keyframes arrive {
    from {
      opacity: 0;
      transform: translateY(8px);
    }
  }
  samosa-message-list {
    flex: 1 1 0;
  }
  samosa-empty-state {
    block-size: 100%;
  }
  .loading {
    padding: 32px 16px;
    color: var(--samosa-text-muted);
    font-size: var(--samosa-font-size-card);
    text-align: center;
    animation: late 0.2s 0.4s backwards;
  }
  @keyframes late {
    from {
      opacity: 0;
    }
  }
  .bottom {
    inline-size: 100%;
    max-inline-size: var(--_column);
    margin-inline: auto;
    padding: var(--samosa-space) calc(3 * var(--samosa-space)) calc(3 * var(--samosa-space));
  }
  .page .bottom {
    padding: 4px 16px 20px;
  }
  .page {
    --_list-size: 300px;
  }
  .bubble.wide .panel {
    --samosa-height: 100dvh;
    min-inline-size: min(720px, 100vw - 32px);
  }
  @media screen and (min-width: 900px) {
    .page:not(.wide) .panel:not(.out) {
      padding-inline-start: var(--_list-size);
    }
  }
  @media (max-width: 480px), (max-height: 520px) {
    .bubble .panel {
      inset: 0 0 auto;
      margin: 0;
      inline-size: 100%;
      block-size: 100dvh;
      padding: var(--_safe);
      border: 0;
      border-radius: 0;
      box-shadow: none;
    }
    .bubble.open samosa-launcher {
      display: none;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .panel,
    .loading {
      animation: none !important;
    }
  }
`
