/**
 * What becomes of one answer of a site: a page is stored, kept or removed, a sitemap is read, a redirect followed.
 * What happened goes into the page's record, which the round applies. Begin with `readAnswer`.
 */
import { createHash } from 'node:crypto'
import { STATUS_CODES } from 'node:http'
import { type Answer, checkWrittenAddress, type FetchOptions } from './fetch.ts'
import type { CrawlLimits, Frontier } from './frontier.ts'
import {
  asUtf8,
  kindOf,
  languageTag,
  mayBeDocument,
  type PageFacts,
  readPage,
  readSitemap,
  unpackSitemap,
} from './page.ts'
import { joinDirectives, readRobotsHeader } from './robots.ts'
import type { PageRecord, Round, Source, Sources, Task } from './state.ts'
import { addressKey, fileNameOf, hasCredentials, onSite, readAddress } from './urls.ts'

/** Redirects that are followed in a row. */
export const MOST_REDIRECTS = 5

/** What of a crawl an answer is read with. */
interface CrawlParts {
  readonly options: Pick<FetchOptions, 'addresses'> & {
    /** What was asked to be read. */
    readonly source: string
    readonly limits: CrawlLimits
    /** Milliseconds since 1970. */
    readonly today: () => number
  }
  readonly sources: Sources
  readonly round: Round
  readonly frontier: Frontier
}

/** What is known while a task is worked on. */
export interface Reading {
  readonly crawl: CrawlParts
  readonly task: Task
  /** As it is asked for now. */
  readonly url: URL
  readonly known: Source | undefined
  readonly stored: Buffer | undefined
  readonly record: PageRecord
}

/** Stores, follows or removes what the answer calls for, and records it. @throws what the disk throws */
export function readAnswer(reading: Reading, answer: Answer): Promise<PageRecord> | PageRecord {
  const { task, known, record } = reading
  if (isRedirect(answer)) return redirect(reading, answer)
  if (answer.status === 304 && known && reading.stored) return keepStored(reading, known, answer)
  if (answer.status === 200) {
    return task.role === 'page' ? readDocument(reading, answer) : readListing(reading, answer)
  }
  if (answer.status !== 404 && answer.status !== 410) return fail(reading, statusReason(answer))
  const reason = statusReason(answer)
  if (known) return drop(reading, { ...record, reason, outcome: 'removed' })
  // A sitemap that is gone says nothing about the pages that it had.
  return { ...record, reason, ...(task.role === 'sitemap' && { isIncomplete: true }) }
}

/** Of a page that cannot be read now, the links that it had are still followed. */
export async function fail(reading: Reading, reason: string): Promise<PageRecord> {
  const record: PageRecord = { ...reading.record, outcome: 'failed', reason }
  if (!reading.stored) return { ...record, isIncomplete: true }
  followLinks(reading, factsOf(reading, reading.stored), record)
  return record
}

/** Whether an answer sends the reader on. */
export const isRedirect = ({ status }: Answer) => [301, 302, 303, 307, 308].includes(status)

/** Why a page was not read, by its status, as part of a sentence. */
export const statusReason = ({ status }: Answer) =>
  `the site answered ${status}${STATUS_CODES[status] ? ` (${STATUS_CODES[status]})` : ''}`

/** Where a redirect leads; `undefined` where that is no address of the web. */
export function redirectTarget(url: URL, answer: Answer): URL | undefined {
  const written = answer.header('location')
  return written === '' ? undefined : readAddress(written, url)
}

/** Where a redirect leads that stays with the page. */
export function schemeChange(url: URL, answer: Answer): URL | undefined {
  const target = redirectTarget(url, answer)
  return target && addressKey(target) === addressKey(url) ? target : undefined
}

async function redirect(reading: Reading, answer: Answer): Promise<PageRecord> {
  const { crawl, task, url, record } = reading
  const { frontier, options } = crawl
  const raw = URL.parse(answer.header('location'), url.href)
  if (raw && hasCredentials(raw)) return fail(reading, 'it redirects to an address with a password')
  const address = redirectTarget(url, answer)
  if (!address) return fail(reading, 'it redirects to no address of the web')
  try {
    checkWrittenAddress(address, options.addresses)
  } catch (error) {
    return fail(reading, `it redirects to where nothing may be read: ${messageOf(error)}`)
  }
  const target = onSite(address, frontier.site)
  if (!target) return fail(reading, `it redirects to another host, ${address.host}`)
  const chain = [...task.chain, url.href]
  if (chain.some((before) => addressKey(new URL(before)) === addressKey(target))) {
    return fail(reading, 'it redirects in a circle')
  }
  if (chain.length > MOST_REDIRECTS) {
    return fail(reading, `it redirects more than ${MOST_REDIRECTS} times`)
  }
  const { depth, role } = task
  frontier.follow({ written: target.href, base: url, depth, role, chain }, record)
  if (frontier.hasSeen(target)) return { ...record, outcome: 'redirected', target: target.href }
  return {
    ...record,
    outcome: 'skipped',
    reason: `it redirects to ${target.href}, which is not read`,
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

/** A start may be a page after all; a sitemap may not. */
async function readListing(reading: Reading, answer: Answer): Promise<PageRecord> {
  const { crawl, task, url, record } = reading
  let listing: ReturnType<typeof readSitemap>
  try {
    const text = await unpackSitemap(answer.body)
    listing = readSitemap(text)
  } catch {
    return fail(reading, 'it cannot be unpacked, or is too long')
  }
  if (!listing) {
    return task.role === 'start' ? readDocument(reading, answer) : fail(reading, 'it is no sitemap')
  }
  const done: PageRecord = { ...record, outcome: 'listing', bytes: answer.body.length }
  // Applied at once, because a list names pages of the whole host.
  crawl.frontier.apply({ ...done, bytes: 0 })
  for (const written of listing.pages) {
    const address = readAddress(written, url)
    if (address && onSite(address, crawl.frontier.site)) {
      crawl.frontier.follow({ written, base: url, depth: task.depth, role: 'page' }, done)
    } else
      done.skipped.push({ url: written, reason: 'a sitemap names it, but it is at another host' })
  }
  for (const written of listing.sitemaps) {
    crawl.frontier.follow({ written, base: url, depth: task.depth + 1, role: 'sitemap' }, done)
  }
  return done
}

async function readDocument(reading: Reading, answer: Answer): Promise<PageRecord> {
  const { crawl, task, url, known } = reading
  const { pageBytes } = crawl.options.limits
  const contentType = answer.header('content-type')
  const kind = kindOf(answer.body, contentType, url.pathname)
  const record: PageRecord = { ...reading.record, bytes: answer.body.length }
  if (answer.body.length === 0 && mayBeDocument(contentType)) return fail(reading, 'it is empty')
  if (answer.body.length > pageBytes) return fail(reading, 'it is longer than --max-page-megabytes')
  if (kind === undefined) {
    const type = contentType.split(';')[0]?.trim().slice(0, 80) ?? ''
    const reason =
      type === '' ? 'its type is not one that is read' : `its type is not read (${type})`
    return drop(reading, { ...record, outcome: 'skipped', reason })
  }
  const isText = kind !== '.pdf' && kind !== '.docx'
  const content = isText ? asUtf8(answer.body, contentType) : answer.body
  const facts = kind === '.html' ? readPage(content.toString('utf8'), url) : undefined
  const directives = directivesOf(answer, facts)
  if (!directives.nofollow) followLinks(reading, facts, record)
  if (directives.noindex) {
    return drop(reading, { ...record, outcome: 'noindex', reason: 'it says noindex' })
  }

  const title = facts?.title
  const language = facts?.language ?? languageTag(answer.header('content-language'))
  const sha256 = createHash('sha256').update(content).digest('hex')
  const before = known?.file.endsWith(kind) === true ? known.file : undefined
  const source: Source = {
    file: before ?? fileNameOf(url, kind),
    url: url.href,
    ...(title !== undefined && { title }),
    ...(language !== undefined && { language }),
    ...validatorsOf(answer),
    sha256,
    fetched_at: nowOf(crawl),
    found_by: foundBy(crawl, known),
  }
  const canonical = canonicalOf(reading, facts)
  if (canonical) {
    const { depth } = task
    crawl.frontier.follow({ written: canonical.href, base: url, depth, role: 'page' }, record)
    const held = { held: source.file, source }
    await crawl.round.hold(source.file, content)
    return { ...record, outcome: 'canonical', target: canonical.href, held }
  }
  const isSame = known?.sha256 === sha256 && reading.stored !== undefined
  await crawl.sources.keep(source, isSame ? undefined : content)
  const outcome = isSame ? 'unchanged' : known ? 'changed' : 'new'
  return { ...record, outcome }
}

const directivesOf = (answer: Answer, facts: PageFacts | undefined) =>
  joinDirectives(
    readRobotsHeader(answer.headerLines('x-robots-tag')),
    facts ?? { noindex: false, nofollow: false },
  )

function validatorsOf(answer: Answer): Pick<Source, 'etag' | 'last_modified'> {
  const [etag, lastModified] = [answer.header('etag'), answer.header('last-modified')]
  return {
    ...(etag !== '' && { etag }),
    ...(lastModified !== '' && { last_modified: lastModified }),
  }
}

const nowOf = ({ options }: CrawlParts) => new Date(options.today()).toISOString()

const foundBy = ({ options }: CrawlParts, known: Source | undefined) => [
  ...new Set([...(known?.found_by ?? []), options.source]),
]

/** The page that stands for this one, when it is another one that is read. */
function canonicalOf({ crawl, task, url }: Reading, facts: PageFacts | undefined): URL | undefined {
  const address =
    facts?.canonical === undefined ? undefined : readAddress(facts.canonical, facts.base)
  const canonical = address && onSite(address, crawl.frontier.site)
  if (!canonical || addressKey(canonical) === addressKey(url)) return undefined
  return crawl.frontier.takes(canonical, task.depth) ? canonical : undefined
}

/** The page is what it was: so are its links. */
async function keepStored(reading: Reading, known: Source, answer: Answer): Promise<PageRecord> {
  const { crawl, stored } = reading
  const record: PageRecord = { ...reading.record, outcome: 'unchanged' }
  const facts = stored && factsOf(reading, stored)
  const directives = directivesOf(answer, facts)
  if (!directives.nofollow) followLinks(reading, facts, record)
  if (directives.noindex) {
    return drop(reading, { ...record, outcome: 'noindex', reason: 'it says noindex' })
  }
  await crawl.sources.keep({
    ...known,
    ...validatorsOf(answer),
    fetched_at: nowOf(crawl),
    found_by: foundBy(crawl, known),
  })
  return record
}

function factsOf({ known, url }: Reading, stored: Buffer): PageFacts | undefined {
  return known?.file.endsWith('.html') === true ? readPage(stored.toString('utf8'), url) : undefined
}

function followLinks(
  { crawl, task }: Reading,
  facts: PageFacts | undefined,
  record: PageRecord,
): void {
  if (!facts || !crawl.frontier.isFollowing) return
  for (const written of facts.links) {
    const link = { written, base: facts.base, depth: task.depth + 1, role: 'page' } as const
    crawl.frontier.follow(link, record)
  }
}

/** Removes what was stored of a page, if there is something. */
async function drop({ crawl, known }: Reading, record: PageRecord): Promise<PageRecord> {
  if (!known) return record
  await crawl.sources.remove(known)
  return { ...record, removed: true }
}
