/** Bodies and queries of dialect A, checked where they enter. Lengths count Unicode code points. */
import { z } from 'zod'
import { countCodePoints } from '../../core/history.ts'

/** Unicode code points of one message. */
export const MAX_MESSAGE_LENGTH = 8_000

const text = (minimum: number, maximum: number) =>
  z.string('must be a text').refine(
    (value) => {
      // A code point takes at most two units: no need to count what is far too long.
      if (value.length > maximum * 2) return false
      const length = countCodePoints(value)
      return length >= minimum && length <= maximum
    },
    { error: `must have ${minimum} to ${maximum} characters` },
  )

const number = (minimum: number, maximum: number) =>
  z
    .number('must be a number')
    .min(minimum, `must be at least ${minimum}`)
    .max(maximum, `must be at most ${maximum}`)

const wholeNumber = (minimum: number, maximum: number) =>
  number(minimum, maximum).refine(Number.isInteger, 'must be a whole number')

/** Clients of the reference send `null` for what they leave out. */
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value) => value ?? undefined)

const options = {
  temperature: optional(number(0, 2)),
  max_tokens: optional(wholeNumber(1, 4_096)),
  top_k: optional(wholeNumber(0, 200)),
  thinking_mode: optional(z.boolean('must be true or false')),
  force_web_search: optional(z.boolean('must be true or false')),
}

const object = <Shape extends z.ZodRawShape>(shape: Shape) => z.object(shape, 'must be an object')

export const createSchema = object({
  title: optional(text(0, 500)),
  model_tag: optional(text(1, 100)),
})

export const updateSchema = object({
  title: optional(text(1, 500)),
  is_favorited: optional(z.boolean('must be true or false')),
}).refine((body) => body.title !== undefined || body.is_favorited !== undefined, {
  error: 'needs a title or is_favorited',
})

export const sendSchema = object({
  content: text(1, MAX_MESSAGE_LENGTH),
  // Sent as though it were a new message, an edit would stand there twice.
  replaces: z.null('is not possible in this version').optional(),
  ...options,
})

export const regenerateSchema = object(options)

const queryNumber = (standard: number, minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, 'must be a whole number')
    .transform(Number)
    .pipe(number(minimum, maximum))
    .default(standard)

export const listSchema = z.object({
  limit: queryNumber(50, 1, 200),
  offset: queryNumber(0, 0, Number.MAX_SAFE_INTEGER),
})

export const streamSchema = z.object({ last_event_id: z.string().optional() })
