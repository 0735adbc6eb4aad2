import { css } from 'lit'

/** Files, where they are written and where they were sent. */
export const fileStyles = css`
  .files {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    margin: 0;
    padding: 4px;
    list-style: none;
  }
  .file {
    display: flex;
    align-items: center;
    gap: 8px;
    min-inline-size: 0;
    max-inline-size: min(100%, 240px);
    padding: 5px;
    border: 1px solid var(--samosa-hairline);
    border-radius: var(--samosa-radius-card);
    background: var(--samosa-surface-2);
  }
  .picture {
    display: grid;
    place-items: center;
    flex: none;
    inline-size: 36px;
    block-size: 36px;
    border-radius: var(--samosa-radius-code);
    background: var(--samosa-surface-3);
    color: var(--samosa-text-muted);
    overflow: hidden;
  }
  samosa-thumbnail {
    display: grid;
  }
  canvas {
    inline-size: 36px;
    block-size: 36px;
  }
  .about {
    display: grid;
    gap: 2px;
    min-inline-size: 0;
    font-size: 12.5px;
    line-height: 1.3;
  }
  .name {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .size {
    color: var(--samosa-text-muted);
    font-variant-numeric: tabular-nums;
  }
  progress {
    inline-size: 96px;
    block-size: 6px;
    margin-block: 5px;
    accent-color: var(--_accent);
  }
  .tool {
    display: grid;
    place-items: center;
    flex: none;
    inline-size: 32px;
    block-size: 32px;
    border-radius: 50%;
    color: var(--samosa-text-muted);
  }
  .tool:hover {
    background: var(--_hover);
    color: var(--samosa-text);
  }
  @media (forced-colors: active) {
    .file {
      border-color: CanvasText;
    }
  }
`
