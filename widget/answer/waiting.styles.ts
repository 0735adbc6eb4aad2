import { css } from 'lit'

// Why, here and not in the text that every page loads:
// `rise`, five times: Who waits for minutes pays no battery for steam that is drawn sixty times a second;
// from then on a wisp each second lights up together with the seconds beside it.

export const waitingStyles = css`
  :host {
    display: flex;
    align-items: center;
    contain: layout style;
    gap: 10px;
    min-block-size: 32px;
    color: var(--samosa-text-muted);
    font-size: var(--samosa-font-size-card);
  }
  .step {
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }
  .elapsed,
  .so-far {
    flex: none;
    font-size: 12.5px;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  progress {
    flex: 0 1 96px;
    min-inline-size: 40px;
    block-size: 6px;
    accent-color: var(--_accent);
  }
  .mark {
    overflow: visible;
    color: var(--_accent);
    background-position: bottom;
  }
  .body {
    fill: currentColor;
    stroke: none;
  }
  .seam {
    stroke: var(--samosa-surface);
    stroke-width: 2.2;
  }
  .wisp {
    opacity: 0.55;
    stroke-width: 1.8;
    animation: rise 2.1s ease-in-out 5;
  }
  .wisp:nth-of-type(4) {
    animation-delay: 0.7s;
  }
  .wisp:nth-of-type(5) {
    animation-delay: 1.4s;
  }
  @media (prefers-reduced-motion: no-preference) {
    [data-beat='0'] .wisp:nth-of-type(3),
    [data-beat='1'] .wisp:nth-of-type(4),
    [data-beat='2'] .wisp:nth-of-type(5) {
      opacity: 0.9;
    }
  }
  @media (forced-colors: active) {
    svg {
      color: CanvasText;
    }
    .seam {
      stroke: Canvas;
    }
    .wisp {
      opacity: 1;
    }
  }
  @keyframes rise {
    0% {
      opacity: 0;
      transform: translateY(3px);
    }
    45% {
      opacity: 0.8;
    }
    100% {
      opacity: 0;
      transform: translateY(-5px);
    }
  }
`
