/** Modules for what few answers hold: loaded when one does, and the answer is then brought up to date. */

/** After a failure nobody asks again for this long. */
const RETRY_MS = 5_000

export interface Late<Module> {
  /** The module if it is there. If not it is asked for, and `takeMissed` tells that it was missed. */
  use(): Module | undefined
  /** The module if it is there; nothing is asked for. */
  loaded(): Module | undefined
  /** Whether it was asked for in vain. */
  hasFailed(): boolean
  /** Asks for the module; false when it cannot be had now. */
  load(): Promise<boolean>
  /** Asks for the module until it is there: with the network, and ever more seldom. */
  arrival(): Promise<void>
  /** The module if it is there; if not, `host` is drawn again when it has come. */
  drawn(host: { requestUpdate(): void }): Module | undefined
}

const networkOr = (ms: number) =>
  new Promise<unknown>((resolve) => {
    addEventListener('online', resolve, { once: true })
    setTimeout(resolve, ms)
  })

/** What has been missed since the last `takeMissed`. Rendering is synchronous: one list is enough. */
let missed = new Set<Promise<boolean>>()

export function late<Module>(load: () => Promise<Module>): Late<Module> {
  let module: Module | undefined
  let loading: Promise<boolean> | undefined
  let failedAt = -Infinity
  let arriving: Promise<void> | undefined

  const start = async () => {
    try {
      module = await load()
    } catch {
      // No network, or a new version on the server: plain text stays.
      failedAt = performance.now()
      loading = undefined
    }
    return module !== undefined
  }

  const persist = async () => {
    for (let ms = RETRY_MS; !(await (loading ??= start())); ms *= 2) await networkOr(ms)
  }

  const arrival = () => (arriving ??= persist())

  const isOften = () => loading === undefined && performance.now() - failedAt < RETRY_MS

  return {
    use() {
      if (module === undefined && !isOften()) missed.add((loading ??= start()))
      return module
    },
    loaded: () => module,
    hasFailed: () => failedAt > 0,
    load: async () => !isOften() && (loading ??= start()),
    arrival,
    drawn(host) {
      if (module === undefined) void arrival().then(() => host.requestUpdate())
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
