import { spawnSync } from 'node:child_process'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { createBuiltinEmbedder } from './index.ts'

const { signal } = new AbortController()

const PASSAGE = 'Shoes and coats may be sent back within thirty days of delivery. '.repeat(8)

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `${i}. ${PASSAGE}`)

function createForTest() {
  const embedder = createBuiltinEmbedder()
  onTestFinished(async () => embedder.close())
  return embedder
}

describe('the built-in encoder', () => {
  const embedder = createBuiltinEmbedder()
  afterAll(async () => embedder.close())

  it('gives each text its vector, in order, the same alone and among others', async () => {
    const texts = ['How do I send shoes back?', '', 'Where is my parcel?', PASSAGE, PASSAGE]
    const vectors = await embedder.embed(texts, { signal })
    expect(vectors.map(({ length }) => length)).toEqual(texts.map(() => 512))
    for (const [i, text] of texts.entries()) {
      const [alone] = await embedder.embed([text], { signal, urgent: true })
      expect(vectors[i]).toEqual(alone)
    }
    expect(await embedder.embed([], { signal })).toEqual([])
  })

  it('lets a question overtake texts that wait', async () => {
    const order: string[] = []
    const embed = async (name: string, texts: readonly string[], urgent: boolean) => {
      await embedder.embed(texts, { signal, urgent })
      order.push(name)
    }
    await Promise.all([
      embed('passages', numbered(6), false),
      embed('more passages', numbered(1), false),
      embed('question', ['Where is my parcel?'], true),
    ])
    expect(order).toEqual(['question', 'passages', 'more passages'])
  })

  it('gives up what nobody wants any more, and goes on with the rest', async () => {
    const controller = new AbortController()
    const unwanted = embedder.embed(numbered(10_000), { signal: controller.signal })
    const [vector] = await embedder.embed(['A question'], { signal, urgent: true })
    controller.abort(new Error('The documents have changed.'))
    await expect(unwanted).rejects.toThrow('changed')
    expect(await embedder.embed(['A question'], { signal })).toEqual([vector])
    await expect(embedder.embed(['x'], { signal: controller.signal })).rejects.toThrow('changed')
  })

  it('leaves the main thread nearly all its time while it works', async () => {
    await embedder.embed(['Start.'], { signal })
    const mainBefore = process.threadCpuUsage()
    const allBefore = process.cpuUsage()
    await embedder.embed(numbered(20), { signal })
    const main = process.threadCpuUsage(mainBefore)
    const all = process.cpuUsage(allBefore)
    expect(main.user + main.system).toBeLessThan(0.1 * (all.user + all.system))
  })
})

describe('a worker that dies', () => {
  it('takes what waits with it, with an error that says why, and the next text starts another', async () => {
    const embedder = createForTest()
    const expected = await embedder.embed(['A question'], { signal })
    // The compiler lets no caller send a number; it stands for whatever may break the worker.
    const breaking = embedder.embed([42 as never], { signal })
    const waiting = embedder.embed(['Another'], { signal, urgent: true })
    const reason = { message: 'The encoder has stopped.', cause: { name: 'TypeError' } }
    expect(await Promise.allSettled([breaking, waiting])).toMatchObject([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ])
    expect(await embedder.embed(['A question'], { signal })).toEqual(expected)
  })
})

describe('a closed encoder', () => {
  it('rejects what waits and what comes', async () => {
    const embedder = createForTest()
    const waiting = embedder.embed(numbered(100), { signal })
    await Promise.all([expect(waiting).rejects.toThrow('closed'), embedder.close()])
    await expect(embedder.embed(['x'], { signal })).rejects.toThrow('closed')
    await embedder.close()
  })
})

describe('a process with an encoder', () => {
  const run = (program: string) =>
    spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    })

  it('waits for the vectors that it has asked for, and ends when it has them', () => {
    const { stdout, stderr, status } = run(`
      import { createBuiltinEmbedder } from ${JSON.stringify(new URL('index.ts', import.meta.url).href)}
      const { signal } = new AbortController()
      const [vector] = await createBuiltinEmbedder().embed(['A question'], { signal })
      console.log(vector.length)
    `)
    expect({ stdout, stderr, status }).toEqual({ stdout: '512\n', stderr: '', status: 0 })
  })
})
