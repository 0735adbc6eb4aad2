import { afterEach, describe, expect, it } from 'vitest'
import {
  startFakeEmbeddingServer,
  vectorsFor,
  type EmbeddingAnswer,
} from '../testing/fake-embedding-server.ts'
import { describeError } from '../log.ts'
import { createEmbeddingService } from './embedding-service.ts'

const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  await Promise.all(closers.splice(0).map(async (close) => await close()))
})

const start = async (
  answer?: EmbeddingAnswer,
  options: { path?: string; model?: string; apiKey?: string } = {},
) => {
  const server = await startFakeEmbeddingServer(answer)
  const embedder = createEmbeddingService({
    url: server.url + (options.path ?? ''),
    model: options.model,
    apiKey: options.apiKey,
  })
  closers.push(
    () => embedder.close(),
    () => server.close(),
  )
  return { server, embedder }
}

const cancellable = { signal: new AbortController().signal }
const texts = (count: number) => Array.from({ length: count }, (_, index) => `text ${index}`)

describe('the embedding service', () => {
  it.each(['', '/', '/v1', '/v1/', '/v1/embeddings'])(
    'is asked below /v1 of "%s"',
    async (path) => {
      const { server, embedder } = await start(undefined, { path, model: 'e5', apiKey: 'secret' })
      await embedder.embed(['linen'], cancellable)
      expect(server.requests).toMatchObject([
        {
          path: '/v1/embeddings',
          model: 'e5',
          input: ['linen'],
          headers: { authorization: 'Bearer secret' },
        },
      ])
    },
  )

  it('chooses the model itself where none is named', async () => {
    const { server, embedder } = await start()
    await embedder.embed(['linen'], cancellable)
    expect(server.requests[0]?.model).toBeUndefined()
    expect(server.requests[0]?.headers.authorization).toBeUndefined()
  })

  it('gets many texts in requests of at most 32, and gives vectors of length 1 in their order', async () => {
    const { server, embedder } = await start()
    const vectors = await embedder.embed(texts(70), cancellable)
    expect(server.requests.map(({ input }) => input.length)).toEqual([32, 32, 6])
    expect(vectors).toHaveLength(70)
    const [alone] = await embedder.embed(['text 69'], cancellable)
    expect(vectors[69]).toEqual(alone)
    expect(Math.hypot(...(alone ?? []))).toBeCloseTo(1, 5)
  })

  it('may answer in any order', async () => {
    const { embedder } = await start((request) => {
      const { data } = vectorsFor(request).body
      return { body: { data: data.toReversed() } }
    })
    const [first, second] = await embedder.embed(['aaa', 'bbb'], cancellable)
    expect([...(first ?? [])].indexOf(1)).toBe('a'.charCodeAt(0) % 32)
    expect([...(second ?? [])].indexOf(1)).toBe('b'.charCodeAt(0) % 32)
  })

  it('is never sent an empty text, half a character, or more than a model reads', async () => {
    const { server, embedder } = await start()
    await embedder.embed(['', ' \n', `${'x'.repeat(1_499)}😀`, 'y'.repeat(9_000)], cancellable)
    const [empty, blank, cut, long] = server.requests[0]?.input ?? []
    expect([empty, blank]).toEqual(['-', '-'])
    expect(cut?.isWellFormed()).toBe(true)
    expect(long?.length).toBe(1_500)
  })

  it.each([
    ['nothing', {}],
    ['a text', { data: 'no' }],
    ['too few', { data: [{ index: 0, embedding: [1, 0] }] }],
    ['one twice', { data: [1, 2].map(() => ({ index: 0, embedding: [1, 0] })) }],
    ['two lengths', { data: [{ embedding: [1, 0] }, { embedding: [1] }] }],
    ['no numbers', { data: [{ embedding: ['x'] }, { embedding: ['y'] }] }],
    ['no direction', { data: [{ embedding: [0, 0] }, { embedding: [0, 0] }] }],
    ['empty vectors', { data: [{ embedding: [] }, { embedding: [] }] }],
    ['an index far off', { data: [0, 9e9].map((index) => ({ index, embedding: [1, 0] })) }],
  ])('is not believed when it sends %s', async (_, body) => {
    const { embedder } = await start(() => ({ body }))
    await expect(embedder.embed(['a', 'b'], cancellable)).rejects.toThrow(
      'The embedding service sent an answer that has no vectors.',
    )
  })

  it('says what is wrong without saying what was asked', async () => {
    const { server, embedder } = await start(() => ({
      status: 401,
      body: { error: { message: 'bad key' } },
    }))
    await expect(embedder.embed(['private'], cancellable)).rejects.toThrow(
      'The embedding service answered with an error.',
    )
    await server.close()
    await expect(embedder.embed(['private'], cancellable)).rejects.toThrow(
      'The embedding service cannot be reached.',
    )
  })

  it.each([401, 404, 429, 500, 302])('tells the log which error it was: %i', async (status) => {
    const { embedder } = await start(() => ({
      status,
      body: { error: { message: 'Bearer secret is no key for: private' } },
    }))
    const failure: unknown = await embedder.embed(['private'], cancellable).catch((e: unknown) => e)
    const told = JSON.stringify(describeError(failure))
    expect(told).toContain(String(status))
    expect(told).not.toMatch(/secret|private/)
  })

  it('tells the log when it sends no vectors, or is not there', async () => {
    const { server, embedder } = await start(() => ({ body: { data: [] } }))
    const reason = async () => {
      const failure: unknown = await embedder.embed(['a'], cancellable).catch((e: unknown) => e)
      return describeError(failure).message
    }
    expect(await reason()).toBe('The embedding service sent an answer that has no vectors.')
    await server.close()
    expect(await reason()).toBe('The embedding service cannot be reached.')
  })

  it('is not waited for when nobody wants the answer any more', async () => {
    const { server, embedder } = await start(() => 'hang')
    const controller = new AbortController()
    const asked = embedder.embed(['a'], { signal: controller.signal })
    await expect.poll(() => server.requests.length).toBe(1)
    controller.abort(new Error('not wanted'))
    await expect(asked).rejects.toThrow('not wanted')
  })
})
