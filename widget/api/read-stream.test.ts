import { describe, expect, it } from 'vitest'
import { readStream, type DecodeEvent, type StreamedEvent } from './read-stream.ts'

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

describe('the events of a stream', () => {
  const encoder = new TextEncoder()

  /** Ids and data as they stand in the events. */
  const read = async (...pieces: readonly Uint8Array[]) => {
    const events: (readonly [string | undefined, string])[] = []
    const asToken: DecodeEvent = (text) => ({ type: 'token', text })
    for await (const batch of readStream(bodyOf(...pieces), asToken)) {
      for (const { id, event } of batch) {
        if (event.type === 'token') events.push([id, event.text])
      }
    }
    return events
  }

  const text =
    '\ufeffid: t.1\ndata: {"token":"Hi"}\n\n: a comment\nid: t.2\r\ndata: two\r\ndata: lines\r\n\r\n' +
    'event: other\ndata:no space\n\ndata\n\nid: gone\n\nid: a\0b\nretry: 5\ndata: last é\n\ndata: never whole'

  it('are read with their ids, whatever else the server writes', async () => {
    expect(await read(encoder.encode(text))).toEqual([
      ['t.1', '{"token":"Hi"}'],
      ['t.2', 'two\nlines'],
      [undefined, 'no space'],
      [undefined, ''],
      [undefined, 'last é'],
    ])
  })

  it('are the same wherever the network cuts them', async () => {
    const whole = encoder.encode(text)
    const expected = await read(whole)
    for (let at = 0; at <= whole.length; at += 1) {
      expect(await read(whole.slice(0, at), whole.slice(at))).toEqual(expected)
    }
    expect(await read(...Array.from(whole, (byte) => Uint8Array.of(byte)))).toEqual(expected)
  })

  it.each(['\n', '\r\n', '\r'])('end with %j, at once', async (end) => {
    const one = encoder.encode(`data: a${end}${end}`)
    const two = encoder.encode(`data: b${end}${end}`)
    const stream = readStream(
      new ReadableStream({ start: (controller) => controller.enqueue(one) }),
      (data) => ({ type: 'token', text: data }),
    )
    expect((await stream.next()).value).toHaveLength(1)
    await stream.return()
    expect(await read(one, two)).toEqual([
      [undefined, 'a'],
      [undefined, 'b'],
    ])
  })

  it('have the name that decides what they are', async () => {
    const names: (string | undefined)[] = []
    const body = bodyOf(encoder.encode('event: sources\ndata: []\n\nevent:\ndata: x\n\n'))
    const stream = readStream(body, (_, name) => {
      names.push(name)
      return undefined
    })
    expect((await stream.next()).done).toBe(true)
    expect(names).toEqual(['sources', undefined])
  })
})
