import type { PartFactory } from './part.ts'
import { createToolCard } from './tool-card.ts'
import { toolStyles } from './tool.styles.ts'

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
