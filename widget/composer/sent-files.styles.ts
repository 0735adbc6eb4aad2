import { css } from 'lit'

export const sentFilesStyles = css`
  :host {
    display: grid;
    justify-items: end;
    min-inline-size: 0;
    max-inline-size: min(85%, 544px);
    padding-block-end: 4px;
  }
  .files {
    justify-content: end;
    padding: 0;
  }
  p {
    margin: 0;
    color: var(--samosa-danger);
    font-size: 12.5px;
  }
  @media print {
    .tool {
      display: none;
    }
  }
`
