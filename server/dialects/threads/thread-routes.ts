/** Threads: list, create, read, change, delete; and what their provider calls them. */
import type { Threads } from '../../core/threads.ts'
import type { ProviderThread } from '../../core/ports/index.ts'
import { PROVIDER } from '../../core/metadata.ts'
import { z } from 'zod'
import { object, optional, text } from '../fields.ts'
import { empty, json, type Route, type RouteDoc } from '../route.ts'
import {
  metadataSchema,
  longText,
  messageFields,
  getSchema,
  listSchema,
  providerThreadSchema,
  threadListSchema,
  threadSchema,
  threadWithMessagesSchema,
  pageSchema,
  threadMessageListSchema,
  threadMessageSchema,
} from './schemas.ts'
import { threadBody, threadMessageBody } from './wire.ts'

const LONGEST_TITLE = 255
const LONGEST_SUMMARY = 1_024
const LONGEST_NAME = 255

const summary = optional(text(0, LONGEST_SUMMARY))
const metadata = optional(metadataSchema)

const createSchema = object({
  title: optional(text(0, LONGEST_TITLE)).describe('Gives way to the first message.'),
  summary,
  metadata,
})

const updateSchema = object({
  title: optional(text(1, LONGEST_TITLE)).describe('Is never replaced.'),
  summary,
  metadata,
  is_deleted: optional(z.boolean('must be true or false')).describe('`true` deletes the thread.'),
})

const providerSchema = z.object({
  provider: text(1, LONGEST_NAME).default(PROVIDER),
})

const providerChangesSchema = object({
  conversation_id: text(0, LONGEST_NAME).nullish().describe('`null` forgets it.'),
  payload: metadataSchema.nullish().describe('`null` forgets it.'),
})

const parameters = { id: 'The thread.' }
const forbidden = {
  description: 'The metadata name a product or an agent that the caller may not ask.',
}

const docs = {
  create: {
    name: 'createThread',
    chapter: 'Threads',
    summary: 'Creates a thread.',
    body: createSchema,
    bodyIsOptional: true,
    responses: {
      201: { description: 'The new thread.', schema: threadSchema },
      403: forbidden,
    },
  },
  list: {
    name: 'listThreads',
    chapter: 'Threads',
    summary: 'Lists threads, the newest first.',
    description: 'Those with a title and a message, unless `include_deleted` asks for all.',
    query: listSchema,
    responses: { 200: { description: 'A page of the list.', schema: threadListSchema } },
  },
  get: {
    name: 'getThread',
    chapter: 'Threads',
    summary: 'Reads a thread with its newest messages.',
    parameters,
    query: getSchema,
    responses: { 200: { description: 'The thread.', schema: threadWithMessagesSchema } },
  },
  update: {
    name: 'updateThread',
    chapter: 'Threads',
    summary: 'Changes or deletes a thread.',
    description: 'What is left out, or `null`, stays as it is. Metadata are replaced as a whole.',
    parameters,
    body: updateSchema,
    responses: {
      200: { description: 'The thread as it is now.', schema: threadSchema },
      403: forbidden,
    },
  },
  remove: {
    name: 'deleteThread',
    chapter: 'Threads',
    summary: 'Deletes a thread.',
    description:
      'It is gone from everywhere but the list with `include_deleted`, and its files are erased. May be done again.',
    parameters,
    responses: { 204: { description: 'It is gone.' } },
  },
  readProvider: {
    name: 'getProviderThread',
    chapter: 'Threads',
    summary: 'Reads what the provider of the answers calls a thread.',
    parameters,
    query: providerSchema,
    responses: { 200: { description: 'What is kept.', schema: providerThreadSchema } },
  },
  keepProvider: {
    name: 'putProviderThread',
    chapter: 'Threads',
    summary: 'Says what the provider of the answers calls a thread.',
    description: 'What is left out stays as it is.',
    parameters,
    query: providerSchema,
    body: providerChangesSchema,
    responses: { 200: { description: 'What is kept now.', schema: providerThreadSchema } },
  },
} satisfies Readonly<Record<string, RouteDoc>>

export function createThreadRoutes(threads: Threads): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/api/threads',
      doc: docs.create,
      async handle(exchange) {
        const given = await exchange.json(createSchema, { isDeep: true })
        const title = given.title === '' ? undefined : given.title
        return json(threadBody(await threads.create(exchange.identity, { ...given, title })), 201)
      },
    },
    {
      method: 'GET',
      path: '/api/threads',
      doc: docs.list,
      async handle(exchange) {
        const { page, limit, include_deleted: includeDeleted } = exchange.query(listSchema)
        const { userId } = exchange.identity
        const offset = (page - 1) * limit
        const found = await threads.list(userId, { limit, offset, includeDeleted })
        const { total, hasMore } = found
        return json({
          items: found.items.map(threadBody),
          pagination: { total, page, limit, has_more: hasMore },
        })
      },
    },
    {
      method: 'GET',
      path: '/api/threads/:id',
      doc: docs.get,
      async handle(exchange) {
        const { basePath, identity } = exchange
        const { userId: ownerId } = identity
        const thread = await threads.read(ownerId, exchange.id('id'))
        const { messages_limit: limit } = exchange.query(getSchema)
        const newest = thread.messages.slice(-limit).toReversed()
        return json({
          ...threadBody(thread.conversation),
          last_messages: newest.map((message) =>
            threadMessageBody(message, {
              ownerId,
              isRunning: message.id === thread.askingId,
              basePath,
            }),
          ),
        })
      },
    },
    {
      method: 'PATCH',
      path: '/api/threads/:id',
      doc: docs.update,
      async handle(exchange) {
        const id = exchange.id('id')
        const { is_deleted: isDeleted, ...changes } = await exchange.json(updateSchema, {
          isDeep: true,
        })
        const changed = await threads.update(exchange.identity, id, { ...changes, isDeleted })
        return json(threadBody(changed))
      },
    },
    {
      method: 'DELETE',
      path: '/api/threads/:id',
      doc: docs.remove,
      async handle(exchange) {
        await threads.remove(exchange.identity.userId, exchange.id('id'))
        return empty(204)
      },
    },
    {
      method: 'GET',
      path: '/api/provider-threads/:id',
      doc: docs.readProvider,
      async handle(exchange) {
        const id = exchange.id('id')
        const { provider } = exchange.query(providerSchema)
        const thread = await threads.providerThread(exchange.identity.userId, id, provider)
        return json(providerThreadBody(id, thread))
      },
    },
    {
      method: 'PUT',
      path: '/api/provider-threads/:id',
      doc: docs.keepProvider,
      async handle(exchange) {
        const id = exchange.id('id')
        const { provider } = exchange.query(providerSchema)
        const { conversation_id: conversationId, payload } = await exchange.json(
          providerChangesSchema,
          { isDeep: true },
        )
        const thread = await threads.keepProviderThread(exchange.identity.userId, id, {
          provider,
          ...(conversationId !== undefined && { conversationId: conversationId || null }),
          ...(payload !== undefined && { payload }),
        })
        return json(providerThreadBody(id, thread))
      },
    },
  ]
}

const providerThreadBody = (threadId: string, thread: ProviderThread) => ({
  id: thread.id,
  thread_id: threadId,
  provider: thread.provider,
  conversation_id: thread.conversationId,
  payload: thread.payload,
  created_at: thread.createdAt,
  updated_at: thread.updatedAt,
})

// Messages of threads: list them, and change them.

const messageUpdateSchema = object({ text: optional(longText(0)), ...messageFields })

const messageDocs = {
  list: {
    name: 'listThreadMessages',
    chapter: 'Threads',
    summary: 'Lists the messages of a thread, the newest first.',
    parameters,
    query: pageSchema,
    responses: { 200: { description: 'A page of the list.', schema: threadMessageListSchema } },
  },
  update: {
    name: 'updateThreadMessage',
    chapter: 'Threads',
    summary: 'Changes a message of a thread.',
    description:
      'What is left out, or `null`, stays as it is. An empty `error_code` takes it away. A changed text is the message’s text everywhere.',
    parameters: { ...parameters, mid: 'The message.' },
    body: messageUpdateSchema,
    responses: {
      200: { description: 'The message as it is now.', schema: threadMessageSchema },
      400: { description: 'The body is not valid JSON, or its text is empty.' },
    },
  },
} satisfies Readonly<Record<string, RouteDoc>>

export function createMessageRoutes(threads: Threads): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/threads/:id/messages',
      doc: messageDocs.list,
      async handle(exchange) {
        const { basePath, identity } = exchange
        const { userId: ownerId } = identity
        const { messages, askingId } = await threads.read(ownerId, exchange.id('id'))
        const { page, limit } = exchange.query(pageSchema)
        const end = Math.max(0, messages.length - (page - 1) * limit)
        const start = Math.max(0, end - limit)
        return json({
          items: messages
            .slice(start, end)
            .toReversed()
            .map((message) =>
              threadMessageBody(message, { ownerId, isRunning: message.id === askingId, basePath }),
            ),
          pagination: { total: messages.length, page, limit, has_more: start > 0 },
        })
      },
    },
    {
      method: 'PATCH',
      path: '/api/threads/:id/messages/:mid',
      doc: messageDocs.update,
      async handle(exchange) {
        const { basePath, identity } = exchange
        const { userId: ownerId } = identity
        const id = exchange.id('id')
        const messageId = exchange.id('mid')
        const {
          text: said,
          status,
          error_code,
          tokens_count,
        } = await exchange.json(messageUpdateSchema)
        const changes = { text: said, status, errorCode: error_code, tokenCount: tokens_count }
        const changed = await threads.updateMessage(ownerId, id, messageId, changes)
        const { askingId } = await threads.read(ownerId, id)
        const isRunning = messageId === askingId
        return json(threadMessageBody(changed, { ownerId, isRunning, basePath }))
      },
    },
  ]
}
