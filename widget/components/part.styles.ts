import { css } from 'lit'

// Why, here and not in the text that every page loads:
// `.think:not([data-open]) > .think-body`: The last lines only, the older ones fading out above.
// `@container (max-width: 420px)`: The sign is enough to see; the words go on for those who listen.

/** Thinking and tool cards. */
export const partStyles = css`
  .think {
    color: var(--_muted);
    font-size: 14px;
    font-style: italic;
  }
  .think-head {
    display: inline-flex;
    align-items: center;
    gap: 4px;
    margin-inline-start: -3px;
    padding: 2px 6px 2px 0;
    border-radius: 6px;
    font-size: 13px;
    transition: color 0.14s;
  }
  .think-head:hover {
    color: var(--_ink);
  }
  .think[data-state='running'] .think-head > span {
    animation: samosa-breathe 1.8s ease-in-out infinite;
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

  .tool {
    container-type: inline-size;
    overflow: hidden;
    border: 1px solid var(--_line);
    border-radius: var(--samosa-radius-card, 12px);
    background: var(--_tinted);
    font-size: 13.5px;
    line-height: 1.45;
  }
  .segments > .tool + .tool,
  .segments > .tool + .text:empty + .tool {
    margin-block-start: 4px;
  }
  .tool-head {
    display: flex;
    align-items: center;
    gap: 8px;
    inline-size: 100%;
    min-block-size: 40px;
    padding: 6px 10px 6px 12px;
    transition: background-color 0.14s;
  }
  .tool-head:hover {
    background: color-mix(in srgb, var(--_ink) 4%, transparent);
  }
  .tool-head:focus-visible {
    outline-offset: -2px;
    border-radius: calc(var(--samosa-radius-card, 12px) - 1px);
  }
  .tool-head > .icon {
    color: var(--_accent);
  }
  .tool-head > .chevron {
    color: var(--_muted);
  }
  .tool-words {
    flex: 1;
    min-inline-size: 0;
    overflow-wrap: anywhere;
    font-weight: 500;
  }
  .tool-state {
    position: relative;
    display: inline-flex;
    align-items: center;
    gap: 4px;
    color: var(--_muted);
    font-size: 12px;
    white-space: nowrap;
  }
  .tool-state > .sign {
    inline-size: 14px;
    block-size: 14px;
    stroke-width: 2.2;
  }
  .tool[data-state='done'] .tool-state {
    color: var(--_success);
  }
  .tool[data-state='failed'] .tool-state {
    color: var(--_danger);
  }
  @container (max-width: 420px) {
    .tool:not([data-state='elsewhere'], [data-state='waiting']) .state-word {
      position: absolute;
      inline-size: 1px;
      block-size: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
  }
  .spinner {
    animation: samosa-turn 0.9s linear infinite;
  }
  .tool-summary {
    padding: 0 12px 10px 36px;
    color: var(--_muted);
    overflow-wrap: anywhere;
  }
  :dir(rtl) > .tool-summary {
    padding: 0 36px 10px 12px;
  }
  .tool[data-state='failed'] .tool-summary {
    color: var(--_danger);
  }
  .tool-value {
    color: var(--_ink);
    font-size: 15px;
    font-weight: 600;
    font-variant-numeric: tabular-nums;
  }
  .tool-summary ul {
    margin: 2px 0 0;
    padding: 0;
    list-style: none;
  }
  .tool-json {
    border-block-start: 1px solid var(--_line);
    padding: 8px 12px 12px;
  }
  .tool-label {
    margin-block: 4px;
    color: var(--_muted);
    font-size: 12px;
  }
  .tool-json pre {
    max-block-size: 320px;
    border-radius: var(--samosa-radius-code, 8px);
    --_ground: var(--_raised);
    font-size: 12.5px;
    overflow: auto;
  }
  @keyframes samosa-breathe {
    50% {
      opacity: 0.55;
    }
  }
  @keyframes samosa-turn {
    to {
      transform: rotate(1turn);
    }
  }
  @media (forced-colors: active) {
    .tool {
      border: 1px solid;
    }
  }
`
