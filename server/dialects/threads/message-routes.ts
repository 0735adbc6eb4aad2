/** Messages of threads: list them, and change them. */
import type { Threads } from '../../core/threads.ts'
import { object, optional } from '../fields.ts'
import { json, type Route, type RouteDoc } from '../route.ts'
import { longText, messageFields } from './message-body.ts'
import { pageSchema, threadMessageListSchema, threadMessageSchema } from './schemas.ts'
import { threadMessageBody } from './wire.ts'

const updateSchema = object({ text: optional(longText(0)), ...messageFields })

const parameters = { id: 'The thread.' }

const docs = {
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
    body: updateSchema,
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
      doc: docs.list,
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
      doc: docs.update,
      async handle(exchange) {
        const { basePath, identity } = exchange
        const { userId: ownerId } = identity
        const id = exchange.id('id')
        const messageId = exchange.id('mid')
        const { text, status, error_code, tokens_count } = await exchange.json(updateSchema)
        const changes = { text, status, errorCode: error_code, tokenCount: tokens_count }
        const changed = await threads.updateMessage(ownerId, id, messageId, changes)
        const { askingId } = await threads.read(ownerId, id)
        const isRunning = messageId === askingId
        return json(threadMessageBody(changed, { ownerId, isRunning, basePath }))
      },
    },
  ]
}
