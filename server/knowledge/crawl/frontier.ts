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

const count = (counts: Map<string, number>, name: string) =>
  counts.set(name, (counts.get(name) ?? 0) + 1)
const hasParameters = ({ search }: URL) => search !== ''

export class Frontier {
  site: Site
  /** Whether links of pages are followed; not those of what a sitemap or list names. */
  isFollowing: boolean
  /** What came of the pages that were read, by their addresses. */
  readonly records = new Map<string, PageRecord>()
  /** Skipped ones that nothing more is kept of. */
  moreSkipped = 0
  /** Of all bodies. */
  bytes = 0
  readonly #limits: CrawlLimits
  #robots: Robots | undefined
  #queue: Task[] = []
  readonly #seen = new Set<string>()
  readonly #skipped = new Map<string, Remark>()
  readonly #variants = new Map<string, number>()
  readonly #patterns = new Map<string, number>()
  readonly #outsiders = new Set<string>()

  constructor({ site, isFollowing, limits }: FrontierOptions) {
    this.site = site
    this.isFollowing = isFollowing
    this.#limits = limits
  }

  get waiting(): number {
    return this.#queue.length
  }

  /** So many waited that further ones were not taken in. */
  get isFull(): boolean {
    return this.#seen.size >= this.#limits.pages * WAITING_PER_PAGE
  }

  get skipped(): readonly Remark[] {
    return [...this.#skipped.values()]
  }

  /** Links that lead to the rest of the host. */
  get outside(): number {
    return this.#outsiders.size
  }

  obey(robots: Robots): void {
    this.#robots = robots
  }

  /** The next one, which is to be followed by its record. */
  take(): Task | undefined {
    return this.#queue.shift()
  }

  /**
   * Finds out where a link leads; a target that is to be read becomes a task of `found`, one that is not a
   * remark of `skipped`, and nothing comes of links to elsewhere or to what is known already.
   */
  follow(link: Link, { found, skipped }: Pick<PageRecord, 'found' | 'skipped'>): void {
    const { written, base, depth, role, chain = [] } = link
    const address = readAddress(written, base)
    const url = address && onSite(address, this.site)
    if (!url) return
    const key = addressKey(url)
    if (role === 'page' && !isBelow(url, this.site)) {
      if (this.#outsiders.size < MOST_SKIPPED) this.#outsiders.add(key)
      return
    }
    if (this.#seen.has(key) || this.#skipped.has(key) || this.isFull) return
    const tooDeep = depth > DEEPEST_SITEMAP ? SKIP.deep : undefined
    const reason = role === 'sitemap' ? tooDeep : this.#refusal(url, depth)
    if (reason !== undefined) {
      skipped.push({ url: url.href, reason })
      this.#skip({ url: url.href, reason })
      return
    }
    const task = { url: url.href, depth, role, chain: [...chain] }
    found.push(task)
    this.#admit(task)
  }

  /** Whether an address of the site is one that is read, or was. */
  takes(url: URL, depth: number): boolean {
    return isBelow(url, this.site) && this.#refusal(url, depth) === undefined
  }

  #refusal(url: URL, depth: number): string | undefined {
    const { pathname } = url
    if (this.#seen.has(addressKey(url))) return undefined
    if (this.#robots?.isAllowed(url) === false) return SKIP.robots
    if (isOtherFile(url)) return SKIP.file
    if (repeatsItself(url)) return SKIP.loop
    if (depth > this.#limits.depth) return SKIP.deep
    if (hasParameters(url) && (this.#variants.get(pathname) ?? 0) >= this.#limits.variants) {
      return SKIP.variants
    }
    const pattern = pathPattern(url)
    const isAlike = (this.#patterns.get(pattern) ?? 0) >= this.#limits.perPattern
    return pattern !== pathname && isAlike ? SKIP.pattern : undefined
  }

  #admit(task: Task): void {
    const url = new URL(task.url)
    const key = addressKey(url)
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    this.#queue.push(task)
    if (hasParameters(url)) count(this.#variants, url.pathname)
    count(this.#patterns, pathPattern(url))
  }

  #skip(remark: Remark): void {
    const key = URL.canParse(remark.url) ? addressKey(new URL(remark.url)) : remark.url
    if (this.#skipped.has(key)) return
    if (this.#skipped.size < MOST_SKIPPED) this.#skipped.set(key, remark)
    else this.moreSkipped += 1
  }

  /** Takes in what came of a task. */
  apply(record: PageRecord): void {
    const { task, outcome, target } = record
    this.records.set(addressKey(new URL(task.url)), record)
    this.bytes += record.bytes
    const hasMoved = task.role === 'start' && outcome === 'redirected' && this.site.path !== '/'
    // `/docs` that leads to `/documentation/` has named the latter.
    if (hasMoved && target !== undefined) {
      this.site = { ...siteOf(new URL(target)), origin: this.site.origin }
    }
    if (task.role === 'start' && outcome === 'listing') {
      this.site = { ...this.site, path: '/' }
      this.isFollowing = false
    }
    for (const remark of record.skipped) this.#skip(remark)
    for (const found of record.found) this.#admit(found)
  }

  /** Gets where an earlier run was, by what it began with and what came of the tasks that it saw to. */
  restore(first: Pick<PageRecord, 'found' | 'skipped'>, done: readonly PageRecord[]): void {
    for (const remark of first.skipped) this.#skip(remark)
    for (const task of first.found) this.#admit(task)
    for (const record of done) this.apply(record)
    // Pages that nothing answered for wait once more.
    for (const [key, { isUnreachable }] of this.records) if (isUnreachable) this.records.delete(key)
    this.#queue = this.#queue.filter(({ url }) => !this.records.has(addressKey(new URL(url))))
  }

  /** Whether links to a page were found that robots.txt keeps from being read. */
  disallows(url: URL): boolean {
    return this.#skipped.get(addressKey(url))?.reason === SKIP.robots
  }

  /** Whether links to a page were found, though it was not read because of a limit: it may still be there. */
  wasCutOff(url: URL): boolean {
    const reason = this.#skipped.get(addressKey(url))?.reason
    return reason !== undefined && reason !== SKIP.robots && reason !== SKIP.file
  }

  /** Whether somebody names or links a page that is to be read, or was. */
  hasSeen(url: URL): boolean {
    return this.#seen.has(addressKey(url))
  }

  /** Follows redirects and canonicals that were met to the page that stands at their end. */
  standsFor(url: URL): URL {
    const passed = new Set<string>()
    for (let end = url; ;) {
      const key = addressKey(end)
      const { outcome, target } = this.records.get(key) ?? {}
      const leadsOn = outcome === 'redirected' || outcome === 'canonical'
      if (target === undefined || !leadsOn || passed.has(key)) return end
      passed.add(key)
      end = new URL(target)
    }
  }
}
