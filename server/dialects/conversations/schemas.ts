/**
 * Bodies and queries of dialect A, checked where they enter. Lengths count Unicode code points. `meta` puts
 * into the API's description what a check of our own does.
 */
import { z } from 'zod'
import {
  attachmentsSchema,
  creatorSchema,
  number,
  object,
  optional,
  text,
  wholeNumber,
  optionalQueryNumber,
  queryNumber,
} from '../fields.ts'
import type { FoundPlace } from '../../core/ports/index.ts'

// What a page sends of its tools: which there are, who runs a call, and what that gave.

const MOST_TOOLS = 16
/** Bytes of JSON that all tools of a request take together. */
const MOST_BYTES = 32 * 1024

const clientTool = object({
  name: z
    .string('must be a text')
    .regex(/^[a-zA-Z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, _ or -'),
  description: text(0, 1_024),
  parameters: z
    .record(z.string(), z.unknown(), 'must be an object')
    .describe('JSON Schema of the arguments.'),
})

const clientToolsSchema = z
  .array(clientTool, 'must be a list')
  .max(MOST_TOOLS, `must be at most ${MOST_TOOLS} tools`)
  .refine((tools) => jsonBytes(tools) <= MOST_BYTES, 'must be at most 32 KiB of JSON together')
  .check(({ value: tools, issues }) => {
    const seen = new Set<string>()
    for (const [index, { name }] of tools.entries()) {
      if (seen.has(name)) {
        const path = [index, 'name']
        issues.push({ code: 'custom', message: 'must differ from the others', path, input: name })
      }
      seen.add(name)
    }
  })
  .describe('Tools of the page that the model may call in this turn.')

function jsonBytes(value: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(value))
  } catch {
    // Nested too deeply to be written.
    return Infinity
  }
}

const claimant = text(1, 128).describe('Names the page; the same page may claim again.')

export const claimSchema = object({ claimant })

export const resultSchema = z.discriminatedUnion(
  'success',
  [
    object({ claimant, success: z.literal(true), output: z.unknown().default(null) }),
    object({ claimant, success: z.literal(false), error: text(0, 2_000) }),
  ],
  'must be an object whose success is true or false',
)

// What the queries of conversations may say, and how a place in a list is written down.

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
  limit: queryNumber(1, 200, 50),
  offset: queryNumber(0, Number.MAX_SAFE_INTEGER, 0),
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
  messages_limit: optionalQueryNumber(1, MAX_MESSAGES).describe('Only so many, the newest.'),
  before: z.string().toLowerCase().optional().describe('A message; only what came before it.'),
})

/** Unicode code points of one message. */
export const MAX_MESSAGE_LENGTH = 8_000

const options = {
  temperature: optional(number(0, 2)),
  max_tokens: optional(wholeNumber(1, 4_096)).describe('The longest answer.'),
  top_k: optional(wholeNumber(0, 200)),
  thinking_mode: optional(z.boolean('must be true or false')).describe(
    'The model reasons step by step before it answers.',
  ),
  force_web_search: optional(z.boolean('must be true or false')).describe(
    'The model searches the web first, where that is possible.',
  ),
}

export const createSchema = object({
  title: optional(text(0, 500).meta({ examples: ['A new chat'] })),
  model_tag: optional(text(1, 100)),
})

export const updateSchema = object({
  title: optional(text(1, 500).meta({ examples: ['A better title'] })),
  is_favorited: optional(z.boolean('must be true or false')),
})
  .refine((body) => body.title !== undefined || body.is_favorited !== undefined, {
    error: 'needs a title or is_favorited',
  })
  .meta({
    anyOf: [
      { type: 'object', required: ['title'], properties: { title: { type: 'string' } } },
      {
        type: 'object',
        required: ['is_favorited'],
        properties: { is_favorited: { type: 'boolean' } },
      },
    ],
  })

const turn = {
  ...options,
  client_tools: optional(clientToolsSchema),
  creator: creatorSchema,
}

export const sendSchema = object({
  content: text(1, MAX_MESSAGE_LENGTH).meta({ examples: ['Hello!'] }),
  // One that is no id of a message is as unknown as any other.
  replaces: optional(z.string('must be the id of a message').toLowerCase()).describe(
    'A message of the visitor that this one replaces, with all that followed it.',
  ),
  repeats: optional(z.string('must be the id of a message').toLowerCase()).describe(
    'A message of the visitor that has no answer: it is taken from its place and asked again behind all others, with its files.',
  ),
  attachments: optional(attachmentsSchema),
  keep_attachments: optional(
    z.array(z.string('must be the id of a file').toLowerCase(), 'must be a list'),
  ).describe(
    'With `replaces`: the files of that message that stay, beside those in `attachments`. Left out, all stay unless there are new ones.',
  ),
  ...turn,
})
  .refine(({ replaces, repeats }) => replaces === undefined || repeats === undefined, {
    error: 'cannot stand beside replaces',
    path: ['repeats'],
  })
  .refine((body) => body.keep_attachments === undefined || body.replaces !== undefined, {
    error: 'needs replaces',
    path: ['keep_attachments'],
  })

export const regenerateSchema = object({
  ...turn,
  continue: optional(z.boolean('must be true or false')).describe(
    'The last answer goes on where its length limit (`finish_reason: "length"`) cut it off; nothing is made anew.',
  ),
})

/** Unicode code points of a comment on an answer. */
const MAX_COMMENT_LENGTH = 2_000

export const feedbackSchema = object({
  rating: z.enum(['up', 'down'], 'must be "up", "down" or null').nullable(),
  comment: optional(text(0, MAX_COMMENT_LENGTH)),
})

export const swapModelSchema = object({ model_tag: text(1, 100) })

export const streamSchema = z.object({
  last_event_id: z.string().optional().describe('For clients that cannot send the header.'),
})
