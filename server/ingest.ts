/** The command `samosa-chat ingest`: reads a site, a list of pages or a folder into the data folder. */
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, join, relative, resolve, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { packageVersion } from './package.ts'
import type { Config } from './config/index.ts'
import { decodeText } from './config/env-file.ts'
import { StartError } from './core/errors.ts'
import { specialAddress, readableSize } from './knowledge/crawl/fetch.ts'
import { copyDocuments, type CopyReport } from './knowledge/crawl/copy-folder.ts'
import {
  type CrawlOptions,
  type CrawlProgress,
  type CrawlReport,
  crawlSite,
} from './knowledge/crawl/crawl.ts'
import { openSources, type Remark } from './knowledge/crawl/state.ts'
import { removeLeftovers, replaceFile } from './knowledge/disk.ts'
import { folderNameOf, hasCredentials, readAddress } from './knowledge/crawl/urls.ts'
import { countsInWords, surveyDirectories } from './knowledge/survey.ts'
import { nodeFileSystem, systemCode, storageReason } from './stores/disk/file-system.ts'
import { lockFile } from './stores/disk/folder-lock.ts'
import { parseOptions, print } from './terminal.ts'

const numeric = (usual: number) => ({ type: 'string', default: String(usual) }) as const

/** Each is a positive number, with what it is when nobody says so. */
const LIMITS = {
  'max-pages': numeric(2_000),
  'max-depth': numeric(20),
  'max-minutes': numeric(60),
  'max-megabytes': numeric(500),
  'max-page-megabytes': numeric(20),
  'max-page-seconds': numeric(30),
  'max-variants': numeric(100),
  'max-per-pattern': numeric(500),
  pause: numeric(100),
}
type Limit = keyof typeof LIMITS

const limitLine = (name: Limit, words: string) =>
  `  ${`--${name} ${LIMITS[name].default}`.padEnd(25)} ${words}`

export const INGEST_HELP = `samosa-chat ingest <what> [options]: reads pages and documents into the data folder.

  <what>                an address (https://…): its page and those below it that links lead to;
                        an address of a sitemap: the pages that it names;
                        a file with an address on each line (# begins a comment): these pages;
                        a folder: its documents are copied.
                        Done again, only what has changed is read, and what is gone is removed. After
                        Ctrl-C or a crash, the same command goes on where it stopped, within a day.
  --whole-site              the whole host, not only what is below the address
  --allow-private           also hosts at private addresses, as those of an intranet
${limitLine('pause', 'milliseconds between two requests, at least')}
${limitLine('max-pages', 'pages that are asked for')}
${limitLine('max-depth', 'links from the first page')}
${limitLine('max-minutes', 'the same command goes on with the rest')}
${limitLine('max-megabytes', 'in all, unpacked')}
${limitLine('max-page-megabytes', 'of one page or document')}
${limitLine('max-page-seconds', 'until the last byte of one')}
${limitLine('max-variants', 'addresses that differ only in what follows their ?')}
${limitLine('max-per-pattern', 'addresses that differ only in numbers')}

What was read stays in the data folder, below knowledge/sites: a folder for each host and each copied
folder. Delete it to be rid of it; a running server notices.

The numbers are what is taken when the option is not given. What a site's robots.txt and its pages ask
of crawlers is obeyed; the name for robots.txt is samosachat. The exit code is 1 when nothing was read.`

interface IngestOptions {
  readonly target: string
  readonly isWhole: boolean
  readonly allowsPrivate: boolean
  readonly limit: (name: Limit) => number
}

function readOptions(args: readonly string[]): IngestOptions {
  const { values, positionals } = parseOptions(args, {
    ...LIMITS,
    'whole-site': { type: 'boolean' },
    'allow-private': { type: 'boolean' },
  })
  const [target, ...more] = positionals
  if (target === undefined || target.trim() === '') {
    throw new StartError(
      'Name a folder, an address or a file of addresses. See samosa-chat ingest --help.',
    )
  }
  if (more.length > 0) {
    throw new StartError(`Name one at a time: ${[target, ...more].join(' and ')} are several.`)
  }
  for (const [name, value] of Object.entries(values)) {
    if (name in LIMITS) checkLimit(name, String(value))
  }
  return {
    target: target.trim(),
    isWhole: values['whole-site'] === true,
    allowsPrivate: values['allow-private'] === true,
    limit: (name) => Number(values[name]),
  }
}

function checkLimit(name: string, value: string): void {
  const number = Number(value)
  const isGood = value.trim() !== '' && number >= 0 && number < 1e9
  if (isGood && (number > 0 || name === 'pause' || name === 'max-depth')) return
  throw new StartError(`--${name} takes a number above 0, not "${value}".`)
}

/** Where to read from. */
type Target =
  | { readonly kind: 'site'; readonly start: URL }
  | { readonly kind: 'list'; readonly path: string; readonly lines: readonly string[] }
  | { readonly kind: 'folder'; readonly path: string }

async function readTarget(written: string): Promise<Target> {
  const path = resolve(written)
  const scheme = /^([a-z][a-z\d+.-]*):\/\//i.exec(written)?.[1]?.toLowerCase()
  if (scheme === 'http' || scheme === 'https') {
    return { kind: 'site', start: checkedAddress(written) }
  }
  if (scheme !== undefined) {
    throw new StartError(`${scheme}: is not read. Only http and https are, folders and files.`)
  }
  const found = await stat(path).catch(() => undefined)
  if (found?.isDirectory()) return { kind: 'folder', path }
  if (found?.isFile()) return { kind: 'list', path, lines: await readList(path, written) }
  if (/^[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:\/|$)/.test(written)) {
    throw new StartError(`There is no ${path}. If it is an address, write https://${written}`)
  }
  throw new StartError(`There is no ${path}: name a folder, an address or a file of addresses.`)
}

function checkedAddress(written: string): URL {
  const url = URL.parse(written)
  if (url && hasCredentials(url)) {
    throw new StartError('An address with a name or a password in it is not read: leave them out.')
  }
  const address = readAddress(written)
  if (!address) throw new StartError(`${written.slice(0, 200)} is not an address that can be read.`)
  return address
}

/** A longer file lists nothing. Bytes. */
const LONGEST_LIST = 20_000_000

async function readList(path: string, written: string): Promise<readonly string[]> {
  const { size } = await stat(path)
  if (size > LONGEST_LIST) throw new StartError(`${written} is too long for a file of addresses.`)
  const decoded = decodeText(await readFile(path))
  if (decoded.kind === 'problem') {
    throw new StartError(`${written}, line ${decoded.line}: it ${decoded.problem}.`)
  }
  const lines = decoded.text.split('\n').map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
  if (!lines.some((line) => readAddress(line))) {
    throw new StartError(
      `${written} has no address of a page in it, one a line. To read documents, name their folder.`,
    )
  }
  return lines
}

export interface IngestContext {
  readonly config: Config
  /** Reads KNOWLEDGE_DIR and says what is found. */
  readonly reportDocuments: () => Promise<void>
}

/**
 * `args` is what follows `ingest`. Resolves to whether anything could be read; says by itself what was.
 * @throws StartError
 */
export async function ingest(args: readonly string[], context: IngestContext): Promise<boolean> {
  const { config, reportDocuments } = context
  const options = readOptions(args)
  const target = await readTarget(options.target)
  if (target.kind === 'folder' && (await isInside(target.path, config.knowledgeDirectory))) {
    await reportDocuments()
    return true
  }
  const { database } = config
  if (target.kind === 'folder' && (await isInside(target.path, database.directory))) {
    throw new StartError(`${target.path} is in the data folder: what is there is read from there.`)
  }
  try {
    return await ingestTarget(target, options, config.knowledgeDirectory, database.directory)
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    const sentence = `Stopped, nothing can be stored in ${database.directory}: ${storageReason(error)}.`
    throw new StartError(sentence, { cause: error })
  }
}

/** @throws StartError; what the disk throws */
async function ingestTarget(
  target: Target,
  options: IngestOptions,
  knowledge: string,
  data: string,
): Promise<boolean> {
  const home = join(data, 'knowledge')
  const work = join(home, 'ingest')
  await nodeFileSystem.makeFolder(work)
  const lock = lockFile(join(work, 'lock'))
  if (lock.kind === 'busy') {
    throw new StartError(
      `Another samosa-chat ingest is reading into ${data}. Wait until it has ended.`,
    )
  }
  const interrupt = new AbortController()
  const stop = () => interrupt.abort()
  // Once: a second Ctrl-C ends the process at once.
  process.once('SIGINT', stop).once('SIGTERM', stop)
  const ingestion: Ingestion = {
    options,
    sites: join(home, 'sites'),
    work,
    signal: interrupt.signal,
    progress: createProgress(),
  }
  try {
    const isRead = await readInto(ingestion, target, [data, knowledge])
    if (isRead) {
      console.log(
        'A running server takes them in by itself. To be rid of a source, delete its folder.',
      )
    }
    return isRead
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop)
    if (lock.kind === 'held') lock.release()
  }
}

function readInto(ingestion: Ingestion, target: Target, except: readonly string[]) {
  switch (target.kind) {
    case 'folder':
      return ingestFolder(ingestion, target.path, except)
    case 'list':
      return ingestList(ingestion, target)
    case 'site':
      return ingestSite(ingestion, target.start)
  }
}

async function isInside(path: string, folder: string): Promise<boolean> {
  const real = await realpath(folder).catch(() => undefined)
  if (real === undefined) return false
  const way = relative(real, await realpath(path))
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`))
}

interface Ingestion {
  readonly options: IngestOptions
  /** A folder in it for each host and each copied folder. */
  readonly sites: string
  readonly work: string
  readonly signal: AbortSignal
  readonly progress: ReturnType<typeof createProgress>
}

const OWNER_FILE = '_ingest.json'
const shortHash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8)

/** The folder that is for a source alone: two folders of the same name, say, have two. */
async function claimFolder(sites: string, wanted: string, source: string): Promise<string> {
  const name = folderNameOf(wanted)
  const own = `${JSON.stringify({ source })}\n`
  for (const candidate of [name, `${name}-${shortHash(source)}`]) {
    const folder = join(sites, candidate)
    const owner = await readFile(join(folder, OWNER_FILE), 'utf8').catch(() => undefined)
    if (owner !== undefined && owner !== own) continue
    await mkdir(folder, { recursive: true })
    if (owner === undefined) await replaceFile(join(folder, OWNER_FILE), own)
    return folder
  }
  throw new StartError(`${join(sites, name)} belongs to something else that was read. Remove it.`)
}

async function ingestFolder(
  ingestion: Ingestion,
  path: string,
  except: readonly string[],
): Promise<boolean> {
  const { sites, options, signal, progress } = ingestion
  const from = await realpath(path)
  const folder = await claimFolder(sites, basename(from), from)
  await removeLeftovers(folder)
  const report = await copyDocuments({
    from,
    to: folder,
    except,
    longest: options.limit('max-page-megabytes') * 1_000_000,
    signal,
    onFile: (done, all) => progress.show({ done, waiting: all - done, failed: 0, bytes: 0 }),
  })
  progress.end()
  printReport(from, report)
  if (!hasAny(report) && report.failed.length === 0) console.error('No document was found there.')
  if (signal.aborted) console.log('It was stopped: the same command goes on where it was.')
  return hasAny(report) && (await reportContent(folder))
}

const hostSource = (host: string) => `host ${host}`

/** Crawls a host into its folder. */
async function crawlHost(
  { sites, work, options, signal, progress }: Ingestion,
  host: string,
  what: Pick<CrawlOptions, 'from' | 'source'>,
): Promise<{ readonly report: CrawlReport; readonly folder: string }> {
  const { limit, allowsPrivate } = options
  const folder = await claimFolder(sites, host, hostSource(host))
  const round = `${folderNameOf(host).slice(0, 60)}-${shortHash(`${host} ${what.source}`)}`
  const report = await crawlSite({
    ...what,
    folder,
    roundFolder: join(work, round),
    addresses: { refuse: allowsPrivate ? () => undefined : specialAddress },
    userAgent: `SamosaChat/${packageVersion()} (+https://www.npmjs.com/package/samosa-chat)`,
    pause: limit('pause'),
    timeLimit: limit('max-page-seconds') * 1_000,
    waiting: {
      clock: () => performance.now(),
      wait: (milliseconds, stopped) => sleep(milliseconds, undefined, { signal: stopped }),
      deadline: (milliseconds) => AbortSignal.timeout(milliseconds),
    },
    limits: {
      pages: limit('max-pages'),
      depth: limit('max-depth'),
      minutes: limit('max-minutes'),
      bytes: limit('max-megabytes') * 1_000_000,
      pageBytes: limit('max-page-megabytes') * 1_000_000,
      variants: limit('max-variants'),
      perPattern: limit('max-per-pattern'),
    },
    signal,
    today: Date.now,
    onProgress: progress.show,
  })
  progress.end()
  return { report, folder }
}

async function ingestSite(ingestion: Ingestion, start: URL): Promise<boolean> {
  const { isWhole } = ingestion.options
  const from = { start, isWhole }
  const { report, folder } = await crawlHost(ingestion, start.host, { from, source: start.href })
  printCrawl(start.href, report)
  return hasAny(report) && (await reportContent(folder))
}

async function ingestList(
  ingestion: Ingestion,
  { path, lines }: Extract<Target, { kind: 'list' }>,
): Promise<boolean> {
  const source = await realpath(path)
  const byHost = new Map<string, URL[]>()
  const failed: Remark[] = []
  for (const [index, line] of lines.entries()) {
    if (line === '') continue
    const url = readAddress(line)
    if (url) byHost.set(url.host, [...(byHost.get(url.host) ?? []), url])
    else failed.push({ url: `line ${index + 1}`, reason: 'it is no address of the web' })
  }
  for (const host of await listedHosts(ingestion.sites, source)) {
    // Nothing of it is listed any more.
    if (!byHost.has(host)) byHost.set(host, [])
  }
  if (failed.length > 0) printRemarks('Not read:', failed)
  let isRead = false
  for (const [host, pages] of byHost) {
    if (ingestion.signal.aborted) break
    const { report, folder } = await crawlHost(ingestion, host, { from: { pages }, source })
    printCrawl(host, report)
    if (hasAny(report) && (await reportContent(folder))) isRead = true
  }
  return isRead
}

/** Hosts that have pages which this list named when it was read before. */
async function listedHosts(sites: string, source: string): Promise<readonly string[]> {
  const hosts: string[] = []
  const names = await readdir(sites).catch(() => [])
  for (const name of names) {
    const owner = await readFile(join(sites, name, OWNER_FILE), 'utf8').catch(() => '')
    const host = /^\{"source":"host ([^"]+)"\}/.exec(owner)?.[1]
    if (host === undefined) continue
    const stored = await openSources(join(sites, name))
    if (stored.all().some(({ found_by }) => found_by.includes(source))) hosts.push(host)
    await stored.close()
  }
  return hosts
}

/** Reads what is stored now as a server will, and says what is in it. Resolves to whether anything is. */
async function reportContent(folder: string): Promise<boolean> {
  const { documents, passages, unreadable } = await surveyDirectories([folder], { now: Date.now() })
  const remarks = unreadable.map(({ document, reason }) => ({ url: document, reason }))
  printRemarks('Stored, but not to be read:', remarks)
  console.log(`${folder} has ${countsInWords({ documents, passages })}.`)
  return documents > 0
}

const hasAny = ({ added, changed, unchanged }: CopyReport) =>
  added.length + changed.length + unchanged.length > 0

/** Of each reason for a page that is skipped. */
const MOST_EXAMPLES = 5

function printCrawl(name: string, report: CrawlReport): void {
  printReport(name, report)
  const { problem, isPaused, unlinked, outside, earlier, moreSkipped } = report
  if (moreSkipped > 0) print(`  and ${moreSkipped} more that are not counted by reason`)
  if (unlinked > 0) {
    print(
      `${unlinked} that nothing leads to any more were kept: a page that may lead to them was not read.`,
    )
  }
  if (outside > 0) {
    print(`Links to other parts of the host: ${outside}. With --whole-site they are followed.`)
  }
  if (problem !== undefined) console.error(problem)
  const hasBegun = report.added.length + report.unchanged.length + report.changed.length > 0
  if (isPaused && (hasBegun || earlier > 0)) {
    print('The same command goes on where it stopped, within a day.')
  }
}

function printReport(name: string, report: CopyReport & { readonly bytes?: number }): void {
  const { added, changed, unchanged, removed, failed, skipped, bytes } = report
  const counts = [
    `${added.length} new`,
    `${changed.length} changed`,
    `${unchanged.length} unchanged`,
    `${removed.length} removed`,
    `${failed.length} failed`,
    `${skipped.length} skipped`,
  ]
  const size = bytes === undefined ? '' : `; ${readableSize(bytes)} were read`
  print(`${name}: ${counts.join(', ')}${size}`)
  printRemarks('Failed:', failed)
  printRemarks('Removed:', removed)
  const byReason = Map.groupBy(skipped, ({ reason }) => reason)
  if (byReason.size > 0) print('Skipped:')
  for (const [reason, remarks] of byReason) {
    const more = remarks.length - MOST_EXAMPLES
    const examples = remarks.slice(0, MOST_EXAMPLES).map(({ url }) => url)
    print(`  ${reason}: ${examples.join(', ')}${more > 0 ? ` and ${more} more` : ''}`)
  }
}

function printRemarks(title: string, remarks: readonly Remark[]): void {
  if (remarks.length > 0) print(title)
  for (const { url, reason } of remarks) print(`  ${url}: ${reason}`)
}

const BAR_WIDTH = 24
/** Milliseconds between two drawings of the bar, and between two lines where there is no terminal. */
const BAR_EVERY = 100
const LINE_EVERY = 5_000

/** What is told while pages and documents are read: a bar in a terminal, else a line now and then. */
function createProgress() {
  const { stderr } = process
  const every = stderr.isTTY ? BAR_EVERY : LINE_EVERY
  let shown = stderr.isTTY ? -Infinity : performance.now()
  return {
    show({ done, waiting, failed, bytes }: CrawlProgress): void {
      if (performance.now() - shown < every) return
      shown = performance.now()
      const failures = failed > 0 ? `, ${failed} failed` : ''
      const size = bytes > 0 ? `, ${readableSize(bytes)}` : ''
      const text = `${done} of ${done + waiting}${failures}${size}`
      if (!stderr.isTTY) {
        stderr.write(`${text}\n`)
        return
      }
      const filled = Math.round((BAR_WIDTH * done) / Math.max(1, done + waiting))
      stderr.write(`\r\u{1b}[K${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${text}`)
    },
    /** Clears the bar. */
    end(): void {
      if (stderr.isTTY) stderr.write('\r\u{1b}[K')
    },
  }
}
