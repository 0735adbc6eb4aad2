import { css } from 'lit'

// Why, here and not in the text that every page loads:
// `.asked`: Room to scroll until the question stands at the top, whatever the height of the area: in the flow
// it would part the answer from what follows it. The second one is for a question of more than half of the area.

export const messageListStyles = css`
  :host {
    position: relative;
    display: block;
    min-block-size: 0;
  }
  .scroller {
    position: relative;
    block-size: 100%;
    overflow: hidden auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    scrollbar-color: var(--_edge) transparent;
  }
  .scroller:focus-visible {
    outline-offset: -2px;
  }
  .content {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--samosa-space);
    max-inline-size: var(--_column);
    margin-inline: auto;
    padding: calc(4 * var(--samosa-space)) calc(4 * var(--samosa-space))
      calc(2 * var(--samosa-space));
  }
  .content.empty {
    max-inline-size: none;
    grid-template-rows: 1fr auto;
    min-block-size: 100%;
    padding: 0;
  }
  .held {
    overflow-anchor: none;
  }
  .asked::before,
  .asked::after {
    content: '';
    position: absolute;
    inline-size: 1px;
    block-size: 100%;
    margin-block-start: -16px;
    visibility: hidden;
  }
  .asked::after {
    block-size: 50%;
    margin: 0;
  }
  samosa-history:not(:defined) {
    display: none;
  }
  .jump {
    position: absolute;
    inset-block-end: 10px;
    inset-inline: 0;
    background: var(--samosa-surface);
  }
`
