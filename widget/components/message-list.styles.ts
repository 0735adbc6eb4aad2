import { css } from 'lit'

export const messageListStyles = css`
  :host {
    position: relative;
    display: block;
    min-block-size: 0;
  }
  .scroller {
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
    gap: 4px;
    max-inline-size: 680px;
    margin-inline: auto;
    padding: 16px 16px 8px;
  }
  .content.empty {
    max-inline-size: none;
    grid-template-rows: 1fr auto;
    min-block-size: 100%;
    padding: 0;
  }
  .far {
    content-visibility: auto;
    contain-intrinsic-block-size: auto 160px;
  }
  .jump {
    position: absolute;
    inset-block-end: 10px;
    inset-inline: 0;
    display: flex;
    align-items: center;
    gap: 6px;
    inline-size: fit-content;
    min-block-size: 36px;
    margin-inline: auto;
    padding-inline: 12px 14px;
    border: 1px solid var(--_edge);
    border-radius: 18px;
    background: var(--samosa-surface);
    box-shadow: 0 2px 10px rgb(40 20 0 / 0.12);
    font-size: 13px;
    font-weight: 550;
    animation: appear 0.16s;
  }
  .jump:hover {
    background: var(--samosa-surface-2);
  }
  @keyframes appear {
    from {
      opacity: 0;
    }
  }
`
