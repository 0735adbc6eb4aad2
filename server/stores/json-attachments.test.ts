import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AttachmentPlace, AttachmentStore, NewAttachment } from '../core/ports/index.ts'
import { createJsonAttachmentStore } from './json-attachments.ts'
import { createTestDisk } from '../testing/stores/test-disk.ts'
import { createRecordingLogger } from '../testing/stores/testing.ts'

const LIMIT = 100_000

let directory: string
let disk: ReturnType<typeof createTestDisk>
let logger: ReturnType<typeof createRecordingLogger>
let store: AttachmentStore
const open = () => createJsonAttachmentStore({ directory, logger, limit: LIMIT, files: disk.files })
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samosa-files-'))
  disk = createTestDisk()
  logger = createRecordingLogger()
  store = open()
})
afterEach(() => rm(directory, { recursive: true }))

const placeOf = (ownerId = 'ann'): AttachmentPlace => ({ ownerId, conversationId: randomUUID() })

function fileOf(bytes: Uint8Array): NewAttachment {
  const { length: sizeBytes } = bytes
  return { id: randomUUID(), filename: 'a.png', contentType: 'image/png', sizeBytes, bytes }
}

const BYTES = Buffer.from([0, 255, 1, 254, 10, 13])
const forever = { signal: new AbortController().signal }
const onDisk = async () =>
  (await readdir(directory, { recursive: true })).filter((name) => /\.\d+$/.test(name))

describe('files of messages', () => {
  it('go one by one, by conversation, and all of an owner at once', async () => {
    const [first, second] = [placeOf(), placeOf()]
    const files = [fileOf(BYTES), fileOf(BYTES)]
    await store.save(first, files)
    await store.save(second, [fileOf(BYTES)])
    const others = placeOf('bob')
    await store.save(others, [fileOf(BYTES)])
    await store.remove(first, [files[0]!.id, randomUUID()])
    expect(await onDisk()).toHaveLength(3)
    await store.remove(first)
    expect(await onDisk()).toHaveLength(2)
    await store.removeOwner('ann')
    await store.removeOwner('ann')
    const [left, ...more] = await onDisk()
    expect(left).toContain(others.conversationId)
    expect(more).toEqual([])
    await store.save(first, files)
    expect(await onDisk()).toHaveLength(3)
  })

  it('are synced before they are said to be saved', async () => {
    const place = placeOf()
    const file = fileOf(BYTES)
    const held = disk.hold(place.conversationId)
    let isSaved = false
    const saving = store.save(place, [file]).then(() => {
      isSaved = true
    })
    await held.reached
    expect(isSaved).toBe(false)
    held.release()
    await saving
    const at = (part: string) => disk.calls.findLastIndex((call) => call.startsWith(part))
    expect(at('write ')).toBeLessThan(at('rename '))
    expect(at('rename ')).toBeLessThan(at('syncFolder '))
  })

  it('are not taken beyond it by one that has looked before another was done', async () => {
    const looked = Promise.withResolvers<void>()
    let looks = 0
    const { files } = disk
    const list = async (path: string) => {
      const names = await files.list(path)
      looks += 1
      if (looks === 2) await looked.promise
      return names
    }
    const options = { directory, logger, limit: LIMIT, files: { ...files, list } }
    const slow = createJsonAttachmentStore(options)
    const place = placeOf()
    const half = () => [fileOf(Buffer.alloc(60_000))]
    const both = [slow.save(place, half()), slow.save(place, half())]
    // Whichever looks first is done while the other one still looks.
    await Promise.race(both.map((save) => Promise.allSettled([save])))
    looked.resolve()
    const results = await Promise.allSettled(both)
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(results).toContainEqual({
      status: 'rejected',
      reason: expect.objectContaining({ code: 'too_large' }),
    })
    expect(await onDisk()).toHaveLength(1)
  })

  it('are all gone when one of them cannot be saved', async () => {
    const place = placeOf()
    await store.save(place, [fileOf(BYTES)])
    const files = [fileOf(BYTES), fileOf(BYTES)]
    disk.break('rename', 'ENOSPC')
    await expect(store.save(place, files)).rejects.toMatchObject({
      code: 'internal',
      message: 'The files could not be saved: the disk is full.',
    })
    disk.repair()
    expect(await onDisk()).toHaveLength(1)
    await store.save(place, files)
    expect(await onDisk()).toHaveLength(3)
  })

  it('are swept at the start when nothing wants them, with what a killed process left', async () => {
    const [kept, gone] = [placeOf(), placeOf('bob')]
    const files = [fileOf(BYTES), fileOf(BYTES)]
    await store.save(kept, files)
    await store.save(gone, [fileOf(BYTES)])
    const name = (await onDisk()).find((path) => path.includes(gone.conversationId))!
    await writeFile(join(directory, `${name}.abc-1.tmp`), 'half')
    const later = open()
    await later.sweep(
      async ({ conversationId }) =>
        conversationId === kept.conversationId ? new Set([files[1]!.id]) : new Set(),
      forever,
    )
    expect(await onDisk()).toHaveLength(1)
    expect(await later.read(kept, files[1]!.id)).toBeDefined()
    expect((await readdir(directory, { recursive: true })).join()).not.toContain('.tmp')
  })

  it('that come while others are swept are left alone, although no message has them yet', async () => {
    const place = placeOf()
    await store.save(place, [fileOf(BYTES)])
    const coming = fileOf(BYTES)
    await store.sweep(async () => {
      await store.save(place, [coming])
      return new Set()
    }, forever)
    expect(await onDisk()).toHaveLength(1)
    const meanwhile = fileOf(BYTES)
    const held = disk.hold('list ')
    const sweeping = store.sweep(async () => new Set([coming.id]), forever)
    await held.reached
    await store.save(place, [meanwhile])
    held.release()
    await sweeping
    expect(await store.read(place, meanwhile.id)).toBeDefined()
    expect(await onDisk()).toHaveLength(2)
  })

  it('are left alone where nothing tells whose they are', async () => {
    const place = placeOf()
    await store.save(place, [fileOf(BYTES)])
    const [name = ''] = await readdir(join(directory, 'attachments'))
    await writeFile(join(directory, 'attachments', name, 'owner.json'), '{')
    await open().sweep(async () => new Set(), forever)
    expect(await onDisk()).toHaveLength(1)
  })
})
