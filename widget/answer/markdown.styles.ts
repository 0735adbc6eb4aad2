import { css } from 'lit'

// Why, here and not in the text that every page loads:
// `:is(pre, .table-scroll, div.math)`: A shade at a side while there is more beyond it; at the end
// the ground moves over it.
// `.code-block`, its overflow: Clipped, it is nothing that scrolls, and the header stays in sight in the conversation.
// `li`: Not its list: the bullet stands where the item's own words begin.
// `unicode-bidi`: In a sentence that runs from the right, signs of code and addresses stay in their order.

/** Markdown: quiet type on one rhythm, code that scrolls inside itself. What fewer answers hold is in rare.styles.ts. */
export const markdownStyles = css`
  :is(.text, .think-text) :is(p, ul, ol, blockquote, h1, h2, h3, h4, h5, h6, hr, details) {
    margin: 0;
  }
  :is(.text, .think-text, blockquote, li, details) > * + :is(p, ul, ol, blockquote, details),
  :is(.text, .think-text, blockquote, li, details) > * + :is(.code-block, .table-scroll) {
    margin-block-start: 10px;
  }
  :is(h1, h2, h3, h4, h5, h6) {
    font-weight: 650;
    line-height: 1.3;
    text-wrap: balance;
  }
  h1 {
    font-size: 1.25em;
  }
  h2 {
    font-size: 1.15em;
  }
  h3 {
    font-size: 1.05em;
  }
  :is(h4, h5, h6) {
    font-size: 1em;
  }
  :is(.text, .think-text) > * + :is(h1, h2, h3, h4, h5, h6) {
    margin-block-start: 20px;
  }
  :is(.text, .think-text) > :is(h1, h2, h3, h4, h5, h6) + * {
    margin-block-start: 6px;
  }
  strong {
    font-weight: 650;
  }
  :is(.text, .think-text) li {
    margin-inline-start: 1.5em;
  }
  :is(ul, ol) {
    padding: 0;
  }
  ul {
    list-style: disc;
  }
  li + li,
  li > :is(ul, ol),
  li > :is(ul, ol):not(:first-child) {
    margin-block-start: 4px;
  }
  li > :is(.code-block, .table-scroll):not(:only-child) {
    margin-block: 6px 8px;
  }
  li::marker {
    color: var(--_muted);
    font-variant-numeric: tabular-nums;
  }
  blockquote {
    padding-inline-start: 14px;
    border-inline-start: 3px solid var(--_line);
    color: var(--_muted);
  }
  hr {
    border: 0;
    border-block-start: 1px solid var(--_line);
  }
  :is(.text, .think-text) > hr {
    margin-block: 18px;
  }
  code {
    font-family: var(--_mono);
    font-size: 0.875em;
    font-style: normal;
  }
  :not(pre) > code {
    padding: 0.12em 0.35em;
    border-radius: 5px;
    background: var(--_raised);
    overflow-wrap: anywhere;
  }
  :is(:not(pre) > code, kbd) {
    direction: ltr;
    unicode-bidi: isolate;
  }
  a {
    unicode-bidi: plaintext;
  }
  .code-block {
    overflow: hidden;
    overflow: clip;
    border: 1px solid var(--_line);
    border-radius: var(--samosa-radius-code, 8px);
    background: var(--_tinted);
    font-style: normal;
  }
  .code-header {
    position: sticky;
    inset-block-start: 0;
    display: flex;
    align-items: center;
    justify-content: space-between;
    min-block-size: 30px;
    padding-inline: 12px 4px;
    border-block-end: 1px solid var(--_line);
    background: var(--_tinted);
    color: var(--_muted);
    font-size: var(--samosa-font-size-tiny);
  }
  .code-language {
    overflow: hidden;
    font-family: var(--_mono);
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .code-copy {
    flex: none;
    padding: 3px 8px;
    border-radius: 6px;
    transition:
      background-color var(--samosa-motion),
      color var(--samosa-motion);
  }
  .code-copy:hover {
    background: color-mix(in srgb, var(--_ink) 7%, transparent);
    color: var(--_ink);
  }
  :is(pre, .table-scroll, div.math:has(> math)) {
    --_shade: light-dark(rgb(60 38 18 / 0.14), rgb(0 0 0 / 0.45));
    background:
      linear-gradient(to right, var(--_ground) 40%, transparent) left / 36px 100% no-repeat local,
      linear-gradient(to left, var(--_ground) 40%, transparent) right / 36px 100% no-repeat local,
      linear-gradient(to right, var(--_shade), transparent) left / 10px 100% no-repeat scroll,
      linear-gradient(to left, var(--_shade), transparent) right / 10px 100% no-repeat scroll,
      var(--_ground);
  }
  pre {
    --_ground: var(--_tinted);
    margin: 0;
    padding: 10px 12px;
    overflow-x: auto;
    font-family: var(--_mono);
    font-size: var(--samosa-font-size-small);
    line-height: 1.5;
    tab-size: 2;
    white-space: pre;
  }
  pre code {
    font-size: inherit;
  }
  :is(pre, .table-scroll):focus-visible {
    outline-offset: -2px;
  }
`
