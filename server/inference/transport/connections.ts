/** Connections to one origin, made, kept and read by undici. */
import { Pool, ProxyAgent, type Dispatcher } from 'undici'
import type { Transport } from './exchange.ts'

export interface ConnectionOptions {
  /** Milliseconds that connecting may take. */
  readonly connectTimeout: number
  /** URL of the proxy that leads to the origin, if one does. */
  readonly proxy?: string | undefined
}

/**
 * A transport to one origin. Every running request has a connection of its own (answers last long, so
 * nothing is pipelined or multiplexed), and free ones are used again.
 */
export function createConnections(origin: URL, options: ConnectionOptions): Transport {
  return new Connections(origin, options)
}

class Connections implements Transport {
  isConnecting = false
  readonly #origin: string
  readonly #options: ConnectionOptions
  readonly #kept: Dispatcher
  /** For requests that want a connection which nobody has used; only few do. */
  #fresh: Dispatcher | undefined

  constructor(origin: URL, options: ConnectionOptions) {
    this.#origin = origin.origin
    this.#options = options
    this.#kept = this.#open()
  }

  dispatch: Transport['dispatch'] = ({ isAlone = false, ...request }, handler) => {
    const dispatcher = isAlone ? (this.#fresh ??= this.#open()) : this.#kept
    dispatcher.dispatch(
      {
        ...request,
        origin: this.#origin,
        ...(isAlone && { reset: true }),
        // The exchange keeps its own, exact to the millisecond.
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      handler,
    )
  }

  async destroy(): Promise<void> {
    await Promise.all([this.#kept.destroy(), this.#fresh?.destroy()])
  }

  #open(): Dispatcher {
    const { connectTimeout, proxy } = this.#options
    const common = { connectTimeout, allowH2: false }
    if (proxy === undefined) return this.#watch(new Pool(this.#origin, common))
    return new ProxyAgent({
      ...common,
      uri: proxy,
      requestTls: { allowH2: false },
      proxyTls: { allowH2: false },
      factory: (target, options) => this.#watch(new Pool(target, options)),
    })
  }

  /** undici writes the request that a connection was made for before it returns to the event loop. */
  #watch(pool: Pool): Pool {
    return pool.on('connect', () => {
      this.isConnecting = true
      queueMicrotask(() => {
        this.isConnecting = false
      })
    })
  }
}
