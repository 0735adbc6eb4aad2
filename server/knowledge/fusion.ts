/** Words and meaning as one score: what passages are ranked by also tells an answer from none. */
import type { PassageCosines } from './meaning.ts'

/**
 * Weights of cosines beside the score of words, which is 1 where a passage has all words of a question. Found on
 * half of MTRAG-UN and three small sites, and confirmed on the other half: there is a wide plateau around them.
 */
const MEANING = 1.25
const WHOLE = 0.5
const HEADINGS = 0.2

/** The logistic curve that puts a balanced share of questions without an answer below `MIN_SCORE` of retrieval.ts. */
const STEEPNESS = 2.5
const MIDDLE = 1.55

/** How near a passage is that is taken for neither near nor far: here the score of words stays at `MIN_SCORE`. */
const NEUTRAL = 0.8

/**
 * From 0 to 1: the score that words alone have, together with how near the passage is in meaning (`undefined` for
 * one without vectors).
 */
export function fuse(words: number, cosines: PassageCosines | undefined): number {
  const meaning = cosines
    ? cosines.piece + WHOLE * cosines.whole + HEADINGS * (cosines.path + cosines.heading)
    : NEUTRAL
  return 1 / (1 + Math.exp(-STEEPNESS * (words + MEANING * meaning - MIDDLE)))
}
