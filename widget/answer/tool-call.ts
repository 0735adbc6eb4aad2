import type { PartFactory } from './part.ts'
import { createToolCard } from './tool-card.ts'
import { toolStyles } from './tool.styles.ts'

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
