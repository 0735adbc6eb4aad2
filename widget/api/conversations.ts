/** What the list of conversations asks of a server; each function throws ApiError, or the abort's reason. */
import { ApiError } from './api-error.ts'
import { isObject, listIn, textIn } from './check.ts'
import { conversationPath, type Cancellable, type ChatClient } from './client.ts'
import { readJson } from './decode-body.ts'
import { decodeSummary, type ConversationSummary } from './decode-conversation.ts'

export interface ListedConversation extends ConversationSummary {
  /** Of a search: the passage that was found. */
  readonly snippet: string | null
}

export interface ConversationsPage {
  /** Newest first; of a search: best first. */
  readonly items: readonly ListedConversation[]
  /** Asks for the page that follows. */
  readonly nextCursor: string | null
}

export interface ConversationsRequest extends Cancellable {
  readonly limit?: number
  readonly cursor?: string | null
  /** Words to look for. */
  readonly query?: string
}

function decodeListed(body: unknown): readonly ListedConversation[] {
  if (!isObject(body) || textIn(body, 'id') === undefined) return []
  return [{ ...decodeSummary(body), snippet: textIn(body, 'snippet') ?? null }]
}

/** One page of the visitor's conversations. */
export async function listConversations(
  client: ChatClient,
  { limit, cursor, query, signal }: ConversationsRequest = {},
): Promise<ConversationsPage> {
  const asked = new URLSearchParams()
  if (limit !== undefined) asked.set('limit', String(limit))
  if (cursor) asked.set('cursor', cursor)
  if (query) asked.set('q', query)
  const path = asked.size > 0 ? `/api/conversations?${asked}` : '/api/conversations'
  const body = await readJson(await client.request(path, { signal }), { signal })
  if (!isObject(body)) throw new ApiError('misconfigured')
  return {
    items: listIn(body, 'items').flatMap(decodeListed),
    nextCursor: textIn(body, 'next_cursor') ?? null,
  }
}

/** Gives a conversation another title. */
export async function renameConversation(
  client: ChatClient,
  id: string,
  title: string,
): Promise<ConversationSummary> {
  const response = await client.request(conversationPath(id), { method: 'PATCH', body: { title } })
  return decodeSummary(await readJson(response))
}

/** Erases a conversation; `keepalive`: also when the page is being left. One that is gone already is no failure. */
export async function removeConversation(
  client: ChatClient,
  id: string,
  { keepalive = false } = {},
): Promise<void> {
  try {
    await client.request(conversationPath(id), { method: 'DELETE', keepalive })
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'not_found') throw error
  }
}
