import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { clearDelivery, pinnedTags, prepareDelivery } from './delivery.ts'

let directory: string
const put = (name: string, content: string) => writeFile(join(directory, name), content)
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'delivery-'))
  await mkdir(join(directory, 'chunks/01234567'), { recursive: true })
  await put('embed.js', 'the loader')
  await put('samosa-chat.js', 'the name that stays')
  await put('samosa-chat.01234567.js', 'the element')
  await put('chunks/01234567/maths.js', 'a chunk')
})
afterEach(() => rm(directory, { recursive: true }))

it('leaves every script compressed beside itself', async () => {
  await prepareDelivery(directory)
  const read = (name: string) => readFile(join(directory, name))
  expect(brotliDecompressSync(await read('embed.js.br')).toString()).toBe('the loader')
  expect(gunzipSync(await read('chunks/01234567/maths.js.gz')).toString()).toBe('a chunk')
})

it('knows the checksum of every script, as browsers compare it', async () => {
  const checksums = await prepareDelivery(directory)
  const sum = createHash('sha384').update('a chunk').digest('base64')
  expect(checksums['chunks/01234567/maths.js']).toBe(`sha384-${sum}`)
  expect(JSON.parse(await readFile(join(directory, 'integrity.json'), 'utf8'))).toEqual(checksums)
})

it('names the loader after its content too, and pins pages to that name', async () => {
  const checksums = await prepareDelivery(directory)
  const isHashed = (name: string) => /^embed\.[\w-]{8}\.js$/.test(name)
  const hashed = Object.keys(checksums).find(isHashed) ?? ''
  expect(await readFile(join(directory, hashed), 'utf8')).toBe('the loader')
  const tags = pinnedTags(checksums)
  expect(tags).toContain(`${hashed}"\n  integrity="${checksums['embed.js']}" crossorigin`)
  expect(tags).toContain(`samosa-chat.01234567.js"\n  integrity="sha384-`)
})

it('takes away what an earlier build left, and nothing else', async () => {
  await put('custom-elements.json', '{}')
  await prepareDelivery(directory)
  await clearDelivery(directory)
  const left = await readdir(directory, { recursive: true })
  expect(left.toSorted()).toEqual(['chunks', 'custom-elements.json', 'embed.js', 'samosa-chat.js'])
  await expect(clearDelivery(join(directory, 'not-built-yet'))).resolves.toBeUndefined()
})
