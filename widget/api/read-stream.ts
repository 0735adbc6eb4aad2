/** From the bytes of a response to events in batches: a batch holds what has come since the last one was taken. */
import { ApiError, toApiError } from './api-error.ts'
import { decodeEvent, type WidgetEvent } from './decode-event.ts'

/**
 * Milliseconds for which text is gathered before it is read and drawn. It ends before the second frame of a
 * screen with 60 a second: text that grows thirty times a second reads as flowing, and costs half.
 */
export const PACE_MS = 25

/** Lets more text come together. A page that nobody sees reads at once: its timers may take a minute. */
export const gatherText = async (): Promise<void> => {
  if (globalThis.document?.hidden ?? true) return
  await new Promise((resolve) => setTimeout(resolve, PACE_MS))
}

/** Takes one server-sent event, without the fields that nothing here uses; most have no name. */
type OnEvent = (id: string | undefined, data: string, name: string | undefined) => void

const FIELD = /^([^:]+)(?:: ?(.*))?$/s

/**
 * Reads server-sent events (WHATWG HTML, "Parsing an event stream") from text that may be cut anywhere.
 * Only `id`, `event` and `data` count; an event without `data` is none.
 */
export function createEventReader(onEvent: OnEvent): (piece: string) => void {
  let rest = ''
  /** The last piece ended between the two characters of a line break, or so it may be. */
  let isCut = false
  let id: string | undefined
  let data: string | undefined
  let name: string | undefined

  const readLine = (line: string) => {
    if (line === '') {
      if (data !== undefined) onEvent(id, data, name)
      id = undefined
      data = undefined
      name = undefined
      return
    }
    const [, field, value = ''] = FIELD.exec(line) ?? []
    if (field === 'data') data = data === undefined ? value : `${data}\n${value}`
    else if (field === 'event') name = value
    else if (field === 'id' && !value.includes('\0')) id = value
  }

  return (piece) => {
    if (piece === '') return
    const lines = (rest + (isCut && piece.startsWith('\n') ? piece.slice(1) : piece)).split(
      /\r\n?|\n/,
    )
    isCut = piece.endsWith('\r')
    rest = lines.pop() ?? ''
    for (const line of lines) readLine(line)
  }
}

export interface StreamedEvent {
  /** `<turn id>.<number>`, where the server gave one. */
  readonly id: string | undefined
  readonly event: WidgetEvent
}

/** A turn as it arrives; a batch holds what has come since the last one was taken. */
export type TurnStream = AsyncIterable<readonly StreamedEvent[]>

/** The event that one `data:` holds, if this version knows it; `name` is the server-sent event's own. */
export type DecodeEvent = (data: string, name: string | undefined) => WidgetEvent | undefined

/**
 * Reads server-sent events from a body, at the pace of the network: whoever takes the batches may be slow,
 * and then finds more in the next one. Ends when the body ends, whole or not: only a `done` event says
 * that the turn is complete.
 * @throws ApiError when the connection breaks, after what came before
 */
export async function* readStream(
  body: ReadableStream<Uint8Array>,
  decode: DecodeEvent = decodeEvent,
): AsyncGenerator<readonly StreamedEvent[], void, undefined> {
  const reader = body.getReader()
  let gathered: StreamedEvent[] = []
  let isOver = false
  /** Goes on with what has come, when somebody waits for it. */
  let wake = () => {}

  const readAll = async () => {
    const decoder = new TextDecoder()
    const feed = createEventReader((id, data, name) => {
      const event = decode(data, name)
      if (event) gathered.push({ id, event })
    })
    for (;;) {
      const piece = await reader.read()
      if (piece.done) return
      feed(decoder.decode(piece.value, { stream: true }))
      if (gathered.length > 0) wake()
    }
  }
  const ended = readAll().finally(() => {
    isOver = true
    wake()
  })
  // A failure is looked at below, after all that came before it was taken.
  ended.catch(() => undefined)

  try {
    for (;;) {
      if (gathered.length > 0) {
        const batch = gathered
        gathered = []
        yield batch
      } else if (isOver) {
        return await ended
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  } catch (error) {
    throw toApiError(error)
  } finally {
    // A reader that leaves early (a new conversation, the element removed) lets the connection go.
    void reader.cancel().catch(() => undefined)
  }
}

/**
 * The turn that an answer of the server streams.
 * @throws ApiError when it is no stream: a proxy's page with a status of 200 is no answer
 */
export function readTurn(response: Response, decode?: DecodeEvent): TurnStream {
  const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
  if (!response.body || !isStream) throw new ApiError('unreachable')
  return readStream(response.body, decode)
}
