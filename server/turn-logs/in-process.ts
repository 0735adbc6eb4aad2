import type { LoggedEvent, LoggedTurn, TurnFollower, TurnLog } from '../core/ports.ts'

interface Following {
  readonly afterSeq: number
  readonly follower: TurnFollower
}

interface Turn {
  readonly turnId: string
  readonly conversationId: string
  readonly events: LoggedEvent[]
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

  const give = (turn: Turn, batch: readonly LoggedEvent[]) => {
    for (const following of turn.following) {
      const news = newsFor(following, batch)
      if (news.length > 0 && !following.follower.events(news)) turn.following.delete(following)
    }
  }

  const finish = (turn: Turn) => {
    if (turn.endedAt !== undefined) return
    turn.endedAt = now()
    ended.add(turn)
    endedEvents += turn.events.length
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
      const before = turn.events.length
      const batch = events.map((event, index) => ({ seq: before + index + 1, event }))
      for (const logged of batch) turn.events.push(logged)
      give(turn, batch)
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
      const missed = turn?.events.slice(Math.max(0, afterSeq)) ?? []
      if (missed.length > 0 && !follower.events(missed)) return () => {}
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

/** A follower may have said that it has events which are yet to come. */
function newsFor({ afterSeq }: Following, batch: readonly LoggedEvent[]): readonly LoggedEvent[] {
  const first = batch[0]?.seq ?? 0
  return first > afterSeq ? batch : batch.slice(afterSeq - first + 1)
}
