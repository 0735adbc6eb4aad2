/** A file store on a folder of its own, for tests. */
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ConversationStore, Logger } from '../../core/ports/index.ts'
import { createJsonFileStore, type JsonFileStoreOptions } from '../../stores/json-conversations.ts'

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly fields: object
  readonly message: string
}

/** A logger that only remembers. */
export function createRecordingLogger(): Logger & { readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = []
  const record = (level: LogLine['level']) => (fields: object, message: string) => {
    lines.push({ level, fields, message })
  }
  return {
    lines,
    debug: record('debug'),
    info: record('info'),
    warn: record('warn'),
    error: record('error'),
  }
}

export interface TemporaryStore {
  readonly directory: string
  readonly store: ConversationStore
  readonly logger: ReturnType<typeof createRecordingLogger>
  /** Closes the store and opens another one on the same folder. */
  reopen(options?: Partial<JsonFileStoreOptions>): Promise<ConversationStore>
  /** Closes the store that is open and removes the folder. */
  end(): Promise<void>
}

export async function createTemporaryStore(
  options: Partial<JsonFileStoreOptions> = {},
): Promise<TemporaryStore> {
  const directory = await mkdtemp(join(tmpdir(), 'samosa-store-'))
  const logger = createRecordingLogger()
  const open = (more: Partial<JsonFileStoreOptions> = {}) =>
    createJsonFileStore({ directory, logger, ...options, ...more })
  const store = await open()
  let current = store
  return {
    directory,
    store,
    logger,
    async reopen(more) {
      await current.close()
      current = await open(more)
      return current
    },
    async end() {
      await current.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** As the other, but every reopening finds what a server leaves that is killed. */
export async function createKilledStore(
  options: Partial<JsonFileStoreOptions> = {},
): Promise<Pick<TemporaryStore, 'store' | 'reopen' | 'end'>> {
  const stores = [await createTemporaryStore(options)]
  const [first] = stores
  return {
    store: first!.store,
    async reopen() {
      const before = stores.at(-1)!
      const after = await createTemporaryStore(options)
      stores.push(after)
      await after.store.close()
      await cp(before.directory, after.directory, { recursive: true })
      return after.reopen()
    },
    async end() {
      for (const { end } of stores) await end()
    },
  }
}
