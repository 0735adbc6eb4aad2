import { css } from 'lit'

// Why, here and not in the text that every page loads:
// `.said`: The copy button beside the bubble: below it would be a gap before the answer.
// `.bubble`, its inline size: Room for the actions, so that none moves the text when it comes or goes.

export const messageStyles = css`
  :host {
    display: block;
    --_actions: 0;
  }
  :host(:hover),
  :host([last]) {
    --_actions: 1;
  }
  article {
    display: grid;
  }
  .user {
    position: relative;
    justify-items: end;
    padding-block-end: calc(3 * var(--samosa-space));
  }
  .said {
    display: flex;
    flex-direction: row-reverse;
    align-items: end;
    gap: 4px;
    min-inline-size: 0;
    inline-size: 100%;
  }
  .said .actions {
    flex: none;
    margin-block-end: 4px;
  }
  .bubble {
    max-inline-size: min(85%, 544px, 100% - 68px);
    padding: 9px 14px;
    border-radius: var(--samosa-radius-bubble);
    border-end-end-radius: 6px;
    background: var(--_tint);
    font-size: var(--samosa-font-size);
    line-height: var(--samosa-line-height);
    overflow-wrap: anywhere;
    white-space: pre-wrap;
  }
  .failed .bubble {
    background: none;
    box-shadow: inset 0 0 0 1px color-mix(in srgb, var(--samosa-danger) 55%, transparent);
  }
  .sending .bubble {
    opacity: 0.75;
  }
  samosa-answer {
    display: block;
    min-inline-size: 0;
    max-inline-size: var(--samosa-measure, 68ch);
    transition: opacity var(--samosa-motion);
  }
  /* The picture of visit/brand.ts, where there is one. */
  .assistant:has(> samosa-answer)::before {
    display: var(--_avatar, none);
    inline-size: 22px;
    block-size: 22px;
    margin-block-end: 6px;
    background: var(--_logo) center / contain no-repeat;
    content: '';
  }
  samosa-answer + samosa-waiting {
    margin-block-start: calc(3 * var(--samosa-space));
  }
  .replacing samosa-answer {
    opacity: 0.45;
  }
  .foot {
    display: flex;
    align-items: center;
    gap: 2px;
    flex-wrap: wrap;
    min-block-size: 32px;
    margin-inline-start: -7px;
    color: var(--samosa-text-muted);
    font-size: var(--samosa-font-size-tiny);
  }
  .note {
    padding-inline: 7px;
  }
  .user .note {
    padding: 4px 2px 0;
    color: var(--samosa-danger);
    font-size: var(--samosa-font-size-tiny);
  }
  time {
    align-self: center;
    padding-inline: 7px;
    font-size: var(--samosa-font-size-tiny);
    color: var(--samosa-text-muted);
  }
  .user time {
    position: absolute;
    inset-block-end: -4px;
    inset-inline-end: 0;
    line-height: 16px;
  }
  .actions {
    display: flex;
    align-items: center;
    min-block-size: 32px;
    opacity: var(--_actions);
    transition: opacity var(--samosa-motion);
  }
  .actions.given,
  .actions:focus-within {
    opacity: 1;
  }
  .icon-button {
    inline-size: 30px;
    block-size: 30px;
    border-radius: 8px;
  }
  .icon-button[aria-pressed='true'] {
    color: var(--samosa-accent);
  }
  .icon-button[aria-pressed='true'] svg {
    fill: color-mix(in srgb, currentColor 26%, transparent);
  }
  .again {
    display: flex;
    align-items: center;
    gap: 6px;
    min-block-size: 30px;
    padding-inline: 7px;
    border-radius: 8px;
  }
  .again:hover {
    background: var(--_hover);
    color: var(--samosa-text);
  }
  @media (hover: none) {
    :host {
      --_actions: 1;
    }
    .said .actions {
      margin-block-end: 0;
    }
    .bubble {
      max-inline-size: min(85%, 544px, 100% - 92px);
    }
  }
  @media print {
    .again,
    samosa-feedback {
      display: none;
    }
    .bubble {
      border: 1px solid;
    }
  }
  @media (forced-colors: active) {
    .bubble {
      border: 1px solid;
    }
    .icon-button[aria-pressed='true'] {
      border: 2px solid ButtonText;
    }
  }
`
