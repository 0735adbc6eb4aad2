import type { TextReply } from '../dialects/route.ts'
import { namesTag } from './etag.ts'

/** A text as a response; `304` when the client has it. */
export function textResponse(reply: TextReply, ifNoneMatch: string | undefined): Response {
  const { contentType, text, etag } = reply
  const headers = {
    'content-type': contentType,
    'cache-control': etag === undefined ? 'no-store' : 'no-cache',
    ...(etag !== undefined && { etag }),
    ...reply.headers,
  }
  return etag !== undefined && namesTag(ifNoneMatch, etag)
    ? new Response(null, { status: 304, headers })
    : new Response(text, { headers })
}
