import { textIn } from './check.ts'
import { decodeId, objectOf } from './decode-body.ts'

/** A conversation, without its messages. */
export interface ConversationSummary {
  readonly id: string
  readonly title: string
  /** ISO 8601, UTC. */
  readonly updatedAt: string
}

export function decodeSummary(body: unknown): ConversationSummary {
  const summary = objectOf(body)
  return {
    id: decodeId(body),
    title: textIn(summary, 'title') ?? '',
    updatedAt: textIn(summary, 'updated_at') ?? '',
  }
}
