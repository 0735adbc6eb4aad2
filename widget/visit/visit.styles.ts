import { css } from 'lit'

/** For the element's own tree, beside `samosa-chat.styles.ts`. */
export const visitStyles = css`
  .told {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .steam {
    position: absolute;
    inset-block-end: calc(100% - 7px);
    inset-inline-start: 0;
    overflow: visible;
    fill: none;
    stroke: currentColor;
    stroke-width: 2;
    stroke-linecap: round;
  }
  .steam path {
    opacity: 0.8;
    animation: rise 2.1s ease-in-out 5;
  }
  .steam path:nth-child(2) {
    animation-delay: 0.7s;
  }
  .steam path:nth-child(3) {
    animation-delay: 1.4s;
  }
  @keyframes rise {
    0% {
      opacity: 0;
      transform: translateY(3px);
    }
    45% {
      opacity: 0.9;
    }
    100% {
      opacity: 0;
      transform: translateY(-4px);
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .steam path {
      animation: none;
    }
  }
  ::slotted([slot='launcher']),
  ::slotted([slot='logo']) {
    display: block;
    max-inline-size: 34px;
    max-block-size: 34px;
    overflow: hidden;
    object-fit: contain;
  }
`
