/** Tools of the page: which page runs a call, and what that gave. */
import type { ClientTools } from '../../core/page-tools.ts'
import type { Conversations } from '../../core/conversations.ts'
import { empty, type Exchange, type Route } from '../route.ts'
import { toolDocs } from './tool-docs.ts'
import { claimSchema, resultSchema } from './tool-schemas.ts'

export interface ToolRoutesDependencies {
  readonly conversations: Conversations
  readonly clientTools: ClientTools
}

export function createToolRoutes(dependencies: ToolRoutesDependencies): readonly Route[] {
  const { conversations, clientTools } = dependencies

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
        clientTools.claim({ ...call, ...(await exchange.json(claimSchema)) })
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
        clientTools.answer({ ...call, claimant }, result)
        return empty(204)
      },
    },
  ]
}
