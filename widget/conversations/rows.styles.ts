import { css } from 'lit'

export const rowsStyles = css`
  /* Without boxes of their own, so that the current row stays in sight over the whole list. */
  section,
  ul {
    display: contents;
  }
  h3 {
    margin: 0;
    padding: 14px 8px 4px;
    color: var(--samosa-text-muted);
    font-size: var(--samosa-font-size-tiny);
    font-weight: 600;
  }
  li {
    display: flex;
    position: relative;
    align-items: center;
    min-block-size: 40px;
    border-radius: 10px;
    content-visibility: auto;
    contain-intrinsic-block-size: auto 40px;
    list-style: none;
  }
  li:hover {
    background: var(--_hover);
  }
  li.current {
    position: sticky;
    inset-block: 0;
    z-index: 1;
    background: color-mix(
      in oklab,
      var(--samosa-accent) 13%,
      light-dark(var(--samosa-surface), var(--samosa-surface-3))
    );
    content-visibility: visible;
  }
  /* Results stand by their rank: the current row would lie over others that are found. */
  .found li.current {
    position: relative;
    z-index: auto;
  }
  li.editing {
    content-visibility: visible;
  }
  .entry {
    flex: 1;
    min-inline-size: 0;
    min-block-size: 40px;
    padding: 6px 8px;
    border-radius: 10px;
    text-align: start;
  }
  .answered .entry {
    position: relative;
    padding-inline-start: 34px;
  }
  .steam {
    position: absolute;
    inset-block-start: 13px;
    inset-inline-start: 8px;
    color: var(--_accent);
    stroke-width: 1.8;
  }
  .steam path {
    opacity: 0.8;
    animation: steam 2.1s ease-in-out 5;
  }
  .steam path:nth-child(2) {
    animation-delay: 0.7s;
  }
  .steam path:nth-child(3) {
    animation-delay: 1.4s;
  }
  @keyframes steam {
    0% {
      opacity: 0;
      transform: translateY(3px);
    }
    45% {
      opacity: 0.9;
    }
    100% {
      opacity: 0;
      transform: translateY(-3px);
    }
  }
  .current .entry {
    font-weight: 600;
  }
  .entry:focus-visible,
  .act:focus-visible {
    outline-offset: -2px;
  }
  .title,
  .snippet {
    display: block;
    overflow: hidden;
    text-align: match-parent;
    text-overflow: ellipsis;
    unicode-bidi: isolate;
    white-space: nowrap;
  }
  .snippet,
  .found .title {
    display: -webkit-box;
    overflow-wrap: anywhere;
    white-space: normal;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
  }
  .snippet {
    color: var(--samosa-text-muted);
    font-size: var(--samosa-font-size-small);
    font-weight: 400;
  }
  mark {
    border-radius: 3px;
    background: color-mix(in oklab, var(--samosa-accent) 26%, transparent);
    color: inherit;
    font-weight: 650;
  }
  .act {
    inline-size: 32px;
    block-size: 32px;
    flex: none;
  }
  .act:last-child {
    margin-inline-end: 4px;
  }
  @media (hover: hover) {
    /* The title has the room until it is needed; Tab finds them all the same. */
    li:not(:hover, :focus-within) .act {
      inline-size: 0;
      margin: 0;
      opacity: 0;
    }
  }
  li input {
    inline-size: auto;
    flex: 1;
    min-inline-size: 0;
    block-size: 36px;
    margin: 2px;
    padding-inline: 8px;
  }
  @media (pointer: coarse) {
    li input {
      min-block-size: 44px;
      margin: 0;
    }
    /* Where all are shown all the time, the titles need the room. */
    li:not(.current) .download {
      display: none;
    }
  }
  @media (forced-colors: active) {
    li.current {
      outline: 2px solid Highlight;
      outline-offset: -2px;
    }
    mark {
      background: Mark;
      color: MarkText;
    }
  }
`
