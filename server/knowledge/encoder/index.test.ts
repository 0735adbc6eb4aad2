import { spawnSync } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Worker } from 'node:worker_threads'
import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import { createBuiltinEmbedder } from './index.ts'

const { signal } = new AbortController()

const PASSAGE = 'Shoes and coats may be sent back within thirty days of delivery. '.repeat(8)

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `${i}. ${PASSAGE}`)

function createForTest(options: { readonly threads?: number } = {}) {
  const embedder = createBuiltinEmbedder(options)
  onTestFinished(async () => embedder.close())
  return embedder
}

/** Threads that are started from now on. */
function watchThreads(): readonly Worker[] {
  const workers: Worker[] = []
  const note = (message: unknown) => {
    if (typeof message !== 'object' || message === null || !('worker' in message)) return
    if (message.worker instanceof Worker) workers.push(message.worker)
  }
  subscribe('worker_threads', note)
  onTestFinished(() => {
    unsubscribe('worker_threads', note)
  })
  return workers
}

/** Node says so of a thread that has ended. */
const ENDED = -1

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
    const ordered = createForTest({ threads: 1 })
    const order: string[] = []
    const embed = async (name: string, texts: readonly string[], urgent: boolean) => {
      await ordered.embed(texts, { signal, urgent })
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

describe('documents that wait', () => {
  it('are shared between two threads, which give what one alone gives', async () => {
    const started = watchThreads()
    const texts = ['Start.', ...numbered(12), 'One.', 'And a long text. '.repeat(100)]
    const alone = await createForTest({ threads: 1 }).embed(texts, { signal })
    expect(started).toHaveLength(1)
    const both = createForTest({ threads: 2 })
    expect(await both.embed(texts, { signal })).toEqual(alone)
    expect(started).toHaveLength(3)
    expect(await both.embed(texts.toReversed(), { signal })).toEqual(alone.toReversed())
    expect(started).toHaveLength(3)
  })

  it('are overtaken by questions while both threads are at work', async () => {
    const embedder = createForTest({ threads: 2 })
    let areDone = false
    const documents = embedder.embed(numbered(24), { signal }).then(() => (areDone = true))
    for (const question of ['Where is my parcel?', 'How do I send shoes back?', 'When?']) {
      await embedder.embed([question], { signal, urgent: true })
      expect(areDone).toBe(false)
    }
    await documents
  })

  it('need no more than two threads, however many cores there are', async () => {
    const started = watchThreads()
    await createForTest({ threads: 64 }).embed(numbered(12), { signal })
    expect(started).toHaveLength(2)
  })

  it('start no thread for questions', async () => {
    const started = watchThreads()
    const embedder = createForTest({ threads: 2 })
    const questions = Array.from({ length: 8 }, (_, i) => [`Question ${i}?`])
    await Promise.all(
      questions.map(async (texts) => embedder.embed(texts, { signal, urgent: true })),
    )
    expect(started).toHaveLength(1)
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

describe('one of two workers that dies', () => {
  it('takes the other with it, and the next texts start both again', async () => {
    const started = watchThreads()
    const embedder = createForTest({ threads: 2 })
    const expected = await embedder.embed(numbered(8), { signal })
    const waiting = embedder.embed(numbered(16), { signal })
    const breaking = embedder.embed([42 as never], { signal, urgent: true })
    const all = await Promise.allSettled([waiting, breaking])
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await embedder.embed(numbered(8), { signal })).toEqual(expected)
    expect(started).toHaveLength(4)
    await embedder.close()
    await expect.poll(() => started.map(({ threadId }) => threadId)).toEqual(Array(4).fill(ENDED))
  })
})

describe('a closed encoder', () => {
  it('has ended its threads, also in the middle of their work', async () => {
    const started = watchThreads()
    const embedder = createForTest({ threads: 2 })
    await embedder.embed(numbered(8), { signal })
    const waiting = embedder.embed(numbered(100), { signal })
    await Promise.all([expect(waiting).rejects.toThrow('closed'), embedder.close()])
    expect(started.map(({ threadId }) => threadId)).toEqual([ENDED, ENDED])
  })

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
