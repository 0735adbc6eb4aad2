/** The built files as the server sends them. */
import { readFile } from 'node:fs/promises'
import { request, type IncomingMessage } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { packageDirectory } from '../package.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'

let server: TestServer
let script: Buffer
/** Names that change with the content. */
let hashed: readonly string[]
beforeAll(async () => {
  server = await startTestServer()
  const read = (name: string) => readFile(`${packageDirectory()}/dist/${name}`)
  script = await read('embed.js')
  const checksums: unknown = JSON.parse((await read('integrity.json')).toString())
  hashed = Object.keys(checksums ?? {}).filter((name) => /\.[\w-]{8}\.js$|^chunks\//.test(name))
})
afterAll(() => server.close())

/** A request as it is sent, with an answer that nobody has unpacked. */
async function ask(path: string, headers: Record<string, string> = {}, method = 'GET') {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(server.url + path, { method, headers }, resolve)
      .once('error', reject)
      .end()
  })
  const body = await buffer(response)
  return { status: response.statusCode, headers: response.headers, body }
}
const accept = (encoding: string) => ({ 'accept-encoding': encoding })

it('are sent compressed as the browser takes them', async () => {
  const brotli = await ask('/embed.js', accept('gzip, deflate, br, zstd'))
  expect(brotli.headers['content-encoding']).toBe('br')
  expect(brotli.headers['vary']).toBe('accept-encoding')
  expect(brotli.body.length).toBeLessThanOrEqual(2_000)
  expect(brotliDecompressSync(brotli.body).equals(script)).toBe(true)
  const gzip = await ask('/embed.js', accept('gzip'))
  expect(gunzipSync(gzip.body).equals(script)).toBe(true)
  const plain = await ask('/embed.js', accept('br;q=0, gzip;q=0'))
  expect(plain.headers['content-encoding']).toBeUndefined()
  expect(plain.body.equals(script)).toBe(true)
})

it('tell V8 in the first line of the loader that all of it runs at once', () => {
  // Further down, or behind anything, it would not count.
  expect(script.toString()).toMatch(/^\/\/# allFunctionsCalledOnLoad\n/)
})

it('are not sent again to a browser that has them, in its own form', async () => {
  for (const encoding of ['br', 'gzip', 'identity']) {
    const { etag = '' } = (await ask('/embed.js', accept(encoding))).headers
    const again = await ask('/embed.js', { ...accept(encoding), 'if-none-match': etag })
    expect([again.status, again.body.length]).toEqual([304, 0])
    expect(again.headers.etag).toBe(etag)
  }
})

it('are described by HEAD as GET sends them', async () => {
  for (const encoding of ['br', 'identity']) {
    const whole = await ask('/embed.js', accept(encoding))
    const head = await ask('/embed.js', accept(encoding), 'HEAD')
    expect(head.body.length).toBe(0)
    for (const name of ['content-encoding', 'content-length', 'content-type', 'etag', 'vary']) {
      expect([name, head.headers[name]]).toEqual([name, whole.headers[name]])
    }
  }
})

it('are kept for ever under names that change with them, and asked for under the others', async () => {
  expect(hashed.some((name) => name.startsWith('samosa-chat.'))).toBe(true)
  expect(hashed.some((name) => name.startsWith('embed.'))).toBe(true)
  for (const name of hashed) {
    const { status, headers } = await ask(`/${name}`, accept('br'))
    expect([name, status]).toEqual([name, 200])
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable')
    expect(headers['content-encoding']).toBe('br')
    expect(headers['access-control-allow-origin']).toBe('*')
  }
  for (const name of ['embed.js', 'samosa-chat.js', 'integrity.json']) {
    expect((await ask(`/${name}`)).headers['cache-control']).toBe('no-cache')
  }
})

it('are no files under the names of their compressed forms, and nothing else of the folder is', async () => {
  for (const path of [
    '/embed.js.br',
    '/embed.js.gz',
    '/samosa-chat.js.br',
    ...hashed.map((name) => `/${name}.br`),
    '/react.js',
    '/THIRD-PARTY-LICENSES.txt',
    '/server/main.js',
  ]) {
    expect([path, (await ask(path)).status]).toEqual([path, 404])
  }
})
