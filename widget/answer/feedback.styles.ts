import { css } from 'lit'

// Why, here and not in the text that every page loads:
// `.form`: The whole line, else the thumbs would share it where there is room; behind what stands in theirs.

/** Its parts stand in the line below the answer; the form takes a line of its own. */
export const feedbackStyles = css`
  :host {
    display: contents;
  }
  p {
    margin: 0;
    padding-inline: 7px;
  }
  .failed,
  .form {
    order: 1;
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
`
