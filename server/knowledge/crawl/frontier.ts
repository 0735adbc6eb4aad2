/** What a crawl has seen and what it goes to next, breadth first; endless sites end here. */
import type { Robots } from './robots.ts'
import type { PageRecord, Remark, Task } from './state.ts'
import {
  addressKey,
  isBelow,
  isOtherFile,
  onSite,
  pathPattern,
  readAddress,
  repeatsItself,
  type Site,
  siteOf,
} from './urls.ts'

export interface CrawlLimits {
  /** Pages that are asked for in a round. */
  readonly pages: number
  /** Links from the start. */
  readonly depth: number
  /** Minutes of one run; the next one goes on. */
  readonly minutes: number
  /** Bytes in all, and of one page, unpacked. */
  readonly bytes: number
  readonly pageBytes: number
  /** Addresses with the same path and other parameters. */
  readonly variants: number
  /** Addresses whose paths differ in their numbers only. */
  readonly perPattern: number
}

/** Sitemaps in sitemaps. */
const DEEPEST_SITEMAP = 5
/** Addresses that wait, for each page that may be asked for. */
const WAITING_PER_PAGE = 5
/** Entries that are kept of what is not read. */
const MOST_SKIPPED = 10_000

const SKIP = {
  robots: 'robots.txt disallows it',
  file: 'it is a file of another kind',
  loop: 'its path repeats itself',
  deep: 'it is further from the start than --max-depth',
  variants: 'its path has more variants than --max-variants',
  pattern: 'more pages are named like it than --max-per-pattern',
} as const

/** A page that only a limit leaves out may still be there. */
const isLimit = (reason: string) => reason !== SKIP.robots && reason !== SKIP.file

export interface Frontier {
  readonly site: Site
  /** Whether links of pages are followed; not those of what a sitemap or list names. */
  readonly isFollowing: boolean
  readonly waiting: number
  /** So many waited that further ones were not taken in. */
  readonly isFull: boolean
  readonly records: ReadonlyMap<string, PageRecord>
  readonly skipped: readonly Remark[]
  /** Skipped ones that nothing more is kept of. */
  readonly moreSkipped: number
  /** Links that lead to the rest of the host. */
  readonly outside: number
  /** Of all bodies. */
  readonly bytes: number
  obey(robots: Robots): void
  /** The site has moved from http to https. */
  moveTo(origin: string): void
  /** The next one, which is to be followed by its record. */
  take(): Task | undefined
  /**
   * Finds out where a link leads; a target that is to be read becomes a task of `found`, one that is not a
   * remark of `skipped`, and nothing comes of links to elsewhere or to what is known already.
   */
  follow(link: Link, onto: Pick<PageRecord, 'found' | 'skipped'>): void
  /** Whether an address of the site is one that is read, or was. */
  takes(url: URL, depth: number): boolean
  /** Takes in what came of a task. */
  apply(record: PageRecord): void
  /** Gets where an earlier run was, by what it began with and what came of the tasks that it saw to. */
  restore(first: Pick<PageRecord, 'found' | 'skipped'>, done: readonly PageRecord[]): void
  /** Whether links to a page were found that robots.txt keeps from being read. */
  disallows(url: URL): boolean
  /** Whether links to a page were found, though it was not read because of a limit. */
  wasCutOff(url: URL): boolean
  /** Whether somebody names or links a page that is to be read, or was. */
  hasSeen(url: URL): boolean
  /** Follows redirects and canonicals that were met to the page that stands at their end. */
  standsFor(url: URL): URL
}

export interface Link {
  readonly written: string
  readonly base: URL
  readonly depth: number
  readonly role: Task['role']
  readonly chain?: readonly string[]
}

export interface FrontierOptions {
  readonly site: Site
  readonly isFollowing: boolean
  readonly limits: CrawlLimits
}

export function createFrontier({ limits, ...options }: FrontierOptions): Frontier {
  let { site, isFollowing } = options
  let robots: Robots | undefined
  let [moreSkipped, outside, bytes] = [0, 0, 0]
  const queue: Task[] = []
  const seen = new Set<string>()
  const records = new Map<string, PageRecord>()
  const skipped = new Map<string, Remark>()
  const variants = new Map<string, number>()
  const patterns = new Map<string, number>()
  const outsiders = new Set<string>()

  const count = (counts: Map<string, number>, name: string) =>
    counts.set(name, (counts.get(name) ?? 0) + 1)
  const pathOf = ({ pathname }: URL) => pathname
  const hasParameters = ({ search }: URL) => search !== ''

  const isFull = () => seen.size >= limits.pages * WAITING_PER_PAGE

  const refusal = (url: URL, depth: number): string | undefined => {
    const key = addressKey(url)
    if (seen.has(key)) return undefined
    if (robots?.isAllowed(url) === false) return SKIP.robots
    if (isOtherFile(url)) return SKIP.file
    if (repeatsItself(url)) return SKIP.loop
    if (depth > limits.depth) return SKIP.deep
    if (hasParameters(url) && (variants.get(pathOf(url)) ?? 0) >= limits.variants) {
      return SKIP.variants
    }
    const pattern = pathPattern(url)
    if (pattern !== pathOf(url) && (patterns.get(pattern) ?? 0) >= limits.perPattern) {
      return SKIP.pattern
    }
    return undefined
  }

  const admit = (task: Task) => {
    const url = new URL(task.url)
    const key = addressKey(url)
    if (seen.has(key)) return
    seen.add(key)
    queue.push(task)
    if (hasParameters(url)) count(variants, pathOf(url))
    count(patterns, pathPattern(url))
  }

  const skip = (remark: Remark) => {
    const key = URL.canParse(remark.url) ? addressKey(new URL(remark.url)) : remark.url
    if (skipped.has(key)) return
    if (skipped.size < MOST_SKIPPED) skipped.set(key, remark)
    else moreSkipped += 1
  }

  const apply = (record: PageRecord) => {
    const { task, outcome, target } = record
    records.set(addressKey(new URL(task.url)), record)
    bytes += record.bytes
    const hasMoved = task.role === 'start' && outcome === 'redirected' && site.path !== '/'
    // `/docs` that leads to `/documentation/` has named the latter.
    if (hasMoved && target !== undefined) {
      site = { ...siteOf(new URL(target)), origin: site.origin }
    }
    if (task.role === 'start' && outcome === 'listing') {
      site = { ...site, path: '/' }
      isFollowing = false
    }
    for (const remark of record.skipped) skip(remark)
    for (const found of record.found) admit(found)
  }

  return {
    get site() {
      return site
    },
    get isFollowing() {
      return isFollowing
    },
    get isFull() {
      return isFull()
    },
    get waiting() {
      return queue.length
    },
    get skipped() {
      return [...skipped.values()]
    },
    get moreSkipped() {
      return moreSkipped
    },
    get outside() {
      return outside
    },
    get bytes() {
      return bytes
    },
    records,
    obey(rules) {
      robots = rules
    },
    moveTo(origin) {
      site = { ...site, origin }
    },
    take: () => queue.shift(),
    follow({ written, base, depth, role, chain = [] }, { found, skipped: remarks }) {
      const address = readAddress(written, base)
      const url = address && onSite(address, site)
      if (!url) return
      const key = addressKey(url)
      if (role === 'page' && !isBelow(url, site)) {
        if (outsiders.size < MOST_SKIPPED) outsiders.add(key)
        outside = outsiders.size
        return
      }
      if (seen.has(key) || skipped.has(key) || isFull()) return
      const reason =
        role !== 'sitemap' ? refusal(url, depth) : depth > DEEPEST_SITEMAP ? SKIP.deep : undefined
      if (reason !== undefined) {
        remarks.push({ url: url.href, reason })
        skip({ url: url.href, reason })
        return
      }
      const task = { url: url.href, depth, role, chain: [...chain] }
      found.push(task)
      admit(task)
    },
    takes: (url, depth) => isBelow(url, site) && refusal(url, depth) === undefined,
    apply,
    restore(first, done) {
      first.skipped.forEach(skip)
      first.found.forEach(admit)
      done.forEach(apply)
      // Pages that nothing answered for wait once more.
      for (const [key, { isUnreachable }] of records) if (isUnreachable) records.delete(key)
      const left = queue.filter((task) => !records.has(addressKey(new URL(task.url))))
      queue.splice(0, queue.length, ...left)
    },
    disallows: (url) => skipped.get(addressKey(url))?.reason === SKIP.robots,
    wasCutOff(url) {
      const reason = skipped.get(addressKey(url))?.reason
      return reason !== undefined && isLimit(reason)
    },
    hasSeen: (url) => seen.has(addressKey(url)),
    standsFor(url) {
      const passed = new Set<string>()
      for (let end = url; ;) {
        const key = addressKey(end)
        const { outcome, target } = records.get(key) ?? {}
        const leadsOn = outcome === 'redirected' || outcome === 'canonical'
        if (target === undefined || !leadsOn || passed.has(key)) return end
        passed.add(key)
        end = new URL(target)
      }
    },
  }
}
