/** What stands in the rows, made from what the core has, and read again. */
import { createHash } from 'node:crypto'
import type { z } from 'zod'
import { modelsOf, saidIn, textsAround } from '../../core/conversation-text.ts'
import type {
  Conversation,
  Logger,
  Message,
  ProviderThread,
  TurnKey,
} from '../../core/ports/index.ts'
import { foldText } from '../../protocol/fold-text.ts'
import {
  conversationSchema,
  messageSchema,
  providerThreadSchema,
  turnKeySchema,
} from '../records.ts'
import type { Sql } from './database.ts'

/** UTF-16 units of an owner's name in a column; of longer ones a hash takes the place of the rest. */
const LONGEST_OWNER = 400

/** An owner's name as a column has it: anything may be one, and no two of them are the same there. */
export function ownerKey(ownerId: string): string {
  const name = JSON.stringify(ownerId).slice(1, -1)
  if (name.length <= LONGEST_OWNER) return name
  return `${name.slice(0, LONGEST_OWNER)}#${createHash('sha256').update(name).digest('hex')}`
}

/** Text that PostgreSQL takes; what is lost is not what anybody looks for. */
const searchable = (text: string) =>
  foldText(text.toWellFormed().replaceAll('\0', ' ')).replaceAll(/\s+/gu, ' ').trim()

const timeOf = (text: string | undefined) => (text === undefined ? null : Date.parse(text))

/** The columns beside a conversation's body. */
export const conversationColumns = (conversation: Conversation) => ({
  has_title: conversation.title !== null,
  created_at: Date.parse(conversation.createdAt),
  updated_at: Date.parse(conversation.updatedAt),
  deleted_at: timeOf(conversation.deletedAt),
  title: searchable(conversation.title ?? ''),
  around: textsAround(conversation).map(searchable).join('\n'),
  models: modelsOf(conversation, []).map((model) => JSON.stringify(model)),
})

/** The columns beside a message's body. */
export const messageColumns = (message: Message) => ({
  role: message.role,
  model: message.modelTag === null ? null : JSON.stringify(message.modelTag),
  said: searchable(saidIn(message.content)),
  rating: message.feedback?.rating ?? null,
  outcome: message.outcome ?? null,
  created_at: Date.parse(message.createdAt),
})

/**
 * Reads bodies as the core knows them. One that somebody has changed by hand so that it is none any more is left out,
 * and told in the log with its place; nothing writes over it.
 */
export function createReaders(logger: Logger) {
  const reader =
    <Value>(schema: z.ZodType<Value>, what: string) =>
    (body: unknown, place: object): Value | undefined => {
      const { data, error } = schema.safeParse(body)
      if (error) {
        const problem = error.issues[0]
        logger.error(
          { ...place, at: problem?.path.join('.'), problem: problem?.message },
          `${what} in the database cannot be read and is left out`,
        )
      }
      return data
    }
  return {
    conversation: reader<Conversation>(conversationSchema, 'a conversation'),
    message: reader<Message>(messageSchema, 'a message'),
    turnKey: reader<TurnKey>(turnKeySchema, 'a turn key'),
    providerThread: reader<ProviderThread>(providerThreadSchema, 'a provider’s thread'),
  }
}

export type Readers = ReturnType<typeof createReaders>

/** PostgreSQL's number for the type `json`, which keeps a text as it is; its `jsonb` takes no nulls in texts. */
const JSON_TYPE = 114

/** A body for a statement. */
export const bodyOf = (on: Sql, value: object) => on.typed(value, JSON_TYPE)
