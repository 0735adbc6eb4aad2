/** The lines of a file of drafts: what came of an answer since the line before, or that it is done. */
import { z } from 'zod'
import type { Draft } from '../core/ports/index.ts'
import { messageSchema } from './records.ts'

const savedLine = z.object({
  ownerId: z.string(),
  /** Its content is only what stands behind `from`, in UTF-16 units. */
  userMessageId: z.string().optional(),
  message: messageSchema,
  from: z.int().min(0).default(0),
})
const removedLine = z.object({ removed: z.string() })
const draftLine = z.union([savedLine, removedLine])

export function savedLineOf(draft: Draft, from: number): string {
  const { ownerId, message, userMessageId } = draft
  const content = message.content.slice(from)
  return `${JSON.stringify({ ownerId, userMessageId, message: { ...message, content }, from })}\n`
}

export const removedLineOf = (messageId: string) => `${JSON.stringify({ removed: messageId })}\n`

/** Puts the drafts of one file together, by message; `unreadable`: how many lines made no sense. */
export function readDraftLines(text: string): {
  readonly drafts: ReadonlyMap<string, Draft>
  readonly unreadable: number
} {
  const drafts = new Map<string, Draft>()
  let unreadable = 0
  // What stands behind the last line end is a line that its process did not live to finish.
  for (const line of text.split('\n').slice(0, -1)) {
    const parsed = draftLine.safeParse(parse(line))
    if (!parsed.success) unreadable += 1
    else if ('removed' in parsed.data) drafts.delete(parsed.data.removed)
    else {
      const { ownerId, userMessageId, message, from } = parsed.data
      const before = drafts.get(message.id)?.message.content ?? ''
      // The line between is one of those that make no sense.
      if (before.length < from) continue
      const content = before.slice(0, from) + message.content
      const draft = { ownerId, message: { ...message, content } }
      drafts.set(message.id, userMessageId === undefined ? draft : { ...draft, userMessageId })
    }
  }
  return { drafts, unreadable }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    // The schema refuses what is not there.
    return undefined
  }
}
