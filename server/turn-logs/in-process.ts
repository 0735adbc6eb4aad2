import type { TurnLog, TurnReader, TurnWriter } from '../core/ports/index.ts'
import { InProcessTurn } from './in-process-turn.ts'

const NO_WRITER: TurnWriter = { append() {} }
const NO_READER: TurnReader = { resume() {}, stop() {} }

export interface InProcessTurnLogOptions {
  /** How long an ended turn stays readable, in milliseconds. */
  readonly keepEndedFor?: number
  /** How many ended turns are kept at most, the oldest going first. */
  readonly keepEndedCount?: number
  /** How many events of ended turns are kept at most in all. */
  readonly keepEndedEvents?: number
  /** How many UTF-16 code units of their text are kept at most in all. */
  readonly keepEndedCharacters?: number
  /** Milliseconds; a clock that never goes back. */
  readonly now?: () => number
}

/** The turn log of a single server process: an array per turn, which readers follow at their own pace. */
export function createInProcessTurnLog(options: InProcessTurnLogOptions = {}): TurnLog {
  const { keepEndedFor = 5 * 60_000, keepEndedCount = 2_000, keepEndedEvents = 200_000 } = options
  const { keepEndedCharacters = 64 * 1024 * 1024 } = options
  const now = options.now ?? (() => performance.now())
  const turns = new Map<string, InProcessTurn>()
  const latestOf = new Map<string, InProcessTurn>()
  /** Oldest end first. */
  const ended = new Set<InProcessTurn>()
  let endedEvents = 0
  let endedCharacters = 0
  let sweeper: NodeJS.Timeout | undefined

  const drop = (turn: InProcessTurn) => {
    if (ended.delete(turn)) {
      endedEvents -= turn.length
      endedCharacters -= turn.characters
    }
    turns.delete(turn.turnId)
    if (latestOf.get(turn.conversationId) === turn) latestOf.delete(turn.conversationId)
  }

  const sweep = () => {
    for (const turn of ended) {
      const expired = turn.endedAt !== undefined && now() - turn.endedAt >= keepEndedFor
      const tooMuch =
        ended.size > keepEndedCount ||
        endedEvents > keepEndedEvents ||
        endedCharacters > keepEndedCharacters
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

  const finish = (turn: InProcessTurn) => {
    if (turn.endedAt !== undefined) return
    ended.add(turn)
    endedEvents += turn.length
    endedCharacters += turn.characters
    turn.end(now())
    sweep()
    if (ended.size > 0) startSweeping()
  }

  return {
    async begin(turnId, conversationId) {
      const latest = latestOf.get(conversationId)
      if (latest && latest.endedAt === undefined) {
        return { started: false, runningTurnId: latest.turnId }
      }
      const turn = new InProcessTurn(turnId, conversationId)
      turns.set(turnId, turn)
      latestOf.set(conversationId, turn)
      return { started: true }
    },
    writer: (turnId) => turns.get(turnId) ?? NO_WRITER,
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
      if (turn) return turn.follow(afterSeq, follower)
      follower.end()
      return NO_READER
    },
    async left(turnId, waiting) {
      return (await turns.get(turnId)?.left(waiting)) ?? true
    },
    async find(turnId) {
      return turns.get(turnId)?.describe()
    },
    async latest(conversationId) {
      return latestOf.get(conversationId)?.describe()
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
