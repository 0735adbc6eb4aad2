const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' })

/** What ends in a full stop without ending a sentence. */
const ABBREVIATION = /(?:^|[\s(])(?:e\.g|i\.e|vs|cf|approx|incl|[Ff]ig|[DM]rs?|Ms|Prof|[A-Z])\.\s*$/

/** Where a sentence ends before one that begins with inline code. */
const BEFORE_CODE = /(?<=[.!?] )(?=`[^`\s])/

/** Characters in which an abbreviation stands at the end of a text. */
const ABBREVIATED = 20

/** The sentences of one paragraph of any language, trimmed, in order. */
export function sentencesOf(paragraph: string): string[] {
  const sentences: string[] = []
  let open = ''
  let end = ''
  /** The cut fell inside inline code. */
  let inCode = false
  const segments = [...segmenter.segment(paragraph.replaceAll(/\s+/g, ' '))]
  for (const segment of segments.flatMap((found) => found.segment.split(BEFORE_CODE))) {
    // `Ask "Why?" or nothing.` is one sentence.
    const goesOn = inCode || /^\s*\p{Ll}/u.test(segment) || ABBREVIATION.test(end)
    if (!goesOn) {
      sentences.push(open.trim())
      open = ''
    }
    open += segment
    end = (goesOn ? end : '').concat(segment).slice(-ABBREVIATED)
    if (segment.split('`').length % 2 === 0) inCode = !inCode
  }
  return [...sentences, open.trim()].filter((sentence) => sentence !== '')
}
