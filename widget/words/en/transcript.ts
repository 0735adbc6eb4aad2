import type { Strings, TranscriptStrings } from '../strings.ts'
import { comeLate } from '../late-words.ts'

/** English. */
export const transcriptStrings: TranscriptStrings = comeLate('transcript', {
  download: 'Download this conversation',
  print: 'Print…',
})

/** The words in a language. */
export const transcriptWords = ({ transcript }: Strings): TranscriptStrings =>
  transcript ?? transcriptStrings
