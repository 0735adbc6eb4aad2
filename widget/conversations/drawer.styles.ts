import { css } from 'lit'

// Why, here and not in the text that every page loads:
// `padding: inherit`: What the panel keeps free of a phone's notch and corners, the list over it does, too.

export const drawerStyles = css`
  :host {
    position: absolute;
    inset: 0;
    z-index: 4;
    padding: inherit;
    pointer-events: none;
    font-size: var(--samosa-font-size-card);
    line-height: 1.4;
  }
  :host([docked]) {
    inset-inline-end: auto;
    inline-size: var(--_list-size, 300px);
    padding-inline-start: max(env(safe-area-inset-left), env(safe-area-inset-right));
  }
  .scrim {
    position: absolute;
    inset: 0;
    background: rgb(20 12 6 / 0.32);
    pointer-events: auto;
    animation: fade 0.16s;
  }
  .drawer {
    display: flex;
    flex-direction: column;
    position: absolute;
    inset-block: 0;
    inset-inline-start: 0;
    inline-size: min(320px, calc(100% - 44px));
    padding: inherit;
    padding-inline-end: 0;
    overflow: hidden;
    border-inline-end: 1px solid var(--samosa-hairline);
    background: var(--samosa-surface);
    box-shadow: var(--samosa-shadow);
    pointer-events: auto;
    animation: slide 0.16s ease-out;
  }
  :host([docked]) .drawer {
    inline-size: 100%;
    background: var(--samosa-surface-2);
    box-shadow: none;
    animation: none;
  }
  @keyframes fade {
    from {
      opacity: 0;
    }
  }
  @keyframes slide {
    from {
      opacity: 0;
      transform: translateX(-16px);
    }
  }
  .drawer:dir(rtl) {
    animation-name: slide-rtl;
  }
  @keyframes slide-rtl {
    from {
      opacity: 0;
      transform: translateX(16px);
    }
  }
  .top {
    display: flex;
    align-items: center;
    gap: 2px;
    min-block-size: 56px;
    padding-block: 8px;
    padding-inline: 16px 8px;
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
  .search {
    position: relative;
    flex: none;
    margin: 0 12px 8px;
  }
  .search svg {
    position: absolute;
    inset-block-start: 12px;
    inset-inline-start: 11px;
    color: var(--samosa-text-muted);
    pointer-events: none;
  }
  .search .clear {
    position: absolute;
    inset-block: 0;
    inset-inline-end: 0;
    inline-size: 40px;
    block-size: 40px;
  }
  .search .clear svg {
    position: static;
    inline-size: 16px;
    block-size: 16px;
  }
  input {
    box-sizing: border-box;
    inline-size: 100%;
    block-size: 40px;
    margin: 0;
    padding-block: 0;
    padding-inline: 34px 40px;
    border: 1px solid var(--_edge);
    border-radius: 12px;
    background: var(--samosa-surface);
    color: inherit;
    font: inherit;
    font-size: 16px;
    text-overflow: ellipsis;
    appearance: none;
  }
  input::placeholder {
    color: var(--samosa-text-muted);
    opacity: 1;
  }
  input::-webkit-search-cancel-button {
    display: none;
  }
  input:focus-visible {
    border-color: var(--samosa-focus);
    outline-offset: -1px;
  }
  .entries {
    flex: 1 1 0;
    min-block-size: 0;
    padding: 0 8px 12px;
    overflow-y: auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    scrollbar-color: var(--_edge) transparent;
  }
  .note {
    margin: 0;
    padding: 20px 12px;
    color: var(--samosa-text-muted);
    text-align: center;
    overflow-wrap: anywhere;
  }
  .trouble {
    padding: 8px 4px;
  }
  .account {
    display: flex;
    flex: none;
    align-items: center;
    gap: 10px;
    padding: 8px;
    padding-inline-start: 16px;
    border-block-start: 1px solid var(--samosa-hairline);
  }
  .account bdi {
    min-inline-size: 0;
    overflow: hidden;
    font-weight: 550;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .initial {
    display: grid;
    flex: none;
    place-items: center;
    inline-size: 28px;
    block-size: 28px;
    border-radius: 50%;
    background: var(--_tint);
    color: var(--_accent);
    font-weight: 650;
    text-transform: uppercase;
  }
  .account button {
    flex: none;
    min-block-size: 36px;
    margin-inline-start: auto;
    padding-inline: 10px;
    border-radius: 10px;
    color: var(--samosa-text-muted);
    font-size: var(--samosa-font-size-small);
    font-weight: 550;
  }
  .account button:hover {
    background: var(--_hover);
    color: var(--samosa-text);
  }
  .toast {
    display: flex;
    align-items: center;
    gap: 4px 12px;
    position: absolute;
    inset-block-start: 64px;
    inset-inline: 12px;
    max-inline-size: 420px;
    margin-inline: auto;
    padding: 6px 8px 6px 14px;
    border-radius: 12px;
    background: var(--samosa-text);
    color: var(--samosa-surface);
    box-shadow: var(--samosa-shadow);
    pointer-events: auto;
    animation: fade 0.16s;
  }
  :host([docked]) .toast,
  .drawer ~ .toast {
    inset-block: auto 12px;
  }
  .drawer ~ .toast {
    inline-size: min(296px, calc(100% - 68px));
    inset-inline-end: auto;
  }
  :host([docked]) .toast {
    inline-size: auto;
    inset-inline-end: 12px;
  }
  .toast.late {
    padding: 10px 14px;
    animation: fade 0.16s 0.4s backwards;
  }
  .toast p {
    flex: 1;
    min-inline-size: 0;
    margin: 0;
    overflow: hidden;
    text-overflow: ellipsis;
    unicode-bidi: isolate;
    white-space: nowrap;
  }
  .toast button {
    min-block-size: 36px;
    padding-inline: 12px;
    border-radius: 8px;
    font-weight: 650;
  }
  .toast button:hover {
    background: color-mix(in srgb, currentColor 14%, transparent);
  }
  .toast button:focus-visible {
    outline-color: currentColor;
    outline-offset: -2px;
  }
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
  @media (pointer: coarse) {
    input {
      block-size: 44px;
    }
    .search svg {
      inset-block-start: 14px;
    }
  }
  @media (forced-colors: active) {
    .toast,
    .drawer {
      border: 1px solid CanvasText;
    }
  }
  @media print {
    :host {
      display: none;
    }
  }
`
