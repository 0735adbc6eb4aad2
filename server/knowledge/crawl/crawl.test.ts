import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { pageOf, serveSite, type SitePages, type TestSite } from '../../testing/serve-site.ts'
import { specialAddress } from './fetch.ts'
import { type CrawlOptions, crawlSite } from './crawl.ts'
import type { Source } from './state.ts'

let directory: string
let sites: TestSite[]
let others: { close(): unknown }[]
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samosa-crawl-'))
  sites = []
  others = []
})
afterEach(async () => {
  for (const site of sites) await site.close()
  for (const other of others) other.close()
  await rm(directory, { recursive: true, force: true })
})

async function serve(pages: SitePages): Promise<TestSite> {
  const site = await serveSite(pages)
  sites.push(site)
  return site
}

/** Milliseconds that a crawl has waited, without waiting. */
let waited: number[]
beforeEach(() => {
  waited = []
})

interface Changes extends Partial<Omit<CrawlOptions, 'limits'>> {
  readonly limits?: Partial<CrawlOptions['limits']>
}

function crawl(start: string | readonly string[], { limits, ...changes }: Changes = {}) {
  let now = 0
  const { signal } = new AbortController()
  return crawlSite({
    from:
      typeof start === 'string'
        ? { start: new URL(start), isWhole: false }
        : { pages: start.map((url) => new URL(url)) },
    source: String(start),
    folder: join(directory, 'pages'),
    roundFolder: join(directory, 'round'),
    addresses: { refuse: () => undefined },
    userAgent: 'SamosaChat/0.0.0',
    pause: 100,
    timeLimit: 20_000,
    waiting: {
      clock: () => now,
      async wait(milliseconds, stopped) {
        stopped.throwIfAborted()
        waited.push(milliseconds)
        now += milliseconds
      },
      deadline: () => new AbortController().signal,
    },
    signal,
    today: Date.now,
    ...changes,
    limits: {
      pages: 2_000,
      depth: 20,
      minutes: 60,
      bytes: 500_000_000,
      pageBytes: 1_000_000,
      variants: 100,
      perPattern: 500,
      ...limits,
    },
  })
}

const readSources = async (): Promise<Source[]> => {
  const text = await readFile(join(directory, 'pages', '_sources.jsonl'), 'utf8')
  return text
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Source)
}
const storedPaths = async () =>
  (await readSources()).map(({ url }) => new URL(url).pathname + new URL(url).search).toSorted()
const documentsOnDisk = async () =>
  (await readdir(join(directory, 'pages'))).filter((name) => !name.startsWith('_')).toSorted()
const pathsOf = (urls: readonly string[]) =>
  urls.map((url) => new URL(url).pathname + new URL(url).search).toSorted()
const reasons = (remarks: readonly { url: string; reason: string }[]) =>
  Object.fromEntries(
    remarks.map(({ url, reason }) => [new URL(url).pathname + new URL(url).search, reason]),
  )

describe('a crawl', () => {
  it('reads the pages of a host along their links, and says where each is from', async () => {
    const site = await serve({
      '/': pageOf(
        'Start',
        '/about',
        'team.html',
        'https://elsewhere.example/',
        'mailto:a@b.example',
      ),
      '/about': pageOf('About', '/', '/about#top', 'team.html?utm_source=x'),
      '/team.html': pageOf('Team'),
    })
    const report = await crawl(`${site.url}/`)
    expect(pathsOf(report.added)).toEqual(['/', '/about', '/team.html'])
    expect(report).toMatchObject({ failed: [], skipped: [], problem: undefined, isPaused: false })
    expect(site.requests.toSorted()).toEqual(['/', '/about', '/team.html'])
    const about = (await readSources()).find(({ url }) => url.endsWith('/about'))!
    expect(about).toMatchObject({ url: `${site.url}/about`, title: 'About', language: 'en' })
    expect(await readFile(join(directory, 'pages', about.file), 'utf8')).toBe(site.pages['/about'])
    expect(about.file).toMatch(/^about-[\da-f]{12}\.html$/)
  })

  it('goes breadth first, and stays below where it was begun', async () => {
    const site = await serve({
      '/docs/': pageOf('Docs', 'a', 'b', '/blog/', '../'),
      '/docs/a': pageOf('A', 'deep'),
      '/docs/b': pageOf('B'),
      '/docs/deep': pageOf('Deep'),
      '/blog/': pageOf('Blog'),
    })
    const report = await crawl(`${site.url}/docs/`)
    expect(await storedPaths()).toEqual(['/docs/', '/docs/a', '/docs/b', '/docs/deep'])
    expect(site.requests.at(-1)).toBe('/docs/deep')
    expect(report.outside).toBe(2)
    const whole = { start: new URL(`${site.url}/docs/`), isWhole: true }
    const wider = await crawl(`${site.url}/docs/`, { from: whole })
    expect(pathsOf(wider.added)).toEqual(['/blog/'])
    expect(reasons(wider.failed)).toEqual({ '/': 'the site answered 404 (Not Found)' })
  })

  it('has no more than two requests open', async () => {
    let [open, most] = [0, 0]
    const server = createServer((request, response) => {
      if (request.url === '/robots.txt') return response.writeHead(404).end()
      open += 1
      most = Math.max(most, open)
      const links = request.url === '/' ? Array.from({ length: 20 }, (_, index) => `/${index}`) : []
      response.writeHead(200, { 'content-type': 'text/html' })
      response.write(pageOf('Page', ...links))
      setImmediate(() =>
        setImmediate(() => {
          open -= 1
          response.end()
        }),
      )
      return undefined
    })
    const url = await listen(server)
    expect((await crawl(`${url}/`)).added).toHaveLength(21)
    expect(most).toBe(2)
  })

  it('pauses between requests, as long as robots.txt asks within reason', async () => {
    const site = await serve({ '/': pageOf('Start', '/a', '/b'), '/a': 'a', '/b': 'b' })
    await crawl(`${site.url}/`)
    expect(waited.filter((milliseconds) => milliseconds === 100)).toHaveLength(3)
    site.pages['/robots.txt'] = robotsTxt('User-agent: *', 'Crawl-delay: 7')
    waited = []
    await crawl(`${site.url}/`)
    expect(waited.reduce((sum, each) => sum + each, 0)).toBeGreaterThanOrEqual(14_000)
    site.pages['/robots.txt'] = robotsTxt('User-agent: *', 'Crawl-delay: 86400')
    waited = []
    await crawl(`${site.url}/`)
    expect(Math.max(...waited)).toBe(30_000)
  })

  it('stores each kind by what it is, and names what it does not read', async () => {
    const docx = Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.from('word/document.xml')])
    const site = await serve({
      '/': pageOf('Start', ...['/a', '/b.md', '/c', '/d', '/e', '/f', '/g', '/h.png', '/i', '/j']),
      '/a': { headers: { 'content-type': 'text/plain' }, body: 'plain' },
      '/b.md': { headers: { 'content-type': 'text/plain' }, body: '# Markdown' },
      '/c': { headers: { 'content-type': 'application/octet-stream' }, body: '%PDF-1.7 …' },
      '/d': { headers: { 'content-type': 'application/zip' }, body: docx },
      '/e': { headers: { 'content-type': 'text/html' }, body: '%PDF-1.4 …' },
      '/f': { headers: { 'content-type': 'image/png' }, body: 'png' },
      '/g': { headers: { 'content-type': 'text/plain' }, body: 'a\0b' },
      '/i': { headers: { 'content-type': 'application/pdf' }, body: 'no pdf' },
      '/j': { headers: { 'content-type': 'text/markdown; charset=utf-8' }, body: '# J' },
    })
    const report = await crawl(`${site.url}/`)
    const kinds = (await documentsOnDisk()).map((name) => name.replace(/-\w+\./, '.'))
    expect(kinds).toEqual(['a.txt', 'b.md', 'c.pdf', 'd.docx', 'e.pdf', 'index.html', 'j.md'])
    expect(reasons(report.skipped)).toEqual({
      '/f': 'its type is not read (image/png)',
      '/g': 'its type is not read (text/plain)',
      '/h.png': 'it is a file of another kind',
      '/i': 'its type is not read (application/pdf)',
    })
    expect(site.requests).not.toContain('/h.png')
  })

  it('keeps the letters of a page that is not UTF-8', async () => {
    const latin = Buffer.from('<title>Käse</title><p>für alle</p>', 'latin1')
    const site = await serve({
      '/': { headers: { 'content-type': 'text/html; charset=iso-8859-1' }, body: latin },
    })
    await crawl(`${site.url}/`)
    const [source] = await readSources()
    expect(source!.title).toBe('Käse')
    const stored = await readFile(join(directory, 'pages', source!.file), 'utf8')
    expect(stored).toBe('\uFEFF<title>Käse</title><p>für alle</p>')
  })

  it('writes only below its folder, whatever a path says', async () => {
    const odd = ['/%2E%2E%2F%2E%2E%2Fetc%2Fpasswd', '/a/..%5C..%5Cb', '/CON', '/con', '/.htaccess']
    const long = `/${'x'.repeat(1_500)}`
    const site = await serve({
      '/': pageOf('Start', ...odd, long, '/personality.md'),
      [long]: 'long',
      '/personality.md': 'who I am',
      ...Object.fromEntries(odd.map((path) => [path, path])),
    })
    const report = await crawl(`${site.url}/`)
    expect(report.failed).toEqual([])
    const names = await readdir(directory, { recursive: true })
    expect(new Set(names.map((name) => name.split('/')[0]))).toEqual(new Set(['pages']))
    const files = await documentsOnDisk()
    expect(new Set(files.map((name) => name.toLowerCase())).size).toBe(odd.length + 3)
    for (const name of files) expect(name).toMatch(/^[a-z\d][a-z\d-]{0,99}\.html$/)
  })
})

async function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<string> {
  others.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const robotsTxt = (...lines: readonly string[]) => ({
  headers: { 'content-type': 'text/plain' },
  body: lines.join('\n'),
})

describe('a second crawl', () => {
  const pages = (): SitePages => ({
    '/': pageOf('Start', '/a', '/b'),
    '/a': pageOf('A', '/c'),
    '/b': pageOf('B'),
    '/c': pageOf('C'),
  })

  it('asks only whether pages have changed', async () => {
    const site = await serve(pages())
    await crawl(`${site.url}/`)
    const before = await readSources()
    site.statuses.length = 0
    const report = await crawl(`${site.url}/`)
    expect(report.unchanged).toHaveLength(4)
    expect(report).toMatchObject({ added: [], changed: [], removed: [], failed: [] })
    expect(site.statuses).toEqual([304, 304, 304, 304])
    const withoutTime = (sources: Source[]) =>
      sources.map((source) => ({ ...source, fetched_at: '' }))
    expect(withoutTime(await readSources())).toEqual(withoutTime(before))
  })

  it('tells by the bytes where a server has no entity tags', async () => {
    const site = await serve(pages())
    for (const [path, body] of Object.entries(site.pages)) {
      site.pages[path] = { headers: { etag: '' }, body: body as string }
    }
    await crawl(`${site.url}/`)
    site.pages['/b'] = { headers: { etag: '' }, body: pageOf('B anew') }
    const report = await crawl(`${site.url}/`)
    expect(pathsOf(report.unchanged)).toEqual(['/', '/a', '/c'])
    expect(pathsOf(report.changed)).toEqual(['/b'])
  })

  it('asks with the date where there is one', async () => {
    const modified = 'Mon, 02 Nov 2026 08:00:00 GMT'
    const asked: unknown[] = []
    const site = await serve({
      '/': ({ headers }) => {
        asked.push(headers['if-modified-since'])
        return {
          status: asked.length > 1 ? 304 : 200,
          headers: { 'last-modified': modified },
          body: 'x',
        }
      },
    })
    await crawl(`${site.url}/`)
    expect((await crawl(`${site.url}/`)).unchanged).toHaveLength(1)
    expect(asked).toEqual([undefined, modified])
  })

  it('removes what is gone or no longer linked, with its file', async () => {
    const site = await serve(pages())
    await crawl(`${site.url}/`)
    delete site.pages['/b']
    site.pages['/a'] = pageOf('A')
    const report = await crawl(`${site.url}/`)
    expect(reasons(report.removed)).toEqual({
      '/b': 'the site answered 404 (Not Found)',
      '/c': 'nothing leads to it any more',
    })
    expect(report.failed).toEqual([])
    expect(await storedPaths()).toEqual(['/', '/a'])
    expect(await documentsOnDisk()).toHaveLength(2)
  })

  it('removes nothing because of a failure, and what it leads to is still read', async () => {
    const site = await serve(pages())
    await crawl(`${site.url}/`)
    site.pages['/a'] = { status: 500 }
    const report = await crawl(`${site.url}/`)
    expect(reasons(report.failed)).toEqual({
      '/a': 'the site answered 500 (Internal Server Error)',
    })
    expect(report.removed).toEqual([])
    expect(await storedPaths()).toEqual(['/', '/a', '/b', '/c'])
    expect(site.requests.filter((path) => path === '/a')).toHaveLength(1 + 3)
  })

  it.each<[string, SitePages]>([
    ['the start fails', { '/': { status: 503 } }],
    ['robots.txt fails', { '/robots.txt': { status: 500 } }],
    ['nothing answers', { '/': ({ socket }) => void socket.destroy() }],
    ['it moves away', { '/': { status: 302, headers: { location: 'https://login.example/' } } }],
    ['it wants to know who asks', { '/': { status: 401 } }],
  ])('keeps everything when %s', async (_, spoiled) => {
    const site = await serve(pages())
    await crawl(`${site.url}/`)
    Object.assign(site.pages, spoiled)
    const report = await crawl(`${site.url}/`)
    expect(report.removed).toEqual([])
    expect(await storedPaths()).toEqual(['/', '/a', '/b', '/c'])
  })

  it('keeps everything when a limit ends it', async () => {
    const site = await serve(pages())
    await crawl(`${site.url}/`)
    const report = await crawl(`${site.url}/`, { limits: { pages: 2 } })
    expect(report.problem).toBe('More pages were found (2), but --max-pages allows no more.')
    expect(report.removed).toEqual([])
    expect(await storedPaths()).toEqual(['/', '/a', '/b', '/c'])
  })

  it('keeps a page that is empty for once', async () => {
    const site = await serve(pages())
    await crawl(`${site.url}/`)
    site.pages['/b'] = ''
    const report = await crawl(`${site.url}/`)
    expect(reasons(report.failed)).toEqual({ '/b': 'it is empty' })
    expect(await storedPaths()).toEqual(['/', '/a', '/b', '/c'])
  })

  it('reads a page again whose file has gone', async () => {
    const site = await serve(pages())
    await crawl(`${site.url}/`)
    const [first] = await documentsOnDisk()
    await rm(join(directory, 'pages', first!))
    await crawl(`${site.url}/`)
    expect(await documentsOnDisk()).toContain(first)
  })

  it('keeps a page that somebody else has asked for too', async () => {
    const site = await serve({ ...pages() })
    await crawl(`${site.url}/`)
    await crawl([`${site.url}/c`], { source: 'list' })
    site.pages['/a'] = pageOf('A')
    const report = await crawl(`${site.url}/`)
    expect(report.removed).toEqual([])
    expect(await storedPaths()).toContain('/c')
    const last = await crawl([], { source: 'list' })
    expect(reasons(last.removed)).toEqual({ '/c': 'it is no longer listed' })
  })

  it('survives a manifest that was cut off or edited', async () => {
    const site = await serve(pages())
    await crawl(`${site.url}/`)
    const path = join(directory, 'pages', '_sources.jsonl')
    const outside = JSON.stringify({
      ...(await readSources())[0],
      file: '../round/x',
      url: 'https://x.example/',
    })
    await writeFile(path, `${await readFile(path, 'utf8')}${outside}\nno json\n{"file":"half`)
    const report = await crawl(`${site.url}/`)
    expect(report.unchanged).toHaveLength(4)
    expect(await storedPaths()).toEqual(['/', '/a', '/b', '/c'])
  })
})

describe('what a site asks for', () => {
  it('is found in robots.txt, whose answer decides where it has none', async () => {
    const site = await serve({
      '/robots.txt': robotsTxt('User-agent: samosachat', 'Disallow: /private'),
      '/': pageOf('Start', '/a', '/private/b'),
      '/a': pageOf('A'),
    })
    const report = await crawl(`${site.url}/`)
    expect(reasons(report.skipped)).toEqual({ '/private/b': 'robots.txt disallows it' })
    expect(site.requests.toSorted()).toEqual(['/', '/a'])
  })

  it('is found in a robots.txt that lies elsewhere, up to five redirects away', async () => {
    const other = await serve({ '/r': robotsTxt('User-agent: *', 'Disallow: /a') })
    const hop = (location: string) => ({ status: 301, headers: { location } })
    const site = await serve({
      '/robots.txt': hop('/1'),
      ...{ '/1': hop('/2'), '/2': hop('/3'), '/3': hop('/4'), '/4': hop(`${other.url}/r`) },
      '/': pageOf('Start', '/a'),
      '/a': pageOf('A'),
    })
    const report = await crawl(`${site.url}/`)
    expect(reasons(report.skipped)).toEqual({ '/a': 'robots.txt disallows it' })
    site.pages['/4'] = hop('/5')
    site.pages['/5'] = hop(`${other.url}/r`)
    expect((await crawl(`${site.url}/`)).skipped).toEqual([])
  })

  it.each([401, 403, 404, 410])('is nothing when robots.txt is answered %i', async (status) => {
    const site = await serve({ '/robots.txt': { status }, '/': pageOf('Start') })
    expect((await crawl(`${site.url}/`)).added).toHaveLength(1)
  })

  it('is taken to be everything when robots.txt cannot be had', async () => {
    const site = await serve({ '/robots.txt': { status: 503 }, '/': pageOf('Start') })
    const report = await crawl(`${site.url}/`)
    expect(site.requests).toEqual([])
    expect(report.problem).toContain('robots.txt cannot be read: the site answered 503')
  })

  it('is read of the first 500 KiB of robots.txt', async () => {
    const filler = `# ${'x'.repeat(510)}\n`.repeat(1_000)
    const start = 'User-agent: *\nDisallow: /a\n'
    const full = `${start}${filler}`.slice(0, 500 * 1_024 - 'Disallow: /'.length - 1)
    const text = `${full}\nDisallow: /bcdef\nDisallow: /b`
    const site = await serve({
      '/robots.txt': { headers: { 'content-type': 'text/plain' }, body: text },
      '/': pageOf('Start', '/a', '/b'),
      '/b': pageOf('B'),
    })
    const report = await crawl(`${site.url}/`)
    expect(reasons(report.skipped)).toEqual({ '/a': 'robots.txt disallows it' })
    expect(report.failed).toEqual([])
  })

  it('takes a page away that must not be read any more', async () => {
    const site = await serve({ '/': pageOf('Start', '/a'), '/a': pageOf('A') })
    await crawl(`${site.url}/`)
    site.pages['/robots.txt'] = robotsTxt('User-agent: *', 'Disallow: /a')
    const report = await crawl(`${site.url}/`)
    expect(reasons(report.removed)).toEqual({ '/a': 'robots.txt disallows it now' })
  })

  it('is found in pages and headers: noindex and nofollow', async () => {
    const meta = (content: string, name = 'robots') => `<meta name="${name}" content="${content}">`
    const header = (value: string | string[], body: string) => ({
      headers: { 'x-robots-tag': value },
      body,
    })
    const site = await serve({
      '/': pageOf(
        'Start',
        '/none',
        '/noindex',
        '/nofollow',
        '/header',
        '/ours',
        '/theirs',
        '/several',
      ),
      '/none': `${meta('NONE')}${pageOf('None', '/a')}`,
      '/noindex': `${meta('noindex, follow')}${pageOf('Noindex', '/b')}`,
      '/nofollow': `${meta('nofollow', 'SamosaChat')}${pageOf('Nofollow', '/c')}`,
      '/header': header('noindex', pageOf('Header', '/d')),
      '/ours': header('samosachat: noindex, nofollow', pageOf('Ours', '/e')),
      '/theirs': header('otherbot: noindex, nofollow', pageOf('Theirs')),
      '/several': header(['otherbot: none', 'noindex'], pageOf('Several')),
      ...{ '/a': 'a', '/b': pageOf('B', '/x'), '/c': 'c', '/d': 'd', '/e': 'e' },
      '/x': '<a rel="nofollow noopener" href="/never">never</a>',
    })
    const report = await crawl(`${site.url}/`)
    expect(await storedPaths()).toEqual(['/', '/b', '/d', '/nofollow', '/theirs', '/x'])
    expect(Object.keys(reasons(report.skipped)).toSorted()).toEqual([
      ...['/header', '/noindex', '/none', '/ours', '/several'],
    ])
    site.pages['/theirs'] = header('none', pageOf('Theirs'))
    const again = await crawl(`${site.url}/`)
    expect(reasons(again.removed)).toEqual({ '/theirs': 'it says noindex' })
  })

  it('names the page that stands for others', async () => {
    const canonical = (url: string, text: string) =>
      `<link rel="canonical" href="${url}">${pageOf(text)}`
    const site = await serve({
      '/': pageOf('Start', '/p?sort=up', '/p?sort=down', '/lost', '/away', '/self', '/x', '/y'),
      '/p?sort=up': canonical('/p', 'P'),
      '/p?sort=down': canonical('/p', 'P'),
      '/p': canonical('/p', 'P'),
      '/lost': canonical('/missing', 'Lost'),
      '/away': canonical('https://elsewhere.example/away', 'Away'),
      '/self': canonical('/self?utm_source=canonical#top', 'Self'),
      '/x': canonical('/y', 'X'),
      '/y': canonical('/x', 'Y'),
    })
    const report = await crawl(`${site.url}/`)
    expect(await storedPaths()).toEqual(['/', '/away', '/lost', '/p', '/self', '/x', '/y'])
    expect(reasons(report.skipped)).toEqual({
      '/p?sort=up': `it is ${site.url}/p too`,
      '/p?sort=down': `it is ${site.url}/p too`,
    })
    expect(new Set(site.requests).size).toBe(site.requests.length)
    expect((await crawl(`${site.url}/`)).added).toEqual([])
  })

  it('resolves links against the base that a page names', async () => {
    const site = await serve({
      '/': '<base href="/docs/"><a href="a">a</a><area href="b"><meta http-equiv="refresh" content="5; url=c">',
      ...{ '/docs/a': 'a', '/docs/b': 'b', '/docs/c': 'c' },
    })
    await crawl(`${site.url}/`)
    expect(await storedPaths()).toEqual(['/', '/docs/a', '/docs/b', '/docs/c'])
  })
})

describe('sitemaps', () => {
  const sitemap = (...urls: readonly string[]) =>
    `<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${urls
      .map(
        (url) =>
          `<url><loc>${url}</loc><image:image><image:loc>/i.png</image:loc></image:image></url>`,
      )
      .join('')}</urlset>`
  const index = (...urls: readonly string[]) =>
    `<sitemapindex>${urls.map((url) => `<sitemap><loc> ${url} </loc></sitemap>`).join('')}</sitemapindex>`
  const xml = (body: string | Uint8Array) => ({
    headers: { 'content-type': 'application/xml' },
    body,
  })

  it('name the pages; their links are not followed', async () => {
    const site = await serve({
      '/a?x=1&y=2': pageOf('A', '/c'),
      '/b': pageOf('B'),
      '/c': pageOf('C'),
    })
    site.pages['/sitemap.xml'] = xml(
      sitemap(`${site.url}/a?x=1&amp;y=2`, `${site.url}/b`, 'https://elsewhere.example/d'),
    )
    const report = await crawl(`${site.url}/sitemap.xml`)
    expect(await storedPaths()).toEqual(['/a?x=1&y=2', '/b'])
    expect(report.skipped).toEqual([
      {
        url: 'https://elsewhere.example/d',
        reason: 'a sitemap names it, but it is at another host',
      },
    ])
    site.pages['/sitemap.xml'] = xml(sitemap(`${site.url}/b`))
    expect(reasons((await crawl(`${site.url}/sitemap.xml`)).removed)).toEqual({
      '/a?x=1&y=2': 'it is no longer listed',
    })
  })

  it('may be packed, name others, and name each other in a circle', async () => {
    const site = await serve({ '/a': pageOf('A'), '/b': pageOf('B'), '/c': pageOf('C') })
    site.pages['/sitemap.xml'] = xml(
      index(...['/one.xml.gz', '/two', '/sitemap.xml'].map((path) => site.url + path)),
    )
    site.pages['/one.xml.gz'] = {
      headers: { 'content-type': 'application/gzip' },
      body: gzipSync(sitemap(`${site.url}/a`)),
    }
    site.pages['/two'] = xml(index(`${site.url}/three.txt`))
    site.pages['/three.txt'] = {
      headers: { 'content-type': 'text/plain' },
      body: `${site.url}/b\n${site.url}/c\n`,
    }
    const report = await crawl(`${site.url}/sitemap.xml`)
    expect(report.failed).toEqual([])
    expect(await storedPaths()).toEqual(['/a', '/b', '/c'])
  })

  it.each([
    ['<sm:urlset xmlns:sm="x"><sm:url><sm:loc>LOC</sm:loc></sm:url></sm:urlset>'],
    [
      '\uFEFF<?xml version="1.0"?>\n<!-- <urlset> --><urlset><url><loc><![CDATA[ LOC ]]></loc></url></urlset>',
    ],
    [
      '<urlset>\n<url>\n<loc>\nLOC\n</loc><image:image><image:loc>/never</image:loc></image:image></url></urlset>',
    ],
    ['<urlset><url><loc>LOC</loc></url><!-- <url><loc>/never</loc></url> --><url><loc>'],
  ])('may be written as %s', async (text) => {
    const site = await serve({ '/a?b=1&c=2': pageOf('A') })
    const location = `${site.url}/a?b=1&c=2`
    const written = text.includes('CDATA') ? location : location.replace('&', '&amp;')
    site.pages['/sitemap.xml'] = xml(text.replace('LOC', written))
    const report = await crawl(`${site.url}/sitemap.xml`)
    expect(pathsOf(report.added)).toEqual(['/a?b=1&c=2'])
    expect(report).toMatchObject({ failed: [], skipped: [] })
  })

  it('of robots.txt are read with a whole site, whose links are followed', async () => {
    const site = await serve({
      '/': pageOf('Start', '/a'),
      '/a': pageOf('A'),
      '/b': pageOf('B', '/c'),
      '/c': 'c',
    })
    site.pages['/map.xml'] = xml(sitemap(`${site.url}/b`))
    site.pages['/robots.txt'] = robotsTxt(
      `Sitemap: ${site.url}/map.xml`,
      `Sitemap: ${site.url}/gone.xml`,
    )
    const report = await crawl(`${site.url}/`)
    expect(await storedPaths()).toEqual(['/', '/a', '/b', '/c'])
    expect(reasons(report.failed)).toEqual({ '/gone.xml': 'the site answered 404 (Not Found)' })
  })

  it('that cannot be read remove nothing', async () => {
    const site = await serve({ '/a': pageOf('A'), '/b': pageOf('B') })
    site.pages['/sitemap.xml'] = xml(index(`${site.url}/1.xml`, `${site.url}/2.xml`))
    site.pages['/1.xml'] = xml(sitemap(`${site.url}/a`))
    site.pages['/2.xml'] = xml(sitemap(`${site.url}/b`))
    await crawl(`${site.url}/sitemap.xml`)
    site.pages['/2.xml'] = { status: 500 }
    const report = await crawl(`${site.url}/sitemap.xml`)
    expect(report).toMatchObject({ removed: [], unlinked: 1 })
    expect(await storedPaths()).toEqual(['/a', '/b'])
  })

  it('that unpack to more than a sitemap may have are named', async () => {
    const site = await serve({ '/': pageOf('Start') })
    site.pages['/robots.txt'] = robotsTxt(`Sitemap: ${site.url}/bomb.xml.gz`)
    site.pages['/bomb.xml.gz'] = {
      headers: { 'content-type': 'application/gzip' },
      body: gzipSync(Buffer.alloc(60_000_000, ' ')),
    }
    const report = await crawl(`${site.url}/`)
    expect(reasons(report.failed)['/bomb.xml.gz']).toBe('it cannot be unpacked, or is too long')
    expect(report.added).toHaveLength(1)
  })
})

describe('redirects', () => {
  const hop = (location: string, status = 301) => ({ status, headers: { location } })

  it('are followed on the host, at most five for a page', async () => {
    const site = await serve({
      '/': pageOf('Start', '/0', '/round', '/old', '/nowhere'),
      ...{ '/0': hop('/1'), '/1': hop('/2', 302), '/2': hop('/3', 303), '/3': hop('/4', 307) },
      ...{ '/4': hop('/5', 308), '/5': hop('/6'), '/6': 'too far' },
      ...{ '/round': hop('/and-round'), '/and-round': hop('/round') },
      ...{ '/old': hop('/new'), '/new': pageOf('New'), '/nowhere': { status: 301 } },
    })
    const report = await crawl(`${site.url}/`)
    expect(await storedPaths()).toEqual(['/', '/new'])
    expect(reasons(report.failed)).toEqual({
      '/5': 'it redirects more than 5 times',
      '/and-round': 'it redirects in a circle',
      '/nowhere': 'it redirects to no address of the web',
    })
  })

  it('end at another host, which is named', async () => {
    const site = await serve({
      '/': pageOf('Start', '/a', '/b'),
      '/a': hop('https://elsewhere.example/a'),
      '/b': hop('https://user:secret@elsewhere.example/'),
    })
    const report = await crawl(`${site.url}/`)
    expect(reasons(report.failed)).toEqual({
      '/a': 'it redirects to another host, elsewhere.example',
      '/b': 'it redirects to an address with a password',
    })
  })

  it('take a page along that has moved', async () => {
    const site = await serve({ '/': pageOf('Start', '/old'), '/old': pageOf('Old') })
    await crawl(`${site.url}/`)
    site.pages['/old'] = hop('/new')
    site.pages['/new'] = pageOf('Old')
    const report = await crawl(`${site.url}/`)
    expect(reasons(report.removed)).toEqual({ '/old': `it is at ${site.url}/new now` })
    expect(await storedPaths()).toEqual(['/', '/new'])
  })

  it('of the start say what is below it', async () => {
    const site = await serve({
      '/docs': hop('/documentation/'),
      '/documentation/': pageOf('Docs', 'a'),
      '/documentation/a': pageOf('A', '/'),
    })
    await crawl(`${site.url}/docs`)
    expect(await storedPaths()).toEqual(['/documentation/', '/documentation/a'])
  })
})

describe('an endless site ends', () => {
  const anything = (links: (path: string) => readonly string[]) => async () => {
    const server = createServer((request, response) => {
      if (request.url === '/robots.txt') return response.writeHead(404).end()
      response.writeHead(200, { 'content-type': 'text/html' })
      return response.end(pageOf('Page', ...links(request.url ?? '')))
    })
    return await listen(server)
  }

  it('at the depth', async () => {
    const url = await anything((path) => [`/next/${'x'.repeat(path.length)}`])()
    const report = await crawl(`${url}/`)
    expect(report.added).toHaveLength(21)
    expect(report.skipped.map(({ reason }) => reason)).toEqual([
      'it is further from the start than --max-depth',
    ])
  })

  it('when it is a calendar, by path or by parameters', async () => {
    const byPath = await anything((path) => {
      const month = Number(/\d+/.exec(path)?.[0] ?? 0)
      return Array.from({ length: 40 }, (_, index) => `/calendar/${month * 40 + index + 1}/`)
    })()
    const limits = { perPattern: 60, variants: 40 }
    expect((await crawl(`${byPath}/`, { limits })).added).toHaveLength(61)
    const byParameter = await anything((path) => {
      const month = Number(/\d+/.exec(path)?.[0] ?? 0)
      return Array.from({ length: 40 }, (_, index) => `/calendar?month=${month * 40 + index + 1}`)
    })()
    const report = await crawl(`${byParameter}/`, { limits })
    expect(report.added).toHaveLength(41)
    expect(report.skipped[0]?.reason).toBe('its path has more variants than --max-variants')
  })

  it('when its paths repeat themselves, or its sessions and tracking differ', async () => {
    const url = await anything((path) => [
      `${path.replace(/\/$/, '')}/a/b/`,
      `/page?PHPSESSID=${path.length}abc&utm_campaign=${path.length}`,
      `/page;jsessionid=${path.length}`,
    ])()
    const report = await crawl(`${url}/`)
    expect(pathsOf(report.added)).toEqual([
      '/',
      '/a/b/',
      '/a/b/a/b/',
      '/page',
      '/page/a/b/',
      '/page/a/b/a/b/',
    ])
  })

  it('at the bytes and at the pages', async () => {
    const url = await anything((path) =>
      Array.from({ length: 30 }, (_, index) => `${path}${index}x/`),
    )()
    const totals = new Set<number>()
    const report = await crawl(`${url}/`, {
      limits: { pages: 50 },
      onProgress: ({ done, waiting }) => totals.add(done + waiting),
    })
    expect(report.added).toHaveLength(50)
    expect(Math.max(...totals)).toBe(50)
    expect(report.problem).toMatch(/^More pages were found \(2\d\d and more\), but --max-pages/)
    expect(report.skipped).toEqual([])
    const less = await crawl(`${url}/`, { limits: { bytes: 20_000 } })
    expect(less.problem).toMatch(
      /^More pages were found \(\d+.*\), but --max-megabytes allows no more\.$/,
    )
    expect(less.bytes).toBeLessThan(30_000)
  })
})

describe('only addresses of the open internet', () => {
  it.each([
    ...['127.0.0.1', '127.255.0.9', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
    ...['169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1', '255.255.255.255', '240.0.0.1'],
    ...['198.18.0.1', '192.0.2.1', '198.51.100.7', '203.0.113.9', '192.0.0.8'],
    ...['::1', '::', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd12:3456::1', 'ff02::1', 'fec0::1'],
    ...['::ffff:127.0.0.1', '::ffff:a00:1', '::ffff:169.254.169.254', '::127.0.0.1'],
    ...['64:ff9b::127.0.0.1', '64:ff9b::a00:1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::1', '64:ff9b::'],
    ...['2002:7f00:1::', '2001::1', '2001:db8::1', '100::1', 'not an address'],
  ])('are read from: not %s', (address) => {
    expect(specialAddress(address)).toBeTypeOf('string')
  })

  it.each([
    ...['8.8.8.8', '1.1.1.1', '172.15.0.1', '172.32.0.1', '192.169.0.1', '100.128.0.1', '11.0.0.1'],
    ...['2606:4700::1111', '2a00:1450:4001::8a', '::ffff:8.8.8.8', '64:ff9b::8.8.8.8'],
  ])('are read from: %s', (address) => {
    expect(specialAddress(address)).toBeUndefined()
  })

  const refuse = specialAddress

  it('so a private one is refused with a sentence, written or looked up', async () => {
    const site = await serve({ '/': pageOf('Start') })
    const written = await crawl(`${site.url}/`, { addresses: { refuse } })
    expect(written.problem).toBe(
      '127.0.0.1 is an address of this machine itself (--allow-private allows it).',
    )
    const named = await crawl(`${site.url.replace('127.0.0.1', 'intranet.example')}/`, {
      addresses: {
        refuse,
        lookup: (_, done) => done(null, [{ address: '192.168.3.4', family: 4 }]),
      },
    })
    expect(named.problem).toContain(
      'intranet.example is at 192.168.3.4, an address of a private network',
    )
    expect(site.requests).toEqual([])
  })

  it('so a name with one public and one private address is refused', async () => {
    const both = [
      { address: '93.184.215.14', family: 4 },
      { address: '::1', family: 6 },
    ]
    const report = await crawl('http://both.example/', {
      addresses: { refuse, lookup: (_, done) => done(null, both) },
    })
    expect(report.problem).toContain('both.example is at ::1')
  })

  it('so a redirect to a private address is refused', async () => {
    const secret = await serve({ '/': 'secret' })
    const site = await serve({
      '/': pageOf('Start', '/a', '/b'),
      '/a': { status: 302, headers: { location: `http://127.0.0.2:${new URL(secret.url).port}/` } },
      '/b': {
        status: 302,
        headers: { location: 'http://[::ffff:169.254.169.254]/latest/meta-data' },
      },
    })
    const report = await crawl(`${site.url}/`, {
      // Where the site is, is public here.
      addresses: { refuse: (address) => (address === '127.0.0.1' ? undefined : refuse(address)) },
    })
    expect(report.added).toHaveLength(1)
    expect(reasons(report.failed)).toEqual({
      '/a': expect.stringContaining('127.0.0.2 is an address of this machine itself'),
      '/b': expect.stringContaining('a link-local address'),
    })
    expect(secret.requests).toEqual([])
  })

  it('so a name that means another address a moment later gains nothing', async () => {
    const close = { connection: 'close' }
    const site = await serve({
      '/robots.txt': { status: 404, headers: close },
      '/': { headers: close, body: pageOf('Start', '/a') },
      '/a': 'secret',
    })
    const { port } = new URL(site.url)
    const answers = ['127.0.0.1', '127.0.0.1', '127.0.0.53']
    const asked: string[] = []
    const report = await crawl(`http://rebind.example:${port}/`, {
      addresses: {
        refuse: (address) => (address === '127.0.0.1' ? undefined : refuse(address)),
        lookup(hostname, done) {
          asked.push(hostname)
          done(null, [{ address: answers.shift() ?? '127.0.0.53', family: 4 }])
        },
      },
    })
    expect(asked.length).toBeGreaterThanOrEqual(3)
    expect(report.added).toHaveLength(1)
    expect(reasons(report.failed)['/a']).toContain('rebind.example is at 127.0.0.53')
    expect(site.requests).toEqual(['/'])
  })
})

describe('a hostile or broken server', () => {
  it.each([
    ['gzip', gzipSync(Buffer.alloc(50_000_000, ' '))],
    ['br', brotliCompressSync(Buffer.alloc(50_000_000, ' '))],
  ])('gains nothing by a bomb of %s', async (coding, body) => {
    const site = await serve({
      '/': pageOf('Start', '/bomb'),
      '/bomb': { headers: { 'content-encoding': coding }, body },
    })
    const report = await crawl(`${site.url}/`)
    expect(reasons(report.failed)).toEqual({ '/bomb': 'it has more than 1 MB' })
    expect(report.added).toHaveLength(1)
  })

  it('is unpacked as it should be otherwise', async () => {
    const site = await serve({
      '/': { headers: { 'content-encoding': 'gzip' }, body: gzipSync(pageOf('Start', '/a', '/b')) },
      '/a': { headers: { 'content-encoding': 'gzip' }, body: 'no gzip' },
      '/b': { headers: { 'content-encoding': 'secret' }, body: 'x' },
    })
    const report = await crawl(`${site.url}/`)
    expect(reasons(report.failed)).toEqual({
      '/a': 'its packing is damaged',
      '/b': 'its packing was not asked for (secret)',
    })
  })

  it('gains nothing by trickling', async () => {
    /** In the order of the requests: robots.txt, the start, what it links to. */
    const deadlines: AbortController[] = []
    const server = createServer((request, response) => {
      if (request.url === '/robots.txt') return response.writeHead(404).end()
      response.writeHead(200, { 'content-type': 'text/html' })
      if (request.url === '/') return response.end(pageOf('Start', '/slow', '/b'))
      if (request.url === '/b') return response.end('b')
      // A byte now and then, for ever; its time is up at the fifth.
      let count = 0
      const trickle = () => {
        count += 1
        if (count === 5) deadlines[2]?.abort()
        if (!response.destroyed) response.write('x', () => setImmediate(trickle))
      }
      trickle()
      return undefined
    })
    const url = await listen(server)
    const report = await crawl(`${url}/`, {
      timeLimit: 30_000,
      waiting: {
        clock: () => 0,
        wait: async () => undefined,
        deadline() {
          const deadline = new AbortController()
          deadlines.push(deadline)
          return deadline.signal
        },
      },
      pause: 0,
    })
    expect(reasons(report.failed)).toEqual({ '/slow': 'it took longer than 30 seconds' })
    expect(report.added).toHaveLength(2)
  })

  it('that speaks no HTTP is named', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined).end('SSH-2.0-OpenSSH\r\n')
    })
    const report = await crawl(`${await listen(server)}/`)
    expect(report.problem).toContain('robots.txt cannot be read: the request failed')
  })

  it('gets the time that it asks for, and is left when that is too long', async () => {
    const answers = [{ status: 429, headers: { 'retry-after': '120' } }, pageOf('A')]
    const site = await serve({
      '/': pageOf('Start', '/a'),
      '/a': () => answers.shift() as { status: number } | { body: string },
    })
    const served = answers[1] as string
    answers[1] = { body: served } as never
    const report = await crawl(`${site.url}/`)
    expect(report.added).toHaveLength(2)
    expect(Math.max(...waited)).toBe(120_000)
    site.pages['/a'] = { status: 503, headers: { 'retry-after': '7200' } }
    const later = await crawl(`${site.url}/`)
    expect(later).toMatchObject({
      problem: 'Stopped: the site asks to come back in 120 minutes.',
      isPaused: true,
    })
  })

  it('is asked three times, with more time between, before a page counts as failed', async () => {
    const site = await serve({ '/': pageOf('Start', '/a'), '/a': { status: 502 } })
    await crawl(`${site.url}/`)
    expect(waited).toEqual(expect.arrayContaining([1_000, 4_000]))
    expect(site.requests).toEqual(['/', '/a', '/a', '/a'])
  })

  it('is left when nothing answers any more', async () => {
    const links = Array.from({ length: 40 }, (_, index) => `/${index}`)
    const server = createServer((request, response) => {
      if (request.url === '/robots.txt') return response.writeHead(404).end()
      if (request.url !== '/' && !isAnswering) return request.socket.destroy()
      response.writeHead(200, { 'content-type': 'text/html' })
      return response.end(pageOf('Start', ...links))
    })
    let isAnswering = false
    const url = await listen(server)
    const report = await crawl(`${url}/`)
    expect(report).toMatchObject({ problem: 'The site does not answer any more.', isPaused: true })
    expect(report.failed.length).toBeLessThan(10)
    isAnswering = true
    const later = await crawl(`${url}/`)
    expect(later).toMatchObject({ failed: [], problem: undefined })
    expect(later.added).toHaveLength(41)
  })

  it('gets no cookies and no credentials', async () => {
    const seen: unknown[] = []
    const site = await serve({
      '/': ({ headers }) => {
        seen.push(headers.cookie, headers.authorization, headers['user-agent'])
        return {
          headers: { 'set-cookie': 'a=b' },
          body: pageOf('Start', '/a', '//u:p@127.0.0.1/x'),
        }
      },
      '/a': ({ headers }) => {
        seen.push(headers.cookie, headers.authorization)
        return { body: 'a' }
      },
    })
    const report = await crawl(`${site.url}/`)
    expect(seen).toEqual([undefined, undefined, 'SamosaChat/0.0.0', undefined, undefined])
    expect(report.failed).toEqual([])
  })
})

describe('a crawl that is stopped', () => {
  it('goes on where it was, and asks for nothing twice', async () => {
    const links = Array.from({ length: 30 }, (_, index) => `/${index}`)
    const stop = new AbortController()
    const site = await serve({ '/': pageOf('Start', ...links) })
    for (const link of links) site.pages[link] = pageOf(link)
    const first = await crawl(`${site.url}/`, {
      signal: stop.signal,
      onProgress({ done }) {
        if (done === 12) stop.abort()
      },
    })
    expect(first).toMatchObject({ problem: 'It was stopped.', isPaused: true, removed: [] })
    const asked = site.requests.length
    const second = await crawl(`${site.url}/`)
    // What was on its way at that moment may have arrived.
    expect(second.earlier).toBeGreaterThanOrEqual(12)
    expect(second.added).toHaveLength(31)
    expect(await storedPaths()).toHaveLength(31)
    expect(site.requests.length - asked).toBe(31 - second.earlier)
  })

  it('begins anew after a day, or when it is asked for something else', async () => {
    const site = await serve({ '/': pageOf('Start', '/a'), '/a': pageOf('A') })
    const stopAtOnce = () => {
      const stop = new AbortController()
      return { signal: stop.signal, onProgress: () => stop.abort() }
    }
    await crawl(`${site.url}/`, stopAtOnce())
    const dayLater = await crawl(`${site.url}/`, { today: () => Date.now() + 25 * 60 * 60_000 })
    expect(dayLater).toMatchObject({ earlier: 0, problem: undefined })
    await crawl(`${site.url}/`, stopAtOnce())
    expect(await crawl(`${site.url}/`, { source: 'other' })).toMatchObject({ earlier: 0 })
  })

  it('stops when its time is up', async () => {
    const site = await serve({ '/': pageOf('Start', '/a'), '/a': pageOf('A') })
    const report = await crawl(`${site.url}/`, {
      limits: { minutes: 0.0001 },
      waiting: {
        deadline: () => new AbortController().signal,
        clock: () => 0,
        wait: (_, signal) => once(signal, 'abort').then(() => signal.throwIfAborted()),
      },
    })
    expect(report).toMatchObject({
      problem: 'The time that --max-minutes allows is up.',
      isPaused: true,
    })
    expect((await crawl(`${site.url}/`)).problem).toBeUndefined()
    expect(await storedPaths()).toEqual(['/', '/a'])
  })
})
