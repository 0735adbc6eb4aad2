/** Starts on copies of the folder of a running store, whose files were taken one by one. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ConversationStore } from '../core/ports/index.ts'
import type { FileSystem } from './disk/file-system.ts'
import { createJsonFileStore } from './json-conversations.ts'
import { createMemoryDisk } from '../testing/stores/memory-disk.ts'
import {
  EXAMPLE_TIME,
  exampleConversation,
  exampleMessage,
} from '../testing/stores/store-examples.ts'
import { createRecordingLogger } from '../testing/stores/testing.ts'

const FOLDER = '/data'
const OWNERS = ['asha', 'bela']
const SAVE_DELAY = 1000

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

type Disk = ReturnType<typeof createMemoryDisk>

/** The disk of one process, which can do nothing more once it is killed. */
function mortal(files: FileSystem) {
  let isDead = false
  const guarded = Object.entries(files).map(
    ([name, call]: [string, (...args: never[]) => unknown]) => [
      name,
      (...args: never[]) => {
        if (isDead) throw new Error('killed')
        return call(...args)
      },
    ],
  )
  const kill = () => {
    isDead = true
  }
  return { files: Object.fromEntries(guarded) as FileSystem, kill }
}

/** Conversations are long as soon as they have two messages. */
const LONG = { above: 1, newest: 1, loaded: 1, chunk: 64 }

/** A small one, with many files in its journal. */
async function open(disk: Disk, long: typeof LONG | undefined, now = () => EXAMPLE_TIME) {
  const process = mortal(disk.files)
  const logger = createRecordingLogger()
  const store = await createJsonFileStore({
    directory: FOLDER,
    files: process.files,
    logger,
    clock: now,
    saveDelay: SAVE_DELAY,
    segmentLength: 3000,
    ...(long && { long }),
  })
  return { store, logger, kill: process.kill }
}

/** All that is due happens: files are saved, what was replaced leaves the journal. */
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

/** Takes the files of a disk one after the other; what it has in the end is a copy of no one moment. */
function createCopying(
  disk: Disk,
  rank: (path: string) => number | string,
  listing: 'at once' | 'by folder',
) {
  const copied = new Map<string, Uint8Array>()
  const inOrder = (paths: Iterable<string>) =>
    [...paths].toSorted((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0))
  const topOf = (path: string) => path.split('/')[2]!
  const all = [...disk.contents().keys()]
  const folders = inOrder(new Set(all)).map(topOf)
  const waiting = listing === 'at once' ? [inOrder(all)] : []
  let names: string[] = waiting[0] ?? []
  let tops = listing === 'at once' ? [] : [...new Set(folders)]
  let half: { path: string; bytes: Uint8Array; inode: number | undefined } | undefined

  const finish = async () => {
    if (!half) return
    const { path, bytes, inode } = half
    half = undefined
    const length = bytes.length >> 1
    // An open file goes on where it is, one that has been replaced as well.
    const isSame = (await disk.files.stamp(path))?.inode === inode
    const now = (isSame ? disk.contents().get(path) : undefined) ?? bytes
    copied.set(path, Buffer.concat([bytes.subarray(0, length), now.subarray(length)]))
  }
  const step = async (): Promise<boolean> => {
    if (half) {
      await finish()
      return true
    }
    if (names.length === 0 && tops.length > 0) {
      const [top] = tops
      tops = tops.slice(1)
      names = inOrder([...disk.contents().keys()].filter((path) => topOf(path) === top))
      return true
    }
    const path = names.shift()
    if (path === undefined) return false
    const bytes = disk.contents().get(path)
    if (bytes) half = { path, bytes, inode: (await disk.files.stamp(path))?.inode }
    return true
  }
  return {
    step,
    async rest() {
      while (await step());
      return createMemoryDisk(copied)
    },
  }
}

interface Known {
  readonly owner: string
  title: string | null
  messages: { readonly id: string; readonly content: string }[]
}
/** As it was after each change. */
type History = Map<string, readonly Known[]>

const seen = async (
  store: ConversationStore,
  owner: string,
  id: string,
): Promise<Known | undefined> => {
  const conversation = await store.find(owner, id)
  const messages = await store.messages(owner, id)
  return (
    conversation && {
      owner,
      title: conversation.title,
      messages: messages!.map(({ id: messageId, content }) => ({ id: messageId, content })),
    }
  )
}

const work = fc.oneof(
  { weight: 2, arbitrary: fc.record({ type: fc.constant('create' as const), at: fc.nat(1) }) },
  { weight: 8, arbitrary: fc.record({ type: fc.constant('add' as const), at: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('replace' as const), at: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('rename' as const), at: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('remove' as const), at: fc.nat(9) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('save' as const), at: fc.nat(10) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constantFrom('restart' as const, 'kill' as const),
      at: fc.nat(0),
    }),
  },
)
const copy = fc.record({ type: fc.constant('copy' as const), at: fc.nat(3) })
type Step = (typeof work extends fc.Arbitrary<infer T> ? T : never) | { type: 'copy'; at: number }

/** By name in some order, the folders in some order: whatever a tool may do. */
const ranks: readonly ((path: string) => string | number)[] = [
  (path) => path,
  (path) => -path.split('').reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 99_991, 7),
  (path) => (path.includes('/journal/') ? `a${path}` : `b${path}`),
  (path) => (path.includes('/journal/') ? `b${path}` : `a${path}`),
  (path) => [...path].map((letter) => String.fromCharCode(255 - letter.charCodeAt(0))).join(''),
]

describe('a start on a copy', () => {
  it('has all that was acknowledged before it was begun, whatever happened meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(work, { minLength: 4, maxLength: 20 }),
        fc.array(fc.oneof({ weight: 1, arbitrary: work }, { weight: 2, arbitrary: copy }), {
          maxLength: 40,
        }),
        fc.constantFrom(...ranks),
        fc.constantFrom('at once' as const, 'by folder' as const),
        fc.constantFrom(undefined, LONG),
        async (before, during, rank, listing, long) => {
          const disk = createMemoryDisk()
          let process = await open(disk, long)
          const history: History = new Map()
          const removed = new Set<string>()
          /** Lost something while the copy was made. */
          const reduced = new Set<string>()

          const run = async (step: Step, copying?: ReturnType<typeof createCopying>) => {
            const ids = [...history.keys()].filter((id) => !removed.has(id))
            const id = ids[step.at % Math.max(1, ids.length)]
            const known = id === undefined ? undefined : history.get(id)?.at(-1)
            const note = (next: Known) => history.set(id!, [...history.get(id!)!, next])
            const { store } = process
            if (step.type === 'copy') {
              for (let times = 0; times <= step.at; times += 1) await copying?.step()
            } else if (step.type === 'create') {
              const owner = OWNERS[step.at]!
              const conversation = exampleConversation({ ownerId: owner })
              await store.create(conversation)
              history.set(conversation.id, [{ owner, title: null, messages: [] }])
            } else if (step.type === 'save') {
              await pass(SAVE_DELAY * step.at)
            } else if (step.type === 'restart' || step.type === 'kill') {
              if (step.type === 'restart') await store.close()
              process.kill()
              process = await open(disk, long)
            } else if (!known || id === undefined) {
              // There is nothing to change yet.
            } else if (step.type === 'add' || step.type === 'replace') {
              const last = step.type === 'replace' ? known.messages.slice(-1) : []
              const message = exampleMessage({
                content: `${id} ${step.at} ${known.messages.length}`,
              })
              const dropMessageIds = last.map((dropped) => dropped.id)
              await store.addMessage(known.owner, id, { message, dropMessageIds })
              const stay = known.messages.slice(0, known.messages.length - last.length)
              note({ ...known, messages: [...stay, { id: message.id, content: message.content }] })
              if (copying && last.length > 0) reduced.add(id)
            } else if (step.type === 'rename') {
              const title = `title ${history.get(id)!.length}`
              await store.update(known.owner, id, { title })
              note({ ...known, title })
              if (copying) reduced.add(id)
            } else {
              await store.remove(known.owner, id)
              removed.add(id)
            }
          }

          for (const step of before) await run(step)
          const copying = createCopying(disk, rank, listing)
          const acknowledged = new Map([...history].map(([id, states]) => [id, states.length]))
          const gone = new Set(removed)
          for (const step of during) await run(step, copying)
          const copiedDisk = await copying.rest()

          const copied = await open(copiedDisk, long)
          const check = async (store: ConversationStore) => {
            for (const [id, states] of history) {
              const { owner } = states[0]!
              const found = await seen(store, owner, id)
              if (gone.has(id)) expect(found).toBeUndefined()
              // What was removed while it was copied may be there or not, as may what was begun.
              if (removed.has(id) || !acknowledged.has(id)) continue
              const since = states.slice(acknowledged.get(id)! - 1)
              if (!reduced.has(id)) {
                expect(since).toContainEqual(found)
                continue
              }
              const left = since[0]!.messages.filter((message) =>
                since.every(({ messages }) => messages.some((other) => other.id === message.id)),
              )
              expect(found?.messages).toEqual(expect.arrayContaining(left))
            }
          }
          await check(copied.store)
          const listed = await Promise.all(
            OWNERS.map((owner) => copied.store.conversationIds(owner)),
          )
          for (const id of acknowledged.keys()) {
            if (!removed.has(id)) expect(listed.flat()).toContain(id)
          }
          expect(copied.logger.lines.filter(({ level }) => level === 'error')).toEqual([])
          await copied.store.close()
          const again = await open(copiedDisk, long)
          await check(again.store)
        },
      ),
      { numRuns: 240 },
    )
  }, 60_000)
})
