import { css } from 'lit'

// Why, here and not in the text that every page loads:
// `.think:not([data-open]) > .think-body`: The last lines only, the older ones fading out above.

/** Thinking. */
export const thinkStyles = css`
  .think {
    color: var(--_muted);
    font-size: var(--samosa-font-size-card);
    font-style: italic;
    font-synthesis-style: none;
  }
  .think-head {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    margin-inline-start: -3px;
    padding: 2px 6px 2px 0;
    border-radius: 6px;
    font-size: var(--samosa-font-size-small);
    transition: color var(--samosa-motion);
  }
  .think-head:hover {
    color: var(--_ink);
  }
  .think[data-state='running'] .think-head > span {
    color: var(--_ink);
    animation: samosa-breathe 1.8s ease-in-out 6;
  }
  .think-time {
    font-variant-numeric: tabular-nums;
  }
  .think-body {
    margin-block-start: 4px;
    margin-inline-start: 3px;
    padding-inline-start: 12px;
    border-inline-start: 2px solid var(--_line);
  }
  .think:not([data-open]) > .think-body {
    display: flex;
    flex-direction: column;
    justify-content: flex-end;
    max-block-size: calc(3 * 1.55em);
    overflow: hidden;
    mask-image: linear-gradient(to bottom, transparent, black 80%);
  }
  .think:not([data-open]) > .think-body:has(> .think-text:empty) {
    display: none;
  }
  @keyframes samosa-breathe {
    50% {
      opacity: 0.7;
    }
  }
`
