/** What of a conversation goes to a model, and where the system prompt stands in it. All pure. */
import { countCodePoints, firstCodePoints } from '../../text/code-points.ts'
import { isRecord } from '../../text/json.ts'
import type { HistoryFile, HistoryMessage } from '../ports/index.ts'
import {
  TOOL_CALL_END,
  TOOL_CALL_START,
  TOOL_RESULT_END,
  TOOL_RESULT_START,
} from '../../protocol/marks.ts'
import { parseTagged, withoutThinking, type Segment, writeToolResult } from '../../protocol/tags.ts'

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

// Earlier answers in several lengths, so that what tools gave does not crowd out what was said.

/** UTF-16 units of a result that is cut: enough to know what it was about. */
const HEAD = 300

/** An answer as it may go to a model, without its thinking. */
interface HistoryAnswer {
  /** With its tools, the longest first. None when it has called none. */
  readonly withTools: readonly string[]
  /** What it says by itself. */
  readonly text: string
}

/** The lengths in which an earlier answer may be sent. */
export function historyAnswer(stored: string): HistoryAnswer {
  const content = withoutThinking(stored)
  // Most answers have called nothing, and need not be taken apart.
  if (!content.includes(TOOL_CALL_START) && !content.includes(TOOL_RESULT_START)) {
    return { withTools: [], text: content }
  }
  const segments = parseTagged(content)
  const short = segments.map(written).join('').trim()
  const text = segments
    .map((segment) => (segment.kind === 'text' ? segment.content : ''))
    .join('')
    .trim()
  return { withTools: [content, short], text }
}

/** A segment as it stood in the text, a tool's result cut. */
function written({ kind, content }: Segment): string {
  if (kind === 'tool_call') return TOOL_CALL_START + content + TOOL_CALL_END
  return kind === 'tool_result' ? cutResult(content) : content
}

function cutResult(json: string): string {
  const whole = TOOL_RESULT_START + json + TOOL_RESULT_END
  if (json.length <= HEAD) return whole
  const { tool, text } = readResult(json)
  // Never half a surrogate pair.
  const head = text.slice(0, HEAD).replace(/[\ud800-\udbff]$/, '')
  const output = `${head}\n[cut here; the whole has ${text.length} characters]`
  return writeToolResult(tool, { success: true, output })
}

/** What a tool gave, as text. */
function readResult(json: string): { readonly tool: string; readonly text: string } {
  try {
    const result: unknown = JSON.parse(json)
    const { tool, output, error } = isRecord(result) ? result : {}
    const given = output ?? error ?? result
    const text = typeof given === 'string' ? given : JSON.stringify(given)
    return { tool: typeof tool === 'string' ? tool : '', text }
  } catch {
    // A server may have written anything between the tags: what is no JSON, or nested too deeply to be written.
    return { tool: '', text: json }
  }
}
