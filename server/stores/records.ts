/**
 * What the files of the store hold. Objects are loose: keys that a newer version added are kept when this
 * version writes the file again.
 */
import { z } from 'zod'
import { isMetadata, isNestedWithin } from '../core/metadata.ts'
import type {
  Conversation,
  Message,
  Metadata,
  ProviderThread,
  TurnKey,
} from '../core/ports/index.ts'
import { MESSAGE_STATUSES } from '../core/ports/conversations.ts'
import { ANSWER_OUTCOMES, FINISH_REASONS } from '../protocol/events.ts'

export interface ConversationRecord {
  readonly version: 1
  /** Rises with every change; tells which lines of the journal a file has taken in. */
  readonly revision: number
  readonly conversation: Conversation
  /** Oldest first. */
  readonly messages: readonly Message[]
  readonly turnKeys: readonly TurnKey[]
  /** One for each provider. */
  readonly providerThreads?: readonly ProviderThread[]
}

/** Any form of time that JavaScript understands: a file must not become unreadable over a missing zero. */
const time = z.string().refine((value) => !Number.isNaN(Date.parse(value)), 'not a time')

/** Levels of lists and objects that can be written again, whatever stands around them. */
const DEEPEST = 1_000

/**
 * The same object, so that no name in it is lost. What somebody has put there that could not be written
 * again must not cost the conversation.
 */
const metadata = z
  .custom<Metadata>((value) => isMetadata(value) && isNestedWithin(value, DEEPEST))
  .catch({})

export const conversationSchema = z.looseObject({
  id: z.string(),
  ownerId: z.string(),
  title: z.string().nullable(),
  renamed: z.boolean(),
  modelTag: z.string(),
  isFavorited: z.boolean(),
  summary: z.exactOptional(z.string().nullable()),
  metadata: z.exactOptional(metadata),
  deletedAt: z.exactOptional(time),
  createdAt: time,
  updatedAt: time,
})

const source = z.looseObject({
  number: z.number(),
  title: z.string(),
  url: z.string().nullable(),
  creator: z.string().nullable(),
  section: z.string().nullable(),
  snippet: z.string(),
  // JSON has no NaN: a score that was none must not cost the conversation.
  score: z.number().catch(0),
  open_url: z.exactOptional(z.string()),
  page: z.exactOptional(z.number()),
})

const citation = z.looseObject({
  number: z.number(),
  unproven: z.exactOptional(z.array(z.string())),
})

const attachment = z.looseObject({
  id: z.string(),
  filename: z.string(),
  contentType: z.string(),
  sizeBytes: z.number(),
})

export const messageSchema = z.looseObject({
  id: z.string(),
  conversationId: z.string(),
  role: z.enum(['user', 'assistant', 'system']),
  content: z.string(),
  tokenCount: z.number().nullable(),
  modelTag: z.string().nullable(),
  inferenceTimeMs: z.number().nullable(),
  finishReason: z.enum(FINISH_REASONS).nullable(),
  feedback: z
    .looseObject({ rating: z.enum(['up', 'down']), comment: z.string().nullable() })
    .nullable(),
  sources: z.array(source),
  citations: z.exactOptional(z.array(citation)),
  outcome: z.exactOptional(z.enum(ANSWER_OUTCOMES)),
  suggestions: z.exactOptional(z.array(z.string())),
  attachments: z.exactOptional(z.array(attachment)),
  status: z.exactOptional(z.enum(MESSAGE_STATUSES)),
  errorCode: z.exactOptional(z.string().nullable()),
  metadata: z.exactOptional(metadata),
  correlationId: z.exactOptional(z.string().nullable()),
  updatedAt: z.exactOptional(time),
  createdAt: time,
})

export const providerThreadSchema = z.looseObject({
  id: z.string(),
  provider: z.string(),
  conversationId: z.string().nullable(),
  payload: z.union([z.null(), metadata]),
  createdAt: time,
  updatedAt: time,
})

export const turnKeySchema = z.looseObject({
  key: z.string(),
  turnId: z.string(),
  userMessageId: z.string(),
  messageId: z.string(),
  createdAt: time,
})

const conversationRecord = z.looseObject({
  version: z.literal(1),
  // Files of versions without a journal have none.
  revision: z.number().default(0),
  conversation: conversationSchema,
  messages: z.array(messageSchema),
  turnKeys: z.array(turnKeySchema),
  providerThreads: z.exactOptional(z.array(providerThreadSchema)),
})

/** The file of one conversation; a file that says it is another's does not pass. */
export function conversationRecordSchema(
  ownerId: string,
  id: string,
): z.ZodType<ConversationRecord> {
  return conversationRecord
    .refine((record) => record.conversation.id === id, {
      path: ['conversation', 'id'],
      message: 'another conversation',
    })
    .refine((record) => record.conversation.ownerId === ownerId, {
      path: ['conversation', 'ownerId'],
      message: 'another owner',
    })
}

/** The index of one owner. Entries are checked one by one, when they are used. */
export const indexRecordSchema = z.object({
  version: z.literal(1),
  entries: z.array(z.unknown()),
})

/** What the index knows of a conversation, and which state of its file says so. */
export const indexEntrySchema = z.object({
  conversation: conversationSchema,
  /** How many; an index of a version that did not count is made again. */
  messages: z.number(),
  stamp: z.object({ inode: z.number(), size: z.number(), modifiedMs: z.number() }),
})
