/** A card that asks whether a tool of the page may be used. Text, as it is loaded without Lit. */
export const toolRequestStyles = `
  .tool[data-state='asking'] {
    border-color: color-mix(in srgb, var(--_accent) 55%, transparent);
  }
  .tool[data-state='asking'] .tool-state {
    color: var(--_accent);
  }
  .tool-request {
    display: grid;
    gap: 8px;
    padding: 0 12px 12px;
    padding-inline-start: 36px;
  }
  .tool-request p {
    margin: 0;
    overflow-wrap: anywhere;
  }
  .tool-request .heard {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
  }
  .tool-request .tool-problem {
    color: var(--_danger);
  }
  .tool-args {
    padding: 7px 10px;
    border-radius: var(--samosa-radius-code, 8px);
    background: var(--_raised);
  }
  .tool-args.cut {
    max-block-size: 168px;
    mask-image: linear-gradient(to bottom, black 60%, transparent);
    overflow: hidden;
  }
  .tool-request .show-all {
    justify-self: start;
    min-block-size: 28px;
    color: var(--_accent);
    font-size: var(--samosa-font-size-small);
    font-weight: 550;
    text-decoration: underline;
    text-underline-offset: 3px;
  }
  .tool-args dl {
    display: grid;
    grid-template-columns: fit-content(40%) minmax(0, 1fr);
    gap: 4px 12px;
    margin: 0;
  }
  .tool-args dl > div {
    display: contents;
  }
  .tool-args dt {
    color: var(--_muted);
    overflow-wrap: anywhere;
  }
  .tool-args dd {
    margin: 0;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .tool-choice {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .tool-choice button {
    min-block-size: 36px;
    padding-inline: 14px;
    border: 1px solid color-mix(in srgb, var(--_ink) 17%, transparent);
    border-radius: 10px;
    font-weight: 550;
  }
  .tool-choice .allow {
    border-color: transparent;
    background: var(--samosa-accent);
    color: var(--samosa-on-accent, light-dark(#fff, #2b1804));
  }
  .tool-choice .deny:hover {
    background: color-mix(in srgb, var(--_ink) 7%, transparent);
  }
  .tool-choice button:focus-visible {
    border-radius: 10px;
  }
  @media (forced-colors: active) {
    .tool-choice button {
      border-color: ButtonText;
    }
  }
`
