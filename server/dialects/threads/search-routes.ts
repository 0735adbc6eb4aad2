/** Threads that are found by what somebody types. */
import { z } from 'zod'
import type { ChatSearch, FoundThreads } from '../../core/chat-search.ts'
import { object, optional, text } from '../fields.ts'
import { json, type Route, type RouteDoc } from '../route.ts'
import { threadSchema } from './schemas.ts'
import { threadBody } from './wire.ts'

/** Unicode code points. */
const LONGEST_PHRASE = 10_000
const LONGEST_MODEL = 255
const MOST_FOUND = 100
const USUALLY_FOUND = 20

const bodySchema = object({
  phrase: text(1, LONGEST_PHRASE)
    .refine((phrase) => phrase === '' || phrase.trim() !== '', 'must not be blank')
    .describe('Words, parts of words, a question, or a regular expression (RE2’s syntax).')
    .meta({ examples: ['How do I keep a fern alive?'] }),
  model_id: optional(text(1, LONGEST_MODEL)).describe(
    'Only threads that this model answers, or has answered in.',
  ),
  limit: optional(
    z
      .number('must be a number')
      .min(1, 'must be at least 1')
      .refine(Number.isInteger, 'must be a whole number'),
  )
    .transform((limit = USUALLY_FOUND) => Math.min(limit, MOST_FOUND))
    .describe(`How many at most: ${USUALLY_FOUND} without it, and never more than ${MOST_FOUND}.`),
})

const similarity = z.number().min(0).max(1)

const answerSchema = z
  .object({
    items: z
      .array(z.object({ thread: threadSchema, similarity }))
      .describe('The most similar first; of equal ones the last changed.'),
    pagination: z.object({
      total: z.int().describe('How many were found in all.'),
      page: z.literal(1),
      limit: z.int(),
      has_more: z.boolean().describe('Whether more were found than `limit` allows.'),
    }),
    best_similarity: similarity.nullable().describe('That of the first item; `null` without one.'),
    similarity_threshold: similarity.describe('No item is less similar. As `min_similarity`.'),
    best_distance: similarity.nullable().describe('1 less `best_similarity`.'),
    distance_threshold: similarity.describe('1 less `similarity_threshold`.'),
    min_similarity: similarity.describe('`SEARCH_MIN_SIMILARITY` of the server.'),
  })
  .meta({ id: 'FoundThreads', description: 'Threads that a search has found.' })

const doc: RouteDoc = {
  name: 'searchThreads',
  chapter: 'Search',
  summary: 'Searches the caller’s threads.',
  description:
    'Titles, summaries, texts of metadata and messages are looked through, in threads that are not deleted; capitals and accents do not matter, and a part of a word will do. First come words and meaning: a thread that has all words of the phrase, or most of them if none has all, has a `similarity` between `min_similarity` and 1, by how well and how often it has them; one that only means something similar, which is compared where the server has an encoder for it, has the cosine of the two, if that is at least `min_similarity` (with the encoder that comes along also at least 0.45: below that, its cosines tell nothing); one that is found both ways has the larger number. When nothing is found so, the phrase is taken for a regular expression, and each thread that it matches has a `similarity` of 1. A phrase that is written as a pattern (`colou?r`, `^total`) is compared with no meaning, and found by all its words or as a pattern.',
  body: bodySchema,
  responses: {
    200: { description: 'What was found; perhaps nothing.', schema: answerSchema },
    400: {
      description:
        'Nothing has these words, and they are no regular expression, or one that takes too long.',
    },
    503: { description: 'Searching conversations is switched off.' },
  },
}

const answerBody = (
  { found, total, bestSimilarity, minSimilarity }: FoundThreads,
  limit: number,
) => ({
  items: found.map((each) => ({
    thread: threadBody(each.conversation),
    similarity: each.similarity,
  })),
  pagination: { total, page: 1, limit, has_more: total > limit },
  best_similarity: bestSimilarity,
  similarity_threshold: minSimilarity,
  best_distance: bestSimilarity === null ? null : 1 - bestSimilarity,
  distance_threshold: 1 - minSimilarity,
  min_similarity: minSimilarity,
})

export function createSearchRoutes(chatSearch: ChatSearch): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/api/search/threads',
      doc,
      async handle(exchange) {
        const { phrase, model_id: modelTag, limit } = await exchange.json(bodySchema)
        const { userId } = exchange.identity
        const found = await chatSearch.threads(userId, { phrase, modelTag, limit })
        return json(answerBody(found, limit))
      },
    },
  ]
}
