import {
  appendFile,
  mkdtemp,
  readdir,
  readFile,
  rm,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createVectorFile, keyOf, type VectorRecord, shrinkVector } from './vectors.ts'

const DIMENSION = 8

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vectors-'))
})
afterEach(() => rm(folder, { recursive: true }))

const recordOf = (text: string): VectorRecord => ({
  key: keyOf(text),
  ...shrinkVector(Float32Array.from({ length: DIMENSION }, (_, place) => text.length - place)),
})

async function read(encoder = 'one') {
  const found = new Map<string, readonly number[]>()
  const result = await createVectorFile(folder, encoder).read({
    start() {},
    take({ key, values, scale }) {
      found.set(
        key,
        [...values].map((value) => value * scale),
      )
    },
  })
  return { result, found }
}

const pathOf = async () => join(folder, (await readdir(folder))[0] ?? '')

describe('the file of vectors', () => {
  it('gives back what was put in, whichever process did it', async () => {
    const file = createVectorFile(folder, 'one')
    expect((await read()).result).toBeUndefined()
    await file.append(DIMENSION, [recordOf('a'), recordOf('bb')])
    await file.append(DIMENSION, [recordOf('ccc')])
    const { result, found } = await read()
    expect(result).toEqual({ dimension: DIMENSION, count: 3, damaged: 0 })
    const { values, scale } = recordOf('ccc')
    expect(found.get(keyOf('ccc'))).toEqual([...values].map((value) => value * Math.fround(scale)))
  })

  it('is another one for each encoder', async () => {
    await createVectorFile(folder, 'one').append(DIMENSION, [recordOf('a')])
    expect((await read('two')).result).toBeUndefined()
  })

  it('is read up to where a killed process has got', async () => {
    const file = createVectorFile(folder, 'one')
    await file.append(DIMENSION, [recordOf('a'), recordOf('bb')])
    const path = await pathOf()
    await truncate(path, (await readFile(path)).length - 5)
    const { result, found } = await read()
    expect(result).toMatchObject({ count: 2, damaged: 1 })
    expect([...found.keys()]).toEqual([keyOf('a')])
  })

  it('leaves out what is damaged, and nothing else', async () => {
    const file = createVectorFile(folder, 'one')
    await file.append(DIMENSION, ['a', 'bb', 'ccc'].map(recordOf))
    const path = await pathOf()
    const bytes = await readFile(path)
    const second = bytes.indexOf(Buffer.from(keyOf('bb'), 'latin1'))
    bytes[second + 21] = (bytes[second + 21] ?? 0) ^ 1
    await writeFile(path, bytes)
    const { result, found } = await read()
    expect(result).toMatchObject({ count: 3, damaged: 1 })
    expect([...found.keys()]).toEqual([keyOf('a'), keyOf('ccc')])
  })

  it.each([
    ['empty', ''],
    ['of other bytes', '\u0000\u0001\u0002'.repeat(3_000)],
    ['another program’s', '{"version":3}\n'],
    ['without an end', '{"samosa_vectors":1'],
  ])('is damaged as a whole when it is %s', async (_, content) => {
    await createVectorFile(folder, 'one').append(DIMENSION, [recordOf('a')])
    await writeFile(await pathOf(), content)
    const { result, found } = await read()
    expect(result).toMatchObject({ count: 0, damaged: 1 })
    expect(found.size).toBe(0)
  })

  it('is replaced whole', async () => {
    const file = createVectorFile(folder, 'one')
    await file.append(DIMENSION, ['a', 'bb'].map(recordOf))
    await appendFile(await pathOf(), 'rubbish')
    await file.replace(DIMENSION, [recordOf('ccc')])
    await file.append(DIMENSION, [recordOf('dddd')])
    const { result, found } = await read()
    expect(result).toEqual({ dimension: DIMENSION, count: 2, damaged: 0 })
    expect([...found.keys()]).toEqual([keyOf('ccc'), keyOf('dddd')])
    expect(await readdir(folder)).toHaveLength(1)
  })

  it('goes when nobody has used it for a month, unless it is one’s own', async () => {
    await createVectorFile(folder, 'old').append(DIMENSION, [recordOf('a')])
    const longAgo = new Date(Date.now() - 40 * 24 * 60 * 60 * 1_000)
    await utimes(await pathOf(), longAgo, longAgo)
    await createVectorFile(folder, 'used').append(DIMENSION, [recordOf('a')])
    await writeFile(join(folder, 'index.json'), '{}')
    await utimes(join(folder, 'index.json'), longAgo, longAgo)
    await createVectorFile(folder, 'own').sweep()
    expect((await read('old')).result).toBeUndefined()
    expect((await read('used')).result).toBeDefined()
    expect(await readdir(folder)).toContain('index.json')
  })
})
