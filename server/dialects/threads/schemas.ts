/**
 * What clients of threads may ask and send, checked where it enters, and what they are answered, for the API's
 * description.
 */
import { z } from 'zod'
import { MESSAGE_STATUSES, type MessageStatus } from '../../core/ports/conversations.ts'
import { inQuery, queryNumber, wholeNumber, decodeFile, object, optional, text } from '../fields.ts'
import { attachmentFields, id, time } from '../conversations/bodies.ts'
import { type GivenFile, MOST_FILES } from '../../core/attachments.ts'
import { isKeepable, isMetadata } from '../../core/metadata.ts'
import type { Message, Metadata } from '../../core/ports/index.ts'
import type { Exchange, RouteDoc } from '../route.ts'

const LARGEST_PAGE = 100

const LAST_PAGE = Math.floor(Number.MAX_SAFE_INTEGER / LARGEST_PAGE)

/** As clients write it; one beyond the most is taken as the most. */
const readLimit = (written: string) =>
  /^\d+(?:e\d+)?$/i.test(written) ? Math.min(Number(written), LARGEST_PAGE) : NaN

export const pageSchema = z.object({
  page: queryNumber(1, LAST_PAGE, 1).describe('Counted from 1.'),
  limit: inQuery(
    readLimit,
    z.int('must be a whole number').min(1, 'must be at least 1').max(LARGEST_PAGE).default(20),
  ).describe('More than 100 are taken as 100.'),
})

const YES_OR_NO: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

export const listSchema = pageSchema.extend({
  include_deleted: inQuery(
    (written) => YES_OR_NO.get(written.toLowerCase()) ?? written,
    z.boolean('must be true or false').default(false),
  ).describe('All that there are: deleted ones, and those without a title or a message.'),
})

export const getSchema = z.object({
  messages_limit: queryNumber(1, 50, 5).describe('So many of the newest messages.'),
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

export const threadSchema = z.object(threadFields).meta({ id: 'Thread' })

export type ThreadBody = z.infer<typeof threadSchema>

const attachmentSchema = z
  .object({
    ...attachmentFields,
    data_base64: z.null().describe('The bytes are behind the address alone.'),
    created_at: time,
  })
  .meta({ id: 'ThreadAttachment' })

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
  .meta({ id: 'ThreadMessage' })

export type ThreadMessageBody = z.infer<typeof threadMessageSchema>

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

// What clients of threads send: messages and metadata, in all the spellings that they use.

/** Unicode code points of one message. */
const LONGEST_TEXT = 1_000_000
/** Of a name that a client or a provider chose. */
const LONGEST_NAME = 255
const LONGEST_ERROR_CODE = 128

const SENDER_TYPES = ['user', 'assistant', 'system'] as const satisfies readonly Message['role'][]

/** Not copied, so that every name in it comes back, whatever it is. */
export const metadataSchema = z
  .unknown()
  .meta({
    type: 'object',
    additionalProperties: true,
    description: 'Kept as it comes: 64 KiB of JSON at most, in 64 levels at most.',
  })
  .transform((value, { issues }): Metadata => {
    if (isMetadata(value) && isKeepable(value)) return value
    const message = isMetadata(value)
      ? 'must be at most 64 KiB of JSON, nested in at most 64 levels'
      : 'must be an object'
    issues.push({ code: 'custom', message, input: value })
    return z.NEVER
  })

/** The text of a message. */
export const longText = (minimum: number) => text(minimum, LONGEST_TEXT)

const name = text(0, LONGEST_NAME)
/** Parts of a message that may be changed later, too. */
export const messageFields = {
  status: optional(z.enum(MESSAGE_STATUSES, `must be one of ${MESSAGE_STATUSES.join(', ')}`)),
  tokens_count: optional(wholeNumber(0, Number.MAX_SAFE_INTEGER)),
  error_code: optional(text(0, LONGEST_ERROR_CODE)),
}

const fileSchema = object({
  filename: optional(z.string('must be a text')).describe(
    'Folders and unseen characters are taken off it.',
  ),
  content_type: optional(name).describe('Of images and texts the bytes decide.'),
  data_base64: z.string('must be a text').describe('With its padding.'),
})

export const postMessageSchema = object({
  text: longText(1).meta({ examples: ['Hello!'] }),
  model: optional(name).describe('Else that of the thread’s metadata, else the default.'),
  model_label: optional(name).describe('What a person calls the model; begins the thread’s title.'),
  sender_type: optional(z.enum(SENDER_TYPES, `must be one of ${SENDER_TYPES.join(', ')}`)).describe(
    'Messages of others than `user`, which it is when left out, are stored and ask nobody.',
  ),
  sender_id: z.unknown().optional().describe('Not looked at: the caller is the sender.'),
  user_id: z.unknown().optional().describe('The same as `sender_id`.'),
  ...messageFields,
  correlation_id: optional(name),
  attachments: optional(
    z
      .array(fileSchema, 'must be a list')
      .max(MOST_FILES, `must be at most ${MOST_FILES} files`)
      .describe('Files of any type, 10 MiB in all.'),
  ),
  metadata: optional(metadataSchema),
  meta: optional(metadataSchema).describe('The same as `metadata`, which goes before it.'),
})

/** A message as its client gives it. */
export interface GivenMessage {
  readonly role: Message['role']
  readonly text: string
  readonly model: string | undefined
  readonly modelLabel: string | undefined
  readonly status: MessageStatus | undefined
  readonly tokenCount: number | undefined
  readonly errorCode: string | undefined
  readonly correlationId: string | undefined
  readonly metadata: Metadata | undefined
  readonly files: readonly GivenFile[]
}

/**
 * @throws ChatError as every body does; `invalid_request` (400) for a file that is no base64
 */
export async function readMessage(exchange: Exchange): Promise<GivenMessage> {
  const body = await exchange.json(postMessageSchema, { isDeep: true })
  return {
    role: body.sender_type ?? 'user',
    text: body.text,
    model: filled(body.model),
    modelLabel: filled(body.model_label),
    status: body.status,
    tokenCount: body.tokens_count,
    errorCode: filled(body.error_code),
    correlationId: filled(body.correlation_id),
    metadata: body.metadata ?? body.meta,
    files: (body.attachments ?? []).map(({ filename, content_type, data_base64 }, index) =>
      decodeFile(
        { filename: filename ?? '', content_type: content_type ?? '', data_base64 },
        index,
        400,
      ),
    ),
  }
}

/** Clients leave out by an empty text as well. */
const filled = (value: string | undefined) => (value?.trim() === '' ? undefined : value)

// Messages that ask, and the chunks that answer them.

const chunkSchema = z
  .union([
    z
      .looseObject({
        id: z.unknown().describe('The provider’s, or the thread’s.'),
        agent_status: z
          .string()
          .describe(
            'First `queued`, then `running`, `streaming`, and at the end `completed`, `interrupted` or `failed`; or what the provider says.',
          ),
        choices: z.array(z.unknown()).describe('As in OpenAI’s `chat.completion.chunk`.'),
      })
      .meta({ id: 'ThreadChunk' }),
    z
      .object({
        error: z.object({
          message: z.string().describe('One sentence for a person.'),
          type: z.enum(['agent_error', 'internal_error']),
        }),
      })
      .meta({ id: 'ThreadError', description: 'Behind a chunk that says `failed`.' }),
  ])
  .meta({ id: 'ThreadEvent', description: 'The JSON of one event’s `data`; the last is `[DONE]`.' })

const parameters = { id: 'The thread.' }
const headers = {
  'Idempotency-Key':
    'The same key again, within 24 hours, gives the same answer: nothing is asked or stored twice. Not looked at for messages that ask nobody.',
}
const refusals = {
  400: { description: 'The body is not valid JSON, or a file is not base64.' },
  403: { description: 'The metadata name a product or an agent that the caller may not ask.' },
  409: {
    description:
      'An answer is being written in this thread, and somebody reads it; `turn_id` names it.',
  },
  413: { description: 'The request is too large, or there is no room for its files.' },
}

/** What the API's description says of messages that ask. */
export const threadTurnDocs = {
  stream: {
    name: 'streamThreadMessage',
    chapter: 'Threads',
    summary: 'Sends a message and streams the answer as OpenAI’s chunks.',
    description:
      'The provider’s chunks come as they are; what of `agent_status` and `choices` is missing is added. While nothing comes from it, there is a `running` chunk every 10 seconds. Files in a chunk are stored, and come as links. Closing the connection does not end the answer: `GET /api/conversations/{id}/stream` reads it on.',
    parameters,
    headers,
    body: postMessageSchema,
    responses: {
      200: {
        description: 'The answer as it is written; `data: [DONE]` ends it.',
        schema: chunkSchema,
        events: true,
      },
      ...refusals,
      503: { description: 'No models are asked here at present.' },
    },
  },
  post: {
    name: 'postThreadMessage',
    chapter: 'Threads',
    summary: 'Sends a message, and replies when its answer is stored.',
    description:
      'The first message of a thread gives it its title, unless somebody chose one. Messages of other senders than `user` are stored and ask nobody.',
    parameters,
    headers,
    body: postMessageSchema,
    responses: {
      201: { description: 'The message.', schema: threadMessageSchema },
      ...refusals,
      502: { description: 'The answer failed; the message is stored, with the reason.' },
    },
  },
} satisfies Readonly<Record<string, RouteDoc>>
