import { css } from 'lit'

// Why, here and not in the text that every page loads:
// `.form`: The whole line, else the thumbs would share it where there is room.

/** Its parts stand in the line below the answer; the form takes a line of its own. */
export const feedbackStyles = css`
  :host {
    display: contents;
  }
  .thumbs {
    display: flex;
    opacity: var(--_actions, 1);
    transition: opacity var(--samosa-motion);
  }
  .thumbs.given,
  .thumbs:focus-within {
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
  p {
    margin: 0;
    padding-inline: 7px;
  }
  .failed {
    flex-basis: 100%;
    padding-block-end: 6px;
    color: var(--samosa-danger);
  }
  .form {
    flex-basis: 100%;
    padding: 2px 7px 10px;
  }
  .form > * {
    max-inline-size: 480px;
  }
  @media (hover: none) {
    .icon-button {
      inline-size: 44px;
      block-size: 44px;
    }
  }
  @media (forced-colors: active) {
    .icon-button[aria-pressed='true'] {
      border: 2px solid ButtonText;
    }
  }
`
