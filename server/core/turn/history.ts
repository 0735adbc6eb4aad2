/** What of a conversation goes to a model, and where the system prompt stands in it. All pure. */
import type { HistoryFile, HistoryMessage } from '../ports/index.ts'
import { historyAnswer, type HistoryAnswer } from './history-tools.ts'

export interface HistoryLimits {
  /** Messages. */
  readonly messages: number
  /** Unicode code points of all messages together. */
  readonly characters: number
}

/** What of the limit the newest message's files may take from earlier messages. */
const NEWEST_FILES = 0.75
/** Code points that they get, whatever the limit. */
const LEAST_FOR_FILES = 1_000
/** Code points around a file's text: its name, its fence. */
const AROUND_FILE = 100

/**
 * The newest messages within the limits, oldest first; the newest always goes. What was said goes before
 * what tools gave and what files hold: that is cut or left out first, the oldest before the newest. Only
 * the newest message's own files go before what was said earlier.
 */
export function limitHistory(
  messages: readonly HistoryMessage[],
  limits: HistoryLimits,
): readonly HistoryMessage[] {
  const kept: (HistoryAnswer & Omit<HistoryMessage, 'content'>)[] = []
  const reserved = roomForFiles(messages.at(-1), limits)
  let left = limits.characters - reserved
  for (const { role, content, files, metadata } of messages.toReversed()) {
    const message = role === 'assistant' ? historyAnswer(content) : { text: content, withTools: [] }
    const length = countCodePoints(message.text)
    if (kept.length > 0 && (kept.length >= limits.messages || length > left)) break
    left -= length
    kept.push({ role, ...message, ...(files && { files }), ...(metadata && { metadata }) })
  }
  left += reserved
  const sent = kept.map(({ text, withTools, files, ...message }, index): HistoryMessage => {
    const room = left + countCodePoints(text)
    const content = withTools.find((longer) => countCodePoints(longer) <= room) ?? text
    left = room - countCodePoints(content)
    if (!files) return { ...message, content }
    const cut = cutFiles(files, index === 0 ? Math.max(left, reserved) : left)
    left -= lengthOf(cut)
    return { ...message, content, files: cut }
  })
  return sent.toReversed()
}

/**
 * The messages without questions that stand there twice because the first got no answer: asked again, it is the
 * same question to a model. Files that only the first one has stay with it.
 */
export function withoutRepetitions<
  Asked extends Pick<HistoryMessage, 'role' | 'content'> & {
    readonly attachments?: readonly unknown[]
  },
>(messages: readonly Asked[]): readonly Asked[] {
  const asked = new Map<string, Asked>()
  const kept = messages.toReversed().filter((message) => {
    if (message.role === 'assistant') asked.clear()
    if (message.role !== 'user') return true
    const words = message.content.trim().replaceAll(/\s+/g, ' ')
    const again = asked.get(words)
    if (!again) asked.set(words, message)
    return !again || (message.attachments !== undefined && again.attachments === undefined)
  })
  return kept.toReversed()
}

/** Images are not counted: no server counts them by their bytes. */
const lengthOf = (files: readonly HistoryFile[]) =>
  files.reduce(
    (sum, file) => sum + AROUND_FILE + (file.kind === 'text' ? countCodePoints(file.text) : 0),
    0,
  )

function roomForFiles(newest: HistoryMessage | undefined, { characters }: HistoryLimits): number {
  if (!newest?.files) return 0
  const most = Math.max(LEAST_FOR_FILES, Math.floor(characters * NEWEST_FILES))
  return Math.min(most, lengthOf(newest.files))
}

/** The files within so many code points: small ones whole, the others as long as one another. */
export function cutFiles(
  files: readonly HistoryFile[],
  characters: number,
): readonly HistoryFile[] {
  const lengths = files.flatMap((file) => (file.kind === 'text' ? countCodePoints(file.text) : []))
  const share = fairShare(lengths, characters - AROUND_FILE * files.length)
  return files.map((file) => {
    if (file.kind !== 'text') return file
    // The provider of a thread has the file itself.
    if (share <= 0 && file.text !== '' && !file.source) {
      return { kind: 'left_out', name: file.name, reason: 'left out, as there is no room for it' }
    }
    const text = firstCodePoints(file.text, Math.max(0, share))
    return { ...file, text, isCut: file.isCut || text.length < file.text.length }
  })
}

/** The most that each may have, when together they have no more than the room. */
function fairShare(lengths: readonly number[], room: number): number {
  let left = room
  const ascending = lengths.toSorted((one, other) => one - other)
  for (const [index, length] of ascending.entries()) {
    const share = Math.floor(left / (ascending.length - index))
    if (length > share) return share
    left -= length
  }
  return ascending.at(-1) ?? 0
}

export function countCodePoints(text: string): number {
  let count = 0
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    const next = text.charCodeAt(index + 1)
    if (unit >= 0xd800 && unit <= 0xdbff && next >= 0xdc00 && next <= 0xdfff) index += 1
    count += 1
  }
  return count
}

/** At most `limit` code points, never half a surrogate pair. */
export function firstCodePoints(text: string, limit: number): string {
  return Array.from(text.slice(0, limit * 2))
    .slice(0, limit)
    .join('')
}
