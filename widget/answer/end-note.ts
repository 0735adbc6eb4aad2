import type { FinishReason } from '../../server/protocol/events.ts'
import type { Strings } from '../words/strings.ts'

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
