import { ApiError, toApiError } from '../api/api-error.ts'
import type { StreamedEvent, TurnStream } from '../api/read-stream.ts'
import type { WidgetEvent } from '../api/decode-event.ts'
import type { ChatClient } from '../api/client.ts'
import type { ConversationState } from './conversation-state.ts'

/** Waits before attempt 1, 2, … of a reconnection. */
export type Wait = (attempt: number, signal: AbortSignal) => Promise<void>

export interface FollowOptions {
  readonly open: () => Promise<TurnStream | undefined>
  /** `undefined` when the server keeps no turn any more. */
  readonly resume: (lastEventId: string) => Promise<TurnStream | undefined>
  readonly wait: Wait
  readonly signal: AbortSignal
  /** False while a broken connection is being made again. */
  readonly onConnection: (connected: boolean) => void
}

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
    const finish = () => {
      clearTimeout(timer)
      removeEventListener('online', finish)
      document.removeEventListener('visibilitychange', look)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const look = () => {
      if (!document.hidden) finish()
    }
    const timer = setTimeout(look, doubled * (0.75 + Math.random() / 2))
    addEventListener('online', finish)
    document.addEventListener('visibilitychange', look)
    signal.addEventListener('abort', finish)
  })

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
        if (id.slice(0, cut) !== turn) return { events, lastId, otherTurn: true }
        if (number <= last) continue
        last = number
        lastId = id
      }
      events.push(event)
    }
    return { events, lastId, otherTurn: false }
  }
}

/**
 * The events of one turn, in batches, over as many connections as it takes. Returns `gone` when the
 * server no longer has the rest of it, or numbers no events: then what it stored is the truth.
 * @throws ApiError when the first connection fails, or the server does; a network is waited for as long as it takes
 */
export async function* followTurn(
  options: FollowOptions,
): AsyncGenerator<readonly WidgetEvent[], 'done' | 'gone', undefined> {
  const { open, resume, wait, signal, onConnection } = options
  const sieve = createSieve()
  let lastId: string | undefined
  let hasBegun = false
  let failures = 0
  let cause = new ApiError('unreachable')
  let stream: TurnStream | undefined = await open()

  for (;;) {
    try {
      if (!stream && lastId !== undefined) {
        stream = await resume(lastId)
        onConnection(true)
      }
      if (!stream) return 'gone'
      for await (const batch of stream) {
        const fresh = sieve(batch)
        lastId = fresh.lastId ?? lastId
        if (fresh.events.length > 0) {
          failures = 0
          hasBegun = true
          yield fresh.events
        }
        if (fresh.otherTurn) return 'gone'
        if (fresh.events.some(({ type }) => type === 'done')) return 'done'
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
    onConnection(false)
    stream = undefined
    await wait(failures, signal)
    signal.throwIfAborted()
  }
}

const STOP_ATTEMPTS = 8

/** Ends the running answer, as soon as the server can be reached; says so when that does not work. */
export async function stopAnswer(
  client: ChatClient,
  state: ConversationState,
  conversationId: string,
  wait: Wait,
  signal: AbortSignal,
): Promise<void> {
  state.show({ phase: { kind: 'answering', stopping: true }, hint: undefined })
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await client.stop(conversationId, { signal })
    } catch (cause) {
      const error = toApiError(cause)
      const canRepeat = error.isConnection && attempt < STOP_ATTEMPTS
      if (canRepeat) await wait(attempt, signal)
      // Another piece of work, or over by itself: there is nothing left to stop.
      if (signal.aborted || state.phase.kind !== 'answering') return
      if (canRepeat) continue
      state.show({ phase: { kind: 'answering', stopping: false }, hint: 'unstopped' })
      return state.events.onError(error)
    }
  }
}
