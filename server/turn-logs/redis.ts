/**
 * The turn log of several servers. What this server writes is kept in the log of its own process, which its own
 * readers read at the cost that they have alone; and it is told to Redis, so that every other server has it too.
 * Redis keeps of a turn:
 *
 *     samosa:turn:<turn>           a stream: what was appended together is an entry, numbered by its last event
 *     samosa:turn:<turn>:state     who writes it, in which conversation, whether it runs, what must be known to end it
 *     samosa:turn:<turn>:read:<s>  it is read on the server s
 *     samosa:conversation:<id>     its newest turn, and the set of all that are remembered (:turns)
 *     samosa:server:<id>           a sign of life, and the set of what that server writes (:turns)
 *
 * A turn whose server died is taken over by another one, which writes in a higher epoch: numbers of entries begin with
 * it, so that nothing which the first server might add still, should it only have been frozen, can come behind. While
 * Redis is away, each server goes on by itself; then it tells what is missing. Begin at `createRedisTurnLog`.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { RedisClientType } from '@redis/client'
import { z } from 'zod'
import type {
  Cancellable,
  LoggedTurn,
  Logger,
  OrphanedTurn,
  TurnKeeper,
  TurnLog,
  TurnNote,
  TurnReader,
  TurnReply,
  TurnRequest,
  TurnWriter,
} from '../core/ports/index.ts'
import type { TokenEvent, TurnEvent } from '../protocol/events.ts'
import { createInProcessTurnLog, type InProcessTurnLogOptions } from './in-process.ts'

/** Seconds that a turn which runs is kept without a sign of its server, and one that has ended. */
const KEPT_RUNNING = 2 * 60 * 60
const KEPT_ENDED = 5 * 60
/** Milliseconds between two signs of life, and after which a server that gave none is dead. */
const SIGN_OF_LIFE = 3_000
const DEAD_AFTER = 9_000
/** Milliseconds in which whoever has asked for a turn begins to read it. */
const ABOUT_TO_READ = 5_000
/** Milliseconds between two looks at the clock, and between two of them after which this process has stood still. */
const TICK = 500
const FROZEN_FROM = 4_000
/** Milliseconds in which Redis answers what it is told; turns of which it was told then count as not told. */
const ANSWERS_WITHIN = 5_000
/** That is looked at here for all commands together: a signal for each, as the library has it, costs more than a token. */
const WATCHED_HERE = { timeout: 0 }
/** Milliseconds that Redis is asked for then, before it counts as away. */
const WAKING = 5_000
/** Milliseconds that another server may take to answer: it stores what came before a stop. */
const ASK_PATIENCE = 10_000
/** Milliseconds between two looks for whether other servers' readers have left. */
const LOOK_AGAIN = 50
/** Milliseconds that one read waits in Redis for something new. */
const BLOCK = 1_000
/** Turns of this server of which it is known that its own log has them. */
const MOST_HERE = 10_000
/** Turns that are taken over in one go. */
const MOST_ORPHANS = 100
/** Of an entry's number: room for the events of an epoch, below and above half of which the end stands. */
const EPOCH = 2 ** 40
const END = 2 ** 39

const keyOfTurn = (turnId: string) => `samosa:turn:${turnId}`
const keyOfServer = (serverId: string) => `samosa:server:${serverId}`
const SERVERS = 'samosa:servers'

// eslint-disable-next-line typescript/no-generated-empty-object-type -- what the library calls having none of them
type Nothing = Record<never, never>
/** With the commands of Redis alone: no modules, functions or scripts of its own. */
export type RedisClient = RedisClientType<Nothing, Nothing, Nothing, 3, Nothing>

export interface RedisTurnLogOptions {
  /** Fails at once while Redis is away. */
  readonly client: RedisClient
  /** For whoever waits in Redis. */
  readonly waiting: RedisClient
  /** Hears what is published. */
  readonly hearing: RedisClient
  /** Calls back each time that Redis is there again. */
  readonly onBack: (listener: () => void) => void
  readonly logger: Logger
  /** Tests set these. */
  readonly serverId?: string
  readonly signOfLife?: number
  readonly deadAfter?: number
  readonly limits?: InProcessTurnLogOptions
}

/** A turn that this server writes. */
interface OwnTurn {
  readonly turnId: string
  readonly conversationId: string
  note: TurnNote | undefined
  keeper: TurnKeeper | undefined
  epoch: number
  /** Events so far, and how many of them Redis was told. */
  events: number
  told: number
  /** What was appended in this turn of the event loop. */
  gathered: TurnEvent[]
  /** Redis may lack some of it: it is told once it is there again. */
  isBehind: boolean
  isEnded: boolean
}

const PREFIX = `local key = 'samosa:turn:' .. ARGV[1]\n`

/**
 * Claims a conversation for a turn; gives the one that is in the way, which may be a dead server's. Whoever has asked
 * for the turn is about to read it, and counts as a reader already.
 */
const BEGIN = `${PREFIX}
local conversation = 'samosa:conversation:' .. ARGV[2]
local newest = redis.call('get', conversation)
if newest and newest ~= ARGV[1] and redis.call('hget', 'samosa:turn:' .. newest .. ':state', 'runs') == '1' then
  return newest
end
redis.call('set', conversation, ARGV[1], 'ex', ARGV[4])
redis.call('sadd', conversation .. ':turns', ARGV[1])
redis.call('expire', conversation .. ':turns', ARGV[4])
redis.call('hset', key .. ':state', 'server', ARGV[3], 'conversation', ARGV[2], 'runs', '1', 'epoch', '0')
redis.call('expire', key .. ':state', ARGV[4])
redis.call('sadd', 'samosa:server:' .. ARGV[3] .. ':turns', ARGV[1])
redis.call('set', key .. ':read:' .. ARGV[3], '1', 'px', ARGV[5])
return false`

/** Of a stream, how many events it has. */
const KNOWN = `
local function known(key)
  local last = redis.call('xrevrange', key, '+', '-', 'count', 1)[1]
  if not last then return 0 end
  if last[2][1] == 'end' then return tonumber(last[2][2]) end
  return tonumber(string.match(last[1], '%d+')) % ${EPOCH}
end
`

/**
 * Adds entries to turns: turn, number of the entry, number of its first event, and its events, four by four. Gives the
 * turns that did not get theirs: another server's by now, or such that lack what stood before, or there is no memory.
 */
const TELL = `${KNOWN}
local refused = {}
for at = 1, #ARGV, 4 do
  local key = 'samosa:turn:' .. ARGV[at]
  local before = known(key)
  local added = before == ARGV[at + 2] - 1
    and redis.pcall('xadd', key, ARGV[at + 1], 'from', ARGV[at + 2], 'events', ARGV[at + 3])
  if type(added) ~= 'string' then table.insert(refused, ARGV[at])
  elseif before == 0 then redis.call('expire', key, ${KEPT_RUNNING}) end
end
return refused`

/** Ends a turn that is this server's still: 1, or 0 where it is not, or fails where some of it is missing. */
const FINISH = `${PREFIX}${KNOWN}
if redis.call('hget', key .. ':state', 'server') ~= ARGV[2] then return 0 end
if known(key) ~= tonumber(ARGV[4]) then return redis.error_reply('BEHIND') end
redis.call('hset', key .. ':state', 'runs', '0')
pcall(redis.call, 'xadd', key, ARGV[3], 'end', ARGV[4])
redis.call('expire', key, ARGV[5])
redis.call('expire', key .. ':state', ARGV[5])
local conversation = 'samosa:conversation:' .. redis.call('hget', key .. ':state', 'conversation')
if redis.call('get', conversation) == ARGV[1] then
  redis.call('expire', conversation, ARGV[5])
  redis.call('expire', conversation .. ':turns', ARGV[5])
end
redis.call('srem', 'samosa:server:' .. ARGV[2] .. ':turns', ARGV[1])
redis.call('del', key .. ':read:' .. ARGV[2])
return 1`

/** As though the turn had never begun. */
const ABANDON = `${PREFIX}
if redis.call('hget', key .. ':state', 'server') ~= ARGV[3] then return 0 end
redis.call('del', key, key .. ':state')
redis.call('srem', 'samosa:server:' .. ARGV[3] .. ':turns', ARGV[1])
local conversation = 'samosa:conversation:' .. ARGV[2]
redis.call('srem', conversation .. ':turns', ARGV[1])
if redis.call('get', conversation) == ARGV[1] then redis.call('del', conversation) end
return 1`

/** Gives the turns of dead servers to this one: turn, conversation, note and epoch of each. */
const TAKE_OVER = `
local taken = {}
for _, server in ipairs(redis.call('smembers', '${SERVERS}')) do
  if server ~= ARGV[1] and redis.call('exists', 'samosa:server:' .. server) == 0 then
    local theirs = 'samosa:server:' .. server .. ':turns'
    for _, turn in ipairs(redis.call('smembers', theirs)) do
      if #taken >= tonumber(ARGV[2]) then return taken end
      local state = 'samosa:turn:' .. turn .. ':state'
      if redis.call('hget', state, 'server') == server and redis.call('hget', state, 'runs') == '1' then
        redis.call('hset', state, 'server', ARGV[1])
        redis.call('sadd', 'samosa:server:' .. ARGV[1] .. ':turns', turn)
        local epoch = redis.call('hincrby', state, 'epoch', 1)
        local conversation = redis.call('hget', state, 'conversation')
        table.insert(taken, {turn, conversation, redis.call('hget', state, 'note') or '', epoch})
      end
      redis.call('srem', theirs, turn)
    end
    redis.call('srem', '${SERVERS}', server)
  end
end
return taken`

/**
 * A sign of life, which a Redis without memory takes too where there was one before. Gives those of the turns that
 * another server has taken over.
 */
const LIVE = `
if redis.call('pexpire', 'samosa:server:' .. ARGV[1], ARGV[2]) == 0 then
  redis.call('set', 'samosa:server:' .. ARGV[1], '1', 'px', ARGV[2])
end
if redis.call('sismember', '${SERVERS}', ARGV[1]) == 0 then
  redis.call('sadd', '${SERVERS}', ARGV[1])
end
local lost = {}
for at = 3, #ARGV do
  local server = redis.call('hget', 'samosa:turn:' .. ARGV[at] .. ':state', 'server')
  if server and server ~= ARGV[1] then table.insert(lost, ARGV[at]) end
end
return lost`

const Names = z.array(z.string())
const Tuple = z.tuple([z.string(), z.string(), z.string(), z.number()])
const noteSchema = z.object({
  ownerId: z.string(),
  conversationId: z.string(),
  userMessageId: z.string(),
  messageId: z.string(),
  modelTag: z.string(),
  startedAt: z.number(),
  keeps: z.string().optional(),
})

/**
 * How an event stands in Redis. Nearly all are tokens, which are their text alone, or their text and what else came with
 * them. Written by a server of ours, which has checked them: what every token costs is not doubled here.
 */
type Written =
  | string
  | readonly [string, NonNullable<TokenEvent['extra']>]
  | Exclude<TurnEvent, TokenEvent>
const Writings = z.custom<readonly Written[]>(Array.isArray)
const Entries = z
  .custom<readonly { readonly name: string; readonly messages: readonly Entry[] }[]>(Array.isArray)
  .nullable()

interface Entry {
  readonly id: string
  readonly message: Readonly<Record<string, string>>
}

/** What one server publishes to another. */
type Letter =
  | {
      readonly ask: string
      readonly from: string
      readonly turnId: string
      readonly request: TurnRequest
    }
  | { readonly reply: string; readonly answer: TurnReply | null }

/** Resolves when this server has given its first sign of life. */
export async function createRedisTurnLog(options: RedisTurnLogOptions): Promise<TurnLog> {
  const { client, hearing, logger, onBack } = options
  const {
    serverId = randomUUID(),
    signOfLife = SIGN_OF_LIFE,
    deadAfter = DEAD_AFTER,
    limits,
  } = options
  const local = createInProcessTurnLog({ ...limits, onDropped: (turnId) => drop(turnId) })
  /** Turns of this server that have ended, in Redis too. They are kept there no longer than here. */
  const finished = new Set<string>()
  const own = new Map<string, OwnTurn>()
  /** Turns that the log of this process has, as far as is known; the oldest first. */
  const here = new Set<string>()
  const others = createCopies(options)
  const readers = createReaderCounts({ client, serverId, logger })
  /** Questions to other servers that are not answered yet. */
  const asked = new Map<string, (answer: TurnReply | undefined) => void>()
  /** Turns to which something was appended in this turn of the event loop. */
  const gathered: OwnTurn[] = []
  /** What Redis was told and has not said that it knows, the oldest first. */
  const unanswered = new Set<{ readonly turns: readonly OwnTurn[]; readonly since: number }>()
  /** What is to be appended once it is known whose the turns are. */
  const held: (() => void)[] = []
  let checking: Promise<void> | undefined
  let tickedAt = performance.now()
  let isClosed = false

  /** Does something in Redis, or nothing while it is away. */
  const attempt = async <Value>(work: () => Promise<Value>): Promise<Value | undefined> => {
    try {
      return await work()
    } catch (error) {
      // That Redis is away is told once, where its connections are made.
      logger.debug({ err: error }, 'Redis did not do what was asked')
      return undefined
    }
  }

  const evaluate = (script: string, ...args: readonly (string | number)[]) =>
    client.eval(script, { arguments: args.map(String) })

  const claim = (turnId: string, conversationId: string) =>
    evaluate(BEGIN, turnId, conversationId, serverId, KEPT_RUNNING, ABOUT_TO_READ)

  /** What Redis has of a turn beside its events. */
  const stateOf = async (turnId: string) => {
    const state = await client.hGetAll(`${keyOfTurn(turnId)}:state`)
    return state['conversation'] === undefined ? undefined : state
  }

  // ── what this server writes ──────────────────────────────────────────────────────────────────────

  const entryId = ({ epoch }: OwnTurn, lastSeq: number) => `${epoch * EPOCH + lastSeq}-0`

  /** Of the turn, the next so many events as they are told; they count as told from then on. */
  const entryOf = (turn: OwnTurn, events: readonly TurnEvent[]) => {
    const from = turn.told + 1
    turn.told += events.length
    return [turn.turnId, entryId(turn, turn.told), String(from), writeEvents(events)]
  }

  /** One command for all of them: what a command costs here and there is many times what an entry does. */
  const tell = async (turns: readonly OwnTurn[], entries: readonly string[]) => {
    const asking = { turns, since: performance.now() }
    unanswered.add(asking)
    try {
      const refused = Names.parse(
        await client.sendCommand(['EVAL', TELL, '0', ...entries], WATCHED_HERE),
      )
      for (const turn of turns) if (refused.includes(turn.turnId)) turn.isBehind = true
    } catch (error) {
      for (const turn of turns) turn.isBehind = true
      logger.debug({ err: error }, 'Redis was not told of turns')
    } finally {
      unanswered.delete(asking)
    }
  }

  /**
   * Tells Redis, then readers, what was appended to all turns. The client and the connections of readers both write in
   * the next turn of the event loop, the client first: a server which dies between the two has told nobody more than
   * Redis.
   */
  const flush = () => {
    if (gathered.length === 0) return
    if (isInDoubt()) {
      held.push(flush)
      return
    }
    const turns = gathered.splice(0)
    const heard = turns.filter(({ isBehind }) => !isBehind)
    if (heard.length > 0) {
      void tell(
        heard,
        heard.flatMap((turn) => entryOf(turn, turn.gathered)),
      )
    }
    for (const turn of turns) {
      const events = turn.gathered
      turn.gathered = []
      local.writer(turn.turnId).append(events)
    }
  }

  const gather = (turn: OwnTurn, events: readonly TurnEvent[]) => {
    turn.events += events.length
    if (turn.gathered.length === 0 && gathered.push(turn) === 1) setImmediate(flush)
    for (const event of events) turn.gathered.push(event)
  }

  const writerOf = (turn: OwnTurn): TurnWriter => {
    const append = (events: readonly TurnEvent[]) => {
      if (!turn.isEnded && events.length > 0) gather(turn, events)
    }
    return {
      append(events) {
        if (isInDoubt()) held.push(() => append(events))
        else append(events)
      },
    }
  }

  /**
   * This process has stood still for so long that others may have ended its turns: nothing more of them is told to
   * anybody before it has asked. Where Redis is away nobody can have.
   */
  const wakeUp = () => {
    const check = async () => {
      const late = performance.now() + WAKING
      // Its connections may have to be made again first.
      while (!(await attempt(() => live().then(() => true))) && performance.now() < late) {
        await wait(LOOK_AGAIN)
      }
      checking = undefined
      for (const append of held.splice(0)) append()
    }
    checking ??= check()
  }

  /** Whether it has to be asked first whose this server's turns are. */
  const isInDoubt = () => {
    if (performance.now() - tickedAt > FROZEN_FROM) wakeUp()
    return checking !== undefined
  }

  const tick = () => {
    const now = performance.now()
    if (now - tickedAt > FROZEN_FROM) wakeUp()
    tickedAt = now
    // In order: the others were asked later.
    for (const { turns, since } of unanswered) {
      if (now - since < ANSWERS_WITHIN) break
      for (const turn of turns) turn.isBehind = true
    }
  }

  const newOwn = (turnId: string, conversationId: string): OwnTurn => {
    const state = { note: undefined, keeper: undefined, epoch: 0, events: 0, told: 0, gathered: [] }
    const turn = { turnId, conversationId, ...state, isBehind: false, isEnded: false }
    own.set(turnId, turn)
    here.add(turnId)
    const [oldest] = here
    if (here.size > MOST_HERE && oldest !== undefined && !own.has(oldest)) here.delete(oldest)
    return turn
  }

  const lose = async (turn: OwnTurn) => {
    own.delete(turn.turnId)
    turn.isEnded = true
    turn.isBehind = true
    here.delete(turn.turnId)
    turn.keeper?.lost()
    await local.abandon(turn.turnId)
  }

  const finish = async (turn: OwnTurn) => {
    const end = `${turn.epoch * EPOCH + END}-0`
    const args = [turn.turnId, serverId, end, turn.events, KEPT_ENDED] as const
    const isDone = turn.isBehind ? undefined : await attempt(() => evaluate(FINISH, ...args))
    if (isDone === undefined) {
      turn.isBehind = true
      return
    }
    own.delete(turn.turnId)
    if (isDone !== 1) return
    finished.add(turn.turnId)
    // Many others may have ended meanwhile.
    if (!(await local.find(turn.turnId))) drop(turn.turnId)
  }

  /** Many turns that end soon after one another would fill Redis before their time is over. */
  const drop = (turnId: string) => {
    if (!finished.delete(turnId)) return
    void attempt(() => client.unlink([keyOfTurn(turnId), `${keyOfTurn(turnId)}:state`]))
  }

  /** Nobody can or need be told of it any more: it is forgotten here, or it was ended, and only that was not heard. */
  const isDoneWith = async ({ turnId }: OwnTurn) =>
    !(await local.find(turnId)) || (await stateOf(turnId))?.['runs'] === '0'

  /** Tells Redis again of a turn that it may lack, wholly or in part; another server's by now is lost. */
  const bringUpToDate = async (turn: OwnTurn) => {
    const { turnId, conversationId, note } = turn
    if (turn.isEnded && (await isDoneWith(turn))) {
      own.delete(turnId)
      return
    }
    const inTheWay = await claim(turnId, conversationId)
    if (inTheWay) {
      await lose(turn)
      return
    }
    if (note) await client.hSet(`${keyOfTurn(turnId)}:state`, 'note', JSON.stringify(note))
    const known = (await lastEntry(client, turnId))?.events ?? 0
    flush()
    const missing = eventsBehind(local, turnId, known)
    turn.told = known
    turn.isBehind = false
    if (missing.length > 0) await tell([turn], entryOf(turn, missing))
    if (turn.isEnded && !turn.isBehind) await finish(turn)
  }

  const recover = async () => {
    // What Redis lost when it was started anew, nobody else can tell it.
    for (const turn of own.values()) turn.isBehind = true
    await attempt(live)
    for (const turn of own.values()) {
      if (isClosed) return
      if (turn.isBehind) await attempt(() => bringUpToDate(turn))
    }
    readers.tellAgain()
  }

  // ── signs of life, and what others leave ─────────────────────────────────────────────────────────

  const live = async () => {
    const running = [...own.values()].filter(({ isEnded }) => !isEnded)
    const lost = await evaluate(LIVE, serverId, deadAfter, ...running.map(({ turnId }) => turnId))
    for (const turnId of Names.parse(lost)) {
      const turn = own.get(turnId)
      if (turn) await lose(turn)
    }
    readers.renew()
    for (const turn of own.values()) {
      if (turn.isBehind) await attempt(() => bringUpToDate(turn))
    }
  }

  const heartbeat = async () => {
    while (!isClosed) {
      await wait(signOfLife, undefined, { ref: false })
      if (!isClosed) await attempt(live)
    }
  }

  const adopt = async ([turnId, conversationId, note, epoch]: z.infer<typeof Tuple>) => {
    const entries = await client.xRange(keyOfTurn(turnId), '-', '+')
    const events = (entries ?? []).flatMap(({ message }) => eventsIn(message)?.events ?? [])
    const turn = newOwn(turnId, conversationId)
    turn.epoch = epoch
    turn.events = events.length
    turn.told = events.length
    // Should one run here that was begun while Redis was away, this one can be read from Redis alone.
    await local.begin(turnId, conversationId)
    local.writer(turnId).append(events)
    turn.note = noteIn(note)
    return { turnId, conversationId, note: turn.note, events } satisfies OrphanedTurn
  }

  // ── asking other servers ─────────────────────────────────────────────────────────────────────────

  const answer = async (letter: Extract<Letter, { ask: string }>) => {
    const reply = (await local.ask(letter.turnId, letter.request)) ?? null
    const back: Letter = { reply: letter.ask, answer: reply }
    await attempt(() => client.publish(keyOfServer(letter.from), JSON.stringify(back)))
  }

  const hear = (text: string) => {
    const letter = z.custom<Letter>((given) => typeof given === 'object').parse(JSON.parse(text))
    if ('ask' in letter) void answer(letter)
    else asked.get(letter.reply)?.(letter.answer ?? undefined)
  }

  const askServer = async (server: string, turnId: string, request: TurnRequest) => {
    const id = randomUUID()
    const letter: Letter = { ask: id, from: serverId, turnId, request }
    const { promise, resolve } = Promise.withResolvers<TurnReply | undefined>()
    asked.set(id, resolve)
    const timer = setTimeout(() => resolve(undefined), ASK_PATIENCE)
    try {
      const heard = await attempt(() => client.publish(keyOfServer(server), JSON.stringify(letter)))
      return heard ? await promise : undefined
    } finally {
      clearTimeout(timer)
      asked.delete(id)
    }
  }

  // ── reading ──────────────────────────────────────────────────────────────────────────────────────

  const find = async (turnId: string): Promise<LoggedTurn | undefined> => {
    flush()
    const known = await local.find(turnId)
    if (known && own.has(turnId)) return known
    const there = await attempt(async () => {
      const state = await stateOf(turnId)
      const { events = 0 } = (await lastEntry(client, turnId)) ?? {}
      if (!state) return undefined
      const running = state['runs'] === '1'
      return { turnId, conversationId: state['conversation'] ?? '', running, events }
    })
    return there ?? known
  }

  await hearing.subscribe(keyOfServer(serverId), hear)
  await live()
  onBack(() => void recover())
  const ticking = setInterval(tick, TICK).unref()
  const beating = heartbeat()

  return {
    async begin(turnId, conversationId) {
      const begun = await local.begin(turnId, conversationId)
      if (!begun.started) return begun
      const turn = newOwn(turnId, conversationId)
      try {
        const inTheWay = await claim(turnId, conversationId)
        if (typeof inTheWay !== 'string') return begun
        own.delete(turnId)
        here.delete(turnId)
        await local.abandon(turnId)
        return { started: false, runningTurnId: inTheWay }
      } catch (error) {
        // Alone, this server keeps to the rule by itself.
        logger.debug({ err: error }, 'a turn begins without Redis')
        turn.isBehind = true
        return begun
      }
    },
    async keep(note, keeper) {
      await local.keep(note, keeper)
      const turn = own.get(note.turnId)
      if (!turn) return
      const { turnId, ...kept } = note
      turn.note = kept
      turn.keeper = keeper
      await attempt(() => client.hSet(`${keyOfTurn(turnId)}:state`, 'note', JSON.stringify(kept)))
    },
    async ask(turnId, request) {
      if (own.has(turnId)) return await local.ask(turnId, request)
      const state = await attempt(() => stateOf(turnId))
      if (state?.['runs'] !== '1' || state['server'] === undefined) return undefined
      return await askServer(state['server'], turnId, request)
    },
    async orphans() {
      const taken = await attempt(() => evaluate(TAKE_OVER, serverId, MOST_ORPHANS))
      const orphans: OrphanedTurn[] = []
      for (const each of z.array(Tuple).parse(taken ?? [])) {
        const orphan = await attempt(() => adopt(each))
        if (orphan) orphans.push(orphan)
      }
      return orphans
    },
    writer(turnId) {
      const turn = own.get(turnId)
      return turn && !turn.isEnded ? writerOf(turn) : { append() {} }
    },
    async end(turnId) {
      if (isInDoubt()) await checking
      const turn = own.get(turnId)
      if (!turn || turn.isEnded) return
      flush()
      turn.isEnded = true
      // Readers of this server wait for no other one.
      await local.end(turnId)
      await finish(turn)
    },
    async abandon(turnId) {
      const turn = own.get(turnId)
      if (!turn) return
      flush()
      own.delete(turnId)
      here.delete(turnId)
      await attempt(() => evaluate(ABANDON, turnId, turn.conversationId, serverId))
      await local.abandon(turnId)
    },
    follow(turnId, afterSeq, follower) {
      const leave = readers.enter(turnId)
      const log = here.has(turnId) ? local : others
      const reader: TurnReader = log.follow(turnId, afterSeq, {
        events: (batch, firstSeq) => follower.events(batch, firstSeq),
        end() {
          leave()
          follower.end()
        },
      })
      return {
        resume: () => reader.resume(),
        stop() {
          reader.stop()
          leave()
        },
      }
    },
    async left(turnId, { signal }: Cancellable) {
      for (;;) {
        const isLeft = await readers.areAllGone(turnId, async () => {
          const turn = await find(turnId)
          return turn?.running !== true
        })
        if (isLeft || signal.aborted) return isLeft
        await wait(LOOK_AGAIN, undefined, { signal }).catch(() => undefined)
      }
    },
    find,
    async latest(conversationId) {
      flush()
      const known = await local.latest(conversationId)
      if (known?.running) return known
      const turnId = await attempt(() => client.get(`samosa:conversation:${conversationId}`))
      return typeof turnId === 'string' ? ((await find(turnId)) ?? known) : known
    },
    async forget(conversationId) {
      await local.forget(conversationId)
      const conversation = `samosa:conversation:${conversationId}`
      await attempt(async () => {
        for (const turnId of await client.sMembers(`${conversation}:turns`)) {
          const state = await stateOf(turnId)
          if (state?.['runs'] === '1') continue
          others.leave(turnId)
          const key = keyOfTurn(turnId)
          await client.del([key, `${key}:state`])
          await client.sRem(`${conversation}:turns`, turnId)
          if ((await client.get(conversation)) === turnId) await client.del(conversation)
        }
      })
    },
    async close() {
      isClosed = true
      flush()
      clearInterval(ticking)
      await others.close()
      await readers.close()
      const isLeft = [...own.values()].some(({ isEnded }) => !isEnded)
      await attempt(async () => {
        await client.del(keyOfServer(serverId))
        // Whoever looks for dead servers finds what this one leaves by these.
        if (isLeft) return
        await client.sRem(SERVERS, serverId)
        await client.del(`${keyOfServer(serverId)}:turns`)
      })
      for (const resolve of asked.values()) resolve(undefined)
      await local.close()
      void beating
    },
  }
}

const noteIn = (json: string): TurnNote | undefined => {
  if (json === '') return undefined
  const { keeps, ...note } = noteSchema.parse(JSON.parse(json))
  return { ...note, keeps }
}

const writeEvents = (events: readonly TurnEvent[]): string =>
  JSON.stringify(
    events.map((event): Written => {
      if (event.type !== 'token') return event
      return event.extra ? [event.text, event.extra] : event.text
    }),
  )

const readEvents = (json: string): readonly TurnEvent[] =>
  Writings.parse(JSON.parse(json)).map((written): TurnEvent => {
    if (typeof written === 'string') return { type: 'token', text: written }
    if (!('type' in written)) return { type: 'token', text: written[0], extra: written[1] }
    return written
  })

/** What an entry says: events from a number on, or that the turn has ended after so many. */
function eventsIn(
  entry: Readonly<Record<string, string>>,
): { readonly from: number; readonly events: readonly TurnEvent[] } | undefined {
  const { from, events } = entry
  return from === undefined || events === undefined
    ? undefined
    : { from: Number(from), events: readEvents(events) }
}

/** How many events Redis has of a turn. */
async function lastEntry(
  client: RedisClient,
  turnId: string,
): Promise<{ readonly events: number } | undefined> {
  const entries = await client.xRevRange(keyOfTurn(turnId), '+', '-', { COUNT: 1 })
  const last = entries?.[0]
  if (!last) return undefined
  const { end } = last.message
  return { events: end === undefined ? Number(last.id.split('-')[0]) % EPOCH : Number(end) }
}

/** What a log has of a turn behind so many events. */
function eventsBehind(log: TurnLog, turnId: string, count: number): readonly TurnEvent[] {
  const events: TurnEvent[] = []
  const follower = { events: (batch: readonly TurnEvent[]) => events.push(...batch) > 0, end() {} }
  log.follow(turnId, count, follower).stop()
  return events
}

/** On which servers a turn is read: a sign for each, which is renewed, and goes with its server. */
function createReaderCounts({
  client,
  serverId,
  logger,
}: Pick<RedisTurnLogOptions, 'client' | 'logger'> & { readonly serverId: string }) {
  const counts = new Map<string, number>()
  const keyOf = (turnId: string, server: string) => `${keyOfTurn(turnId)}:read:${server}`

  const quietly = (work: Promise<unknown>) => {
    work.catch((error: unknown) => logger.debug({ err: error }, 'Redis was not told of readers'))
  }
  const tell = (turnId: string) => {
    const expiration = { type: 'PX', value: DEAD_AFTER } as const
    quietly(client.set(keyOf(turnId, serverId), '1', { expiration }))
  }

  /** A Redis without memory renews what it has, and takes nothing new. */
  const renew = () => {
    for (const turnId of counts.keys()) {
      const renewed = client.pExpire(keyOf(turnId, serverId), DEAD_AFTER)
      quietly(renewed.then((isThere) => isThere === 0 && counts.has(turnId) && tell(turnId)))
    }
  }

  return {
    renew,
    tellAgain: renew,
    /** What is returned takes the reader out again, once. */
    enter(turnId: string): () => void {
      const count = (counts.get(turnId) ?? 0) + 1
      counts.set(turnId, count)
      if (count === 1) tell(turnId)
      let isIn = true
      return () => {
        if (!isIn) return
        isIn = false
        const left = (counts.get(turnId) ?? 1) - 1
        if (left > 0) counts.set(turnId, left)
        else {
          counts.delete(turnId)
          quietly(client.del(keyOf(turnId, serverId)))
        }
      }
    },
    /** Whether nobody reads the turn, on any server, or it has ended. */
    async areAllGone(turnId: string, isEnded: () => Promise<boolean>): Promise<boolean> {
      if (!counts.has(turnId)) {
        try {
          const servers = (await client.sMembers(SERVERS)).filter((server) => server !== serverId)
          const keys = servers.map((server) => keyOf(turnId, server))
          if (keys.length === 0 || (await client.exists(keys)) === 0) return true
        } catch (error) {
          logger.debug({ err: error }, 'readers of other servers are not known')
          return true
        }
      }
      return await isEnded()
    },
    async close() {
      const keys = [...counts.keys()].map((turnId) => keyOf(turnId, serverId))
      counts.clear()
      if (keys.length > 0) quietly(client.del(keys))
    },
  }
}

/** A turn of another server, as far as it has come from there. */
interface Copy {
  readonly turnId: string
  /** The last entry that was read. */
  lastId: string
  events: number
  readers: number
  /** Milliseconds of a clock that never goes back: when something came last. */
  heardAt: number
}

/** Milliseconds without anything new after which it is asked whether a turn is there still. */
const ASK_AGAIN = 15_000
/** Milliseconds until Redis is tried again. */
const TRY_AGAIN = 200

/**
 * Turns of other servers that are read here: each is copied, once for all its readers here, into a log of its own,
 * which they follow. One read waits in Redis for all of them together.
 */
function createCopies({ client, waiting, logger }: RedisTurnLogOptions) {
  const log = createInProcessTurnLog()
  const copies = new Map<string, Copy>()
  const closing = new AbortController()
  /** Something is written there when whoever waits is to look at another set of turns. */
  const wakeKey = `samosa:wake:${randomUUID()}`
  let wokenBy = '0-0'
  let isPumping = false
  let pumped: Promise<void> = Promise.resolve()

  const drop = (copy: Copy) => {
    copies.delete(copy.turnId)
    // Who follows it learns that there is no more.
    void log.abandon(copy.turnId)
  }

  const take = (copy: Copy, id: string, entry: Readonly<Record<string, string>>) => {
    copy.lastId = id
    copy.heardAt = performance.now()
    const given = eventsIn(entry)
    if (!given) {
      copies.delete(copy.turnId)
      void log.end(copy.turnId)
      return
    }
    const known = copy.events - (given.from - 1)
    // After a gap nothing can be told in order; who reads comes back, and begins where it was.
    if (known < 0) return drop(copy)
    const fresh = known === 0 ? given.events : given.events.slice(known)
    copy.events += fresh.length
    log.writer(copy.turnId).append(fresh)
  }

  /** Ends what nobody knows any more. */
  const askAgain = async () => {
    for (const copy of copies.values()) {
      if (performance.now() - copy.heardAt < ASK_AGAIN) continue
      copy.heardAt = performance.now()
      if ((await client.exists(`${keyOfTurn(copy.turnId)}:state`)) === 0) drop(copy)
    }
  }

  const readOn = async () => {
    const followed = [...copies.values()].map(({ turnId, lastId }) => ({
      key: keyOfTurn(turnId),
      id: lastId,
    }))
    const streams = [{ key: wakeKey, id: wokenBy }, ...followed]
    const read = Entries.parse(await waiting.xRead(streams, { BLOCK }))
    for (const { name, messages } of read ?? []) {
      for (const { id, message } of messages) {
        if (name === wakeKey) wokenBy = id
        const copy = copies.get(name.slice(keyOfTurn('').length))
        if (copy) take(copy, id, message)
      }
    }
    await askAgain()
  }

  const pump = async () => {
    while (copies.size > 0 && !closing.signal.aborted) {
      try {
        await readOn()
      } catch (error) {
        logger.debug({ err: error }, 'turns of other servers cannot be read')
        await wait(TRY_AGAIN, undefined, closing).catch(() => undefined)
      }
    }
    isPumping = false
  }

  const goOn = () => {
    if (!isPumping) {
      isPumping = true
      pumped = pump()
    }
    const trimmed = { TRIM: { strategy: 'MAXLEN', threshold: 1 } } as const
    client.xAdd(wakeKey, '*', { wake: '1' }, trimmed).catch((error: unknown) => {
      logger.debug({ err: error }, 'a read in Redis was not woken')
    })
  }

  const begin = (turnId: string): Copy => {
    const copy = { turnId, lastId: '0-0', events: 0, readers: 0, heardAt: performance.now() }
    copies.set(turnId, copy)
    void log.begin(turnId, turnId)
    void open(copy)
    return copy
  }

  const open = async (copy: Copy) => {
    try {
      if ((await client.exists(`${keyOfTurn(copy.turnId)}:state`)) === 0) drop(copy)
      else goOn()
    } catch (error) {
      logger.debug({ err: error }, 'a turn of another server cannot be read')
      drop(copy)
    }
  }

  return {
    follow(
      turnId: string,
      afterSeq: number,
      follower: Parameters<TurnLog['follow']>[2],
    ): TurnReader {
      const copy = copies.get(turnId) ?? begin(turnId)
      copy.readers += 1
      const reader = log.follow(turnId, afterSeq, follower)
      return {
        resume: () => reader.resume(),
        stop() {
          reader.stop()
          copy.readers -= 1
          if (copy.readers === 0 && copies.get(turnId) === copy) drop(copy)
        },
      }
    },
    /** The turn is this server's now, or gone. */
    leave(turnId: string): void {
      const copy = copies.get(turnId)
      if (copy) drop(copy)
    },
    async close() {
      closing.abort()
      for (const copy of copies.values()) drop(copy)
      await client.del(wakeKey).catch((error: unknown) => {
        logger.debug({ err: error }, 'Redis keeps what woke a server')
      })
      await pumped
      await log.close()
    },
  }
}
