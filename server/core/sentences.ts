const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' })

/** What ends in a full stop without ending a sentence. */
const ABBREVIATION = /(?:^|[\s(])(?:e\.g|i\.e|vs|cf|approx|incl|[Ff]ig|[DM]rs?|Ms|Prof|[A-Z])\.\s*$/

function endsMidSentence(text: string): boolean {
  // An odd number of backticks: the cut fell inside inline code.
  return ABBREVIATION.test(text) || (text.split('`').length - 1) % 2 === 1
}

/** The sentences of one paragraph of any language, trimmed, in order. */
export function sentencesOf(paragraph: string): string[] {
  const sentences: string[] = []
  let open = ''
  for (const { segment } of segmenter.segment(paragraph.replaceAll(/\s+/g, ' '))) {
    // `Ask "Why?" or nothing.` is one sentence.
    const goesOn = /^\s*\p{Ll}/u.test(segment) || endsMidSentence(open)
    if (!goesOn) {
      sentences.push(open.trim())
      open = ''
    }
    open += segment
  }
  return [...sentences, open.trim()].filter((sentence) => sentence !== '')
}
