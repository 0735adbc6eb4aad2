/**
 * What a site asks of crawlers: robots.txt (RFC 9309), and the robots directives of pages and headers. Its
 * own parser: of the kept ones, robots-parser lets a `Sitemap` line end a group and compares
 * percent-encodings as they are written, which RFC 9309 forbids both.
 */

/** The product token that robots.txt and directives may name. */
export const PRODUCT_TOKEN = 'samosachat'

/** Bytes of a robots.txt that are read (RFC 9309, 2.5). */
export const LONGEST_ROBOTS = 500 * 1024

interface Rule {
  readonly isAllowed: boolean
  readonly pattern: string
}

export interface Robots {
  isAllowed(url: URL): boolean
  /** Seconds between requests; `undefined` when nothing is asked for. */
  readonly crawlDelay: number | undefined
  /** As written: absolute addresses. */
  readonly sitemaps: readonly string[]
}

interface Group {
  readonly rules: Rule[]
  crawlDelay?: number
}

/** Reads a robots.txt; lines that mean nothing are left out, so an error page in its place allows all. */
export function parseRobots(text: string): Robots {
  const groups = new Map<string, Group>()
  const sitemaps: string[] = []
  let agents: string[] = []
  let isNaming = false
  for (const line of text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)) {
    const [, field = '', value = ''] = /^\s*([\w-]+)\s*:\s*([^#]*)/.exec(line) ?? []
    const content = value.trim()
    switch (field.toLowerCase()) {
      case 'user-agent': {
        if (!isNaming) agents = []
        isNaming = true
        const agent = (/^(?:\*|[\w-]+)/.exec(content)?.[0] ?? '').toLowerCase()
        agents.push(agent)
        if (!groups.has(agent)) groups.set(agent, { rules: [] })
        break
      }
      case 'allow':
      case 'disallow': {
        isNaming = false
        if (content === '') break
        const rule = { isAllowed: field.toLowerCase() === 'allow', pattern: plainPattern(content) }
        for (const agent of agents) groups.get(agent)?.rules.push(rule)
        break
      }
      case 'crawl-delay': {
        isNaming = false
        const seconds = Number(content)
        if (content === '' || !(seconds >= 0)) break
        for (const agent of agents) {
          const group = groups.get(agent)
          if (group) group.crawlDelay = seconds
        }
        break
      }
      case 'sitemap':
        sitemaps.push(content)
        break
      default:
    }
  }
  const { rules, crawlDelay } = groups.get(PRODUCT_TOKEN) ?? groups.get('*') ?? { rules: [] }
  return {
    isAllowed(url) {
      const path = plainPath(url)
      // It is read itself, whatever its rules say.
      if (path === '/robots.txt') return true
      let best: Rule | undefined
      for (const rule of rules) {
        const isShorter = best && rule.pattern.length < best.pattern.length
        if (isShorter || !matches(rule.pattern, path)) continue
        const isLonger = !best || rule.pattern.length > best.pattern.length
        if (isLonger || rule.isAllowed) best = rule
      }
      return best?.isAllowed ?? true
    },
    crawlDelay,
    sitemaps,
  }
}

/** Encodings as RFC 9309, 2.2.2 compares them: none for what needs none, in capitals for all else. */
const plainEncoding = (text: string) =>
  text.replaceAll(/%([\da-f]{2})/gi, (written, digits: string) => {
    const character = String.fromCodePoint(Number.parseInt(digits, 16))
    return /[\w.~-]/.test(character) ? character : written.toUpperCase()
  })

/** `*` and `$` mean something in a pattern, so in a path they are encoded. */
const plainPath = ({ pathname, search }: URL) =>
  plainEncoding(pathname + search)
    .replaceAll('*', '%2A')
    .replaceAll('$', '%24')

function plainPattern(written: string): string {
  const encoded = plainEncoding(encodeBeyondAscii(written)).replaceAll(/\$(?!$)/g, '%24')
  return encoded.startsWith('/') || encoded.startsWith('*') ? encoded : `/${encoded}`
}

const encodeBeyondAscii = (text: string) =>
  text.toWellFormed().replaceAll(/[^!-~]/gu, (character) => encodeURIComponent(character))

/** Whether a path begins with a pattern. Takes each part at its first place, which is never wrong. */
function matches(pattern: string, path: string): boolean {
  const isWhole = pattern.endsWith('$')
  const parts = (isWhole ? pattern.slice(0, -1) : pattern).split('*')
  const last = parts.length - 1
  let position = 0
  for (const [index, part] of parts.entries()) {
    if (index === last && isWhole) {
      const start = path.length - part.length
      return index === 0 ? path === part : start >= position && path.endsWith(part)
    }
    const found = index === 0 ? (path.startsWith(part) ? 0 : -1) : path.indexOf(part, position)
    if (found < 0) return false
    position = found + part.length
  }
  return true
}

export interface Directives {
  readonly noindex: boolean
  readonly nofollow: boolean
}

/** Of directives that are written in several places, each counts. */
export const joinDirectives = (...all: readonly Directives[]): Directives => ({
  noindex: all.some(({ noindex }) => noindex),
  nofollow: all.some(({ nofollow }) => nofollow),
})

/** The content of `<meta name="robots">`. */
export function readDirectives(content: string): Directives {
  const words = new Set(content.toLowerCase().split(/[\s,;]+/))
  const has = (word: string) => words.has(word) || words.has('none')
  return { noindex: has('noindex'), nofollow: has('nofollow') }
}

/** Whether the name of a `<meta>` is one whose directives are for us. */
export const isForUs = (name: string) => ['robots', PRODUCT_TOKEN].includes(name.toLowerCase())

/** Directives that have a colon themselves. */
const WITH_VALUE = /^(?:unavailable_after|max-snippet|max-image-preview|max-video-preview)$/

/** The lines of `X-Robots-Tag`: a name in front of directives says for whom they and those after them are. */
export function readRobotsHeader(lines: readonly string[]): Directives {
  const ours = lines.flatMap((line) => {
    let isOurs = true
    return line.split(',').flatMap((item) => {
      const [, name, rest] = /^\s*([\w-]+)\s*:\s*(.*)$/.exec(item) ?? []
      if (name === undefined || WITH_VALUE.test(name.toLowerCase())) return isOurs ? [item] : []
      isOurs = isForUs(name)
      return isOurs && rest !== undefined ? [rest] : []
    })
  })
  return readDirectives(ours.join(','))
}
