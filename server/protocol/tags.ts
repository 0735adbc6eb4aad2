/**
 * Tagged text: what a model says is one string in which reasoning and tools are marked
 * (`<think>…</think>`, `<|python_start|>…<|python_end|>`, `<|output_start|>…<|output_end|>`, the form of
 * nanochat's special tokens). This turns it into segments while it arrives, wherever it is cut. A message
 * may begin with thinking in other words (`<thinking>`, `[THINK]`); thinking without a word is none.
 */
import { CodeTracker } from './code-tracker.ts'
import {
  TAGS,
  THINK_END,
  THINK_START,
  TOOL_CALL_END,
  TOOL_CALL_START,
  TOOL_RESULT_END,
  TOOL_RESULT_START,
} from './marks.ts'

const OTHER_START = /^\s*(?:<(?:think(?:ing)?|thought|reasoning)>|\[THINK\])/i
const HALF_OTHER_START = /^\s{0,99}(?:<[a-z]{0,9}|\[[a-z]{0,5})?$/i

/** Thinking in other words, which a message begins with: the mark that opens it, with the space in front. */
export function otherThinking(text: string): string | undefined {
  const [mark] = OTHER_START.exec(text) ?? []
  return mark?.endsWith(THINK_START) ? undefined : mark
}

export type SegmentKind = 'text' | 'think' | 'tool_call' | 'tool_result'

export interface Segment {
  readonly kind: SegmentKind
  readonly content: string
  /** False only for a tag that was opened and has not been closed. */
  readonly closed: boolean
}

/** `index` counts the message's segments from 0. */
export type SegmentChange =
  | { readonly type: 'open'; readonly index: number; readonly kind: SegmentKind }
  | { readonly type: 'append'; readonly index: number; readonly text: string }
  | { readonly type: 'close'; readonly index: number }
  /** Text turned out to be thinking, because a `</think>` came that nothing had opened. */
  | { readonly type: 'rekind'; readonly index: number; readonly kind: SegmentKind }

export interface TagParser {
  /** Reads a piece of the text; returns what it changes. */
  push(text: string): readonly SegmentChange[]
  /** No more text will come; settles what was held back. */
  end(): readonly SegmentChange[]
}

interface ClosableParser extends TagParser {
  /** What ends all that is open, be it a tag or code, so that a tag behind it is one; no more can be read then. */
  closing(): string
}

const OPENING: Readonly<Record<string, SegmentKind>> = {
  [THINK_START]: 'think',
  [TOOL_CALL_START]: 'tool_call',
  [TOOL_RESULT_START]: 'tool_result',
}

const CLOSING: Readonly<Record<SegmentKind, string>> = {
  text: '',
  think: THINK_END,
  tool_call: TOOL_CALL_END,
  tool_result: TOOL_RESULT_END,
}

/** As long as the longest of them at least, and of those in other words. */
const LONGEST_TAG = 20

/** Characters that may wait for a code span's end; a text must not hold its reader up for ever. */
const LONGEST_LOOK_AHEAD = 4_000

/** Code is a matter of prose; a tool's JSON has none. */
const hasCode = (kind: SegmentKind) => kind === 'text' || kind === 'think'

/**
 * A tag after an unclosed backtick: it is text if the code span closes, a tag if the paragraph ends first. Until
 * then it waits with what came behind it.
 */
interface HeldTag {
  readonly tag: string
  after: string
  /** Reads as though the tag were text. */
  readonly ahead: CodeTracker
}

export function createTagParser(): ClosableParser {
  let changes: SegmentChange[] = []
  /** Kind of every segment so far; the last one is open when `open` is set. */
  const kinds: SegmentKind[] = []
  let open = false
  /** In front of this one no segment is text any more. */
  let thoughtBefore = 0
  let kind: SegmentKind = 'text'
  /** What ends thinking that was opened in other words. */
  let otherEnd: string | undefined
  /** Thinking in other words may begin here: nothing was said, or a tool gave its result. */
  let isStart = true
  /** Which segments have words. */
  const spoken: boolean[] = []
  /** Space in front of the first word of thinking. */
  let space = ''
  let code = new CodeTracker()
  /** Not read yet. */
  let pending = ''
  let held: HeldTag | undefined

  const openSegment = () => {
    changes.push({ type: 'open', index: kinds.length, kind })
    kinds.push(kind)
    open = true
  }

  const append = (piece: string) => {
    if (piece === '') return
    const text = space + piece
    const speaks = /\S/.test(text)
    // Thinking opens with its first word.
    const waits = !open && kind === 'think' && !speaks
    space = waits ? text : ''
    if (waits) return
    if (!open) openSegment()
    const index = kinds.length - 1
    spoken[index] ||= speaks
    changes.push({ type: 'append', index, text })
    if (hasCode(kind)) code.read(text)
  }

  const close = () => {
    if (open) changes.push({ type: 'close', index: kinds.length - 1 })
    isStart = kind === 'tool_result'
    open = false
    kind = 'text'
    otherEnd = undefined
    space = ''
    code = new CodeTracker()
  }

  const start = (next: SegmentKind) => {
    close()
    isStart = false
    kind = next
    if (kind !== 'think') openSegment()
  }

  const applyTag = (tag: string) => {
    const opens = OPENING[tag]
    if (kind !== 'text') return close()
    if (opens) return start(opens)
    if (tag !== THINK_END) return
    close()
    for (; thoughtBefore < kinds.length; thoughtBefore += 1) {
      if (kinds[thoughtBefore] !== 'text' || !spoken[thoughtBefore]) continue
      kinds[thoughtBefore] = 'think'
      changes.push({ type: 'rekind', index: thoughtBefore, kind: 'think' })
    }
  }

  /** Reads on behind a held tag until it is clear what that is. */
  const lookAhead = ({ ahead, after }: HeldTag): 'code' | 'text' | undefined => {
    if (after.length >= LONGEST_LOOK_AHEAD) return 'text'
    const character = pending.charAt(0)
    ahead.read(character)
    // The tag stood on the line that opened a fence: it is part of the fence's info string.
    if (ahead.inFence && character === '\n' && !after.includes('\n')) return 'code'
    return ahead.settled
  }

  /** True when nothing is held any more and `pending` goes on from there. */
  const settleHeld = (atEnd: boolean): boolean => {
    if (!held) return true
    let settled: 'code' | 'text' | undefined
    while (pending !== '' && !settled) {
      settled = lookAhead(held)
      held.after += pending.charAt(0)
      pending = pending.slice(1)
    }
    if (!settled && !atEnd) return false
    const { tag, after, ahead } = held
    held = undefined
    if (settled === 'code') {
      code = ahead
      changes.push({ type: 'append', index: kinds.length - 1, text: tag + after })
    } else {
      code.forgetOpenRuns()
      pending = after + pending
      applyTag(tag)
    }
    return true
  }

  const meetTag = (tag: string) => {
    const state = hasCode(kind) ? code.state() : 'text'
    if (state === 'code') return append(tag)
    if (state === 'text') return applyTag(tag)
    const ahead = code.fork()
    ahead.read(tag)
    held = { tag, after: '', ahead }
  }

  /** Takes the start of thinking in other words, if it is there; false while it may come. */
  const readStart = (atEnd: boolean): boolean => {
    const opening = otherThinking(pending)
    if (opening === undefined && !atEnd && HALF_OTHER_START.test(pending)) return false
    isStart = false
    if (opening !== undefined) {
      pending = pending.slice(opening.length)
      start('think')
      otherEnd = opening.trim().toLowerCase().replace(/^./, '$&/')
    }
    return true
  }

  /** The tag that the text not read yet starts with, or `undefined`; `'maybe'` for what may become one. */
  const tagHere = (): string | undefined => {
    const own = kind === 'text' ? TAGS : [CLOSING[kind]]
    const tags = otherEnd === undefined ? own : [otherEnd, THINK_END]
    const here = pending.slice(0, LONGEST_TAG)
    const text = otherEnd === undefined ? here : here.toLowerCase()
    const tag = tags.find((candidate) => text.startsWith(candidate))
    if (tag !== undefined) return here.slice(0, tag.length)
    return tags.some((candidate) => candidate.startsWith(text)) ? 'maybe' : undefined
  }

  const readPending = (atEnd: boolean) => {
    while (settleHeld(atEnd) && pending !== '') {
      if (isStart && !readStart(atEnd)) return
      const at = pending.search(otherEnd === undefined ? /</ : /[<[]/)
      if (at < 0) {
        append(pending)
        pending = ''
        return
      }
      append(pending.slice(0, at))
      pending = pending.slice(at)
      const tag = tagHere()
      if (tag === 'maybe' && !atEnd) return
      if (tag === undefined || tag === 'maybe') {
        append(pending.charAt(0))
        pending = pending.slice(1)
      } else {
        pending = pending.slice(tag.length)
        meetTag(tag)
      }
    }
  }

  const take = () => {
    const taken = changes
    changes = []
    return taken
  }

  return {
    push(text) {
      pending += text
      readPending(false)
      return take()
    },
    end() {
      readPending(true)
      if (open && kind === 'text') close()
      return take()
    },
    closing() {
      readPending(false)
      // The end of the paragraph tells what a held tag is.
      const settling = held ? '\n\n' : ''
      pending += settling
      readPending(true)
      return settling + (hasCode(kind) ? code.closing() : '') + CLOSING[kind]
    },
  }
}

/** The segments of a whole message. */
export function parseTagged(text: string): readonly Segment[] {
  const segments: { kind: SegmentKind; content: string; closed: boolean }[] = []
  const parser = createTagParser()
  for (const change of [...parser.push(text), ...parser.end()]) {
    if (change.type === 'open') {
      segments.push({ kind: change.kind, content: '', closed: false })
      continue
    }
    const segment = segments[change.index]
    if (!segment) continue
    if (change.type === 'append') segment.content += change.text
    else if (change.type === 'close') segment.closed = true
    else segment.kind = change.kind
  }
  return segments
}

/** The text without its thinking: what may go back to a model. */
export function withoutThinking(text: string): string {
  if (!/<\/?(?:think|thought|reasoning)|\[think/i.test(text)) return text
  const openings = { text: '', tool_call: TOOL_CALL_START, tool_result: TOOL_RESULT_START }
  return parseTagged(text)
    .map(({ kind, content }) => (kind === 'think' ? '' : openings[kind] + content + CLOSING[kind]))
    .join('')
    .trim()
}

/* How the result of a tool stands in tagged text. */

/** What a tool gave. */
type ToolOutcome =
  | { readonly success: true; readonly output: unknown }
  | { readonly success: false; readonly error: string }

/**
 * The result as a tag. No tag can stand inside it: what could begin one is escaped, which is the same JSON.
 * @throws TypeError, RangeError when the output is no JSON, or nested too deeply to be written
 */
export function writeToolResult(tool: string, outcome: ToolOutcome): string {
  const { success } = outcome
  const output = outcome.success ? (outcome.output ?? null) : null
  const error = outcome.success ? null : outcome.error
  const json = JSON.stringify({ tool, success, output, error }).replaceAll('<|', '\\u003c|')
  return TOOL_RESULT_START + json + TOOL_RESULT_END
}

/** Ends the code block or code span that prose without tags leaves open; empty when it leaves none. */
export function sealCode(text: string): string {
  if (!text.includes('`') && !text.includes('~~~')) return ''
  const tracker = new CodeTracker()
  tracker.read(text)
  return tracker.closing()
}

/** Ends whatever tagged text leaves open, be it a tag or code; empty when it leaves nothing open. */
export function closeTagged(text: string): string {
  const parser = createTagParser()
  parser.push(text)
  return parser.closing()
}
