import { css } from 'lit'

export const panelHeaderStyles = css`
  :host {
    display: flex;
    align-items: center;
    gap: 10px;
    min-block-size: 56px;
    padding-block: calc(2 * var(--samosa-space));
    padding-inline: calc(4 * var(--samosa-space)) 10px;
    border-block-end: 1px solid var(--samosa-hairline);
  }
  :host([pending]) :is(.list, .mark) {
    visibility: hidden;
  }
  .list {
    margin-inline: -6px -4px;
  }
  .mark {
    color: var(--_accent);
  }
  .mark .body {
    fill: currentColor;
    stroke: none;
  }
  .mark .seam {
    stroke: var(--samosa-surface);
    stroke-width: 2.4;
  }
  h2 {
    flex: 1;
    min-inline-size: 0;
    margin: 0;
    overflow: hidden;
    font-size: var(--samosa-font-size-heading);
    font-weight: 620;
    letter-spacing: -0.01em;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  @media (forced-colors: active) {
    .mark {
      color: CanvasText;
    }
    .mark .seam {
      stroke: Canvas;
    }
  }
`
