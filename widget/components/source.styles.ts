import { css } from 'lit'

// Why, here and not in the text that every page loads:
// `@media (hover: none)`: Where nothing hovers, or a source has no link to focus, its passage
// opens by this.

/** Citations, the list of sources, and the card that shows a passage. */
export const sourceStyles = css`
  .citation {
    display: inline-block;
    min-inline-size: 1.5em;
    margin-inline: 1px;
    padding: 0 0.35em;
    border-radius: 0.6em;
    background: color-mix(in srgb, var(--_accent) 13%, var(--_surface));
    color: var(--_accent);
    font-size: 0.75em;
    font-style: normal;
    font-weight: 600;
    font-variant-numeric: tabular-nums;
    line-height: 1.5;
    text-align: center;
    vertical-align: 0.15em;
    transition: background-color var(--samosa-motion);
  }
  .citation:hover {
    background: color-mix(in srgb, var(--_accent) 24%, var(--_surface));
  }
  .sources {
    margin-block-start: 16px;
    font-size: var(--samosa-font-size-small);
    line-height: 1.4;
  }
  .sources-heading {
    color: var(--_muted);
    font-size: var(--samosa-font-size-tiny);
    font-weight: 600;
  }
  .sources ol {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
    margin: 6px 0 0;
    padding: 0;
    list-style: none;
  }
  .source {
    display: flex;
    min-inline-size: 0;
    max-inline-size: 100%;
    border: 1px solid var(--_line);
    border-radius: 10px;
    background: var(--_surface);
    transition:
      background-color var(--samosa-motion),
      border-color var(--samosa-motion);
  }
  .source + .source {
    margin: 0;
  }
  .source:hover,
  .source.cited {
    border-color: color-mix(in srgb, var(--_accent) 55%, transparent);
    background: color-mix(in srgb, var(--_accent) 9%, var(--_surface));
  }
  .source-name,
  a.source-name[href] {
    display: flex;
    align-items: center;
    gap: 6px;
    min-inline-size: 0;
    padding: 4px 10px 4px 5px;
    color: var(--_ink);
    text-decoration: none;
  }
  a.source-name:hover .source-title {
    text-decoration: underline;
    text-underline-offset: 0.18em;
  }
  .source-number {
    flex: none;
    min-inline-size: 20px;
    padding-inline: 4px;
    border-radius: 6px;
    background: color-mix(in srgb, var(--_accent) 13%, var(--_surface));
    color: var(--_accent);
    font-size: var(--samosa-font-size-tiny);
    font-weight: 600;
    font-variant-numeric: tabular-nums;
    line-height: 20px;
    text-align: center;
  }
  .source-title {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .source-section {
    color: var(--_muted);
  }
  .source-passage {
    display: none;
    place-items: center;
    flex: none;
    inline-size: 30px;
    border-inline-start: 1px solid var(--_line);
    color: var(--_muted);
  }
  @media (hover: none) {
    .source-passage {
      display: grid;
    }
  }
  span.source-name + .source-passage {
    display: grid;
  }
  .source-tip {
    position: fixed;
    inset: auto;
    margin: 0;
    padding: 10px 12px;
    inline-size: max-content;
    overflow: auto;
    border: 1px solid var(--_line);
    border-radius: var(--samosa-radius-card, 12px);
    background: var(--_surface);
    box-shadow: var(--samosa-shadow, 0 8px 24px rgb(0 0 0 / 0.18));
    color: var(--_ink);
    font-size: var(--samosa-font-size-small);
    line-height: 1.45;
  }
  .tip-title {
    font-weight: 600;
  }
  .tip-passage {
    margin-block-start: 4px;
    color: var(--_muted);
    white-space: pre-line;
  }
  @media (forced-colors: active) {
    .citation,
    .source-number {
      border: 1px solid;
    }
  }
`
