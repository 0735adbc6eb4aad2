/** What the queries of conversations may say, and how a place in a list is written down. */
import { z } from 'zod'
import type { FoundPlace } from '../../core/ports/index.ts'
import { queryNumber, text } from '../fields.ts'

/** Unicode code points of what is looked for. */
const MAX_QUERY_LENGTH = 200
/** Messages of one page. */
const MAX_MESSAGES = 1_000

const CURSOR = /^(\d{1,9})\.(\d{1,15})\.([0-9a-f-]{36})$/

/** A place as clients hand it back; they need not know what is in it. */
export const cursorOf = ({ score, updatedAt, id }: FoundPlace): string =>
  `${score}.${Date.parse(updatedAt)}.${id}`

/** The place that a cursor stands for; none for a text that is no cursor. */
export function placeAt(cursor: string | undefined): FoundPlace | undefined {
  const [, score, at, id] = CURSOR.exec(cursor ?? '') ?? []
  if (score === undefined || at === undefined || id === undefined) return undefined
  return { score: Number(score), updatedAt: new Date(Number(at)).toISOString(), id }
}

export const listSchema = z.object({
  limit: queryNumber(1, 200).default(50),
  offset: queryNumber(0, Number.MAX_SAFE_INTEGER).default(0),
  cursor: z
    .string()
    .refine((value) => CURSOR.test(value), 'must be the next_cursor of a page')
    .optional()
    .describe('The `next_cursor` of the page before: a walk that no change makes repeat or skip.'),
  q: text(0, MAX_QUERY_LENGTH)
    .optional()
    .describe(
      'Words that the title or the messages have, parts of words too; the best come first.',
    ),
})

export const getSchema = z.object({
  messages_limit: queryNumber(1, MAX_MESSAGES).optional().describe('Only so many, the newest.'),
  before: z.string().toLowerCase().optional().describe('A message; only what came before it.'),
})
