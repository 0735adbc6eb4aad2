/** Files as they come in a body: base64 in JSON. */
import { z } from 'zod'
import { decodeBase64, MOST_FILE_BYTES, MOST_FILES, type GivenFile } from '../core/attachments.ts'
import { ChatError } from '../core/errors.ts'
import type { NewAttachmentBody } from '../protocol/api.ts'
import { object } from './fields.ts'

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
  const { filename, content_type: contentType, data_base64: text } = body
  const bytes = decodeBase64(text)
  if (bytes) return { filename, contentType, bytes }
  const path = `attachments.${index}.data_base64`
  const message = 'must be base64 with its padding'
  const errors = [{ path, message }]
  throw new ChatError('invalid_request', `${path} ${message}.`, { errors, status })
}
