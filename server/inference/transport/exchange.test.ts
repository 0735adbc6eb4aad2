import { describe, expect, it } from 'vitest'
import {
  Exchange,
  type Transport,
  type TransportController,
  type TransportHandler,
} from './exchange.ts'

/** A transport that does what the test says. */
function createTransport() {
  const calls: string[] = []
  const controller: TransportController = {
    paused: false,
    pause: () => calls.push('pause'),
    resume: () => calls.push('resume'),
    abort: () => calls.push('abort'),
  }
  let handler: TransportHandler | undefined
  const transport: Transport = {
    dispatch(_, given) {
      handler = given
    },
    isConnecting: true,
    destroy: () => Promise.resolve(),
  }
  return { calls, controller, transport, handler: () => handler! }
}

function start(signal = new AbortController().signal, silenceMs = 5_000) {
  const made = createTransport()
  const exchange = new Exchange(
    made.transport,
    { method: 'GET', path: '/', headers: {}, body: null },
    {
      signal,
      silenceMs,
      bodyFailure: (failure) => new Error(`in body: ${failure.message}`),
    },
  )
  const ends: (string | undefined)[] = []
  const receiver = { chunk() {}, end: (failure?: Error) => ends.push(failure?.message) }
  return { ...made, exchange, receiver, ends, handler: made.handler() }
}

describe('an exchange', () => {
  it('leaves the connection alone once its answer has ended', () => {
    for (const failure of [undefined, new Error('reset')]) {
      const { exchange, handler, controller, calls, receiver } = start()
      handler.onRequestStart(controller)
      handler.onResponseStart(undefined, 200, {})
      exchange.receive(receiver)
      if (failure) handler.onResponseError(undefined, failure)
      else handler.onResponseEnd()
      exchange.pause()
      exchange.resume()
      exchange.finish()
      exchange.abort()
      expect(calls).toEqual([])
    }
  })

  it('aborts a request that starts only after nobody wants it any more', () => {
    const { exchange, handler, controller, calls } = start()
    exchange.abort()
    expect(calls).toEqual([])
    handler.onRequestStart(controller)
    expect(calls).toEqual(['abort'])
  })

  it('tells its receiver what a failure in the body is, and its head the failure itself', async () => {
    const { exchange, handler, receiver, ends } = start()
    handler.onResponseError(undefined, new Error('reset'))
    exchange.receive(receiver)
    expect(ends).toEqual(['in body: reset'])
    await expect(exchange.head).rejects.toThrow('reset')
  })

  it('is not silent while this process could not read', async () => {
    const { exchange, handler, receiver, ends } = start(undefined, 100)
    handler.onResponseStart(undefined, 200, {})
    exchange.receive(receiver)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
    // Timers come first, and only then what has been there all along.
    await new Promise((resolve) => setTimeout(resolve))
    handler.onResponseData(undefined, new Uint8Array(1))
    handler.onResponseEnd()
    expect(ends).toEqual([undefined])
  })

  it("tells its receiver the signal's own reason", () => {
    const controller = new AbortController()
    const { exchange, handler, receiver, ends } = start(controller.signal)
    handler.onResponseStart(undefined, 200, {})
    exchange.receive(receiver)
    controller.abort(new Error('stopped'))
    expect(ends).toEqual(['stopped'])
  })
})
