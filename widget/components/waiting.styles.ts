import { css } from 'lit'

export const waitingStyles = css`
  :host {
    display: flex;
    align-items: center;
    gap: 10px;
    min-block-size: 32px;
    color: var(--samosa-text-muted);
    font-size: 14px;
  }
  svg {
    overflow: visible;
    color: var(--samosa-accent);
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
    animation: rise 2.1s ease-in-out infinite;
  }
  .wisp:nth-of-type(4) {
    animation-delay: 0.7s;
  }
  .wisp:nth-of-type(5) {
    animation-delay: 1.4s;
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
