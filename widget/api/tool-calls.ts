/** What calls of the page's tools ask of a server; each function throws ApiError, or the abort's reason. */
import type { ToolClaimBody, ToolResultBody } from '../../server/protocol/api.ts'
import type { Cancellable, ChatClient } from './client.ts'

const post = async (
  client: ChatClient,
  [conversationId, callId, what]: readonly [string, string, string],
  body: object,
  how?: Cancellable,
) => {
  const at = `/api/conversations/${encodeURIComponent(conversationId)}/tool-calls`
  await client.request(`${at}/${encodeURIComponent(callId)}/${what}`, {
    ...how,
    method: 'POST',
    body,
  })
}

/** Takes on a call of the page's tool; `conflict` when another page has, `not_found` when it is over. */
export const claimToolCall = (
  client: ChatClient,
  conversationId: string,
  callId: string,
  body: ToolClaimBody,
  how?: Cancellable,
): Promise<void> => post(client, [conversationId, callId, 'claim'], body, how)

/** What the tool gave; fails as `claimToolCall` does. */
export const giveToolResult = (
  client: ChatClient,
  conversationId: string,
  callId: string,
  body: ToolResultBody,
  how?: Cancellable,
): Promise<void> => post(client, [conversationId, callId, 'result'], body, how)
