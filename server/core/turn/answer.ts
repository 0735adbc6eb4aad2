/**
 * core/turn: from a message to a stored answer, told event by event in the turn log. Begin at turn.ts, then
 * plan.ts, prepare.ts, run.ts, generate.ts, tools.ts. Here: what an answer grows from, its way to the log,
 * and its files.
 */
import type {
  FinishReason,
  Source,
  SuggestionsEvent,
  TurnEvent,
  Usage,
} from '../../protocol/events.ts'
import type { Interrupt } from './interrupts.ts'
import type {
  AnswerEvents,
  FilesEvent,
  InferenceEvent,
  ToolCall,
  ToolRound,
  TurnWriter,
  Attachment,
  AttachmentPlace,
  AttachmentStore,
  Logger,
  Message,
  NewAttachment,
  ProvidedFile,
  TakeBatch,
} from '../ports/index.ts'
import { attachmentPath } from '../../protocol/api.ts'
import { cleanFileName, decodeBase64, discardFiles, typeOfAnyFile } from '../attachments.ts'
import { ChatError } from '../errors.ts'

/** How the model ended what it says. */
export interface Finish {
  readonly reason: FinishReason
  /** What the model says is that it gives no answer. */
  readonly declines: boolean
  readonly carry: ToolRound['carry']
}

export interface ProviderNames {
  readonly responseId: string | undefined
  readonly conversationId: string | undefined
}

/**
 * What has come of an answer; read while it is being written. A class with plain fields, which it alone sets, so
 * that what every token touches lies together in memory, and not in a closure each.
 */
export class AnswerSoFar {
  sources: readonly Source[] = []
  /** What the visitor may ask next; readers get it with the end. */
  suggestions: SuggestionsEvent | undefined
  tokenCount = 0
  /** UTF-16 units of the text. */
  length = 0
  /** UTF-16 units of the chunks that are passed on beside it. */
  passedOn = 0
  /** Of all rounds together, as far as the model server has counted. */
  usage: Usage | undefined
  /** What the provider calls its answer, and the conversation. */
  provider: ProviderNames = { responseId: undefined, conversationId: undefined }
  /** What an agent asks at its end. */
  interrupt: Interrupt | undefined
  /** Of the round that is running; `undefined` until it has ended. */
  finish: Finish | undefined
  /** What the model has called in the round that is running. */
  calls: ToolCall[] = []
  readonly #parts: string[] = []
  /** How many parts belong to earlier rounds. */
  #earlierParts = 0

  /** `begun` is what another turn has said of it. */
  constructor(begun?: Pick<Message, 'content' | 'tokenCount' | 'sources'>) {
    if (!begun) return
    this.#parts.push(begun.content)
    this.length = begun.content.length
    this.tokenCount = begun.tokenCount ?? 0
    this.sources = begun.sources
    this.startRound()
  }

  /** Takes an event in; gives it back when readers are to see it. */
  note(event: Exclude<InferenceEvent, FilesEvent>): TurnEvent | undefined {
    switch (event.type) {
      case 'token':
        if (event.text === '') return undefined
        this.#parts.push(event.text)
        this.length += event.text.length
        this.tokenCount += 1
        return event
      case 'chunk':
        this.passedOn += event.data.length
        return event
      case 'provider':
        this.provider = event
        return undefined
      case 'interrupt':
        this.interrupt = event.interrupt
        return undefined
      case 'sources':
        this.sources = event.sources
        return event
      case 'progress':
        return event
      case 'suggestions':
        this.suggestions = event
        return undefined
      case 'tool_call':
        this.calls.push(event.call)
        return undefined
      case 'finish':
        this.finish = {
          reason: event.reason,
          declines: event.declines ?? false,
          carry: event.carry,
        }
        this.usage = addUsage(this.usage, event.usage)
        return undefined
    }
  }

  content(): string {
    return this.#parts.join('')
  }

  /** What was said in the round that is running. */
  roundText(): string {
    return this.#parts.slice(this.#earlierParts).join('')
  }

  /** The model is asked again, with what its tools gave. */
  startRound(): void {
    this.finish = undefined
    this.calls = []
    this.#earlierParts = this.#parts.length
  }
}

/** Takes the events of an answer until there are no more, or no more are wanted. */
export async function takeAll(events: AnswerEvents, take: TakeBatch): Promise<void> {
  if ('push' in events) return await events.push(take)
  for await (const batch of events) if (!take(batch)) return
}

function addUsage(sum: Usage | undefined, more: Usage | undefined): Usage | undefined {
  if (!sum || !more) return more ?? sum
  const added: { -readonly [Key in keyof Usage]: Usage[Key] } = { ...sum }
  for (const key of ['prompt_tokens', 'completion_tokens', 'total_tokens'] as const) {
    const count = more[key]
    if (count !== undefined) added[key] = (sum[key] ?? 0) + count
  }
  return added
}

interface TurnOutputOptions {
  readonly writer: TurnWriter
  /** What the model says before the turn counts is held back; for good when it does not (false). */
  readonly acknowledged: Promise<boolean>
  /** Milliseconds since the turn was asked for. */
  readonly elapsed: () => number
}

/** Where an answer goes on its way to the log. After its first token that costs one look at a field. */
export class TurnOutput implements TurnWriter {
  readonly #writer: TurnWriter
  readonly #elapsed: () => number
  /** Nothing is held back, and the first token is out: nothing is left to do here. */
  #isFlowing = false
  #counts = false
  /** In order; pieces that are not there yet are `undefined` until they are. */
  #held: { events: readonly TurnEvent[] | undefined }[] = []
  /** `undefined`: there was none. */
  firstTokenMs: number | undefined

  constructor({ writer, acknowledged, elapsed }: TurnOutputOptions) {
    this.#writer = writer
    this.#elapsed = elapsed
    void acknowledged.then((counts) => {
      this.#counts = counts
      this.#release()
    })
  }

  /** Tells again what an earlier turn has said, before this one's own first token. */
  repeat(events: readonly TurnEvent[]): void {
    this.#held.push({ events })
    this.#release()
  }

  append(events: readonly TurnEvent[]): void {
    if (this.#isFlowing) this.#writer.append(events)
    else this.#appendLater(events)
  }

  /** What is appended from now on comes after these events. The promise is never to reject. */
  async appendWhenThere(coming: Promise<readonly TurnEvent[]>): Promise<void> {
    const piece: { events: readonly TurnEvent[] | undefined } = { events: undefined }
    this.#isFlowing = false
    this.#held.push(piece)
    piece.events = await coming
    this.#release()
  }

  #appendLater(events: readonly TurnEvent[]): void {
    if (this.firstTokenMs === undefined && events.some(({ type }) => type === 'token')) {
      this.firstTokenMs = this.#elapsed()
    }
    this.#held.push({ events })
    this.#release()
  }

  #release(): void {
    if (!this.#counts) return
    const awaited = this.#held.findIndex(({ events }) => events === undefined)
    const ready = this.#held.splice(0, awaited < 0 ? this.#held.length : awaited)
    this.#writer.append(ready.flatMap(({ events = [] }) => events))
    this.#isFlowing = this.#held.length === 0 && this.firstTokenMs !== undefined
  }
}

// Files that a provider sends with its answer: stored before anybody is told of them.

/** Files of one answer, and the bytes of all of them together. */
const MOST_FILES = 20
const MOST_BYTES = 32 * 1024 * 1024

interface AnswerFilesOptions {
  /** Without it, none are kept. */
  readonly attachments: AttachmentStore | undefined
  readonly place: AttachmentPlace
  readonly createId: () => string
  readonly logger: Logger
  /** What log lines carry. */
  readonly names: object
}

export class AnswerFiles {
  readonly #options: AnswerFilesOptions
  /** One event's files are stored before the next one's. */
  #saving: Promise<void> = Promise.resolve()
  #bytes = 0
  /** Those that can be read. */
  kept: readonly Attachment[] = []
  /** Whether any have come, stored or not. */
  hasAny = false

  constructor(options: AnswerFilesOptions) {
    this.#options = options
  }

  /** Stores the files; the chunk goes to the output behind what is there, and before what comes. */
  keep({ files, chunk }: FilesEvent, output: TurnOutput): void {
    this.hasAny = true
    const links = this.#saving.then(() => this.#saveAll(files))
    this.#saving = links.then(() => {})
    void output.appendWhenThere(links.then((known) => [chunk(known)]))
  }

  /** Resolves when everything that has come is stored, or is not going to be. */
  async settled(): Promise<void> {
    await this.#saving
  }

  /** Removes what was stored: there is no answer that it belongs to. */
  async discard(): Promise<void> {
    const gone = this.kept
    this.kept = []
    const { attachments, place, logger } = this.#options
    await discardFiles({ ...(attachments && { attachments }), logger }, place, gone)
  }

  async #saveAll(files: readonly ProvidedFile[]): Promise<readonly (string | undefined)[]> {
    const links: (string | undefined)[] = []
    for (const file of files) {
      const saved = await this.#save(file)
      links.push(saved && attachmentPath(saved.id))
    }
    return links
  }

  async #save(file: ProvidedFile): Promise<Attachment | undefined> {
    const { attachments, place, logger, names } = this.#options
    try {
      const { bytes, ...attachment } = this.#decode(file)
      if (!attachments) throw new ChatError('unsupported_media_type', 'No files are kept here.')
      await attachments.save(place, [{ ...attachment, bytes }])
      this.#bytes += bytes.length
      this.kept = [...this.kept, attachment]
      return attachment
    } catch (error) {
      logger.warn({ ...names, cause: error }, 'a file of an answer was left out')
      return undefined
    }
  }

  /** @throws ChatError when it is none, or one too many */
  #decode({ filename, contentType, base64 }: ProvidedFile): NewAttachment {
    const bytes = decodeBase64(base64.replaceAll(/\s/g, ''))
    if (!bytes) throw new ChatError('invalid_request', 'The file is not base64 with its padding.')
    if (this.kept.length >= MOST_FILES || this.#bytes + bytes.length > MOST_BYTES) {
      throw new ChatError('too_large', 'The answer has too many files, or too large ones.')
    }
    return {
      id: this.#options.createId(),
      filename: cleanFileName(filename),
      contentType: typeOfAnyFile(contentType, bytes),
      sizeBytes: bytes.length,
      bytes,
    }
  }
}
