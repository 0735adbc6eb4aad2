import { mkdtemp, readFile, rm, stat, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Contact, ContactStore, Delivery } from '../core/ports/index.ts'
import { createJsonContactStore } from './json-contacts.ts'
import { createTestDisk } from '../testing/stores/test-disk.ts'
import { createRecordingLogger } from '../testing/stores/testing.ts'

let directory: string
let disk: ReturnType<typeof createTestDisk>
let store: ContactStore
let count = 0
const logger = createRecordingLogger()
const open = async () => {
  store = await createJsonContactStore({ directory, logger, files: disk.files })
}
const reopen = async () => {
  await store.close()
  await open()
}
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samosa-contacts-'))
  disk = createTestDisk()
  await open()
})
afterEach(async () => {
  await store.close()
  await rm(directory, { recursive: true })
})

const PENDING: Delivery = { state: 'pending', attempts: 0, lastAttemptAt: null, problem: null }
const DELIVERED: Delivery = { ...PENDING, state: 'delivered', attempts: 1 }
const example = (given: Partial<Contact> = {}): Contact => ({
  id: `id-${(count += 1)}`,
  ownerId: 'ann',
  message: 'Grüße 😀\nund Küsse',
  email: 'ann@example.com',
  about: { conversationId: 'c', title: null, question: 'Wo?', messageId: null },
  delivery: PENDING,
  createdAt: '2026-01-01T00:00:00.000Z',
  ...given,
})
const file = () => join(directory, 'contacts.jsonl')
const messages = async () =>
  (await store.list({ limit: 100, offset: 0 })).items.map((one) => one.id)

it('has what was acknowledged, wherever the last line was torn', async () => {
  const first = example()
  await store.add(first)
  const whole = (await stat(file())).size
  await store.add(example())
  await store.close()
  const bytes = await readFile(file())
  for (let length = whole; length < bytes.length; length += 13) {
    await truncate(file(), length)
    await open()
    expect(await messages()).toEqual([first.id])
    const next = example()
    await store.add(next)
    await reopen()
    expect(await messages()).toEqual([next.id, first.id])
    await store.removeOwner('nobody')
    await store.close()
    await truncate(file(), whole)
  }
  await open()
})

it('writes changes of deliveries as lines, and the file anew when most of it is old', async () => {
  const contact = example()
  await store.add(contact)
  const writes = () => disk.calls.filter((call) => call.startsWith('write')).length
  const before = writes()
  for (let attempts = 1; attempts <= 1_200; attempts += 1) {
    await store.setDelivery(contact.id, { ...PENDING, attempts })
  }
  expect(writes() - before).toBe(1)
  expect((await readFile(file(), 'utf8')).split('\n').length).toBeLessThan(300)
  await reopen()
  expect(await store.find(contact.id)).toEqual({
    ...contact,
    delivery: { ...PENDING, attempts: 1_200 },
  })
})

it('takes what is erased off the disk, and leaves the rest', async () => {
  const [gone, stays] = [example({ message: 'goes' }), example({ ownerId: 'bo', key: 'k' })]
  await store.add(gone)
  await store.add(stays)
  await store.removeOwner('ann')
  expect(await readFile(file(), 'utf8')).not.toContain('goes')
  expect(await messages()).toEqual([stays.id])
  await store.setDelivery(gone.id, DELIVERED)
  await store.add(example({ id: 'new' }))
  await reopen()
  expect(await messages()).toEqual(['new', stays.id])
  expect(await store.findByKey('bo', 'k')).toEqual(stays)
})

it('says so when the disk fails, keeps nothing of that, and goes on when it works again', async () => {
  const first = example()
  await store.add(first)
  for (const name of ['append', 'sync'] as const) {
    disk.break(name, 'ENOSPC')
    await expect(store.add(example())).rejects.toMatchObject({
      code: 'internal',
      message: 'Your message could not be saved: the disk is full.',
    })
    disk.repair()
  }
  const last = example()
  await store.add(last)
  expect(await messages()).toEqual([last.id, first.id])
  await reopen()
  expect(await messages()).toEqual([last.id, first.id])
})

it('erases the words of a conversation, and nothing else', async () => {
  const about = { conversationId: 'gone', title: 'Zucchini', question: 'Zucchini?', messageId: 'm' }
  const [before, other, after] = [example({ about, key: 'k' }), example(), example({ about })]
  for (const one of [before, other, after]) await store.add(one)
  await store.setDelivery(before.id, DELIVERED)
  await store.forgetConversation('gone')
  const size = (await stat(file())).size
  await store.forgetConversation('gone')
  await store.forgetConversation('unknown')
  expect((await stat(file())).size).toBe(size)
  expect(await readFile(file(), 'utf8')).not.toContain('Zucchini')
  const blank = { ...about, title: null, question: null }
  for (const again of [false, true]) {
    if (again) await reopen()
    expect((await store.list({ limit: 9, offset: 0 })).items).toEqual([
      { ...after, about: blank },
      other,
      { ...before, about: blank, delivery: DELIVERED },
    ])
    expect(await store.findByKey('ann', 'k')).toMatchObject({ id: before.id })
  }
})
