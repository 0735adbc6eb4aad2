/** What the queries of threads may say, and what is answered, for the API's description. */
import { z } from 'zod'
import { MESSAGE_STATUSES } from '../../core/ports/conversations.ts'
import { queryNumber, wholeNumber } from '../fields.ts'
import { attachmentFields, id, time } from '../conversations/bodies.ts'
import type { ThreadAttachmentBody, ThreadBody, ThreadMessageBody } from './wire.ts'

const LARGEST_PAGE = 100

/** Whole numbers as clients write them; those beyond the most are taken as the most. */
const limit = z
  .string()
  .regex(/^\d+(?:e\d+)?$/i, 'must be a whole number')
  .transform((text) => Math.min(Number(text), LARGEST_PAGE))
  .pipe(wholeNumber(1, LARGEST_PAGE))

export const pageSchema = z.object({
  page: queryNumber(1, Number.MAX_SAFE_INTEGER / LARGEST_PAGE)
    .default(1)
    .describe('Counted from 1.'),
  limit: limit.default(20).describe('More than 100 are taken as 100.'),
})

const yesOrNo = z
  .string()
  .toLowerCase()
  .refine((value) => ['true', 'false', '1', '0'].includes(value), 'must be true or false')
  .transform((value) => value === 'true' || value === '1')
  .pipe(z.boolean())

export const listSchema = pageSchema.extend({
  include_deleted: yesOrNo
    .default(false)
    .describe('All that there are: deleted ones, and those without a title or a message.'),
})

export const getSchema = z.object({
  messages_limit: queryNumber(1, 50).default(5).describe('So many of the newest messages.'),
})

const metadata = z.record(z.string(), z.unknown()).describe('As it came.')

const threadFields = {
  id,
  owner_id: z.string().describe('Whose it is.'),
  title: z
    .string()
    .nullable()
    .describe('`<model>: <beginning of the first message>`, unless one was chosen.'),
  summary: z.string().nullable(),
  metadata,
  is_deleted: z.boolean(),
  created_at: time,
  updated_at: time,
  deleted_at: time.nullable(),
}

export const threadSchema = z
  .object(threadFields)
  .meta({ id: 'Thread' }) satisfies z.ZodType<ThreadBody>

const attachmentSchema = z
  .object({
    ...attachmentFields,
    data_base64: z.null(),
    created_at: time,
  })
  .meta({ id: 'ThreadAttachment' }) satisfies z.ZodType<ThreadAttachmentBody>

export const threadMessageSchema = z
  .object({
    id,
    thread_id: id,
    sender_id: z.string().describe('The owner’s id, or `assistant` or `system`.'),
    sender_type: z.enum(['user', 'assistant', 'system']),
    status: z.enum(MESSAGE_STATUSES).describe('`processing` while its answer is being written.'),
    text: z.string().describe('Without reasoning and tools.'),
    metadata,
    tokens_count: z.number().nullable(),
    error_code: z.string().nullable(),
    correlation_id: z.string().nullable().describe('What the provider calls its answer.'),
    attachments: z.array(attachmentSchema),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'ThreadMessage' }) satisfies z.ZodType<ThreadMessageBody>

export const threadWithMessagesSchema = z
  .object({
    ...threadFields,
    last_messages: z.array(threadMessageSchema).describe('Newest first.'),
  })
  .meta({ id: 'ThreadWithMessages' })

const paginationSchema = z
  .object({ total: z.int(), page: z.int(), limit: z.int(), has_more: z.boolean() })
  .meta({ id: 'Pagination' })

export const threadListSchema = z
  .object({ items: z.array(threadSchema), pagination: paginationSchema })
  .meta({ id: 'ThreadList' })

export const threadMessageListSchema = z
  .object({ items: z.array(threadMessageSchema), pagination: paginationSchema })
  .meta({ id: 'ThreadMessageList' })

export const providerThreadSchema = z
  .object({
    id,
    thread_id: id,
    provider: z.string(),
    conversation_id: z.string().nullable().describe('Sent with the next message.'),
    payload: z.record(z.string(), z.unknown()).nullable(),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'ProviderThread' })
