import type { LoggedEvent, LoggedTurn, TurnLog } from '../core/ports.ts'

interface Turn {
  readonly turnId: string
  readonly conversationId: string
  readonly events: LoggedEvent[]
  readonly wake: Set<() => void>
  endedAt: number | undefined
}

export interface InProcessTurnLogOptions {
  /** How long an ended turn stays readable, in milliseconds. */
  readonly keepEndedFor?: number
  /** How many ended turns are kept at most, the oldest going first. */
  readonly keepEndedCount?: number
  /** How many events of ended turns are kept at most in all. */
  readonly keepEndedEvents?: number
  /** Milliseconds; a clock that never goes back. */
  readonly now?: () => number
}

/** The turn log of a single server process: an array per turn, which readers follow at their own pace. */
export function createInProcessTurnLog(options: InProcessTurnLogOptions = {}): TurnLog {
  const { keepEndedFor = 5 * 60_000, keepEndedCount = 2_000, keepEndedEvents = 200_000 } = options
  const now = options.now ?? (() => performance.now())
  const turns = new Map<string, Turn>()
  const latestOf = new Map<string, Turn>()
  /** Oldest end first. */
  const ended = new Set<Turn>()
  let endedEvents = 0
  let sweeper: NodeJS.Timeout | undefined

  const drop = (turn: Turn) => {
    if (ended.delete(turn)) endedEvents -= turn.events.length
    turns.delete(turn.turnId)
    if (latestOf.get(turn.conversationId) === turn) latestOf.delete(turn.conversationId)
  }

  const sweep = () => {
    for (const turn of ended) {
      const expired = turn.endedAt !== undefined && now() - turn.endedAt >= keepEndedFor
      const tooMuch = ended.size > keepEndedCount || endedEvents > keepEndedEvents
      if (!expired && !tooMuch) break
      drop(turn)
    }
    if (ended.size === 0) stopSweeping()
  }

  const startSweeping = () => {
    sweeper ??= setInterval(sweep, Math.min(keepEndedFor, 30_000)).unref()
  }
  const stopSweeping = () => {
    clearInterval(sweeper)
    sweeper = undefined
  }

  const wakeReaders = (turn: Turn) => {
    const waiting = [...turn.wake]
    turn.wake.clear()
    for (const wake of waiting) wake()
  }

  const finish = (turn: Turn) => {
    if (turn.endedAt !== undefined) return
    turn.endedAt = now()
    ended.add(turn)
    endedEvents += turn.events.length
    wakeReaders(turn)
    sweep()
    if (ended.size > 0) startSweeping()
  }

  const describe = (turn: Turn | undefined): LoggedTurn | undefined =>
    turn && {
      turnId: turn.turnId,
      conversationId: turn.conversationId,
      running: turn.endedAt === undefined,
      events: turn.events.length,
    }

  return {
    async begin(turnId, conversationId) {
      const latest = latestOf.get(conversationId)
      if (latest && latest.endedAt === undefined) {
        return { started: false, runningTurnId: latest.turnId }
      }
      const turn: Turn = {
        turnId,
        conversationId,
        events: [],
        wake: new Set(),
        endedAt: undefined,
      }
      turns.set(turnId, turn)
      latestOf.set(conversationId, turn)
      return { started: true }
    },
    append(turnId, events) {
      const turn = turns.get(turnId)
      if (!turn || turn.endedAt !== undefined || events.length === 0) return
      for (const event of events) turn.events.push({ seq: turn.events.length + 1, event })
      wakeReaders(turn)
    },
    async end(turnId) {
      const turn = turns.get(turnId)
      if (turn) finish(turn)
    },
    async abandon(turnId) {
      const turn = turns.get(turnId)
      if (!turn) return
      finish(turn)
      drop(turn)
    },
    async *read(turnId, afterSeq, { signal }) {
      const turn = turns.get(turnId)
      if (!turn) return
      let next = Math.max(0, afterSeq)
      while (!signal.aborted) {
        if (next < turn.events.length) {
          const batch = turn.events.slice(next)
          next = turn.events.length
          yield batch
        } else if (turn.endedAt !== undefined) {
          return
        } else {
          await nextChange(turn, signal)
        }
      }
    },
    async find(turnId) {
      return describe(turns.get(turnId))
    },
    async latest(conversationId) {
      return describe(latestOf.get(conversationId))
    },
    async forget(conversationId) {
      for (const turn of [...ended]) {
        if (turn.conversationId === conversationId) drop(turn)
      }
    },
    async close() {
      stopSweeping()
      for (const turn of turns.values()) finish(turn)
      stopSweeping()
    },
  }
}

/** Resolves at the turn's next event or end, or when the signal aborts. */
function nextChange(turn: Turn, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      turn.wake.delete(wake)
      signal.removeEventListener('abort', wake)
      resolve()
    }
    turn.wake.add(wake)
    signal.addEventListener('abort', wake, { once: true })
  })
}
