/**
 * Bodies and queries of dialect A, checked where they enter. Lengths count Unicode code points. `meta` puts
 * into the API's description what a check of our own does.
 */
import { z } from 'zod'
import { attachmentsSchema } from '../attachment-schemas.ts'
import { creatorSchema, number, object, optional, text, wholeNumber } from '../fields.ts'
import { clientToolsSchema } from './tool-schemas.ts'

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
