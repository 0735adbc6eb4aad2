/** One turn over as many connections as it takes. Begin at `followTurn`. */
import { ApiError, toApiError } from '../api/api-error.ts'
import type { WidgetEvent } from '../api/decode-event.ts'
import type { StreamedEvent, TurnStream } from '../api/read-stream.ts'

/** Waits before attempt 1, 2, … of a reconnection. */
export type Wait = (attempt: number, signal: AbortSignal) => Promise<void>

/** Of a server that can be reached, and fails. */
const ATTEMPTS = 8
/** Without the chance in it, which takes it to 30 s at most. */
const LONGEST_WAIT_MS = 24_000

/**
 * Waits 0.4 s, doubling up to about half a minute, or until the browser has a network again, or somebody
 * looks at the page again: one that nobody sees waits for that.
 */
export const waitForRetry: Wait = (attempt, signal) =>
  new Promise((resolve) => {
    const doubled = Math.min(LONGEST_WAIT_MS, 400 * 2 ** (attempt - 1))
    const over = new AbortController()
    const until = { signal: over.signal }
    const finish = () => {
      clearTimeout(timer)
      over.abort()
      resolve()
    }
    const look = () => {
      if (!document.hidden) finish()
    }
    const timer = setTimeout(look, doubled * (0.75 + Math.random() / 2))
    addEventListener('online', finish, until)
    document.addEventListener('visibilitychange', look, until)
    signal.addEventListener('abort', finish, until)
  })

/** Asks again while the server cannot be reached, a few times. */
export async function persist(
  ask: () => Promise<void>,
  wait: Wait,
  signal: AbortSignal,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask()
    } catch (cause) {
      signal.throwIfAborted()
      if (!toApiError(cause).isConnection || attempt === ATTEMPTS) throw cause
      await wait(attempt, signal)
      signal.throwIfAborted()
    }
  }
}

/** Lets through what is new: nothing twice, and nothing of another turn. */
function createSieve() {
  let turn: string | undefined
  let last = 0
  return (batch: readonly StreamedEvent[]) => {
    const events: WidgetEvent[] = []
    let lastId: string | undefined
    for (const { id, event } of batch) {
      const cut = id?.lastIndexOf('.') ?? -1
      if (id !== undefined && cut > 0) {
        const number = Number(id.slice(cut + 1))
        turn ??= id.slice(0, cut)
        if (id.slice(0, cut) !== turn) return { events, lastId, isOtherTurn: true }
        if (number <= last) continue
        last = number
        lastId = id
      }
      events.push(event)
    }
    return { events, lastId, isOtherTurn: false }
  }
}

/** What has come of a turn, or of the connection to it. */
export interface TurnStep {
  /** False while a broken connection is being made again. */
  readonly isConnected: boolean
  readonly events: readonly WidgetEvent[]
}

interface FollowOptions {
  readonly open: () => Promise<TurnStream | undefined>
  /** `undefined` when the server keeps no turn any more. */
  readonly resume: (lastEventId: string) => Promise<TurnStream | undefined>
  readonly wait: Wait
  readonly signal: AbortSignal
}

/**
 * The events of one turn, in batches, over as many connections as it takes. Ends without a `done` event when
 * the server no longer has the rest of it, or numbers no events: then what it stored is the truth.
 * @throws ApiError when the first connection fails, or the server does; a network is waited for as long as it takes
 */
export async function* followTurn(options: FollowOptions): AsyncGenerator<TurnStep, void> {
  const { open, resume, wait, signal } = options
  const sieve = createSieve()
  let lastId: string | undefined
  let hasBegun = false
  let failures = 0
  let cause = new ApiError('unreachable')
  let stream = await open()

  for (;;) {
    try {
      if (!stream && lastId !== undefined) {
        stream = await resume(lastId)
        yield { isConnected: true, events: [] }
      }
      if (!stream) return
      for await (const batch of stream) {
        const { events, lastId: newest = lastId, isOtherTurn } = sieve(batch)
        lastId = newest
        if (events.length > 0) {
          failures = 0
          hasBegun = true
          yield { isConnected: true, events }
        }
        if (isOtherTurn || events.some(({ type }) => type === 'done')) return
      }
    } catch (error) {
      signal.throwIfAborted()
      cause = toApiError(error)
      if (!cause.isConnection && cause.code !== 'rate_limited') throw cause
    }
    signal.throwIfAborted()
    failures += 1
    // Without a first event nothing says that the server took the request: the caller repeats it.
    const isAnswered = cause.status !== undefined
    if (!hasBegun || (isAnswered && failures > ATTEMPTS)) throw cause
    yield { isConnected: false, events: [] }
    stream = undefined
    await wait(failures, signal)
    signal.throwIfAborted()
  }
}
