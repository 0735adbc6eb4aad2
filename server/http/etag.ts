/** Entity tags: what a client that has something already says it has. */
import { createHash } from 'node:crypto'

/** The tag of some content; the same content always has the same. */
export function etagOf(content: string | Uint8Array): string {
  return `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`
}

/** Whether a request's `If-None-Match` names the tag. */
export function namesTag(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = ifNoneMatch?.split(',') ?? []
  return tags.some((tag) => tag.trim().replace(/^W\//, '') === etag)
}
