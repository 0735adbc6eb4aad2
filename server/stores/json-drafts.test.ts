import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Draft } from '../core/ports/index.ts'
import { readDraftLines, removedLineOf, savedLineOf, createJsonDraftStore } from './json-drafts.ts'
import { type FileSystem, nodeFileSystem } from './disk/file-system.ts'

import { exampleMessage } from '../testing/stores/store-examples.ts'
import { createTestDisk } from '../testing/stores/test-disk.ts'
import { createRecordingLogger } from '../testing/stores/testing.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samosa-drafts-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const start = (parts: Partial<Parameters<typeof createJsonDraftStore>[0]> = {}) =>
  createJsonDraftStore({ directory, logger: createRecordingLogger(), ...parts })

const message = exampleMessage({ role: 'assistant' })
const other = exampleMessage({ role: 'assistant' })
const draftOf = (content: string, of = message): Draft => ({
  ownerId: 'asha',
  message: { ...of, content },
})

const folder = () => join(directory, 'drafts')
const filesOnDisk = () => readdir(folder())
async function textOnDisk(): Promise<string> {
  const names = await filesOnDisk()
  return (await Promise.all(names.map((name) => readFile(join(folder(), name), 'utf8')))).join('')
}
const contents = (drafts: readonly Draft[]) => drafts.map(({ message: { content } }) => content)

it('writes of an answer only what is new, and gives it back whole, emoji cut in two included', async () => {
  const drafts = start()
  await drafts.save(draftOf('The first \ud83e'))
  await drafts.save(draftOf('The first \ud83e\udd5f and'))
  await drafts.save(draftOf('The first \ud83e\udd5f and more'))
  expect((await textOnDisk()).match(/The first/g)).toHaveLength(1)
  expect(await start().all()).toEqual([draftOf('The first \ud83e\udd5f and more')])
})

it('leaves nothing on the disk of answers that are done', async () => {
  const drafts = start()
  await drafts.save(draftOf('one'))
  await drafts.save(draftOf('two', other))
  await drafts.remove(message.id)
  expect(contents(await start().all())).toEqual(['two'])
  await drafts.remove(other.id)
  expect(await filesOnDisk()).toEqual([])
})

it('lets what is done go after a while, however many others are being written', async () => {
  let now = 0
  const drafts = start({ now: () => now })
  await drafts.save(draftOf('done soon'))
  await drafts.save(draftOf('long', other))
  await drafts.remove(message.id)
  now = 61_000
  await drafts.save(draftOf('long answer', other))
  await drafts.save(draftOf('long answer still', other))
  expect(await filesOnDisk()).toHaveLength(1)
  expect(await textOnDisk()).not.toContain('done soon')
  expect(contents(await start().all())).toEqual(['long answer still'])
})

it('takes off the disk what one owner had, done or not, and leaves the others theirs', async () => {
  const drafts = start()
  const third = exampleMessage({ role: 'assistant' })
  await drafts.save(draftOf('private and done'))
  await drafts.save({ ownerId: 'bela', message: { ...other, content: 'still' } })
  await drafts.save(draftOf('private and open', third))
  await drafts.remove(message.id)
  await drafts.erase('asha')
  expect(await textOnDisk()).not.toContain('private')
  expect(contents(await start().all())).toEqual(['still'])
  await drafts.save({ ownerId: 'bela', message: { ...other, content: 'still growing' } })
  expect(contents(await start().all())).toEqual(['still growing'])
  await drafts.remove(other.id)
  expect(await filesOnDisk()).toEqual([])
})

it('keeps what is saved, and what is over, while it takes something off the disk', async () => {
  const drafts = start()
  const third = exampleMessage({ role: 'assistant' })
  const bela = (content: string, of = other): Draft => ({
    ...draftOf(content, of),
    ownerId: 'bela',
  })
  await drafts.save(draftOf('private'))
  await drafts.save(bela('one'))
  await drafts.save(bela('two', third))
  const erased = Promise.all([drafts.erase('asha'), drafts.erase('asha', 'any')])
  await Promise.all([drafts.save(bela('one more')), drafts.remove(third.id)])
  await erased
  expect(await textOnDisk()).not.toContain('private')
  expect(contents(await start().all())).toEqual(['one more'])
})

it('removes what a killed process has not finished', async () => {
  await start().save(draftOf('first'))
  await writeFile(join(folder(), 'x.jsonl.tmp'), 'half')
  await start().all()
  expect(await textOnDisk()).not.toContain('half')
})

it('takes off the disk what one conversation had, and leaves its owner the rest', async () => {
  const drafts = start()
  const elsewhere = exampleMessage({ role: 'assistant', conversationId: crypto.randomUUID() })
  await drafts.save(draftOf('private and done'))
  await drafts.save(draftOf('kept', elsewhere))
  await drafts.remove(message.id)
  await drafts.erase('asha', message.conversationId)
  expect(await textOnDisk()).not.toContain('private')
  expect(contents(await start().all())).toEqual(['kept'])
  await drafts.erase('asha')
  expect(await filesOnDisk()).toEqual([])
})

it('has found drafts until they are removed, those of an earlier version too', async () => {
  await start().save(draftOf('first'))
  await writeFile(join(folder(), 'earlier.json'), JSON.stringify(draftOf('earlier', other)))
  const drafts = start()
  expect(contents(await drafts.all()).toSorted()).toEqual(['earlier', 'first'])
  await drafts.remove(message.id)
  expect(contents(await start().all())).toEqual(['earlier'])
  await drafts.remove(other.id)
  expect(await filesOnDisk()).toEqual([])
})

it('gives what had come before the line at which its process was killed, wherever that was', () => {
  const first = savedLineOf(draftOf('One'), 0)
  const whole = first + savedLineOf(draftOf('One two'), 3)
  for (let cut = 0; cut <= whole.length; cut += 1) {
    const { drafts } = readDraftLines(Buffer.from(whole.slice(0, cut)))
    const expected = cut < first.length ? [] : cut < whole.length ? ['One'] : ['One two']
    expect(contents([...drafts.values()])).toEqual(expected)
  }
})

it('passes over lines that make no sense, and what hangs on them', () => {
  const text = [
    savedLineOf(draftOf('One'), 0),
    'garbage\n',
    savedLineOf(draftOf('One two three four'), 8),
    savedLineOf(draftOf('other', other), 0),
    removedLineOf('somebody'),
  ].join('')
  const { drafts, unreadable } = readDraftLines(Buffer.from(text))
  expect(contents([...drafts.values()])).toEqual(['One', 'other'])
  expect(unreadable).toBe(1)
})

it('begins a new file after a failed write, with the whole of what was written before', async () => {
  let fails = false
  const drafts = start({
    files: {
      ...nodeFileSystem,
      async grow(path, ahead) {
        const file = await nodeFileSystem.grow(path, ahead)
        return {
          ...file,
          append(bytes) {
            if (!fails) return file.append(bytes)
            file.append(bytes.subarray(0, 9))
            throw new Error('no space')
          },
        }
      },
    },
  })
  await drafts.save(draftOf('One'))
  fails = true
  await expect(drafts.save(draftOf('One two'))).rejects.toThrow('no space')
  expect(contents(await start().all())).toEqual(['One'])
  fails = false
  await drafts.save(draftOf('One two three'))
  expect(contents(await start().all())).toEqual(['One two three'])
  await drafts.remove(message.id)
  expect(await filesOnDisk()).toEqual([])
})

it('ends a file that could not be written once, however many drafts have waited for it', async () => {
  const disk = createTestDisk()
  const closed: string[] = []
  const files: FileSystem = {
    ...disk.files,
    async grow(path, ahead) {
      const file = await disk.files.grow(path, ahead)
      return {
        ...file,
        async close() {
          closed.push(path)
          await file.close()
        },
      }
    },
  }
  const drafts = start({ files })
  disk.break('append', 'ENOSPC')
  const saved = [drafts.save(draftOf('one')), drafts.save(draftOf('two', other))]
  for (const { status } of await Promise.allSettled(saved)) expect(status).toBe('rejected')
  expect(closed).toHaveLength(1)
  expect(disk.count('append')).toBe(1)
  disk.repair()
  await Promise.all([drafts.save(draftOf('one')), drafts.save(draftOf('two', other))])
  expect(contents(await start().all()).toSorted()).toEqual(['one', 'two'])
})
