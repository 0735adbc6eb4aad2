/** What shows tools, in one piece: it is loaded with the first call. */
import type { PartFactory } from './part.ts'
import { createToolCard } from './tool-card.ts'
import { css } from 'lit'

// Why, here and not in the text that pages load:
// `@container (max-width: 420px)`: The sign is enough to see; the words go on for those who listen.

/** Tool cards. */
const toolStyles = css`
  .tool {
    container-type: inline-size;
    overflow: hidden;
    border: 1px solid var(--_line);
    border-radius: var(--samosa-radius-card, 12px);
    background: var(--_tinted);
    font-size: var(--samosa-font-size-small);
    line-height: 1.45;
  }
  .segments > .tool + .tool,
  .segments > .tool + .text:empty + .tool {
    margin-block-start: 4px;
  }
  .tool-head {
    display: flex;
    align-items: center;
    gap: 8px;
    inline-size: 100%;
    min-block-size: 40px;
    padding: 6px 10px 6px 12px;
    transition: background-color var(--samosa-motion);
  }
  .tool-head:hover {
    background: color-mix(in srgb, var(--_ink) 4%, transparent);
  }
  .tool-head:focus-visible {
    outline-offset: -2px;
    border-radius: calc(var(--samosa-radius-card, 12px) - 1px);
  }
  .tool-head > .icon {
    color: var(--_accent);
  }
  .tool-head > .chevron {
    color: var(--_muted);
  }
  .tool-words {
    flex: 1;
    min-inline-size: 0;
    overflow-wrap: anywhere;
    font-weight: 500;
  }
  .tool-state {
    position: relative;
    display: inline-flex;
    align-items: center;
    gap: 4px;
    color: var(--_muted);
    font-size: var(--samosa-font-size-tiny);
    white-space: nowrap;
  }
  .tool-state > .sign {
    inline-size: 14px;
    block-size: 14px;
    stroke-width: 2.2;
  }
  .tool[data-state='done'] .tool-state {
    color: var(--_success);
  }
  .tool[data-state='failed'] .tool-state {
    color: var(--_danger);
  }
  @container (max-width: 420px) {
    .tool:not([data-state='elsewhere'], [data-state='waiting']) .state-word {
      position: absolute;
      inline-size: 1px;
      block-size: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
  }
  .spinner {
    animation: samosa-turn 1.2s steps(12) infinite;
  }
  .tool-summary {
    padding: 0 12px 10px 36px;
    color: var(--_muted);
    overflow-wrap: anywhere;
  }
  :dir(rtl) > .tool-summary {
    padding: 0 36px 10px 12px;
  }
  .tool[data-state='failed'] .tool-summary {
    color: var(--_danger);
  }
  .tool-value {
    color: var(--_ink);
    font-size: var(--samosa-font-size);
    font-weight: 600;
    font-variant-numeric: tabular-nums;
  }
  .tool-summary ul {
    margin: 2px 0 0;
    padding: 0;
    list-style: none;
  }
  .tool-json {
    border-block-start: 1px solid var(--_line);
    padding: 8px 12px 12px;
  }
  .tool-label {
    margin-block: 4px;
    color: var(--_muted);
    font-size: var(--samosa-font-size-tiny);
  }
  .tool-json pre {
    max-block-size: 320px;
    border-radius: var(--samosa-radius-code, 8px);
    --_ground: var(--_raised);
    font-size: var(--samosa-font-size-tiny);
    overflow: auto;
  }
  @keyframes samosa-turn {
    to {
      transform: rotate(1turn);
    }
  }
  @media (forced-colors: active) {
    .tool {
      border: 1px solid;
    }
    .tool-head > :is(.icon, .chevron) {
      color: inherit;
    }
  }
`

/** A tool's result: shown on the card of its call, on one of its own if nothing was called. */
export const createToolResultPart: PartFactory = ({ strings, titleOf, waitingCalls, style }) => {
  style(toolStyles)
  const called = waitingCalls.shift()
  const card = called ?? createToolCard(strings, titleOf)
  let content = ''
  let closed = false
  let shown = false

  const show = () => {
    if (shown) return
    shown = true
    card.setResult(content)
  }

  // Until the result is whole, the card says that the tool runs.
  if (!called) card.setCall('')
  return {
    element: called ? undefined : card.element,
    append(text) {
      content += text
    },
    close() {
      closed = true
    },
    render() {
      if (closed) show()
    },
    end: show,
    refresh: card.refresh,
  }
}

/** A tool call: a card that says what it does. */
export const createToolCallPart: PartFactory = ({
  strings,
  titleOf,
  waitingCalls,
  callCards,
  style,
}) => {
  style(toolStyles)
  const card = createToolCard(strings, titleOf)
  let content = ''
  let shown: string | undefined
  waitingCalls.push(card)
  callCards.push(card)
  return {
    element: card.element,
    append(text) {
      content += text
    },
    close() {},
    render() {
      if (content === shown) return
      shown = content
      card.setCall(content)
    },
    end() {
      card.end()
    },
    refresh: card.refresh,
  }
}
