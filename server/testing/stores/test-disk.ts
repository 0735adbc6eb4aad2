/** A disk for tests of what happens when one fails. */
import { type FileSystem, type GrowingFile, nodeFileSystem } from '../../stores/disk/file-system.ts'

type Operation = keyof FileSystem | keyof GrowingFile

const failure = (code: string) => Object.assign(new Error(`${code}: injected`), { code })

/** A disk whose calls are counted, and fail or wait while somebody says so. */
export function createTestDisk() {
  const calls: string[] = []
  let held:
    | { readonly part: string; readonly reach: () => void; readonly go: Promise<void> }
    | undefined
  let broken: { readonly names: readonly Operation[]; readonly code: string } | undefined
  const note = (name: Operation, path: string) => {
    calls.push(`${name} ${path}`)
    if (broken?.names.includes(name)) throw failure(broken.code)
  }
  const guarded =
    <A extends [string, ...unknown[]], R>(name: Operation, call: (...args: A) => Promise<R>) =>
    async (...args: A) => {
      note(name, args[0])
      if (held && calls.at(-1)?.includes(held.part)) {
        const { reach, go } = held
        held = undefined
        reach()
        await go
      }
      return call(...args)
    }
  const files: FileSystem = {
    read: guarded('read', nodeFileSystem.read),
    readPart: guarded('readPart', nodeFileSystem.readPart),
    write: guarded('write', nodeFileSystem.write),
    grow: guarded('grow', async (path: string, ahead?: number) => {
      const file = await nodeFileSystem.grow(path, ahead)
      const sync = guarded('sync', () => file.sync())
      return {
        append(bytes) {
          note('append', path)
          file.append(bytes)
        },
        sync: () => sync(path),
        truncate(length) {
          note('truncate', path)
          file.truncate(length)
        },
        close: () => file.close(),
      }
    }),
    rename: guarded('rename', nodeFileSystem.rename),
    remove: guarded('remove', nodeFileSystem.remove),
    stamp: guarded('stamp', nodeFileSystem.stamp),
    identity: guarded('identity', nodeFileSystem.identity),
    changedAt: guarded('changedAt', nodeFileSystem.changedAt),
    list: guarded('list', nodeFileSystem.list),
    makeFolder: guarded('makeFolder', nodeFileSystem.makeFolder),
    removeFolder: guarded('removeFolder', nodeFileSystem.removeFolder),
    syncFolder: guarded('syncFolder', nodeFileSystem.syncFolder),
  }
  return {
    files,
    calls,
    /** The next call that names this waits for `release`. */
    hold(part: string) {
      const reached = Promise.withResolvers<void>()
      const go = Promise.withResolvers<void>()
      held = { part, reach: reached.resolve, go: go.promise }
      return { reached: reached.promise, release: go.resolve }
    },
    count: (name: Operation, part = '') =>
      calls.filter((call) => call.startsWith(`${name} `) && call.includes(part)).length,
    break(name: Operation, code: string, ...others: readonly Operation[]) {
      broken = { names: [name, ...others], code }
    },
    repair() {
      broken = undefined
    },
  }
}

/** A disk that forgets with the power what was appended and not synced. */
export function createVolatileDisk() {
  const synced = new Map<string, number>()
  const files: FileSystem = {
    ...nodeFileSystem,
    async grow(path, ahead) {
      const file = await nodeFileSystem.grow(path, ahead)
      let length = 0
      synced.set(path, 0)
      return {
        append(bytes) {
          file.append(bytes)
          length += bytes.length
        },
        async sync() {
          const upTo = length
          await file.sync()
          synced.set(path, upTo)
        },
        truncate(to) {
          file.truncate(to)
          length = to
        },
        close: () => file.close(),
      }
    },
  }
  return {
    files,
    /** By path, how many bytes a power cut would leave now. */
    synced: (): ReadonlyMap<string, number> => new Map(synced),
  }
}
