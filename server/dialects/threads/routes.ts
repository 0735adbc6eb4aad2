/**
 * Dialect C: the same conversations as threads, whose messages carry metadata, for front ends and scripts
 * that read OpenAI's chunks. What a thread may do stands in core/threads.ts.
 */
import type { ChatSearch, FoundThreads } from '../../core/chat-search.ts'
import type { Exporter, Conversation } from '../../core/ports/index.ts'
import { type Route, type FileReply, type RouteDoc, json } from '../route.ts'
import { createMessageRoutes, createThreadRoutes } from './thread-routes.ts'
import { createThreadTurnRoutes, type ThreadTurnDependencies } from './turn-routes.ts'
import { z } from 'zod'
import { cleanFileName } from '../../core/attachments.ts'
import { DOCUMENT_FORMATS } from '../../core/ports/conversations.ts'
import type { ThreadMessages, Threads } from '../../core/threads.ts'
import { threadBody, threadMessageBody } from './wire.ts'
import { object, optional, text } from '../fields.ts'
import { threadSchema } from './schemas.ts'

export interface ThreadsDialectDependencies extends ThreadTurnDependencies {
  readonly exporter: Exporter
  readonly chatSearch: ChatSearch
}

export function createThreadsDialect(dependencies: ThreadsDialectDependencies): readonly Route[] {
  const { threads, exporter, chatSearch } = dependencies
  return [
    ...createThreadRoutes(threads),
    // Its `messages/stream` is no message's id.
    ...createThreadTurnRoutes(dependencies),
    ...createMessageRoutes(threads),
    ...createExportRoutes(threads, exporter),
    ...createSearchRoutes(chatSearch),
  ]
}

// A thread as a file to keep.

const FORMATS = [...DOCUMENT_FORMATS, 'json'] as const
type Format = (typeof FORMATS)[number]

const FILES: Readonly<Record<Format, { readonly ending: string; readonly contentType: string }>> = {
  markdown: { ending: 'md', contentType: 'text/markdown; charset=utf-8' },
  json: { ending: 'json', contentType: 'application/json' },
  pdf: { ending: 'pdf', contentType: 'application/pdf' },
  docx: {
    ending: 'docx',
    contentType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  },
}

const querySchema = z.object({
  format: z
    .enum(FORMATS, 'must be markdown, json, pdf or docx')
    .default('markdown')
    .describe('What the file is to be.'),
})

const doc: RouteDoc = {
  name: 'exportThread',
  chapter: 'Threads',
  summary: 'Reads a thread as a file to keep.',
  description:
    'Title, id, times and metadata, and then every message with its time and its sender, the oldest first. Files that were sent stand there as links, which need the token. Thinking and tools are left out. `json` holds the thread and `messages`, each as the API gives it, with the `sources` of an answer.',
  parameters: { id: 'The thread.' },
  query: querySchema,
  responses: {
    200: { description: 'The file, with a name made of the title.', contentType: '*/*' },
    413: { description: 'The thread is too long for this format.' },
    429: { description: 'Too many files are being made just now.' },
  },
}

function createExportRoutes(
  threads: Pick<Threads, 'read'>,
  exporter: Pick<Exporter, 'write'>,
): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/threads/:id/export',
      doc,
      async handle(exchange): Promise<FileReply> {
        const { format } = exchange.query(querySchema)
        const thread = await threads.read(exchange.identity.userId, exchange.id('id'))
        const { conversation, messages } = thread
        const { ending, contentType } = FILES[format]
        const base = (exchange.origin ?? '') + exchange.basePath
        const content =
          format === 'json'
            ? jsonOf(thread, exchange.basePath)
            : await exporter.write(format, { conversation, messages, base })
        return { kind: 'file', filename: fileName(conversation, ending), contentType, content }
      },
    },
  ]
}

/** The thread with all its messages, written one by one. */
function* jsonOf(
  { conversation, messages, askingId }: ThreadMessages,
  basePath: string,
): Generator<string> {
  const { ownerId } = conversation
  yield `${JSON.stringify(threadBody(conversation), null, 2).slice(0, -2)},\n  "messages": [`
  for (const [index, message] of messages.entries()) {
    const isRunning = message.id === askingId
    const body = threadMessageBody(message, { ownerId, isRunning, basePath })
    const { sources } = message
    const whole = { ...body, ...(sources.length > 0 && { sources }) }
    yield `${index === 0 ? '' : ','}\n${JSON.stringify(whole, null, 2)}`
  }
  yield `\n  ]\n}\n`
}

/** A name that every system takes, made of the title; no mark of punctuation is left over at its end. */
function fileName({ title }: Conversation, ending: string): string {
  const plain = (title ?? '')
    .replaceAll(/[?"]/g, '')
    .replaceAll(/[/\\:*<>|]+/g, '-')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .replaceAll(/^[ .-]+|[ .-]+$/g, '')
  return cleanFileName(`${plain === '' ? 'Conversation' : plain}.${ending}`)
}

// Threads that are found by what somebody types.

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

const searchDoc: RouteDoc = {
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

function createSearchRoutes(chatSearch: ChatSearch): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/api/search/threads',
      doc: searchDoc,
      async handle(exchange) {
        const { phrase, model_id: modelTag, limit } = await exchange.json(bodySchema)
        const { userId } = exchange.identity
        const found = await chatSearch.threads(userId, { phrase, modelTag, limit })
        return json(answerBody(found, limit))
      },
    },
  ]
}
