/** The command as people run it: on a site, a list and a folder, and killed in the middle. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { demoKnowledgeDirectory, packageDirectory } from './package.ts'
import { readConfig } from './config/index.ts'
import { ingest, INGEST_HELP } from './ingest.ts'
import { lockFile } from './stores/disk/folder-lock.ts'
import { spawnServer } from './testing/spawn-server.ts'
import { pageOf, serveSite, type TestSite } from './testing/serve-site.ts'

let directory: string
let sites: TestSite[]
let said: string[]
let reports: number
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samosa-ingest-'))
  await mkdir(join(directory, 'knowledge'))
  sites = []
  said = []
  reports = 0
  const say = (line: unknown) => void said.push(String(line))
  vi.spyOn(console, 'log').mockImplementation(say)
  vi.spyOn(console, 'error').mockImplementation(say)
})
afterEach(async () => {
  vi.restoreAllMocks()
  for (const site of sites) await site.close()
  await rm(directory, { recursive: true, force: true })
})

async function serve(pages: TestSite['pages']): Promise<TestSite> {
  const site = await serveSite(pages)
  sites.push(site)
  return site
}

/** What `samosa-chat ingest …` does; resolves to whether anything was read. */
function run(...args: readonly string[]): Promise<boolean> {
  const config = readConfig({}, { directory, demoKnowledge: demoKnowledgeDirectory() })
  return ingest(args, {
    config,
    async reportDocuments() {
      reports += 1
    },
  })
}
const crawl = (target: string, ...more: readonly string[]) =>
  run(target, '--allow-private', '--pause', '0', ...more)

const sitesFolder = () => join(directory, 'data', 'knowledge', 'sites')
const documentsIn = async (folder: string) =>
  (await readdir(join(sitesFolder(), folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !/^_(?:ingest|sources)\./.test(entry.name))
    .map(({ name, parentPath }) =>
      join(parentPath, name).slice(sitesFolder().length + folder.length + 2),
    )
    .toSorted()
const folderOf = (site: TestSite) => site.host.replace(':', '_')

describe('samosa-chat ingest <URL>', () => {
  it('reads a site into the data folder and says what came of it', async () => {
    const site = await serve({
      '/docs/': pageOf('Start', 'a', 'b', '/blog'),
      '/docs/a': pageOf('A'),
      '/docs/b': { status: 403 },
    })
    expect(await crawl(`${site.url}/docs/`)).toBe(true)
    expect(await documentsIn(folderOf(site))).toHaveLength(2)
    const text = said.join('\n')
    expect(text).toContain(`${site.url}/docs/: 2 new, 0 changed, 0 unchanged, 0 removed, 1 failed`)
    expect(text).toContain(`${site.url}/docs/b: the site answered 403 (Forbidden)`)
    expect(text).toContain(
      'Links to other parts of the host: 1. With --whole-site they are followed.',
    )
    expect(text).toContain(`${join(sitesFolder(), folderOf(site))} has 2 documents, 2 passages.`)
  })

  it('refuses a private address with a way on, and reads nothing', async () => {
    const site = await serve({ '/': pageOf('Start') })
    expect(await run(`${site.url}/`)).toBe(false)
    expect(said.join('\n')).toContain('--allow-private allows it')
    expect(site.requests).toEqual([])
  })

  it.each([
    ['ftp://files.example/', /ftp: is not read/],
    ['file:///etc/passwd', /file: is not read/],
    ['https://user:secret@site.example/', /leave them out/],
    ['https://', /is not an address/],
    ['docs.site.example/start', /write https:\/\/docs\.site\.example\/start/],
    ['no-such-folder', /There is no .*no-such-folder/],
    [' ', /Name a folder/],
  ])('says what is wrong with %s', async (target, sentence) => {
    await expect(run(target)).rejects.toThrow(sentence)
    expect(said.join('\n')).not.toContain('secret')
  })

  it.each([
    [
      ['https://a.example/', '--max-pages', 'many'],
      /--max-pages takes a number above 0, not "many"/,
    ],
    [['https://a.example/', '--max-pages', '0'], /--max-pages takes a number above 0/],
    [['https://a.example/', '--fast'], /--fast/],
    [['https://a.example/', 'https://b.example/'], /Name one at a time/],
    [['https://a.example/', '--max-depth'], /--max-depth/],
  ])('says what is wrong with %j', async (args, sentence) => {
    await expect(run(...args)).rejects.toThrow(sentence)
  })

  it('tells what it takes', () => {
    expect(INGEST_HELP).toContain('--max-pages 2000')
  })

  it('is done by one process at a time', async () => {
    const site = await serve({ '/': pageOf('Start') })
    await crawl(`${site.url}/`)
    const lock = lockFile(join(directory, 'data', 'knowledge', 'ingest', 'lock'))
    expect(lock.kind).toBe('held')
    await expect(crawl(`${site.url}/`)).rejects.toThrow(/Another samosa-chat ingest is reading/)
    if (lock.kind === 'held') lock.release()
    expect(await crawl(`${site.url}/`)).toBe(true)
  })
})

describe('samosa-chat ingest <file of URLs>', () => {
  it('reads the pages it names, of several hosts, and no others', async () => {
    const one = await serve({ '/a': pageOf('A', '/b'), '/b': pageOf('B') })
    const two = await serve({ '/c#part': 'never', '/c': pageOf('C') })
    const list = join(directory, 'pages.txt')
    const lines = [
      '\uFEFF# Pages of ours',
      `${one.url}/a  # the first`,
      '',
      'no address',
      `${two.url}/c#part`,
    ]
    await writeFile(list, lines.join('\r\n'))
    expect(await crawl(list)).toBe(true)
    expect(one.requests).toEqual(['/a'])
    expect(two.requests).toEqual(['/c'])
    expect(said.join('\n')).toContain('line 4: it is no address of the web')

    await writeFile(list, `${one.url}/b\n`)
    await crawl(list)
    expect(said.join('\n')).toContain(`${two.url}/c: it is no longer listed`)
    expect(await documentsIn(folderOf(two))).toEqual([])
    expect((await documentsIn(folderOf(one))).map((name) => name.charAt(0))).toEqual(['b'])
  })

  it('says that a file lists nothing', async () => {
    await writeFile(join(directory, 'faq.md'), '# Questions\n\nWhat is this?')
    await expect(run(join(directory, 'faq.md'))).rejects.toThrow(/no address .* name their folder/)
    await writeFile(join(directory, 'binary'), Buffer.from([0x41, 0xff, 0x41, 0xff]))
    await expect(run(join(directory, 'binary'))).rejects.toThrow(/line 1/)
  })
})

describe('samosa-chat ingest <folder>', () => {
  const write = async (path: string, text: string | Uint8Array) => {
    await mkdir(join(directory, 'texts', path, '..'), { recursive: true })
    await writeFile(join(directory, 'texts', path), text)
  }
  const texts = () => join(directory, 'texts')

  it('copies its documents, later only what has changed, and removes what is gone', async () => {
    await write('a.md', '# A')
    await write('deep/er/b.html', '<p>B</p>')
    await write('deep/_meta.yml', 'creator: me')
    await write('picture.png', 'png')
    await write('.hidden/c.md', 'hidden')
    await write('node_modules/x/README.md', 'not mine')
    expect(await run(texts())).toBe(true)
    expect(await documentsIn('texts')).toEqual(['a.md', 'deep/_meta.yml', 'deep/er/b.html'])
    expect(said[0]).toContain('3 new, 0 changed, 0 unchanged, 0 removed, 0 failed')

    await write('a.md', '# Z')
    await rm(join(texts(), 'deep/er/b.html'))
    said = []
    await run(texts())
    expect(said[0]).toContain('0 new, 1 changed, 1 unchanged, 1 removed')
    expect(await documentsIn('texts')).toEqual(['a.md', 'deep/_meta.yml'])
    expect(await readFile(join(sitesFolder(), 'texts/a.md'), 'utf8')).toBe('# Z')
  })

  it('follows no link, and names what it leaves out', async () => {
    await write('a.md', '# A')
    await writeFile(join(directory, 'secret.md'), 'secret')
    await symlink(join(directory, 'secret.md'), join(texts(), 'out.md'))
    await symlink(join(texts(), 'a.md'), join(texts(), 'in.md'))
    await symlink(directory, join(texts(), 'up'))
    await write('long.md', 'x'.repeat(2_000_000))
    expect(await run(texts(), '--max-page-megabytes', '1')).toBe(true)
    expect(await documentsIn('texts')).toEqual(['a.md'])
    const text = said.join('\n')
    expect(text).toContain('long.md: it has more than 1 MB')
    expect(text).toContain('it is a link that leads outside the folder: out.md')
  })

  it('copies a file that was a folder before, and a folder that was a file', async () => {
    await write('a.md', '# A')
    await write('b.md/deep.md', '# B')
    await write('c.md', '# C')
    await run(texts())
    await rm(texts(), { recursive: true })
    await write('a.md/deep/deeper.md', '# A')
    await write('b.md', '# B')
    await write('c.md', '# C, changed')
    said = []
    expect(await run(texts())).toBe(true)
    expect(said[0]).toContain('2 new, 1 changed, 0 unchanged')
    expect(await documentsIn('texts')).toEqual(['a.md/deep/deeper.md', 'b.md', 'c.md'])
  })

  it('copies documents with names as long as names can be, and as odd', async () => {
    const names = [`${'long'.repeat(62)}.md`, '# 100%41?.md', 'a\\b.md', 'two  words.md', '👨‍👩‍👧.md']
    for (const name of names) await write(name, '# A')
    expect(await run(texts())).toBe(true)
    expect(await documentsIn('texts')).toEqual(names.toSorted())
  })

  it('prints nothing that a terminal would obey', async () => {
    await write('\u{1B}[2Jred\u{7}\u{9B}.md', Buffer.from([0xff]))
    await run(texts())
    expect(said.join('\n')).toMatch(/^ {2}\uFFFD\[2Jred\uFFFD\uFFFD\.md: not UTF-8 text$/m)
  })

  it('keeps folders of the same name, and hosts, apart', async () => {
    await write('docs/a.md', '# A')
    await mkdir(join(directory, 'other/docs'), { recursive: true })
    await writeFile(join(directory, 'other/docs/b.md'), '# B')
    await run(join(texts(), 'docs'))
    await run(join(directory, 'other/docs'))
    const folders = (await readdir(sitesFolder())).toSorted()
    expect(folders).toEqual(['docs', expect.stringMatching(/^docs-[\da-f]{8}$/)])
    expect(await documentsIn('docs')).toEqual(['a.md'])
  })

  it('reports on the documents that are read already', async () => {
    await mkdir(join(directory, 'knowledge', 'part'))
    await run(join(directory, 'knowledge', 'part'))
    await run(join(directory, 'knowledge'))
    expect(reports).toBe(2)
  })

  it('leaves the data folder and the documents that are read already out of what is above them', async () => {
    await writeFile(join(directory, 'a.md'), '# A')
    await writeFile(join(directory, 'knowledge', 'b.md'), '# B')
    await run(directory)
    await run(directory)
    const [name = ''] = await readdir(sitesFolder())
    expect(await documentsIn(name)).toEqual(['a.md'])
  })

  it('names a document that no server can read, and goes on', async () => {
    await write('a.md', '# A')
    await mkdir(texts(), { recursive: true })
    await writeFile(join(texts(), 'binary.md'), Buffer.from([0x89, 0x50, 0xff, 0xfe, 0x00]))
    expect(await run(texts())).toBe(true)
    expect(said.join('\n')).toMatch(/Stored, but not to be read:\n {2}binary\.md: /)
    await rm(join(texts(), 'a.md'))
    expect(await run(texts())).toBe(false)
  })

  it('copies nothing that is in the data folder already', async () => {
    await mkdir(join(directory, 'data/knowledge/sites/docs'), { recursive: true })
    await expect(run(join(directory, 'data/knowledge/sites/docs'))).rejects.toThrow(
      /is in the data folder/,
    )
  })

  it('says why nothing can be stored', async () => {
    await write('a.md', '# A')
    await writeFile(join(directory, 'data'), 'no folder')
    await expect(run(texts())).rejects.toThrow(
      /^Stopped, nothing can be stored in .*data: a file is/,
    )
  })

  it('has nothing to read in an empty folder, and says so', async () => {
    await mkdir(texts())
    expect(await run(texts())).toBe(false)
    expect(said).toContain('No document was found there.')
  })
})

describe('the command in a process of its own', () => {
  /** The command in a process of its own; resolves to its code and what it wrote. */
  const start = (url: string) => {
    const args = ['server/main.ts', 'ingest', url, '--allow-private', '--pause', '0']
    const { PATH, NODE_COMPILE_CACHE } = process.env
    const child = spawn(process.execPath, args, {
      cwd: packageDirectory(),
      env: { PATH, NODE_COMPILE_CACHE, DATABASE_URL: `file:${join(directory, 'data')}` },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
    }
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output }))
    return { child, ended }
  }

  it('goes on where it was killed: a site of 200 pages has all of them, none read twice', async () => {
    const links = Array.from({ length: 199 }, (_, index) => `/page/${index + 1}`)
    /** How often each was answered whole. */
    const answered = new Map<string, number>()
    const counts = { modified: 0, notModified: 0 }
    let onAnswer = (_count: number) => {}
    let total = 0
    const server = createServer((request, response) => {
      const path = request.url ?? ''
      if (path === '/robots.txt') return response.writeHead(404).end()
      total += 1
      onAnswer(total)
      // A page that is on its way when the process ends has not been read.
      response.on('finish', () => answered.set(path, (answered.get(path) ?? 0) + 1))
      const isKnown = request.headers['if-none-match'] !== undefined
      counts[isKnown ? 'notModified' : 'modified'] += 1
      const headers = { 'content-type': 'text/html', etag: `"${path}"` }
      const index = Number(/\d+/.exec(path)?.[0] ?? 0)
      const next = path === '/' ? links.slice(0, 100) : links.slice(index, index + 100)
      return response
        .writeHead(isKnown ? 304 : 200, headers)
        .end(isKnown ? '' : pageOf(`Page ${index}`, ...next))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const url = `http://127.0.0.1:${port}/`
    try {
      for (const killAt of [60, 140]) {
        const { child, ended } = start(url)
        onAnswer = (count) => {
          if (count === killAt) child.kill('SIGKILL')
        }
        expect((await ended).code).toBeNull()
      }
      onAnswer = () => {}
      const last = await start(url).ended
      expect(last.output).toContain('0 removed, 0 failed')
      expect(last.code).toBe(0)
      expect(answered.size).toBe(200)
      // Of the two that are open at a kill, neither may have been written down yet.
      const again = [...answered.values()].filter((times) => times > 1)
      expect(again.length).toBeLessThanOrEqual(2 * 2)
      expect(total).toBeLessThanOrEqual(200 + 2 * 2)
      const stored = await documentsIn(`127.0.0.1_${port}`)
      expect(stored).toHaveLength(200)

      counts.modified = 0
      counts.notModified = 0
      const second = await start(url).ended
      expect(second.output).toContain('0 new, 0 changed, 200 unchanged, 0 removed, 0 failed')
      expect(counts).toEqual({ modified: 0, notModified: 200 })
    } finally {
      server.closeAllConnections()
      server.close()
    }
  }, 120_000)

  it('is stopped by Ctrl-C with what is done kept', async () => {
    let stop = () => {}
    const site = await serve({
      '/': pageOf('Start', '/a', '/b'),
      '/a': pageOf('A'),
      '/b': () => {
        stop()
        return undefined
      },
    })
    const { child, ended } = start(`${site.url}/`)
    stop = () => void child.kill('SIGINT')
    const { code, output } = await ended
    expect(output).toContain('It was stopped.')
    expect(output).toContain('The same command goes on where it stopped')
    expect(code).toBe(0)
    expect((await documentsIn(folderOf(site))).length).toBeGreaterThanOrEqual(1)
  }, 60_000)

  it('works beside a server that is running on the same data folder', async () => {
    const server = await spawnServer({ DATABASE_URL: `file:${join(directory, 'data')}` })
    try {
      const site = await serve({ '/': pageOf('Start') })
      const { code, output } = await start(`${site.url}/`).ended
      expect(output).toContain('has 1 document, 1 passage.')
      expect(code).toBe(0)
    } finally {
      server.process.kill('SIGKILL')
      await server.exited
    }
  }, 60_000)

  it('ends with 1 when nothing could be read', async () => {
    const site = await serve({})
    const { code, output } = await start(`${site.url}/`).ended
    expect(output).toContain('the site answered 404 (Not Found)')
    expect(code).toBe(1)
  }, 60_000)
})
