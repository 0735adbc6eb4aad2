/** A disk in memory, for tests that try thousands of states of one. */
import { dirname } from 'node:path'
import { nodeFileSystem, type FileSystem } from './file-system.ts'

export function createMemoryDisk(initial: Iterable<readonly [string, Uint8Array]> = []) {
  const contents = new Map<string, Uint8Array>(initial)
  let inode = 0
  const stamp = (size: number) => ({ inode: (inode += 1), size, modifiedMs: 0 })
  const files: FileSystem = {
    ...nodeFileSystem,
    async read(path) {
      const bytes = contents.get(path)
      return bytes && { bytes, stamp: stamp(bytes.length) }
    },
    async write(path, content) {
      const bytes = Buffer.from(typeof content === 'string' ? content : '')
      contents.set(path, bytes)
      return stamp(bytes.length)
    },
    async rename(from, to) {
      const bytes = contents.get(from)
      contents.delete(from)
      if (bytes) contents.set(to, bytes)
    },
    remove: async (path) => contents.delete(path),
    async stamp(path) {
      const bytes = contents.get(path)
      return bytes && stamp(bytes.length)
    },
    async list(folder) {
      const paths = [...contents.keys()].filter((path) => dirname(path) === folder)
      return paths.map((path) => path.slice(folder.length + 1))
    },
    syncFolder: async () => {},
  }
  return { files, contents }
}
