/**
 * A TCP proxy between two parts, which breaks on demand what is between them: connections are reset and refused, or
 * stay open and nothing passes any more, as when a cable is pulled.
 */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface FaultProxy {
  readonly port: number
  /** Connections that it has reset or refused, or that have stood still. */
  readonly faults: number
  /** Resets every connection, and each that is made from now on. */
  cut(): void
  /** Connections stay open and can be made, and no byte passes in either direction. */
  freeze(): void
  /** Everything passes again, also what has waited. */
  heal(): void
  close(): Promise<void>
}

interface Pair {
  readonly near: Socket
  readonly far: Socket
}

/** Listens on 127.0.0.1 and passes on to that port. */
export async function startFaultProxy(to: number): Promise<FaultProxy> {
  const pairs = new Set<Pair>()
  let state: 'passing' | 'cut' | 'frozen' = 'passing'
  let faults = 0

  const reset = ({ near, far }: Pair) => {
    faults += 1
    near.resetAndDestroy()
    far.resetAndDestroy()
  }
  const server = createServer({ pauseOnConnect: true }, (near) => {
    if (state === 'cut') {
      faults += 1
      near.resetAndDestroy()
      return
    }
    const far = connect(to, '127.0.0.1').setNoDelay()
    const pair = { near: near.setNoDelay(), far }
    pairs.add(pair)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      one.on('data', (bytes) => {
        if (!other.write(bytes)) one.pause()
      })
      other.on('drain', () => {
        if (state !== 'frozen') one.resume()
      })
      one.on('end', () => other.end())
      one.on('error', () => other.destroy())
      one.on('close', () => {
        pairs.delete(pair)
        other.destroy()
      })
    }
    if (state === 'frozen') {
      faults += 1
      far.pause()
    } else near.resume()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')

  return {
    port: address.port,
    get faults() {
      return faults
    },
    cut() {
      state = 'cut'
      for (const pair of pairs) reset(pair)
    },
    freeze() {
      state = 'frozen'
      faults += pairs.size
      for (const { near, far } of pairs) {
        near.pause()
        far.pause()
      }
    },
    heal() {
      state = 'passing'
      for (const { near, far } of pairs) {
        near.resume()
        far.resume()
      }
    },
    async close() {
      server.close()
      for (const { near, far } of pairs) {
        near.destroy()
        far.destroy()
      }
      await once(server, 'close')
    },
  }
}
