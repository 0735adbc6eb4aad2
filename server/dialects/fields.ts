/**
 * What bodies, queries and headers are made of. `meta` puts into the API's description what a check of our own does.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { countCodePoints } from '../text/code-points.ts'
import { decodeBase64, MOST_FILE_BYTES, MOST_FILES, type GivenFile } from '../core/attachments.ts'
import { ChatError } from '../core/errors.ts'
import type { NewAttachmentBody } from '../protocol/api.ts'

/** Lengths count Unicode code points. */
export const text = (minimum: number, maximum: number) =>
  z
    .string('must be a text')
    .refine(
      (value) => {
        // A code point takes at most two units: no need to count what is far too long.
        if (value.length > maximum * 2) return false
        const length = countCodePoints(value)
        return length >= minimum && length <= maximum
      },
      { error: `must have ${minimum} to ${maximum} characters` },
    )
    .meta({ minLength: minimum, maxLength: maximum })

export const number = (minimum: number, maximum: number) =>
  z
    .number('must be a number')
    .min(minimum, `must be at least ${minimum}`)
    .max(maximum, `must be at most ${maximum}`)

export const wholeNumber = (minimum: number, maximum: number) =>
  number(minimum, maximum)
    .refine(Number.isInteger, 'must be a whole number')
    .meta({ type: 'integer' })

/** A value that a query has as a text, which is read before `schema` checks it. */
export const inQuery = <Schema extends z.ZodType>(
  read: (written: string) => unknown,
  schema: Schema,
) => z.preprocess((value) => (typeof value === 'string' ? read(value) : value), schema)

const readDigits = (written: string) => (/^\d{1,15}$/.test(written) ? Number(written) : NaN)

const digits = (minimum: number, maximum: number) =>
  z
    .int('must be a whole number')
    .min(minimum, `must be at least ${minimum}`)
    .max(maximum, `must be at most ${maximum}`)

/** A whole number in a query; left out, it is `standard`. */
export const queryNumber = (minimum: number, maximum: number, standard: number) =>
  inQuery(readDigits, digits(minimum, maximum).default(standard))

/** A whole number in a query that may be left out. */
export const optionalQueryNumber = (minimum: number, maximum: number) =>
  inQuery(readDigits, digits(minimum, maximum).optional())

/** Clients of the reference send `null` for what they leave out. */
export const optional = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value) => value ?? undefined)

/** A blank one names nobody. */
export const creatorSchema = z
  .string('must be a text')
  .nullish()
  .transform((written) => (written?.trim() ? written : undefined))
  .describe('Whose documents are asked first.')

export const object = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.object(shape, 'must be an object')

/**
 * What a request is known by that came with an `Idempotency-Key`. A client may put anything into its
 * keys: only their hashes are kept, here and in every store.
 */
export function requestKeyOf(header: string | undefined): string | undefined {
  if (header === undefined || header === '') return undefined
  return createHash('sha256').update(header).digest('base64url')
}

// Files as they come in a body: base64 in JSON.

/** Bytes of everything in a body but its files. */
const AROUND_FILES = 512 * 1024

/** Bytes of a body with as many files as there may be, each three bytes as four characters. */
export const LARGEST_SEND = Math.ceil(MOST_FILE_BYTES / 3) * 4 + AROUND_FILES

const attachment = object({
  filename: z.string('must be a text').describe('Folders and unseen characters are taken off it.'),
  content_type: z.string('must be a text').describe('May be empty: the bytes decide.'),
  data_base64: z.string('must be a text').describe('With its padding.'),
})

export const attachmentsSchema = z
  .array(attachment, 'must be a list')
  .max(MOST_FILES, `must be at most ${MOST_FILES} files`)
  .describe(
    'Files that go with the message, 10 MiB in all. Left out in a message that replaces another, that one’s files stay.',
  )

/** @throws ChatError `invalid_request`, with that status, for what is no base64 */
export function decodeFile(body: NewAttachmentBody, index: number, status = 422): GivenFile {
  const { filename, content_type: contentType, data_base64: encoded } = body
  const bytes = decodeBase64(encoded)
  if (bytes) return { filename, contentType, bytes }
  const path = `attachments.${index}.data_base64`
  const message = 'must be base64 with its padding'
  const errors = [{ path, message }]
  throw new ChatError('invalid_request', `${path} ${message}.`, { errors, status })
}
