/** Addresses of pages: one form for each page, what belongs to a site, what looks endless, and file names. */
import { createHash } from 'node:crypto'

/** Characters; servers take no longer ones for sure (RFC 9110, 4.1 asks for 8,000). */
const LONGEST_URL = 2_000

/** Parameters that say where a visitor came from, or who the visitor is, and nothing about the page. */
const TRACKING =
  /^(?:utm_\w+|[gdy]clid|gclsrc|gbraid|wbraid|fbclid|msclkid|twclid|ttclid|li_fat_id|igshid|mc_[ce]id|mkt_tok|_ga|_gl|_hs(?:enc|mi)|pk_\w+|mtm_\w+|matomo_\w+|vero_id|wickedid|s_cid)$/i
const SESSION = /^(?:phpsessid|jsessionid|aspsessionid\w*|session_?id|cfid|cftoken|osCsid|zenid)$/i
/** Short names that may mean something else, unless they hold what only a machine can have made up. */
const MAYBE_SESSION = /^s(?:ess)?(?:id)?$/i
const MADE_UP = /^(?=.*\d)[\da-z]{16,}$/i

/**
 * The one form of an address: http or https, without fragment, tracking, session and the host's last dot.
 * `undefined` when nothing can be fetched from there.
 */
export function readAddress(written: string, base?: URL): URL | undefined {
  const url = URL.parse(written.trim(), base?.href)
  if (!url || !/^https?:$/.test(url.protocol) || hasCredentials(url)) return undefined
  url.hash = ''
  if (url.hostname.endsWith('.')) url.hostname = url.hostname.slice(0, -1)
  url.pathname = plainPath(url.pathname)
  url.search = plainSearch(url.search)
  return url.href.length > LONGEST_URL ? undefined : url
}

export const hasCredentials = ({ username, password }: URL) => username !== '' || password !== ''

/** A session in a path stands behind a semicolon. What needs no encoding has none, the rest in capitals. */
const plainPath = (path: string) =>
  path
    .replaceAll(/;jsessionid=[^/;]*/gi, '')
    .replaceAll(/%([\da-f]{2})/gi, (written, digits: string) => {
      const character = String.fromCodePoint(Number.parseInt(digits, 16))
      // A dot stays encoded: without it, the path would mean another one.
      return /[\w~-]/.test(character) ? character : written.toUpperCase()
    })

/** The rest stays in its order and writing: to some servers both mean something. */
const plainSearch = (search: string) =>
  search
    .slice(1)
    .split('&')
    .filter((parameter) => {
      const [name = '', value = ''] = parameter.split('=')
      const isSession = SESSION.test(name) || (MAYBE_SESSION.test(name) && MADE_UP.test(value))
      return parameter !== '' && !TRACKING.test(name) && !isSession
    })
    .join('&')

/** The same for addresses that differ in the order of their parameters only, or in http and https. */
export function addressKey(url: URL): string {
  const sorted = url.search.slice(1).split('&').toSorted().join('&')
  return `${url.host}${url.pathname}${sorted === '' ? '' : `?${sorted}`}`
}

/** Where pages are taken from. */
export interface Site {
  readonly origin: string
  /** What a path has to begin with; `/` for all. */
  readonly path: string
}

/** The folder that an address is in is its scope; one without an extension is a folder itself. */
export function siteOf(start: URL, { isWhole = false } = {}): Site {
  const { origin, pathname } = start
  const path = /\.\w{1,5}$/.test(pathname)
    ? pathname.slice(0, pathname.lastIndexOf('/') + 1)
    : pathname
  return { origin, path: isWhole ? '/' : path }
}

/**
 * An address as one of the site: http and https of a host are the same. `undefined` for those of others.
 */
export function onSite(url: URL, { origin }: Site): URL | undefined {
  if (url.origin === origin) return url
  const site = new URL(origin)
  if (url.hostname !== site.hostname || url.port !== '' || site.port !== '') return undefined
  const same = new URL(url)
  same.protocol = site.protocol
  return same
}

/** Whether an address of the site is below where it was begun. */
export function isBelow({ pathname }: URL, { path }: Site): boolean {
  return pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`)
}

/** `/2026/11/30` and `/2026/12/1` have one pattern. */
export const pathPattern = ({ pathname }: URL) => pathname.replaceAll(/\d+/g, '#')

/** `/a/b/a/b/a/b`: a relative link that leads deeper each time it is followed. */
export const repeatsItself = ({ pathname }: URL) =>
  /(\/[^/]+(?:\/[^/]+){0,3})\1\1(?:\/|$)/.test(pathname)

/** Files that are no documents by their names. */
const OTHER_FILE =
  /\.(?:avif|bmp|gif|ico|jpe?g|png|svg|tiff?|webp|eot|otf|ttf|woff2?|aac|flac|m4a|mp3|ogg|wav|avi|mkv|mov|mp4|mpe?g|webm|7z|bz2|dmg|exe|gz|iso|msi|rar|tar|tgz|xz|zip|apk|jar|epub|xlsx?|pptx?|ics|rss|atom)$/i

export const isOtherFile = ({ pathname }: URL) => OTHER_FILE.test(pathname)

/**
 * A file name for a page: readable, never hidden, of a length that every disk takes, the same on disks that
 * do not tell capitals apart, and one of its own: the hash is that of the whole address.
 */
export function fileNameOf(url: URL, extension: string): string {
  const words = `${url.pathname}${url.search}`
    .replaceAll(/%[\dA-F]{2}/g, '-')
    .toLowerCase()
    .replace(/\.(?:html?|md|markdown|txt|pdf|docx|php|aspx?|jsp)$/, '')
    .replaceAll(/[^\da-z]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 80)
  const hash = createHash('sha256').update(addressKey(url)).digest('hex').slice(0, 12)
  return `${words === '' ? 'index' : words}-${hash}${extension}`
}

/** A name for a folder, from a host or a folder's name: letters, digits, dots and hyphens, never hidden. */
export function folderNameOf(name: string): string {
  const plain = name
    .toLowerCase()
    .normalize('NFKD')
    .replaceAll(/[^\da-z.-]+/g, '_')
    .replaceAll(/^[._]+|[._]+$/g, '')
    .slice(0, 100)
  return plain === '' ? 'folder' : plain
}
