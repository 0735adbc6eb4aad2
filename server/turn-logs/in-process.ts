import type { LoggedTurn, TurnFollower, TurnLog } from '../core/ports.ts'
import type { TurnEvent } from '../protocol/events.ts'
import { createEventList, type EventList } from './event-list.ts'

interface Following {
  readonly afterSeq: number
  readonly follower: TurnFollower
}

interface Turn {
  readonly turnId: string
  readonly conversationId: string
  readonly events: EventList
  /** Everybody here has had all events so far. */
  readonly following: Set<Following>
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
    if (ended.delete(turn)) endedEvents -= turn.events.length()
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

  const give = (turn: Turn, batch: readonly TurnEvent[], firstSeq: number) => {
    for (const following of turn.following) {
      const { afterSeq, follower } = following
      // A follower may have said that it has events which are yet to come.
      const known = Math.max(0, afterSeq - firstSeq + 1)
      const news = known === 0 ? batch : batch.slice(known)
      if (news.length > 0 && !follower.events(news, firstSeq + known)) {
        turn.following.delete(following)
      }
    }
  }

  const finish = (turn: Turn) => {
    if (turn.endedAt !== undefined) return
    turn.endedAt = now()
    ended.add(turn)
    endedEvents += turn.events.length()
    const followers = [...turn.following]
    turn.following.clear()
    for (const { follower } of followers) follower.end()
    sweep()
    if (ended.size > 0) startSweeping()
  }

  const describe = (turn: Turn | undefined): LoggedTurn | undefined =>
    turn && {
      turnId: turn.turnId,
      conversationId: turn.conversationId,
      running: turn.endedAt === undefined,
      events: turn.events.length(),
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
        events: createEventList(),
        following: new Set(),
        endedAt: undefined,
      }
      turns.set(turnId, turn)
      latestOf.set(conversationId, turn)
      return { started: true }
    },
    append(turnId, events) {
      const turn = turns.get(turnId)
      if (!turn || turn.endedAt !== undefined || events.length === 0) return
      const firstSeq = turn.events.length() + 1
      for (const event of events) turn.events.push(event)
      give(turn, events, firstSeq)
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
    follow(turnId, afterSeq, follower) {
      const turn = turns.get(turnId)
      const known = Math.max(0, afterSeq)
      const missed = turn?.events.after(known) ?? []
      if (missed.length > 0 && !follower.events(missed, known + 1)) return () => {}
      if (!turn || turn.endedAt !== undefined) {
        follower.end()
        return () => {}
      }
      const following = { afterSeq, follower }
      turn.following.add(following)
      return () => turn.following.delete(following)
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
