/**
 * turn-logs: where turns are written, and read by whoever follows them. Here: for a server that is one process.
 * Begin at `createInProcessTurnLog`.
 */
import type {
  TurnLog,
  TurnReader,
  TurnWriter,
  Cancellable,
  LoggedTurn,
  TurnFollower,
  TurnKeeper,
} from '../core/ports/index.ts'
import type { TokenEvent, TurnEvent } from '../protocol/events.ts'

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
  /** Is told of each ended turn that is not kept any more. */
  readonly onDropped?: (turnId: string) => void
  /** Milliseconds; a clock that never goes back. */
  readonly now?: () => number
}

/** The turn log of a single server process: an array per turn, which readers follow at their own pace. */
export function createInProcessTurnLog(options: InProcessTurnLogOptions = {}): TurnLog {
  const { keepEndedFor = 5 * 60_000, keepEndedCount = 2_000, keepEndedEvents = 200_000 } = options
  const { keepEndedCharacters = 64 * 1024 * 1024 } = options
  const { now = () => performance.now(), onDropped } = options
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
    onDropped?.(turn.turnId)
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
    if (ended.size > 0) sweeper ??= setInterval(sweep, Math.min(keepEndedFor, 30_000)).unref()
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
    async keep({ turnId }, keeper) {
      const turn = turns.get(turnId)
      if (turn) turn.keeper = keeper
    },
    async ask(turnId, request) {
      const turn = turns.get(turnId)
      return turn?.endedAt === undefined ? await turn?.keeper?.asked(request) : undefined
    },
    // What this process leaves is left by everybody: drafts of the answers are what the next start finds.
    orphans: async () => [],
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

interface Following {
  /** What the follower has, or has said that it has. */
  afterSeq: number
  readonly follower: TurnFollower
  state: 'following' | 'paused' | 'left'
}

/** Tokens from an index on have these further keys. */
interface ExtraFrom {
  readonly index: number
  readonly extra: TokenEvent['extra']
}

/**
 * One turn with its events and its readers. A class, so that what every token touches lies together in
 * memory, and not in a closure each.
 */
class InProcessTurn implements TurnWriter {
  readonly turnId: string
  readonly conversationId: string
  /**
   * Tokens are kept as bare strings: they are nearly all there is, there are many, and few are read again.
   * Their further keys hardly ever change from one token to the next.
   */
  readonly #kept: (string | TurnEvent)[] = []
  readonly #extras: ExtraFrom[] = []
  #lastExtra: TokenEvent['extra']
  /** Everybody here has had all events so far. Never changed but replaced: it may be in use. */
  #following: readonly Following[] = []
  /** How many have not left, with those that take no more at present. */
  #readers = 0
  /** Wait for the last reader to leave, or for the end. */
  readonly #onLeft = new Set<() => void>()
  /** `undefined` while it runs. */
  endedAt: number | undefined
  keeper: TurnKeeper | undefined
  /** Of its text, in UTF-16 code units: what a provider's chunks hold is a matter of the provider. */
  characters = 0

  constructor(turnId: string, conversationId: string) {
    this.turnId = turnId
    this.conversationId = conversationId
  }

  get length(): number {
    return this.#kept.length
  }

  append(events: readonly TurnEvent[]): void {
    if (this.endedAt !== undefined || events.length === 0) return
    const firstSeq = this.#kept.length + 1
    for (const event of events) this.#keep(event)
    for (const following of this.#following) {
      if (following.state !== 'following' || give(following, events, firstSeq)) continue
      this.#pause(following)
    }
  }

  follow(afterSeq: number, follower: TurnFollower): TurnReader {
    const following: Following = { afterSeq: Math.max(0, afterSeq), follower, state: 'paused' }
    this.#readers += 1
    this.#resume(following)
    return { resume: () => this.#resume(following), stop: () => this.#leave(following) }
  }

  async left({ signal }: Cancellable): Promise<boolean> {
    const isLeft = () => this.#readers === 0 || this.endedAt !== undefined
    if (isLeft() || signal.aborted) return isLeft()
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#onLeft.add(resolve)
    signal.addEventListener('abort', () => resolve(), { once: true })
    await promise
    this.#onLeft.delete(resolve)
    return isLeft()
  }

  end(now: number): void {
    this.endedAt = now
    this.keeper = undefined
    const following = this.#following
    this.#following = []
    for (const { follower } of following) follower.end()
    this.#tellLeft()
  }

  describe(): LoggedTurn {
    return {
      turnId: this.turnId,
      conversationId: this.conversationId,
      running: this.endedAt === undefined,
      events: this.#kept.length,
    }
  }

  #keep(event: TurnEvent): void {
    if (event.type !== 'token') {
      if (event.type === 'chunk') this.characters += event.data.length
      this.#kept.push(event)
      return
    }
    this.characters += event.text.length
    if (event.extra !== this.#lastExtra) {
      this.#lastExtra = event.extra
      this.#extras.push({ index: this.#kept.length, extra: event.extra })
    }
    this.#kept.push(event.text)
  }

  /** All but the first so many. */
  #after(count: number): readonly TurnEvent[] {
    let next = 0
    let extra: TokenEvent['extra']
    return this.#kept.slice(count).map((event, offset) => {
      const index = count + offset
      for (let from = this.#extras[next]; from && from.index <= index; from = this.#extras[next]) {
        extra = from.extra
        next += 1
      }
      if (typeof event !== 'string') return event
      return extra ? { type: 'token', text: event, extra } : { type: 'token', text: event }
    })
  }

  #resume(following: Following): void {
    if (following.state !== 'paused') return
    following.state = 'following'
    this.#following = [...this.#following, following]
    const { afterSeq, follower } = following
    const missed = this.#after(afterSeq)
    if (missed.length > 0 && !follower.events(missed, afterSeq + 1)) {
      this.#pause(following)
    } else if (this.endedAt !== undefined) {
      this.#leave(following)
      follower.end()
    }
  }

  /** It has taken everything so far. */
  #pause(following: Following): void {
    if (following.state === 'left') return
    following.state = 'paused'
    following.afterSeq = this.#kept.length
    this.#drop(following)
  }

  #leave(following: Following): void {
    if (following.state === 'left') return
    following.state = 'left'
    this.#drop(following)
    this.#readers -= 1
    if (this.#readers === 0) this.#tellLeft()
  }

  #drop(following: Following): void {
    this.#following = this.#following.filter((other) => other !== following)
  }

  #tellLeft(): void {
    for (const tell of this.#onLeft) tell()
  }
}

/** False: the follower takes no more. */
function give(
  { afterSeq, follower }: Following,
  batch: readonly TurnEvent[],
  firstSeq: number,
): boolean {
  if (afterSeq < firstSeq) return follower.events(batch, firstSeq)
  // A follower may have said that it has events which are yet to come.
  const known = afterSeq - firstSeq + 1
  const news = batch.slice(known)
  return news.length === 0 || follower.events(news, firstSeq + known)
}
