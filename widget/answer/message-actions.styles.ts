import { css } from 'lit'

/** What can be done with a message: unseen beside earlier ones, until the pointer or the focus is there. */
export const messageActionsStyles = css`
  :host {
    --_actions: 0;
  }
  :host(:hover),
  :host([last]) {
    --_actions: 1;
  }
  .said .actions {
    flex: none;
    margin-block-end: 4px;
  }
  .go-on {
    margin-inline: 4px;
    border: 1px solid var(--_edge);
    color: var(--samosa-text);
    font-weight: 550;
  }
  time {
    align-self: center;
    white-space: nowrap;
    padding-inline: 7px;
    font-size: var(--samosa-font-size-tiny);
    color: var(--samosa-text-muted);
  }
  .user time {
    position: absolute;
    inset-block-end: -4px;
    inset-inline-end: 0;
    line-height: 16px;
  }
  .actions {
    display: flex;
    align-items: center;
    min-block-size: 32px;
    opacity: var(--_actions);
    transition: opacity var(--samosa-motion);
  }
  .actions.given,
  .actions:focus-within {
    opacity: 1;
  }
  .icon-button {
    inline-size: 30px;
    block-size: 30px;
    border-radius: 8px;
  }
  .icon-button[aria-pressed='true'] {
    color: var(--_accent);
  }
  .icon-button[aria-pressed='true'] svg {
    fill: color-mix(in srgb, currentColor 26%, transparent);
  }
  .again {
    display: flex;
    align-items: center;
    gap: 6px;
    min-block-size: 30px;
    padding-inline: 7px;
    border-radius: 8px;
  }
  .again:hover {
    background: var(--_hover);
    color: var(--samosa-text);
  }
  @media (hover: none) {
    :host {
      --_actions: 1;
    }
    .said .actions {
      margin-block-end: 0;
    }
  }
  @media print {
    .again,
    samosa-feedback {
      display: none;
    }
  }
  @media (forced-colors: active) {
    .icon-button[aria-pressed='true'] {
      border: 2px solid ButtonText;
    }
  }
`

/** The chat on paper; nobody prints it before there is an answer. */
export const printedChatStyles = css`
  @media print {
    :host {
      block-size: auto !important;
      color-scheme: light !important;
    }
    :host([mode='bubble']) {
      display: none !important;
    }
    .root,
    .panel {
      display: block;
      block-size: auto;
      container-type: normal;
      overflow: visible;
      border: 0 !important;
    }
    .notices,
    .banner,
    samosa-composer {
      display: none;
    }
  }
`

/** The list of messages on paper. */
export const printedListStyles = css`
  @media print {
    .scroller {
      block-size: auto;
      overflow: visible;
    }
  }
`
