import {
  THINK_END,
  THINK_START,
  TOOL_CALL_START,
  TOOL_RESULT_END,
} from '../../server/protocol/marks.ts'
import type { Strings } from '../words/strings.ts'
import type { ChatMessage } from '../conversation/chat-message.ts'
import type { FinishReason } from '../../server/protocol/events.ts'

/** The note of each end that was not just the end. */
const NOTES: Partial<Record<FinishReason, keyof Strings['notes']>> = {
  stopped: 'stopped',
  length: 'length',
  content_filter: 'filtered',
  error: 'interrupted',
  interrupted: 'interrupted',
}

/** What stands below an answer that did not just end, live and in history. */
export function endNote({ notes }: Strings, reason: FinishReason | null): string | undefined {
  const name = reason && NOTES[reason]
  return name ? notes[name] : undefined
}

/** What happens while an answer has no words yet, or none just now. */
export function stepInWords(
  { waiting, answer }: Strings,
  { progress, sources, isEmpty, pauses }: ChatMessage,
  isSending: boolean,
): string {
  if (isSending) return waiting.sending
  if (progress?.step === 'reading') return waiting.reading(progress.name ?? '')
  if (progress?.step === 'searching') {
    return progress.name === 'web_search' ? answer.searchingWeb('') : waiting.searching
  }
  const isWriting = isEmpty ? sources.length > 0 : !pauses
  return isWriting ? waiting.writing : waiting.thinking
}

/** Whether an answer stands in the middle of its text; what thinks or runs there shows that itself. */
export function isInText(tagged: string): boolean {
  const isOpen = (start: string, end: string) => tagged.lastIndexOf(start) > tagged.lastIndexOf(end)
  return !isOpen(THINK_START, THINK_END) && !isOpen(TOOL_CALL_START, TOOL_RESULT_END)
}
