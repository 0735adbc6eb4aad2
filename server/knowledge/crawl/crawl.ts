/**
 * knowledge/crawl: reads a site into a folder, from a page on along its links, or what a sitemap or list names. Begin
 * with `crawlSite`, the round. What becomes of one answer is told in read-answer.ts, what may be connected to in
 * fetch.ts, what a site asks for in robots.ts, where it goes next in frontier.ts, what is kept on the disk in state.ts.
 */
import {
  ComeBackLaterError,
  createFetcher,
  type Fetcher,
  type FetchOptions,
  REQUESTS_AT_ONCE,
} from './fetch.ts'
import { type CrawlLimits, Frontier } from './frontier.ts'
import { LONGEST_SITEMAP, mayBeDocument } from './page.ts'
import {
  fail,
  isRedirect,
  MOST_REDIRECTS,
  readAnswer,
  type Reading,
  redirectTarget,
  schemeChange,
  statusReason,
} from './read-answer.ts'
import { LONGEST_ROBOTS, parseRobots, type Robots } from './robots.ts'
import {
  openRound,
  openSources,
  type PageRecord,
  type Remark,
  type Round,
  type Sources,
  type Task,
} from './state.ts'
import { addressKey, onSite, siteOf } from './urls.ts'

export interface CrawlOptions extends FetchOptions {
  readonly from:
    /** A page whose links are followed, or a sitemap. */
    | { readonly start: URL; readonly isWhole: boolean }
    /** Pages of one host; their links are not followed. */
    | { readonly pages: readonly URL[] }
  /** What was asked to be read, told apart from all else: pages that it no longer has are removed. */
  readonly source: string
  /** Where the pages go. */
  readonly folder: string
  /** Where the round is kept until it ends. */
  readonly roundFolder: string
  readonly limits: CrawlLimits
  readonly signal: AbortSignal
  /** Milliseconds since 1970. */
  readonly today: () => number
  readonly onProgress?: (progress: CrawlProgress) => void
}

export interface CrawlProgress {
  readonly done: number
  readonly waiting: number
  readonly failed: number
  readonly bytes: number
}

export interface CrawlReport {
  /** Addresses of pages. */
  readonly added: readonly string[]
  readonly changed: readonly string[]
  readonly unchanged: readonly string[]
  readonly removed: readonly Remark[]
  readonly failed: readonly Remark[]
  readonly skipped: readonly Remark[]
  /** Skipped ones that nothing more is kept of. */
  readonly moreSkipped: number
  /** Links that lead to the rest of the host. */
  readonly outside: number
  readonly bytes: number
  /** Pages that an earlier run of the same round has seen to. */
  readonly earlier: number
  /** Why pages are missing, as a sentence; `undefined` when all were seen to. */
  readonly problem: string | undefined
  /** The same command goes on where it stopped. */
  readonly isPaused: boolean
  /** Pages that nothing leads to any more, but that stay: something that may lead to them was not read. */
  readonly unlinked: number
}

/** Milliseconds after which a round is not gone on with. */
const ROUND_LIFE = 24 * 60 * 60_000
/** Milliseconds, 24 days: a timer of Node that is to take longer ends at once. */
const LONGEST_TIMER = 2 ** 31 - 1
/** Pages in a row for which nothing answers, before a site is left. */
const MOST_UNREACHABLE = 8

/** A run ends before all is read; says why, as a sentence. */
class PauseError extends Error {}

/** @throws what the disk throws */
export async function crawlSite(options: CrawlOptions): Promise<CrawlReport> {
  const { from, limits } = options
  const isFollowing = 'start' in from
  const site = isFollowing
    ? siteOf(from.start, from)
    : { origin: from.pages[0]?.origin ?? '', path: '/' }
  const settings = JSON.stringify([options.source, site])
  const sources = await openSources(options.folder)
  const round = await openRound(
    options.roundFolder,
    (begin) =>
      begin.settings === settings && options.today() - Date.parse(begin.begun_at) < ROUND_LIFE,
  )
  const fetcher = createFetcher(options)
  const frontier = new Frontier({ site, isFollowing, limits })
  const crawl: Crawl = { options, sources, round, fetcher, frontier }
  try {
    const problem = await readAll(crawl, settings)
    return await conclude(crawl, problem)
  } finally {
    await fetcher.close()
    await sources.close()
  }
}

interface Crawl {
  readonly options: CrawlOptions
  readonly sources: Sources
  readonly round: Round
  readonly fetcher: Fetcher
  readonly frontier: Frontier
}

/** Resolves to why the run ends early, as a sentence, or to `undefined`. */
async function readAll(crawl: Crawl, settings: string): Promise<string | undefined> {
  const { signal, limits } = crawl.options
  const stop = new AbortController()
  const stopped = AbortSignal.any([signal, stop.signal])
  const timer = setTimeout(
    () => stop.abort(new PauseError('The time that --max-minutes allows is up.')),
    Math.min(limits.minutes * 60_000, LONGEST_TIMER),
  )
  try {
    await beginOrGoOn(crawl, settings, stopped)
    await workAll(crawl, stop, stopped)
    return undefined
  } catch (error) {
    if (signal.aborted) return 'It was stopped.'
    const reason: unknown = stop.signal.aborted ? stop.signal.reason : error
    if (reason instanceof PauseError) return reason.message
    if (reason instanceof ComeBackLaterError) return `Stopped: ${reason.message}.`
    crawl.round.pause()
    throw reason
  } finally {
    clearTimeout(timer)
  }
}

async function beginOrGoOn(crawl: Crawl, settings: string, signal: AbortSignal): Promise<void> {
  const { frontier, round, options } = crawl
  const { from, today } = options
  if (round.earlier) {
    frontier.restore(round.earlier.begin, round.earlier.records)
    if (frontier.waiting > 0) await obeyRobots(crawl, signal)
    return
  }
  const begun_at = new Date(today()).toISOString()
  const first: Pick<PageRecord, 'found' | 'skipped'> = { found: [], skipped: [] }
  if ('start' in from) {
    const { start } = from
    const robots = await obeyRobots(crawl, signal)
    frontier.follow({ written: start.href, base: start, depth: 0, role: 'start' }, first)
    if (start.pathname === '/') {
      for (const written of robots.sitemaps) {
        frontier.follow({ written, base: start, depth: 0, role: 'sitemap' }, first)
      }
    }
  } else if (from.pages.length > 0) {
    await obeyRobots(crawl, signal)
    for (const url of from.pages) {
      frontier.follow({ written: url.href, base: url, depth: 0, role: 'page' }, first)
    }
  }
  round.begin({ settings, begun_at, ...first })
}

/** RFC 9309, 2.3: nothing is read of a site that cannot say what may be read. @throws PauseError */
async function obeyRobots({ frontier, fetcher }: Crawl, signal: AbortSignal): Promise<Robots> {
  let url = new URL('/robots.txt', frontier.site.origin)
  let robots = parseRobots('')
  for (let count = 0; count <= MOST_REDIRECTS; count += 1) {
    const answer = await fetcher.fetch({
      url,
      signal,
      byteLimit: LONGEST_ROBOTS,
      isCut: true,
      wants: ({ status }) => status < 300,
    })
    if (answer.kind === 'failure' && answer.kindOfFailure === 'forbidden') {
      throw new PauseError(`${answer.reason}.`)
    }
    if (answer.kind === 'failure' || answer.status >= 500) {
      const reason = answer.kind === 'failure' ? answer.reason : statusReason(answer)
      throw new PauseError(
        `${url.href} cannot be read: ${reason}. It says what may be read, so nothing is read without it.`,
      )
    }
    if (answer.status < 300) robots = parseRobots(wholeLines(answer.body))
    const target = isRedirect(answer) ? redirectTarget(url, answer) : undefined
    if (!target) break
    url = target
  }
  if (robots.crawlDelay !== undefined) fetcher.slowDown(robots.crawlDelay)
  frontier.obey(robots)
  return robots
}

/** Of a robots.txt that was cut off, half a line might forbid more than the whole one. */
function wholeLines(body: Buffer): string {
  const text = body.toString('utf8')
  return body.length < LONGEST_ROBOTS ? text : text.slice(0, text.lastIndexOf('\n') + 1)
}

/** Works on what waits until nothing does, or the pages or bytes of a round are used up. */
async function workAll(crawl: Crawl, stop: AbortController, signal: AbortSignal): Promise<void> {
  const { frontier, round, options } = crawl
  const { limits, onProgress } = options
  const running = new Set<Promise<void>>()
  let unreachable = 0
  let failed = [...frontier.records.values()].filter(({ outcome }) => outcome === 'failed').length

  const work = async (task: Task) => {
    const record = await readTask(crawl, task, signal)
    round.append(record)
    frontier.apply(record)
    if (record.outcome === 'failed') failed += 1
    onProgress?.({
      done: frontier.records.size,
      waiting: Math.min(
        frontier.waiting + running.size - 1,
        Math.max(0, limits.pages - frontier.records.size),
      ),
      failed,
      bytes: frontier.bytes,
    })
    unreachable = record.isUnreachable === true ? unreachable + 1 : 0
    if (unreachable >= MOST_UNREACHABLE) {
      throw new PauseError('The site does not answer any more.')
    }
  }
  const isUsedUp = () =>
    frontier.records.size + running.size >= limits.pages || frontier.bytes >= limits.bytes

  const worker = async () => {
    for (;;) {
      signal.throwIfAborted()
      const task = isUsedUp() ? undefined : frontier.take()
      if (task) {
        const working = work(task)
        running.add(working)
        await working.finally(() => running.delete(working))
      } else if (running.size > 0 && !isUsedUp()) {
        // What is being read may have links; its own worker hears of a failure.
        await Promise.race(running).catch(() => undefined)
      } else {
        return
      }
    }
  }
  const workers = Array.from({ length: REQUESTS_AT_ONCE }, () =>
    worker().catch((error: unknown) => stop.abort(error)),
  )
  await Promise.all(workers)
  signal.throwIfAborted()
}

/** @throws the signal's reason; ComeBackLaterError; PauseError; what the disk throws */
async function readTask(crawl: Crawl, task: Task, signal: AbortSignal): Promise<PageRecord> {
  const { frontier, fetcher, sources, options } = crawl
  let url = onSite(new URL(task.url), frontier.site) ?? new URL(task.url)
  for (let hasMoved = false; ; hasMoved = true) {
    const known = task.role === 'sitemap' ? undefined : sources.get(url)
    const stored = known && (await sources.read(known))
    const record: PageRecord = { task, outcome: 'failed', bytes: 0, found: [], skipped: [] }
    const reading: Reading = { crawl, task, url, known, stored, record }
    const answer = await fetcher.fetch({
      url,
      signal,
      byteLimit: task.role === 'page' ? options.limits.pageBytes : LONGEST_SITEMAP,
      ...(known && stored && { etag: known.etag, lastModified: known.last_modified }),
      wants: (head) =>
        head.status === 200 && (task.role !== 'page' || mayBeDocument(head.header('content-type'))),
    })
    if (answer.kind === 'failure') {
      const failure = await fail(reading, answer.reason)
      return { ...failure, isUnreachable: answer.kindOfFailure === 'unreachable' }
    }
    const moved = isRedirect(answer) ? schemeChange(url, answer) : undefined
    if (!moved) return await readAnswer(reading, answer)
    if (hasMoved || moved.origin === url.origin) {
      return await fail(reading, 'it redirects to itself')
    }
    // The whole site is at https, say: this page is asked for there, and so are all others.
    if (moved.origin !== frontier.site.origin) {
      frontier.site = { ...frontier.site, origin: moved.origin }
      await obeyRobots(crawl, signal)
    }
    url = moved
  }
}

/** Settles what could not be told before all was read, and says what came of it. */
async function conclude(crawl: Crawl, pause: string | undefined): Promise<CrawlReport> {
  const { frontier, round, options } = crawl
  const isPaused = pause !== undefined
  const isLimited = !isPaused && frontier.waiting > 0
  const promoted = isPaused ? new Map<string, PageRecord['outcome']>() : await settleHeld(crawl)
  const records = [...frontier.records.values()]
  const isIncomplete =
    isPaused || isLimited || records.some((record) => record.isIncomplete === true)
  const { gone, unlinked } = isPaused
    ? { gone: [], unlinked: 0 }
    : await removeGone(crawl, isIncomplete)

  const outcomeOf = (record: PageRecord) =>
    promoted.get(addressKey(new URL(record.task.url))) ?? record.outcome
  const urlsOf = (outcome: PageRecord['outcome']) =>
    records.filter((record) => outcomeOf(record) === outcome).map(({ task }) => task.url)
  const remarksOf = (wanted: (record: PageRecord) => boolean): Remark[] =>
    records.filter(wanted).map(({ task, reason, target }) => ({
      url: task.url,
      reason: reason ?? `it is ${target} too`,
    }))
  const isSkipped = (record: PageRecord) =>
    record.removed !== true && ['noindex', 'skipped', 'canonical'].includes(outcomeOf(record))

  if (isPaused) round.pause()
  else await round.end()
  return {
    added: urlsOf('new'),
    changed: urlsOf('changed'),
    unchanged: urlsOf('unchanged'),
    removed: [...remarksOf(({ removed }) => removed === true), ...gone],
    failed: remarksOf(({ outcome }) => outcome === 'failed'),
    skipped: [...remarksOf(isSkipped), ...frontier.skipped],
    moreSkipped: frontier.moreSkipped,
    outside: frontier.outside,
    bytes: frontier.bytes,
    earlier: round.earlier?.records.length ?? 0,
    problem: pause ?? (isLimited ? limitSentence(frontier, options.limits) : undefined),
    isPaused,
    unlinked,
  }
}

const limitSentence = ({ waiting, isFull, bytes }: Frontier, limits: CrawlLimits) =>
  `More pages were found (${waiting}${isFull ? ' and more' : ''}), but ${
    bytes >= limits.bytes ? '--max-megabytes' : '--max-pages'
  } allows no more.`

/** A page whose canonical cannot be had is stored after all. Resolves to what became of such pages. */
async function settleHeld(crawl: Crawl): Promise<Map<string, PageRecord['outcome']>> {
  const { frontier, sources, round } = crawl
  const promoted = new Map<string, PageRecord['outcome']>()
  for (const [key, { held, task }] of frontier.records) {
    if (!held) continue
    const url = new URL(task.url)
    const end = frontier.standsFor(url)
    const known = sources.get(url)
    if (addressKey(end) !== key && sources.get(end)) {
      if (known) await sources.remove(known)
      continue
    }
    const content = await round.readHeld(held.held)
    if (!content) continue
    const isSame = known?.sha256 === held.source.sha256
    await sources.keep(held.source, isSame ? undefined : content)
    promoted.set(key, isSame ? 'unchanged' : known ? 'changed' : 'new')
  }
  return promoted
}

/** Removes pages of this source that are gone; those that merely could not be read stay. */
async function removeGone(
  crawl: Crawl,
  isIncomplete: boolean,
): Promise<{ gone: Remark[]; unlinked: number }> {
  const { frontier, sources, options } = crawl
  const isList = !frontier.isFollowing
  const gone: Remark[] = []
  let unlinked = 0
  for (const source of sources.all()) {
    if (!source.found_by.includes(options.source)) continue
    const url = new URL(source.url)
    const reason = goneReason(frontier, sources, url)
    if (reason === undefined) continue
    if (reason === 'unlinked' && isIncomplete) {
      unlinked += 1
      continue
    }
    const others = source.found_by.filter((name) => name !== options.source)
    if (reason === 'unlinked' && others.length > 0) {
      await sources.keep({ ...source, found_by: others })
      continue
    }
    await sources.remove(source)
    const words = isList ? 'it is no longer listed' : 'nothing leads to it any more'
    gone.push({ url: source.url, reason: reason === 'unlinked' ? words : reason })
  }
  return { gone, unlinked }
}

/** Why a stored page is to go; `undefined` when it is to stay. */
function goneReason(frontier: Frontier, sources: Sources, url: URL): string | undefined {
  const record = frontier.records.get(addressKey(url))
  if (record?.outcome === 'redirected') {
    const end = frontier.standsFor(url)
    const hasMoved = addressKey(end) !== addressKey(url) && sources.get(end) !== undefined
    return hasMoved ? `it is at ${end.href} now` : undefined
  }
  if (record || frontier.hasSeen(url) || frontier.wasCutOff(url)) return undefined
  return frontier.disallows(url) ? 'robots.txt disallows it now' : 'unlinked'
}
