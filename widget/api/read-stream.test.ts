import { describe, expect, it } from 'vitest'
import { readStream, type StreamedEvent } from './read-stream.ts'

const WIRE =
  ': ping\r\n\r\nid: t.1\r\ndata: {"turn_id":"t","user_message_id":"u","message_id":"m"}\r\n\r\n' +
  'id: t.2\ndata: {"token":"Kürbis 🥟 "}\n\nid: t.3\ndata: {"unknown":1}\n\n' +
  'id: t.4\ndata: {"token":"सम"}\n\nid: t.5\ndata: {"done":true}\n\n'

const bodyOf = (...pieces: readonly Uint8Array[]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece)
      controller.close()
    },
  })

const batchesOf = async (...pieces: readonly Uint8Array[]) => {
  const batches: (readonly StreamedEvent[])[] = []
  for await (const batch of readStream(bodyOf(...pieces))) batches.push(batch)
  return batches
}

const bytes = new TextEncoder().encode(WIRE)

describe('readStream', () => {
  it('gives events together that came together', async () => {
    const [batch, ...more] = await batchesOf(bytes)
    expect(more).toEqual([])
    expect(batch?.map(({ id }) => id)).toEqual(['t.1', 't.2', 't.4', 't.5'])
  })

  it('reads the same wherever the network cuts it, in the middle of a character too', async () => {
    const whole = (await batchesOf(bytes)).flat()
    for (let at = 1; at < bytes.length; at += 1) {
      const cut = await batchesOf(bytes.slice(0, at), bytes.slice(at))
      expect({ at, events: cut.flat() }).toEqual({ at, events: whole })
    }
  })

  it('reads the same when every byte comes alone', async () => {
    const alone = await batchesOf(...Array.from(bytes, (byte) => Uint8Array.of(byte)))
    expect(alone.flat()).toEqual((await batchesOf(bytes)).flat())
  })

  it('goes on reading while what it gave is being drawn', async () => {
    const pieces = bytes.length
    let read = 0
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          controller.enqueue(bytes.slice(read, read + 1))
          read += 1
          if (read === pieces) controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    const stream = readStream(body)
    const first = await stream.next()
    // Nobody asks for more until all of it is there: a piece that comes alone is no reason to wait.
    while (read < pieces) await new Promise(setImmediate)
    const second = await stream.next()
    expect([first.value, second.value].flatMap((batch) => batch?.map(({ id }) => id))).toEqual([
      't.1',
      't.2',
      't.4',
      't.5',
    ])
    expect((await stream.next()).done).toBe(true)
  })

  it('gives what came before the connection broke', async () => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(bytes),
      pull: (controller) => controller.error(new TypeError('network error')),
    })
    const stream = readStream(body)
    expect((await stream.next()).value).toHaveLength(4)
    await expect(stream.next()).rejects.toMatchObject({ code: 'unreachable' })
  })

  it('says that the connection is gone when it breaks', async () => {
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new TypeError('network error')),
    })
    await expect(readStream(body).next()).rejects.toMatchObject({ code: 'unreachable' })
  })

  it('lets the connection go when its reader leaves', async () => {
    let left = false
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(bytes),
      cancel() {
        left = true
      },
    })
    const stream = readStream(body)
    await stream.next()
    await stream.return()
    expect(left).toBe(true)
  })
})
