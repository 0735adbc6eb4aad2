import { firstCodePoints } from '../core/turn/history.ts'
import type { SuggestionsEvent } from '../protocol/events.ts'
import { itemsOf, type JsonRecord } from './json.ts'

const MOST = 4
/** Unicode code points; a longer one is no question that fits a button. */
const LONGEST = 120

/** The questions that a model server offers beside its answer; `undefined` for none. */
export function suggestionsOf({
  suggestions,
  follow_ups: followUps,
}: JsonRecord): SuggestionsEvent | undefined {
  const texts = itemsOf(suggestions ?? followUps).flatMap((item) => {
    const text = typeof item === 'string' ? item.trim() : ''
    return text !== '' && firstCodePoints(text, LONGEST) === text ? [text] : []
  })
  const offered = [...new Set(texts)].slice(0, MOST)
  return offered.length > 0 ? { type: 'suggestions', suggestions: offered } : undefined
}
