import { css } from 'lit'

/** History stands in the conversation's own tree, and is loaded with what it is drawn by. */
export const historyStyles = css`
  samosa-history,
  .page {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--samosa-space);
  }
  .page {
    align-content: start;
    contain: layout style;
  }
  .blank {
    overflow-anchor: none;
  }
  .earlier {
    min-block-size: 36px;
    margin-inline: auto;
    padding-inline: 14px;
    border-radius: 18px;
    color: var(--samosa-text-muted);
    font-size: var(--samosa-font-size-small);
  }
  .earlier:hover {
    background: var(--_hover);
  }
  @media print {
    .page {
      contain: none;
    }
    .earlier {
      display: none;
    }
  }
`
