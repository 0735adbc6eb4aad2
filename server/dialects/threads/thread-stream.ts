/** How dialect C writes the events of a turn to one reader: as OpenAI's chunks, with where the agent stands. */
import type { TurnFollower, TurnReader } from '../../core/ports/index.ts'
import { attachmentPath } from '../../protocol/api.ts'
import type { ChunkEvent, ErrorCode, TurnDoneEvent, TurnEvent } from '../../protocol/events.ts'
import { createTagParser, type SegmentKind } from '../../protocol/tags.ts'
import type { EventSink, Follow } from '../route.ts'

/** Milliseconds without a word after which a reader is told that the agent is still at work. */
const HEARTBEAT = 10_000
const CUT_OFF = 'The answer was cut off before it was complete. Please try again.'

export interface ThreadStreamOptions {
  readonly threadId: string
  /** For chunks that are made here. */
  readonly model: string
  /** Stands before the paths of files; see Exchange. */
  readonly basePath?: string
  /** Milliseconds; tests set it. */
  readonly heartbeat?: number
}

/** Gives a reader all of a turn, and heartbeats while there is nothing else to say. */
export function followThread(
  follow: (follower: TurnFollower) => TurnReader,
  options: ThreadStreamOptions,
): Follow {
  return (sink) => {
    const stream = new ThreadStream(sink, options)
    const reader = follow(stream)
    return {
      resume() {
        stream.resume()
        reader.resume()
      },
      stop() {
        stream.stop()
        reader.stop()
      },
    }
  }
}

/** A class, so that what every token touches lies together in memory, and not in a closure each. */
class ThreadStream implements TurnFollower {
  readonly #sink: EventSink
  readonly #options: ThreadStreamOptions
  readonly #heartbeat: number
  /** Seconds since 1970, as the protocol has it. */
  readonly #created = Math.floor(Date.now() / 1_000)
  /** Of engines that send no chunks: they are made of the tokens. */
  #made: TaggedDeltas | undefined
  /** The provider sends chunks, which say what the tokens say. */
  #hasChunks = false
  /** The last one that the provider gave. */
  #status: string | undefined
  #wroteAt = 0
  #timer: NodeJS.Timeout | undefined
  #isPaused = false
  #isOver = false

  constructor(sink: EventSink, options: ThreadStreamOptions) {
    this.#sink = sink
    this.#options = options
    this.#heartbeat = options.heartbeat ?? HEARTBEAT
    this.#send(this.#agentChunk('queued') + this.#agentChunk('running'))
    this.#beat()
  }

  events(batch: readonly TurnEvent[]): boolean {
    let text = ''
    for (const event of batch) if (!this.#isOver) text += this.#write(event)
    return text === '' || this.#send(text)
  }

  end(): void {
    // The log lost the turn before it was over.
    if (!this.#isOver) this.#send(this.#fail(CUT_OFF, 'internal'))
    this.stop()
    this.#sink.end()
  }

  resume(): void {
    this.#isPaused = false
  }

  stop(): void {
    clearTimeout(this.#timer)
  }

  #send(text: string): boolean {
    this.#wroteAt = performance.now()
    this.#isPaused = !this.#sink.write(text)
    return !this.#isPaused
  }

  /** Looks again when the next one may be due: a token should not cost a timer. */
  #beat(): void {
    const isDue = performance.now() - this.#wroteAt >= this.#heartbeat
    if (isDue && !this.#isPaused) this.#send(this.#agentChunk('running'))
    const left = this.#wroteAt + this.#heartbeat - performance.now()
    this.#timer = setTimeout(() => this.#beat(), left > 0 ? Math.ceil(left) : this.#heartbeat)
  }

  #write(event: TurnEvent): string {
    switch (event.type) {
      case 'chunk':
        this.#hasChunks = true
        this.#status = event.status ?? this.#status
        return writeData(placeFiles(completeChunk(event), this.#options.basePath))
      case 'token':
        if (this.#hasChunks) return ''
        this.#made ??= new TaggedDeltas()
        return this.#makeChunks(this.#made.push(event.text))
      case 'error':
        return this.#makeChunks(this.#made?.end() ?? []) + this.#fail(event.message, event.code)
      case 'done':
        return this.#makeChunks(this.#made?.end() ?? []) + this.#finish(event)
      case 'start':
      case 'sources':
      case 'citations':
      case 'title':
      case 'tool_request':
      case 'tool_progress':
      case 'progress':
      case 'suggestions':
        return ''
    }
  }

  #makeChunks(deltas: readonly Delta[]): string {
    const { threadId, model } = this.#options
    const head = { id: threadId, object: 'chat.completion.chunk', created: this.#created, model }
    return deltas
      .map((delta) => ({
        ...head,
        agent_status: 'streaming',
        choices: [{ index: 0, delta, finish_reason: null }],
      }))
      .map((chunk) => writeData(JSON.stringify(chunk)))
      .join('')
  }

  #agentChunk(status: 'queued' | 'running'): string {
    return this.#writeAgentChunk(status, { delta: {}, finish_reason: null })
  }

  #writeAgentChunk(status: string, choice: object): string {
    const { threadId: id } = this.#options
    const object = 'chat.completion.chunk'
    return writeData(JSON.stringify({ id, object, agent_status: status, choices: [choice] }))
  }

  #finish({ finish_reason: reason }: TurnDoneEvent): string {
    if (reason === 'interrupted' || reason === 'error') return this.#fail(CUT_OFF, 'internal')
    this.#isOver = true
    const isSaid = this.#status === 'completed' || this.#status === 'interrupted'
    const choice = { index: 0, delta: {}, finish_reason: 'stop' }
    return (isSaid ? '' : this.#writeAgentChunk('completed', choice)) + DONE
  }

  #fail(message: string, code: ErrorCode): string {
    this.#isOver = true
    const type = code.startsWith('inference_') ? 'agent_error' : 'internal_error'
    const choice = { index: 0, delta: {}, finish_reason: 'error' }
    const error = writeData(JSON.stringify({ error: { message, type } }))
    return this.#writeAgentChunk('failed', choice) + error + DONE
  }
}

/** JSON may stand on several lines. */
const writeData = (data: string) =>
  `data: ${data.includes('\n') ? data.replaceAll('\n', '\ndata: ') : data}\n\n`

const DONE = writeData('[DONE]')

/**
 * A provider's chunk with what clients want to find in every one. What is missing is written behind the
 * rest, which stays as it came to the byte.
 */
function completeChunk({ data, status, hasChoices }: ChunkEvent): string {
  if (status !== undefined && hasChoices) return data
  const end = data.lastIndexOf('}')
  const added = [
    ...(status === undefined ? ['"agent_status":"streaming"'] : []),
    ...(hasChoices ? [] : ['"choices":[{"index":0,"delta":{},"finish_reason":null}]']),
  ].join(',')
  const isEmpty = !hasChoices && data.slice(0, end).trim() === '{'
  return `${data.slice(0, end)}${isEmpty ? '' : ','}${added}${data.slice(end)}`
}

/** Within a text of JSON these quotes would be escaped. */
const FILE_LINK = `"download_url":"${attachmentPath('')}`

/** A chunk whose files were stored without knowing how this reader reaches the server. */
const placeFiles = (chunk: string, basePath = '') =>
  basePath === ''
    ? chunk
    : chunk.replaceAll(FILE_LINK, `"download_url":"${basePath}${attachmentPath('')}`)

interface Delta {
  /** Only in the first one. */
  readonly role?: 'assistant'
  readonly content?: string
  readonly reasoning_content?: string
}

/** Makes deltas of tagged text, wherever its tags are cut; tools are none of their reader's business. */
class TaggedDeltas {
  readonly #parser = createTagParser()
  readonly #kinds: SegmentKind[] = []
  #hasBegun = false
  #hasText = false

  push(text: string): readonly Delta[] {
    return this.#take(this.#parser.push(text))
  }

  /** What was held back, lest it be half a tag. */
  end(): readonly Delta[] {
    return this.#take(this.#parser.end())
  }

  #take(changes: ReturnType<ReturnType<typeof createTagParser>['push']>): readonly Delta[] {
    const deltas: Delta[] = []
    for (const change of changes) {
      if (change.type === 'append') {
        const delta = this.#deltaOf(this.#kinds[change.index], change.text)
        if (delta) deltas.push(delta)
      } else if (change.type !== 'close') this.#kinds[change.index] = change.kind
    }
    return deltas
  }

  #deltaOf(kind: SegmentKind | undefined, piece: string): Delta | undefined {
    const isText = kind === 'text'
    // Behind its thinking a model leaves a line free, which is no part of the answer.
    const text = isText && !this.#hasText ? piece.trimStart() : piece
    if (text === '' || (!isText && kind !== 'think')) return undefined
    this.#hasText ||= isText
    const role = this.#hasBegun ? {} : { role: 'assistant' as const }
    this.#hasBegun = true
    return isText ? { ...role, content: text } : { ...role, reasoning_content: text }
  }
}
