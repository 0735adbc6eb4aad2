/**
 * Keeps two servers from writing the same files: each would overwrite what the other has acknowledged. They
 * may run in different containers, or on hosts that share a folder, where process numbers tell nothing. Two
 * things do, together:
 *
 * - A lock of the kernel on `locks/kernel`. It holds between all containers of a kernel, also between hosts
 *   where the share has locks, and goes with its process, however that ends.
 * - A record, `locks/<number>`, which its holder renews. Some file systems have no locks, or grant them to
 *   everybody: there a server is gone when its record has not changed for a while.
 *
 * The record with the highest number counts. Whoever takes the folder makes the next one, which the file
 * system lets only one do, then looks once more whether the one before has been renewed, and removes it. A
 * holder renews first and looks for a higher number then: of the two at least one sees the other. Numbers
 * never go down: a record that is given back says so and stays.
 */
import { randomUUID } from 'node:crypto'
import {
  closeSync,
  existsSync,
  openSync,
  readlinkSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import type * as Sqlite from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { ChatError, StartError } from '../../core/errors.ts'
import type { Logger } from '../../core/ports/index.ts'
import { parseJson } from './atomic-file.ts'
import { nodeFileSystem, systemCode, storageReason, unusableFolder } from './file-system.ts'

/** All in milliseconds. */
export interface LockTiming {
  readonly renewEvery: number
  /** How long after a renewal the holder writes without a look at its record; well below `lapse`. */
  readonly trust: number
  /** A record that has not changed for so long has no holder any more. */
  readonly lapse: number
  /** Between two looks at the record of another. */
  readonly lookEvery: number
}

const TIMING: LockTiming = { renewEvery: 2_000, trust: 5_000, lapse: 10_000, lookEvery: 200 }

export interface FolderLockOptions {
  readonly directory: string
  /** Milliseconds that a server which is just stopping gets to leave; a new one may start meanwhile. */
  readonly patience: number
  readonly logger: Logger
  /** Tests set these. */
  readonly timing?: Partial<LockTiming>
  readonly askKernel?: (path: string) => KernelLock
}

export interface FolderLock {
  /**
   * To be called before anything is written, and again before anybody is told that it was: this process may
   * have been frozen in between.
   * @throws ChatError `interrupted` when the folder is, or may be, another server's by now
   */
  assertHeld(): void
  /** Resolves with a sentence for the operator when the lock is lost; it never comes back. */
  readonly lost: Promise<string>
  /** Gives the folder back, once; a killed process gives it back by being gone. */
  release(): Promise<void>
}

/** A data folder that another process holds. */
export class FolderInUse extends StartError {}

const GIVEN_BACK = 'given back\n'

/**
 * Claims a data folder for this process.
 * @throws FolderInUse when another server uses the folder; StartError when no file can be made there
 */
export async function lockFolder(options: FolderLockOptions): Promise<FolderLock> {
  const { patience, logger, askKernel = lockFile } = options
  const directory = resolve(options.directory)
  const timing = { ...TIMING, ...options.timing }
  const folder = join(directory, 'locks')
  const kernelPath = join(folder, 'kernel')
  let kernel: KernelLock = { kind: 'busy' }
  try {
    await nodeFileSystem.makeFolder(folder)
    const identity = await describeThisProcess(folder)
    const startedAt = performance.now()
    let seen = { number: -1, text: '', at: startedAt }
    let isAlive = false
    for (let look = 1; ; look += 1) {
      if (kernel.kind === 'busy') kernel = askKernel(kernelPath)
      const isLocked = kernel.kind === 'held' && kernel.isCertain
      const self = { ...identity, isLocked }
      // Before the look: a record is silent for as long as it was looked at, and this process may freeze too.
      const now = performance.now()
      const newest = await readNewest(folder)
      if (newest.number !== seen.number || newest.text !== seen.text) {
        isAlive = look > 1
        seen = { ...newest, at: performance.now() }
      }
      const silence = now - seen.at
      const isFree = isUnheld(newest, self) || silence >= timing.lapse
      if (kernel.kind !== 'busy' && isFree) {
        const record = await claim(folder, newest, self)
        if (record) return holdFolder({ directory, folder, logger, timing, kernel, record, self })
      } else if (now - startedAt >= patience && (kernel.kind === 'busy' || isAlive)) {
        throw inUse(directory, newest, silence >= timing.lapse ? silence : undefined)
      } else if (look === 1) {
        logger.info({ directory, ...namesOf(newest) }, WAITING)
      }
      await wait(timing.lookEvery)
    }
  } catch (error) {
    if (kernel.kind === 'held') kernel.release()
    if (systemCode(error) === undefined) throw error
    throw new StartError(unusableFolder(directory, error), { cause: error })
  }
}

const WAITING = 'another server has used the data folder; waiting until it is known to be gone'
const NO_KERNEL_LOCKS =
  'the kernel keeps no lock on the data folder: after a crash the next start waits until the record of ' +
  'this server has not changed for some seconds'

/** The record, when it is ours now; `undefined` when somebody was quicker, or the one before is alive. */
async function claim(folder: string, previous: NumberedRecord, self: Holder) {
  const number = previous.number + 1
  const path = join(folder, String(number))
  const claimedAt = thisMoment()
  try {
    await writeFile(path, recordText(self, 0), { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return undefined
    // A record that nobody can read would be waited for.
    await rm(path, { force: true })
    throw error
  }
  const others = numbersIn(await readdir(folder)).filter((other) => other !== number)
  const isUnchanged = (await readRecord(folder, previous.number)) === previous.text
  if (!isUnchanged || others.some((other) => other > number)) {
    await rm(path, { force: true })
    return undefined
  }
  await Promise.all(others.map((other) => rm(join(folder, String(other)), { force: true })))
  return { number, path, claimedAt }
}

function namesOf({ text }: NumberedRecord) {
  const { process, host, container, since } = holderIn(text) ?? {}
  return { process, host, container, since }
}

function inUse(
  directory: string,
  record: NumberedRecord,
  silence: number | undefined,
): FolderInUse {
  const { process, host, container, since } = namesOf(record)
  const where = container === undefined ? host : `${host}, container ${container}`
  const who = process === undefined ? '' : ` (process ${process} on ${where}, since ${since})`
  const frozen =
    silence === undefined
      ? ''
      : ` It has given no sign of life for ${Math.floor(silence / 1_000)} s: if it is frozen, end it.`
  return new FolderInUse(
    `${directory} is in use by another server${who}.${frozen} ` +
      'Stop that one, or set DATABASE_URL to another folder.',
  )
}

// A record: who has claimed the folder, and that they are alive.

const holderSchema = z.object({
  id: z.string(),
  process: z.number(),
  host: z.string(),
  container: z.string().optional(),
  /** In ISO 8601. */
  since: z.string(),
  /** Tells one running kernel from every other. */
  kernel: z.string(),
  /** Of the folder `locks`: they tell a folder from its copy, as long as the kernel is the same. */
  device: z.string(),
  inode: z.string(),
  /** The kernel keeps a lock for it, for certain. */
  isLocked: z.boolean(),
})
type Holder = z.infer<typeof holderSchema>

interface NumberedRecord {
  /** 0 when there is none. */
  readonly number: number
  readonly text: string
}

const isNumber = (name: string) => /^\d{1,15}$/.test(name)

const numbersIn = (names: readonly string[]) => names.filter(isNumber).map(Number)

async function readNewest(folder: string): Promise<NumberedRecord> {
  const number = Math.max(0, ...numbersIn(await readdir(folder)))
  return { number, text: await readRecord(folder, number) }
}

/** Empty when there is none. */
async function readRecord(folder: string, number: number): Promise<string> {
  try {
    return await readFile(join(folder, String(number)), 'utf8')
  } catch (error) {
    if (isMissing(error)) return ''
    throw error
  }
}

/** On a network's disk also what was removed by another host. */
function isMissing(error: unknown): boolean {
  const code = systemCode(error)
  return code === 'ENOENT' || code === 'ESTALE'
}

/** Never shorter than one before, which it is written over. */
const recordText = (holder: Holder, renewals: number) =>
  `${JSON.stringify({ ...holder, renewals })}\n`

/** `undefined` when nobody can be told from it, as while it is being written. */
const holderIn = (text: string): Holder | undefined =>
  parseJson(Buffer.from(text), holderSchema).value

/** Whether nobody holds the folder any more for certain; otherwise only the time can tell. */
function isUnheld({ number, text }: NumberedRecord, self: Holder): boolean {
  if (number === 0 || text === GIVEN_BACK) return true
  const holder = holderIn(text)
  if (!holder?.isLocked || holder.kernel !== self.kernel || holder.device !== self.device) {
    return false
  }
  // Its lock is ours now, so it is gone; or it is in another folder, of which this one is a copy.
  return self.isLocked || holder.inode !== self.inode
}

// The claim is held: the record is renewed, and whoever writes asks first.

interface Hold {
  readonly directory: string
  readonly folder: string
  readonly logger: Logger
  readonly timing: LockTiming
  readonly kernel: KernelLock
  readonly record: { readonly number: number; readonly path: string; readonly claimedAt: Moment }
  readonly self: Holder
}

function holdFolder(hold: Hold): FolderLock {
  const { directory, folder, logger, timing, kernel, record, self } = hold
  const lost = Promise.withResolvers<string>()
  let state: 'held' | 'lost' | 'released' = 'held'
  let confirmed = record.claimedAt
  let renewals = 0
  let isDoubtful = false
  if (!self.isLocked) logger.warn({ directory }, NO_KERNEL_LOCKS)

  const nextText = () => {
    renewals += 1
    return recordText(self, renewals)
  }

  const lose = (reason: string) => {
    if (state !== 'held') return
    state = 'lost'
    clearInterval(timer)
    const sentence =
      `${reason} This server has stopped writing and ends: ` +
      'one server at a time may use a folder. Started again, it waits for its turn.'
    logger.error({ directory }, sentence)
    lost.resolve(sentence)
  }

  const isNewer = (name: string) => isNumber(name) && Number(name) > record.number

  /** What a look at our own record and its neighbours shows, once the record has been renewed. */
  const conclude = (startedAt: Moment, isOurs: boolean, names: readonly string[]) => {
    if (names.some(isNewer)) {
      return lose(
        `Another server has taken the data folder ${directory}: nothing was heard of this one for ` +
          `${timing.lapse / 1_000} s, as when it is frozen or its disk hangs.`,
      )
    }
    if (!isOurs) return lose(`The lock of this server in ${folder} has been removed or replaced.`)
    if (startedAt.steady > confirmed.steady) confirmed = startedAt
    isDoubtful = false
  }

  /** Not on the main thread, unlike the other: a network's disk may take its time. */
  const renew = async () => {
    const startedAt = thisMoment()
    try {
      const file = await open(record.path, 'r+')
      let isOurs: boolean
      try {
        isOurs = (await file.readFile('utf8')).includes(self.id)
        if (isOurs) await file.write(nextText(), 0)
      } finally {
        await file.close()
      }
      conclude(startedAt, isOurs, await readdir(folder))
    } catch (error) {
      if (!isMissing(error)) throw error
      conclude(startedAt, false, await readdir(folder).catch(() => []))
    }
  }

  const renewAtOnce = () => {
    const startedAt = thisMoment()
    try {
      const file = openSync(record.path, 'r+')
      let isOurs: boolean
      try {
        isOurs = readFileSync(file, 'utf8').includes(self.id)
        if (isOurs) writeSync(file, nextText(), 0)
      } finally {
        closeSync(file)
      }
      conclude(startedAt, isOurs, readdirSync(folder))
    } catch (error) {
      if (!isMissing(error)) throw error
      conclude(startedAt, false, existsSync(folder) ? readdirSync(folder) : [])
    }
  }

  let renewing: Promise<void> | undefined
  const timer = setInterval(() => {
    renewing ??= renew()
      // Whoever writes next tries again, and says so when it matters.
      .catch(() => undefined)
      .finally(() => (renewing = undefined))
  }, timing.renewEvery).unref()

  const doubt = (error: unknown) => {
    if (!isDoubtful) {
      const message = 'the lock of the data folder cannot be renewed: nothing is saved until it can'
      logger.error({ directory, err: error }, message)
    }
    isDoubtful = true
    return new ChatError(
      'interrupted',
      `This server cannot save anything at the moment: ${storageReason(error)}. Please try again.`,
      { cause: error },
    )
  }

  let releasing: Promise<void> | undefined
  const release = async () => {
    clearInterval(timer)
    await renewing
    try {
      const isOurs = state === 'held'
      state = 'released'
      if (isOurs) await giveBack(record.path, self.id)
    } catch (error) {
      logger.warn({ directory, err: error }, 'the lock of the data folder was not given back')
    }
    if (kernel.kind === 'held') kernel.release()
  }

  return {
    assertHeld() {
      if (state === 'held' && millisecondsSince(confirmed) > timing.trust) {
        try {
          renewAtOnce()
        } catch (error) {
          throw doubt(error)
        }
      }
      if (state === 'held') return
      const sentence =
        state === 'lost'
          ? 'Another server has taken over from this one, which is stopping. Please try again.'
          : 'The server is stopping. Please try again.'
      throw new ChatError('interrupted', sentence, { retryAfter: 5 })
    },
    lost: lost.promise,
    release: () => (releasing ??= release()),
  }
}

async function giveBack(path: string, id: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    if (!(await file.readFile('utf8')).includes(id)) return
    await file.truncate(0)
    await file.write(GIVEN_BACK, 0)
  } finally {
    await file.close()
  }
}

interface Moment {
  /** Of a clock that is never set. */
  readonly steady: number
  /** Milliseconds since 1970. */
  readonly wall: number
}

const thisMoment = (): Moment => ({ steady: performance.now(), wall: Date.now() })

/** The steady clock stands still while a machine sleeps, the other may be set: the larger difference counts. */
function millisecondsSince(moment: Moment): number {
  const { steady, wall } = thisMoment()
  return Math.max(steady - moment.steady, Math.abs(wall - moment.wall))
}

async function describeThisProcess(folder: string): Promise<Omit<Holder, 'isLocked'>> {
  const { dev, ino } = await stat(folder, { bigint: true })
  const container = await containerId()
  return {
    id: randomUUID(),
    process: process.pid,
    host: hostname(),
    ...(container !== undefined && { container }),
    since: new Date().toISOString(),
    kernel: await kernelId(),
    device: String(dev),
    inode: String(ino),
  }
}

async function kernelId(): Promise<string> {
  // Elsewhere there are no containers that share a kernel, and hosts of one network have different names.
  if (process.platform !== 'linux') return hostname()
  const id = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => randomUUID())
  return id.trim()
}

/** As Docker, Podman and Kubernetes name the files that they put into a container. */
async function containerId(): Promise<string | undefined> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '')
  return /\/(?:containers|overlay-containers|sandboxes)\/([0-9a-f]{12})[0-9a-f]{52}\//.exec(
    mounts,
  )?.[1]
}

// The lock of the kernel.

/** What the kernel says when it is asked for a lock. */
export type KernelLock =
  | {
      readonly kind: 'held'
      /** It keeps the lock itself, so nobody else has it who runs on this kernel. */
      readonly isCertain: boolean
      readonly release: () => void
    }
  | { readonly kind: 'busy' }
  /** It keeps no locks here. */
  | { readonly kind: 'none' }

/** Milliseconds in which two that ask at the same instant settle who is first. */
const SETTLE = 50
/** SQLite’s own number for a lock that another has. */
const SQLITE_BUSY = 5
/** The bytes that SQLite locks, far behind what any file of ours has (sqlite.org/fileformat2.html, “The Lock-Byte Page”). */
const SQLITE_RANGE = '1073741824 1073742335'

/**
 * Asks the kernel for a lock on a file, which is made where there is none. Nothing else in this process may
 * open that file: closing it would give the lock back, as POSIX has it.
 */
export function lockFile(path: string): KernelLock {
  const kernel = tryLock(path)
  if (kernel.kind !== 'busy') return kernel
  // Some file systems say of every lock that another has it. Nobody else knows this name.
  const own = `${path}.${randomUUID()}`
  const proof = tryLock(own)
  if (proof.kind === 'held') proof.release()
  rmSync(own, { force: true })
  return proof.kind === 'held' ? kernel : { kind: 'none' }
}

function tryLock(path: string): KernelLock {
  const sqlite: typeof Sqlite | undefined = loadSqlite()
  if (!sqlite) return { kind: 'none' }
  try {
    const database = new sqlite.DatabaseSync(path, { timeout: SETTLE })
    try {
      // Nothing is ever written, so nothing is left behind by a process that is killed.
      database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
      return { kind: 'held', isCertain: isKeptHere(), release: () => database.close() }
    } catch (error) {
      database.close()
      throw error
    }
  } catch (error) {
    const isBusy =
      error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === SQLITE_BUSY
    return { kind: isBusy ? 'busy' : 'none' }
  }
}

/**
 * Whether the kernel lists a lock of SQLite for this process: a file system in user space may grant locks to
 * everybody without telling it. Other systems than Linux have no list, and are believed.
 */
function isKeptHere(): boolean {
  if (process.platform !== 'linux') return true
  try {
    // Not the process’s own number: the list may be that of a container around this one.
    const self = readlinkSync('/proc/self')
    const locks = readFileSync('/proc/locks', 'utf8')
    return new RegExp(`POSIX +ADVISORY +WRITE +${self} \\S+ ${SQLITE_RANGE}$`, 'm').test(locks)
  } catch {
    // Without the list the record alone tells who is alive, which takes longer and is as safe.
    return false
  }
}

/** Node’s own SQLite: its locks on files are the kernel’s, on every system. Nothing in a Node without it. */
function loadSqlite() {
  const { emitWarning } = process
  // Node 22 calls the module an experiment, which is no news for whoever runs a chat.
  process.emitWarning = () => {}
  try {
    return process.getBuiltinModule('node:sqlite')
  } finally {
    process.emitWarning = emitWarning
  }
}
