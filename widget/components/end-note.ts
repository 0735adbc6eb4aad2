import type { FinishReason } from '../../server/protocol/events.ts'
import type { Strings } from '../locales/strings.ts'

/** What stands below an answer that did not just end, live and in history. */
export function endNote({ notes }: Strings, reason: FinishReason | null): string | undefined {
  switch (reason) {
    case 'stopped':
      return notes.stopped
    case 'length':
      return notes.length
    case 'content_filter':
      return notes.filtered
    case 'error':
    case 'interrupted':
      return notes.interrupted
    default:
      return undefined
  }
}
