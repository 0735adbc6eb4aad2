/** A disk in memory, for tests that try thousands of states of one. */
import type { FileContent, FileSystem } from '../../stores/disk/file-system.ts'

// Of all disks: no two files are taken for each other.
let inodes = 0
let changes = 0
/** Milliseconds since 1970. */
const BEGAN = Date.now()

interface MemoryFile {
  bytes: Uint8Array
  inode: number
  /** Counts the writes to all files. */
  changed: number
}

async function bytesOf(content: FileContent): Promise<Uint8Array> {
  if (typeof content === 'string' || content instanceof Uint8Array) return Buffer.from(content)
  let text = ''
  for await (const part of content) text += part
  return Buffer.from(text)
}

export function createMemoryDisk(initial: Iterable<readonly [string, Uint8Array]> = []) {
  const disk = new Map<string, MemoryFile>()
  const put = (path: string, bytes: Uint8Array) => {
    const known = disk.get(path)
    const inode = known?.inode ?? (inodes += 1)
    const file = { bytes, inode, changed: (changes += 1) }
    disk.set(path, file)
    return file
  }
  const stampOf = ({ bytes, inode, changed }: MemoryFile) => ({
    inode,
    size: bytes.length,
    modifiedMs: BEGAN + changed,
  })
  const below = (folder: string) => [...disk.keys()].filter((path) => path.startsWith(`${folder}/`))
  for (const [path, bytes] of initial) put(path, bytes)

  const files: FileSystem = {
    async read(path) {
      const file = disk.get(path)
      return file && { bytes: file.bytes, stamp: stampOf(file) }
    },
    async readPart(path, start, length) {
      return disk.get(path)?.bytes.subarray(start, start + length) ?? new Uint8Array()
    },
    async write(path, content) {
      return stampOf(put(path, await bytesOf(content)))
    },
    async grow(path, ahead = 0) {
      let length = 0
      const fill = () => {
        const { bytes } = disk.get(path) ?? { bytes: new Uint8Array() }
        put(path, Buffer.concat([bytes.subarray(0, length), Buffer.alloc(ahead)]))
      }
      if (ahead === 0) length = disk.get(path)?.bytes.length ?? 0
      fill()
      return {
        append(bytes) {
          const before = disk.get(path)?.bytes.subarray(0, length) ?? new Uint8Array()
          put(path, Buffer.concat([before, bytes, Buffer.alloc(ahead)]))
          length += bytes.length
        },
        sync: async () => {},
        truncate(to) {
          length = to
          fill()
        },
        async close() {
          const file = disk.get(path)
          if (file) put(path, file.bytes.subarray(0, length))
        },
      }
    },
    async rename(from, to) {
      for (const path of [from, ...below(from)]) {
        const file = disk.get(path)
        disk.delete(path)
        if (file) disk.set(`${to}${path.slice(from.length)}`, { ...file, changed: (changes += 1) })
      }
    },
    remove: async (path) => disk.delete(path),
    async stamp(path) {
      const file = disk.get(path)
      if (file) return stampOf(file)
      return below(path).length > 0 ? { inode: 0, size: 0, modifiedMs: 0 } : undefined
    },
    async identity(path) {
      const file = disk.get(path)
      return file && `${file.inode}-${file.changed}`
    },
    async changedAt(path) {
      const file = disk.get(path)
      return file && BEGAN + file.changed
    },
    async list(folder) {
      const names = below(folder).map((path) =>
        path
          .slice(folder.length + 1)
          .split('/', 1)
          .join(),
      )
      return [...new Set(names)]
    },
    makeFolder: async () => {},
    async removeFolder(folder) {
      for (const path of below(folder)) disk.delete(path)
    },
    syncFolder: async () => true,
  }
  return {
    files,
    /** Every file and what is in it. */
    contents: () => new Map([...disk].map(([path, { bytes }]) => [path, bytes])),
    put,
  }
}
