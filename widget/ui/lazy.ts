/**
 * Code that is loaded when it is first needed. Without a network it is absent, which is no error: what
 * draws does without it, asks again when there is a network, and is then brought up to date.
 *
 * ```ts
 * const maths = lazy(() => import('./maths.ts'))
 * maths.drawn(host)?.render(text) ?? text
 * ```
 */

/** After a failure nothing that is drawn again and again asks for this long. */
const RETRY_MS = 5_000

export interface Lazy<Module> {
  /** The module if it is there; nothing is asked for. */
  loaded(): Module | undefined
  /** Whether it was asked for in vain. */
  hasFailed(): boolean
  /**
   * The module, asked for at once: for somebody who waits for it, and is told when it cannot be had.
   * @throws what the browser says then
   */
  need(): Promise<Module>
  /** The module, or `undefined` when it cannot be had now; not asked for again soon after a failure. */
  load(): Promise<Module | undefined>
  /** Asks for the module until it is there: with the network, and ever more seldom. */
  arrival(): Promise<Module>
  /** The module if it is there; if not, `host` is drawn again when it has come. */
  drawn(host: { requestUpdate(): void }): Module | undefined
  /** The module if it is there. If not it is asked for, and `takeMissed` tells that it was missed. */
  use(): Module | undefined
}

const networkOr = (ms: number) =>
  new Promise<unknown>((resolve) => {
    addEventListener('online', resolve, { once: true })
    setTimeout(resolve, ms)
  })

/** What has been missed since the last `takeMissed`. Rendering is synchronous: one list is enough. */
let missed = new Set<Promise<unknown>>()

/** Makes code lazy; `load` is one `import()`, which may fail, and is then called again. */
export function lazy<Module>(load: () => Promise<Module>): Lazy<Module> {
  let module: Module | undefined
  let loading: Promise<Module> | undefined
  let failedAt = -Infinity
  let arriving: Promise<Module> | undefined

  const start = async () => {
    try {
      module = await load()
      return module
    } catch (error) {
      // No network, or a new version on the server.
      failedAt = performance.now()
      loading = undefined
      throw error
    }
  }

  const need = () => (loading ??= start())

  const softly = () => need().catch(() => undefined)

  const persist = async () => {
    for (let ms = RETRY_MS; ; ms *= 2) {
      const found = await softly()
      if (found !== undefined) return found
      await networkOr(ms)
    }
  }

  const arrival = () => (arriving ??= persist())

  const isOften = () => loading === undefined && performance.now() - failedAt < RETRY_MS

  return {
    loaded: () => module,
    hasFailed: () => failedAt > 0,
    need,
    load: async () => (isOften() ? undefined : softly()),
    arrival,
    drawn(host) {
      if (module === undefined) void arrival().then(() => host.requestUpdate())
      return module
    },
    use() {
      if (module === undefined && !isOften()) missed.add(softly())
      return module
    },
  }
}

/** Resolves when all that was missed since the last call has come, or has failed to; `undefined` for nothing. */
export function takeMissed(): Promise<unknown> | undefined {
  if (missed.size === 0) return undefined
  const all = Promise.all(missed)
  missed = new Set()
  return all
}
