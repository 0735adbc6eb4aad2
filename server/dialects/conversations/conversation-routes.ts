/** Conversations: list, create, read, rename, delete. */
import type { ChatSearch } from '../../core/chat-search.ts'
import type { Conversations } from '../../core/conversations.ts'
import type { ConversationWithMessagesBody } from '../../protocol/api.ts'
import { empty, json, type Exchange, type Reply, type Route } from '../route.ts'
import { conversationDocs as docs } from './docs.ts'
import { getSchema, listSchema, placeAt } from './queries.ts'
import * as schemas from './schemas.ts'
import { conversationBody, conversationListBody, foundListBody, messageBodies } from './wire.ts'

export function createConversationRoutes({
  conversations,
  chatSearch,
}: {
  readonly conversations: Conversations
  readonly chatSearch: ChatSearch
}): readonly Route[] {
  const update = async (exchange: Exchange): Promise<Reply> => {
    const id = exchange.id('id')
    await conversations.check(exchange.identity.userId, id)
    const { title, is_favorited } = await exchange.json(schemas.updateSchema)
    const changes = { title, isFavorited: is_favorited }
    return json(conversationBody(await conversations.rename(exchange.identity.userId, id, changes)))
  }

  return [
    {
      method: 'GET',
      path: '/api/conversations',
      doc: docs.list,
      async handle(exchange) {
        const { userId } = exchange.identity
        const { q, cursor, ...page } = exchange.query(listSchema)
        const after = placeAt(cursor)
        const query = q?.trim() ?? ''
        if (query === '') {
          const { items, hasMore } = await conversations.list(userId, { ...page, after })
          return json(conversationListBody(items, page, hasMore))
        }
        const { found, hasMore } = await chatSearch.list(userId, { ...page, after, query })
        return json(foundListBody(found, page, hasMore))
      },
    },
    {
      method: 'POST',
      path: '/api/conversations',
      doc: docs.create,
      async handle(exchange) {
        const body = await exchange.json(schemas.createSchema)
        const given = {
          title: body.title === '' ? undefined : body.title,
          modelTag: body.model_tag,
        }
        const conversation = await conversations.create(exchange.identity.userId, given)
        return json(conversationBody(conversation), 201)
      },
    },
    {
      method: 'GET',
      path: '/api/conversations/:id',
      doc: docs.get,
      async handle(exchange) {
        const { messages_limit: limit, before } = exchange.query(getSchema)
        const { conversation, messages, hasMore, runningTurnId } = await conversations.get(
          exchange.identity.userId,
          exchange.id('id'),
          { limit, before },
        )
        const body: ConversationWithMessagesBody = {
          ...conversationBody(conversation),
          messages: messageBodies(messages, conversation, exchange.basePath),
          has_more: hasMore,
          ...(runningTurnId !== undefined && { running_turn_id: runningTurnId }),
        }
        return json(body)
      },
    },
    { method: 'PUT', path: '/api/conversations/:id', doc: docs.update, handle: update },
    { method: 'PATCH', path: '/api/conversations/:id', doc: docs.patch, handle: update },
    {
      method: 'DELETE',
      path: '/api/conversations/:id',
      doc: docs.remove,
      async handle(exchange) {
        await conversations.remove(exchange.identity.userId, exchange.id('id'))
        return empty(204)
      },
    },
  ]
}
