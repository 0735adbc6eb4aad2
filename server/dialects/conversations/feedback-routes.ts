/** Feedback: a visitor says whether an answer was good. */
import type { Conversations } from '../../core/conversations.ts'
import { json, type Route } from '../route.ts'
import { conversationDocs } from './docs.ts'
import * as schemas from './schemas.ts'
import { messageBody } from './wire.ts'

export function createFeedbackRoutes(conversations: Conversations): readonly Route[] {
  return [
    {
      method: 'PUT',
      path: '/api/conversations/:id/messages/:mid/feedback',
      doc: conversationDocs.rate,
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
