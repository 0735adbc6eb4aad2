/**
 * Models mark their reasoning in ways of their own, and not every model server takes the marks out. Those at the
 * start of an answer are read here; anywhere else they are what the model says.
 */
import { isRecord, type JsonRecord, parseJson } from '../../text/json.ts'
import type { ReasoningField } from './chunk.ts'
import { closeTagged, sealCode } from '../../protocol/tags.ts'
import { THINK_END, THINK_START, TOOL_CALL_END, TOOL_CALL_START } from '../../protocol/marks.ts'

/** Takes what was told apart. */
export interface MarkedSink {
  thought(text: string): void
  prose(text: string): void
}

const THOUGHT = { open: '<thought>', close: '</thought>' }

/** Of prompts that ask for them, Gemini, Magistral, Seed, Kimi, Sky and Command; `<think>` is our own. */
const MARKS: readonly { readonly open: string; readonly close: string }[] = [
  { open: '<thinking>', close: '</thinking>' },
  { open: '<reasoning>', close: '</reasoning>' },
  THOUGHT,
  { open: '[THINK]', close: '[/THINK]' },
  { open: '<seed:think>', close: '</seed:think>' },
  { open: '◁think▷', close: '◁/think▷' },
  { open: '<|begin_of_thought|>', close: '<|end_of_thought|>' },
  { open: '<|START_THINKING|>', close: '<|END_THINKING|>' },
]

/**
 * What stands before a message of gpt-oss (`<|channel|>analysis<|message|>…<|end|>`) or of Gemma
 * (`<|channel>thought`, a line end, `…<channel|>`).
 */
const HEAD =
  /^(?:<\|start\|>assistant)?(?:<\|channel\|>([^<]*)(?:<\|constrain\|>[^<]*)?<\|message\|>|<\|channel>([^<\n]*)\n)/
const HEAD_STARTS = ['<|start|>assistant<|channel|>', '<|channel|>', '<|channel>']
/** Characters; what is longer is none. */
const LONGEST_HEAD = 200
const MESSAGE_ENDS = ['<|end|>', '<|return|>', '<|call|>', '<channel|>']
/** The messages that are for the reader; a call is none, whatever its channel. */
const FOR_THE_READER = /^(?:final|response|commentary)\s*$/

type State =
  /** Nothing but blanks has come. */
  | { readonly kind: 'start' }
  /** In a text that goes to one of these ends. */
  | {
      readonly kind: 'marked'
      readonly isThought: boolean
      readonly ends: readonly string[]
      readonly next: 'over' | 'between'
    }
  /** Behind a message, where another may begin. */
  | { readonly kind: 'between' }
  /** In reasoning, or just behind it, that the server tells by a sign beside the text. */
  | { readonly kind: 'told'; readonly isNew: boolean }
  | { readonly kind: 'over' }

/**
 * Tells the reasoning at the start of an answer's text from what follows it, wherever the text is cut. Nothing is
 * held back but the beginning of what may be a mark.
 */
export class ReasoningMarks {
  #state: State = { kind: 'start' }
  #pending = ''

  /** All that comes is prose, and need not be read here. */
  get isOver(): boolean {
    return this.#state.kind === 'over'
  }

  read(text: string, sink: MarkedSink): void {
    this.#pending += text
    while (this.#step(sink));
  }

  /** Reads text that the server itself calls reasoning; Gemini's has marks all the same, the last one behind it. */
  readThought(text: string, sink: MarkedSink): void {
    if (this.#state.kind !== 'told') {
      this.end(sink)
      this.#state = { kind: 'told', isNew: true }
    }
    this.#pending += text
    if (this.#state.isNew && isStartOf(this.#pending, [THOUGHT.open])) return
    const pending = this.#state.isNew ? without(THOUGHT.open, this.#pending) : this.#pending
    this.#state = { kind: 'told', isNew: false }
    this.#pending = lastStartOf(pending, [THOUGHT.close])
    const ready = pending.slice(0, pending.length - this.#pending.length)
    give(ready.replaceAll(THOUGHT.close, ''), true, sink)
  }

  /** No more of it is to come: what was held back is what it seemed. */
  end(sink: MarkedSink): void {
    const state = this.#state
    const rest = this.#pending
    this.#state = { kind: 'over' }
    this.#pending = ''
    give(rest, state.kind === 'told' || (state.kind === 'marked' && state.isThought), sink)
  }

  /** Reads what is pending as far as one state goes; false when more has to come. */
  #step(sink: MarkedSink): boolean {
    const state = this.#state
    switch (state.kind) {
      case 'start':
      case 'between':
        return this.#readStart(state.kind, sink)
      case 'marked':
        return this.#readMarked(state, sink)
      case 'told':
        if (isStartOf(this.#pending, [THOUGHT.close])) return false
        this.#pending = without(THOUGHT.close, this.#pending)
        this.#state = { kind: 'over' }
        return true
      case 'over':
        give(this.#pending, false, sink)
        this.#pending = ''
        return false
    }
  }

  #readStart(kind: 'start' | 'between', sink: MarkedSink): boolean {
    const text = this.#pending.trimStart()
    if (kind === 'start') {
      give(this.#pending.slice(0, this.#pending.length - text.length), false, sink)
      this.#pending = text
    }
    if (text === '') return false
    const mark = kind === 'start' ? MARKS.find(({ open }) => text.startsWith(open)) : undefined
    if (mark) {
      this.#pending = text.slice(mark.open.length)
      this.#state = { kind: 'marked', isThought: true, ends: [mark.close], next: 'over' }
      return true
    }
    const head = HEAD.exec(text.slice(0, LONGEST_HEAD))
    if (head) {
      const isThought = !FOR_THE_READER.test(head[1] ?? head[2] ?? '')
      this.#pending = text.slice(head[0].length)
      this.#state = { kind: 'marked', isThought, ends: MESSAGE_ENDS, next: 'between' }
      return true
    }
    const marks = kind === 'start' ? MARKS.map(({ open }) => open) : []
    const isHead = HEAD_STARTS.some((start) => text.startsWith(start))
    if (isHead ? text.length < LONGEST_HEAD : isStartOf(text, [...marks, ...HEAD_STARTS]))
      return false
    this.#state = { kind: 'over' }
    return true
  }

  #readMarked(
    { isThought, ends, next }: Extract<State, { kind: 'marked' }>,
    sink: MarkedSink,
  ): boolean {
    const text = this.#pending
    const found = ends
      .map((end) => ({ end, at: text.indexOf(end) }))
      .filter(({ at }) => at >= 0)
      .toSorted((one, other) => one.at - other.at)[0]
    if (!found) {
      this.#pending = lastStartOf(text, ends)
      give(text.slice(0, text.length - this.#pending.length), isThought, sink)
      return false
    }
    give(text.slice(0, found.at), isThought, sink)
    this.#pending = text.slice(found.at + found.end.length)
    this.#state = { kind: next }
    return true
  }
}

function give(text: string, isThought: boolean, sink: MarkedSink): void {
  if (text === '') return
  if (isThought) sink.thought(text)
  else sink.prose(text)
}

/** Whether the text is the beginning of one of the marks, and no more. */
const isStartOf = (text: string, marks: readonly string[]) =>
  marks.some((mark) => text.length < mark.length && mark.startsWith(text))

/** The longest end of the text that is the beginning of one of the marks. */
function lastStartOf(text: string, marks: readonly string[]): string {
  const longest = Math.max(...marks.map((mark) => mark.length)) - 1
  for (let at = Math.max(0, text.length - longest); at < text.length; at += 1) {
    const tail = text.slice(at)
    if (isStartOf(tail, marks)) return tail
  }
  return ''
}

const without = (mark: string, text: string) =>
  text.startsWith(mark) ? text.slice(mark.length) : text

/** What a piece takes even when it says nothing. */
const LEAST = 8

/**
 * Keeps an answer's reasoning as the server sent it: while the model calls tools, some servers want it
 * back, and each under the very name that it uses itself.
 */
export class ReasoningKeeper {
  readonly #texts = new Map<ReasoningField, string[]>()
  readonly #details: JsonRecord[] = []

  text(text: string, field: ReasoningField): void {
    const pieces = this.#texts.get(field)
    if (pieces) pieces.push(text)
    else this.#texts.set(field, [text])
  }

  /** `eventLength` is that of the event's data. Gives back how many characters are kept, about. */
  details(pieces: readonly unknown[], eventLength: number): number {
    const entries = this.#details.length
    let length = 0
    for (const piece of pieces) {
      if (!isRecord(piece)) continue
      addDetail(this.#details, piece)
      length += LEAST + lengthOf(piece.text) + lengthOf(piece.summary) + lengthOf(piece.data)
    }
    // Of the pieces of one entry only the text adds up; a new one is kept as it is.
    return this.#details.length > entries ? eventLength : length
  }

  /** The fields that go back beside the answer; `undefined` for none. */
  carry(): JsonRecord | undefined {
    // Details say all that the text says, and sign it.
    if (this.#details.length > 0) return { reasoning_details: this.#details }
    const fields = Array.from(this.#texts, ([field, pieces]) => [field, pieces.join('')] as const)
    return fields.length > 0 ? Object.fromEntries(fields) : undefined
  }
}

const lengthOf = (value: unknown) => (typeof value === 'string' ? value.length : 0)

/** A text that comes in pieces is one entry; an encrypted one comes whole. */
function addDetail(details: JsonRecord[], piece: JsonRecord): void {
  const last = details.at(-1)
  const continues =
    last !== undefined &&
    last.type === piece.type &&
    (last.index ?? 0) === (piece.index ?? 0) &&
    (typeof piece.text === 'string' || typeof piece.summary === 'string' || isSignature(piece))
  if (!continues) {
    details.push(piece)
    return
  }
  const known = Object.entries(piece).filter(([, value]) => value !== null)
  details[details.length - 1] = {
    ...last,
    ...Object.fromEntries(known),
    ...joined('text', last, piece),
    ...joined('summary', last, piece),
  }
}

/** The signature of a text comes behind it, by itself. */
const isSignature = (piece: JsonRecord) =>
  typeof piece.signature === 'string' && typeof piece.data !== 'string'

function joined(field: 'text' | 'summary', last: JsonRecord, piece: JsonRecord): JsonRecord {
  const [before, after] = [last[field], piece[field]]
  return typeof before === 'string' && typeof after === 'string' ? { [field]: before + after } : {}
}

/** A call as the model wrote it. */
interface CalledTool {
  readonly name: string
  /** JSON text, or empty. */
  readonly arguments: string
}

/**
 * Writes reasoning, text and tool calls as one tagged text. Each gives the piece of text that is written for
 * it, which may be empty; a tag travels with the text that follows it.
 */
export class TaggedWriter {
  #isThinking = false
  /** What was written since the last tag. */
  #written: string[] = []
  /** The end of the reasoning so far, where it may be the beginning of an end tag. */
  #held = ''

  reasoning(text: string): string {
    const opening = this.#isThinking ? '' : this.#startTag(THINK_START)
    this.#isThinking = true
    const clean = withoutEndTags(this.#held + text)
    this.#held = startOfEndTag(clean)
    const ready = clean.slice(0, clean.length - this.#held.length)
    this.#written.push(ready)
    return opening + ready
  }

  text(text: string): string {
    const closing = this.end()
    this.#written.push(text)
    return closing + text
  }

  toolCall(call: CalledTool): string {
    const closing = this.end()
    return closing + this.#startTag(TOOL_CALL_START + toolCallJson(call) + TOOL_CALL_END)
  }

  /** Makes thinking of all that was written so far. */
  turnIntoThinking(): string {
    return `${this.end()}${this.#endTag()}\n\n`
  }

  /** Closes what is open. */
  end(): string {
    if (!this.#isThinking) return ''
    this.#isThinking = false
    const rest = this.#held
    this.#held = ''
    this.#written.push(rest)
    return rest + this.#endTag()
  }

  #endTag(): string {
    const sealed = sealCode(this.#written.join('')) + THINK_END
    this.#written = []
    return sealed
  }

  /** What the model has opened in its own text is closed before a tag of ours. */
  #startTag(text: string): string {
    const closed = closeTagged(this.#written.join('')) + text
    this.#written = []
    return closed
  }
}

/** Reasoning that a server marks by itself needs no tag, and an end tag inside it would end it too soon. */
function withoutEndTags(text: string): string {
  return text.includes('<') ? text.replaceAll(THINK_END, '') : text
}

/** What of the text's end could be the first part of `</think>`. */
function startOfEndTag(text: string): string {
  const at = text.lastIndexOf('<')
  if (at < 0) return ''
  const tail = text.slice(at)
  return THINK_END.startsWith(tail) ? tail : ''
}

/**
 * The call as JSON without changing the arguments' text: numbers keep their digits. An end tag inside a
 * string is escaped, arguments that are not JSON become a string.
 */
function toolCallJson({ name, arguments: text }: CalledTool): string {
  const given = text.trim() === '' ? '{}' : text.trim()
  const json = parseJson(given) === undefined ? JSON.stringify(text) : given
  return `{"tool":${JSON.stringify(name)},"arguments":${json}}`.replaceAll('<|', '\\u003c|')
}
