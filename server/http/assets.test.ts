import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createAssets, type Assets } from './assets.ts'

const SCRIPT = 'console.log("a script that is long enough")\n'.repeat(50)
const IMMUTABLE = 'public, max-age=31536000, immutable'

let directory: string
let assets: Assets
const put = (name: string, content: string | Uint8Array) =>
  writeFile(join(directory, name), content)
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'assets-'))
  for (const name of ['app.js', 'app.Ab_-0123.js']) {
    await put(name, SCRIPT)
    await put(`${name}.br`, brotliCompressSync(SCRIPT))
    await put(`${name}.gz`, gzipSync(SCRIPT))
  }
  await put('plain.js', SCRIPT)
  assets = createAssets([{ directory, serves: (path) => path.endsWith('.js') }])
})
afterAll(() => rm(directory, { recursive: true }))

async function get(path: string, acceptEncoding?: string, ifNoneMatch?: string) {
  const response = await assets.find(path, { acceptEncoding, ifNoneMatch })
  if (!response) throw new Error(`${path} is not there`)
  const bytes = new Uint8Array(await response.arrayBuffer())
  const header = (name: string) => response.headers.get(name)
  return { status: response.status, bytes, header, etag: header('etag') ?? '' }
}

it('sends the form that the browser prefers, and says so', async () => {
  const { header, bytes } = await get('/app.js', 'gzip, br')
  expect(header('content-encoding')).toBe('br')
  expect(header('content-length')).toBe(String(bytes.length))
  expect(header('content-type')).toBe('text/javascript; charset=utf-8')
  expect(brotliDecompressSync(bytes).toString()).toBe(SCRIPT)
  const gzipped = await get('/app.js', 'gzip')
  expect(gzipped.header('content-encoding')).toBe('gzip')
  expect(gunzipSync(gzipped.bytes).toString()).toBe(SCRIPT)
})

it('sends the file as it is to who asks for nothing else', async () => {
  for (const wish of [undefined, 'br;q=0, gzip;q=0', 'deflate']) {
    const { header, bytes } = await get('/app.js', wish)
    expect(header('content-encoding')).toBeNull()
    expect(Buffer.from(bytes).toString()).toBe(SCRIPT)
  }
})

it('has a tag for each form, so that no cache takes one for the other', async () => {
  const forms = await Promise.all(['br', 'gzip', 'identity'].map((wish) => get('/app.js', wish)))
  expect(new Set(forms.map(({ etag }) => etag)).size).toBe(3)
  for (const { header } of forms) expect(header('vary')).toBe('accept-encoding')
  const [brotli] = forms
  const unchanged = await get('/app.js', 'br', brotli?.etag)
  expect([unchanged.status, unchanged.header('vary')]).toEqual([304, 'accept-encoding'])
  expect((await get('/app.js', 'gzip', brotli?.etag)).status).toBe(200)
})

it('does not say that an answer varies where it never does', async () => {
  expect((await get('/plain.js', 'br')).header('vary')).toBeNull()
})

it('lets browsers keep a file for ever only when its name changes with its content', async () => {
  expect((await get('/app.Ab_-0123.js', 'br')).header('cache-control')).toBe(IMMUTABLE)
  expect((await get('/app.js', 'br')).header('cache-control')).toBe('no-cache')
})

it('never serves a compressed form as a file of its own', async () => {
  for (const path of ['/app.js.br', '/app.js.gz']) {
    expect(
      await assets.find(path, { acceptEncoding: 'br', ifNoneMatch: undefined }),
    ).toBeUndefined()
  }
})

it('does not send a compressed form that an older build has left', async () => {
  await put('old.js', 'let now')
  await put('old.js.br', brotliCompressSync('let before'))
  await put('old.js.gz', 'no gzip at all')
  const { header, bytes } = await get('/old.js', 'br, gzip')
  expect(header('content-encoding')).toBeNull()
  expect(Buffer.from(bytes).toString()).toBe('let now')
})
