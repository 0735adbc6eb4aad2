/**
 * Dialect A, which the element speaks: conversations, whose answers stream as server-sent events of JSON with the tagged
 * text as it came. Here: what is kept; the routes of turns are in turn-routes.ts.
 */
import { type Attachments, safeTypeOf } from '../../core/attachments.ts'
import type { ChatSearch } from '../../core/chat-search.ts'
import type { Conversations } from '../../core/conversations.ts'
import type { Inference, TurnLog, Cancellable } from '../../core/ports/index.ts'
import type { Turns } from '../../core/turn/turn.ts'
import { type Route, empty, json, type Exchange, type Reply, type RouteDoc } from '../route.ts'
import { createTurnRoutes } from './turn-routes.ts'
import {
  conversationDocs as docs,
  conversationParameter,
  modelDocs,
  type ConversationWithMessagesBody,
} from './bodies.ts'
import {
  getSchema,
  listSchema,
  placeAt,
  swapModelSchema,
  claimSchema,
  resultSchema,
} from './schemas.ts'
import * as schemas from './schemas.ts'
import { conversationBody, conversationListBody, messageBodies, messageBody } from './wire.ts'
import { ChatError } from '../../core/errors.ts'

export interface DialectDependencies {
  readonly conversations: Conversations
  readonly chatSearch: ChatSearch
  readonly turns: Turns
  readonly log: TurnLog
  readonly inference: Inference
  readonly attachments: Attachments
}

export function createConversationsDialect(dependencies: DialectDependencies): readonly Route[] {
  return [
    ...createConversationRoutes(dependencies),
    ...createTurnRoutes(dependencies),
    ...createAttachmentRoutes(dependencies.attachments),
    ...createToolRoutes(dependencies),
    ...createFeedbackRoutes(dependencies.conversations),
    ...createModelRoutes(dependencies.inference),
  ]
}

// Conversations: list, create, read, rename, delete.

function createConversationRoutes({
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
          const listed = items.map((conversation) => ({ conversation, score: 0 }))
          return json(conversationListBody(listed, page, hasMore))
        }
        const { found, hasMore } = await chatSearch.list(userId, { ...page, after, query })
        return json(conversationListBody(found, page, hasMore))
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

// Feedback: a visitor says whether an answer was good.

function createFeedbackRoutes(conversations: Conversations): readonly Route[] {
  return [
    {
      method: 'PUT',
      path: '/api/conversations/:id/messages/:mid/feedback',
      doc: docs.rate,
      async handle(exchange) {
        const { userId } = exchange.identity
        const id = exchange.id('id')
        const messageId = exchange.id('mid')
        await conversations.check(userId, id)
        const { rating, comment } = await exchange.json(schemas.feedbackSchema)
        const feedback = rating && { rating, comment: comment?.trim() ? comment : null }
        const rated = await conversations.rate(userId, id, messageId, feedback)
        return json(messageBody(rated, exchange.basePath))
      },
    },
  ]
}

// Files of messages, for their owners.

const doc: RouteDoc = {
  name: 'readAttachment',
  chapter: 'Conversations',
  summary: 'Reads a file that was sent with a message.',
  description:
    'It comes to be saved: texts as plain text, and nothing as a type that a browser runs.',
  parameters: { fileId: 'The file.' },
  responses: { 200: { description: 'The file.', contentType: '*/*' } },
}

function createAttachmentRoutes(attachments: Attachments): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/attachments/:fileId',
      doc,
      async handle(exchange) {
        const { userId } = exchange.identity
        const { attachment, bytes } = await attachments.read(userId, exchange.id('fileId'))
        const { filename, contentType } = attachment
        return { kind: 'file', filename, contentType: safeTypeOf(contentType), content: bytes }
      },
    },
  ]
}

// Tools of the page: which page runs a call, and what that gave.

const parameters = { ...conversationParameter, callId: 'The call, as its `tool_request` names it.' }

const refusals = {
  404: { description: 'No such call is waiting in this conversation.' },
  409: { description: 'Another page has claimed the call.' },
}

const toolDocs = {
  claim: {
    name: 'claimToolCall',
    chapter: 'Tools of the page',
    summary: 'Takes on a call of a tool of the page, before running it.',
    description: 'One page gets the call; the same page may claim it again.',
    parameters,
    body: claimSchema,
    responses: { 204: { description: 'The call is this page’s.' }, ...refusals },
  },
  result: {
    name: 'answerToolCall',
    chapter: 'Tools of the page',
    summary: 'Brings what a tool of the page gave; the answer goes on with it.',
    description:
      'Claims the call if nobody has. The same page may send the same again. An output over 20,000 characters of JSON is cut.',
    parameters,
    body: resultSchema,
    responses: { 204: { description: 'The result is taken.' }, ...refusals },
  },
} satisfies Readonly<Record<string, RouteDoc>>

interface ToolRoutesDependencies {
  readonly conversations: Conversations
  readonly turns: Pick<Turns, 'claimTool' | 'answerTool'>
}

function createToolRoutes(dependencies: ToolRoutesDependencies): readonly Route[] {
  const { conversations, turns } = dependencies

  /** @throws ChatError `not_found`, also when the conversation is somebody else's */
  const callOf = async (exchange: Exchange) => {
    const call = { conversationId: exchange.id('id'), callId: exchange.id('callId') }
    await conversations.check(exchange.identity.userId, call.conversationId)
    return call
  }

  return [
    {
      method: 'POST',
      path: '/api/conversations/:id/tool-calls/:callId/claim',
      doc: toolDocs.claim,
      async handle(exchange) {
        const call = await callOf(exchange)
        await turns.claimTool({ ...call, ...(await exchange.json(claimSchema)) })
        return empty(204)
      },
    },
    {
      method: 'POST',
      path: '/api/conversations/:id/tool-calls/:callId/result',
      doc: toolDocs.result,
      async handle(exchange) {
        const call = await callOf(exchange)
        const { claimant, ...result } = await exchange.json(resultSchema)
        await turns.answerTool({ ...call, claimant }, result)
        return empty(204)
      },
    },
  ]
}

// Models: what the model server has, and which one it runs.

/** How long `GET /api/models` may take, in milliseconds. */
const MODELS_TIMEOUT = 30_000
/** How long a model server may take to load another model, in milliseconds. */
const SWAP_TIMEOUT = 600_000

function createModelRoutes(inference: Inference): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/models',
      doc: modelDocs.list,
      handle: () => answerWithin(MODELS_TIMEOUT, (options) => inference.models(options)),
    },
    {
      method: 'POST',
      path: '/api/models/swap',
      doc: modelDocs.swap,
      role: 'admin',
      async handle(exchange) {
        const { model_tag } = await exchange.json(swapModelSchema)
        return await answerWithin(SWAP_TIMEOUT, async (options) => {
          // Absent where it is known from the start that the server cannot.
          if (inference.swapModel) return await inference.swapModel(model_tag, options)
          throw new ChatError('conflict', 'This model server cannot load another model.')
        })
      },
    },
  ]
}

/** What a model server answers, as it stands. */
async function answerWithin(
  milliseconds: number,
  ask: (options: Cancellable) => Promise<unknown>,
): Promise<Reply> {
  const signal = AbortSignal.timeout(milliseconds)
  try {
    return json(await ask({ signal }))
  } catch (error) {
    if (!signal.aborted || error instanceof ChatError) throw error
    throw new ChatError('inference_timeout', 'The model server did not answer in time.', {
      cause: error,
    })
  }
}
