/** What the API's description says of the conversations and of what stands beside them. */
import { z } from 'zod'
import type { RouteDoc } from '../route.ts'
import {
  conversationListSchema,
  conversationSchema,
  conversationWithMessagesSchema,
  messageSchema,
  modelsSchema,
} from './bodies.ts'
import { getSchema, listSchema } from './queries.ts'
import * as schemas from './schemas.ts'

export const conversationParameter = { id: 'The conversation.' }

const updated = {
  chapter: 'Conversations',
  description: 'At least one of the fields is needed. A title that was chosen is never replaced.',
  parameters: conversationParameter,
  body: schemas.updateSchema,
  responses: { 200: { description: 'The conversation as it is now.', schema: conversationSchema } },
} satisfies Omit<RouteDoc, 'name' | 'summary'>

export const conversationDocs = {
  list: {
    name: 'listConversations',
    chapter: 'Conversations',
    summary: 'Lists or searches conversations.',
    description:
      'The last changed come first. With `q` only those that have its words, the best first, each with the passage that says so. A page is followed by asking again with its `next_cursor`.',
    query: listSchema,
    responses: {
      200: { description: 'A page of the list.', schema: conversationListSchema },
      503: { description: 'Searching conversations is switched off.' },
    },
  },
  create: {
    name: 'createConversation',
    chapter: 'Conversations',
    summary: 'Creates a conversation.',
    body: schemas.createSchema,
    bodyIsOptional: true,
    responses: { 201: { description: 'The new conversation.', schema: conversationSchema } },
  },
  get: {
    name: 'getConversation',
    chapter: 'Conversations',
    summary: 'Reads a conversation with its messages.',
    description:
      'All of them, unless `messages_limit` or `before` say less; `has_more` tells that there are older ones.',
    parameters: conversationParameter,
    query: getSchema,
    responses: {
      200: { description: 'The conversation.', schema: conversationWithMessagesSchema },
    },
  },
  update: { name: 'updateConversation', summary: 'Renames or favours a conversation.', ...updated },
  patch: { name: 'patchConversation', summary: 'The same as PUT.', ...updated },
  remove: {
    name: 'deleteConversation',
    chapter: 'Conversations',
    summary: 'Erases a conversation with all its messages.',
    description: 'An answer that is being written is stopped.',
    parameters: conversationParameter,
    responses: { 204: { description: 'It is gone.' } },
  },
  rate: {
    name: 'rateMessage',
    chapter: 'Conversations',
    summary: 'Says whether an answer was good.',
    description: 'A `rating` of `null` takes it back.',
    parameters: { ...conversationParameter, mid: 'The answer.' },
    body: schemas.feedbackSchema,
    responses: { 200: { description: 'The message as it is now.', schema: messageSchema } },
  },
} satisfies Readonly<Record<string, RouteDoc>>

const modelServerErrors = {
  502: { description: 'The model server answered with an error.' },
  503: { description: 'The model server cannot be reached.' },
  504: { description: 'The model server did not answer in time.' },
}

export const modelDocs = {
  list: {
    name: 'listModels',
    chapter: 'Models',
    summary: 'Lists the models of the model server.',
    responses: {
      200: { description: 'The models.', schema: modelsSchema },
      ...modelServerErrors,
    },
  },
  swap: {
    name: 'swapModel',
    chapter: 'Models',
    summary: 'Has the model server load another model.',
    body: schemas.swapModelSchema,
    responses: {
      200: { description: 'What the model server said.', schema: z.unknown() },
      409: { description: 'This model server cannot do that.' },
      ...modelServerErrors,
    },
  },
} satisfies Readonly<Record<string, RouteDoc>>
