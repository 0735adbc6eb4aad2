/** What calls of the page's tools ask of a server; each function throws ApiError, or the abort's reason. */
import type { ToolClaimBody, ToolResultBody } from '../../server/protocol/api.ts'
import type { Cancellable, ChatClient } from './client.ts'
import type { ToolProgressEvent, ToolRequestEvent } from '../../server/protocol/events.ts'
import { isObject, numberIn, oneOf, textIn, type JsonObject } from './check.ts'

const TOOL_STATES = ['claimed', 'settled'] as const
/** For a server that does not say how long it waits. */
const DEFAULT_TOOL_TIMEOUT_MS = 60_000

function decodeToolRequest(wire: JsonObject): ToolRequestEvent | undefined {
  const call_id = textIn(wire, 'call_id')
  const tool = textIn(wire, 'tool')
  const args = wire['arguments']
  if (call_id === undefined || tool === undefined || !isObject(args)) return undefined
  const timeout_ms = numberIn(wire, 'timeout_ms') ?? DEFAULT_TOOL_TIMEOUT_MS
  return { type: 'tool_request', call_id, tool, arguments: args, timeout_ms }
}

function decodeToolProgress(wire: JsonObject): ToolProgressEvent | undefined {
  const call_id = textIn(wire, 'call_id')
  const state = oneOf(TOOL_STATES, wire['state'])
  if (call_id === undefined || state === undefined) return undefined
  return { type: 'tool_progress', call_id, state, claimant: textIn(wire, 'claimant') ?? null }
}

/** What is asked of the page's tools, or became of that; `undefined` for what names no call. */
export function decodeToolEvent(
  wire: JsonObject,
): ToolRequestEvent | ToolProgressEvent | undefined {
  if (isObject(wire['tool_request'])) return decodeToolRequest(wire['tool_request'])
  if (isObject(wire['tool_progress'])) return decodeToolProgress(wire['tool_progress'])
  return undefined
}

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
