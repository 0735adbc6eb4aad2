import { comeLate } from '../late-words.ts'
import type { Strings } from '../strings.ts'

/** Words of what can be kept of a conversation, in the visitor's language. */
export interface TranscriptStrings {
  readonly download: string
  /** The choice that opens the browser's own dialog, which also makes a PDF. */
  readonly print: string
}

/** English. */
export const transcriptStrings: TranscriptStrings = comeLate('transcript', {
  download: 'Download this conversation',
  print: 'Print…',
})

/** The words in a language. */
export const transcriptWords = ({ transcript }: Strings): TranscriptStrings =>
  transcript ?? transcriptStrings
