/** What is kept beside conversations, and that servers which share it do not get into each other's way. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Account, Contact, Draft, DraftStore, Identity } from '../../core/ports/index.ts'
import {
  type DatabaseServer,
  startPostgres,
  whyNoPostgres,
} from '../../testing/database-servers.ts'
import { eventually } from '../../testing/eventually.ts'
import { describeAccountStore } from '../../testing/stores/account-suite.ts'
import { ATTACHMENT_LIMIT, describeAttachmentStore } from '../../testing/stores/attachment-suite.ts'
import { describeContactStore } from '../../testing/stores/contact-suite.ts'
import { describeDraftStore } from '../../testing/stores/draft-suite.ts'
import { exampleMessage } from '../../testing/stores/store-examples.ts'
import { createRecordingLogger } from '../../testing/stores/testing.ts'
import { describeUserDirectory } from '../../testing/stores/user-suite.ts'
import { createPostgresAccounts } from './accounts.ts'
import { createRunAlone } from './alone.ts'
import { createPostgresAttachments } from './attachments.ts'
import { createPostgresContacts } from './contacts.ts'
import { connectDatabase, type Database } from './database.ts'
import { createPostgresDrafts } from './drafts.ts'
import { openPostgresStores } from './index.ts'
import { createPostgresUsers } from './users.ts'

const logger = createRecordingLogger()

describe.skipIf(whyNoPostgres())(`in PostgreSQL ${whyNoPostgres() ?? ''}`, () => {
  let server: DatabaseServer
  let database: Database
  const open = () => openPostgresStores({ url: server.url, logger, attachmentBytes: 100_000 })
  let here: Awaited<ReturnType<typeof open>>
  let there: Awaited<ReturnType<typeof open>>

  beforeAll(async () => {
    server = await startPostgres()
    // Both make the tables: one waits for the other.
    ;[here, there] = await Promise.all([open(), open()])
    database = connectDatabase({ url: server.url, logger })
  })
  beforeEach(() => truncate())
  afterAll(async () => {
    for (const stores of [here, there]) {
      await stores.drafts.close()
      await stores.users.close()
      await stores.conversations.close()
    }
    await database.close()
    await server.stop()
  })

  const truncate = async () => {
    await database.sql`truncate attachments, drafts, users, accounts, contacts, texts`
  }
  const nothing = async () => {}

  describeAttachmentStore('files of messages', async () => {
    await truncate()
    const reopen = () => createPostgresAttachments({ database, logger, limit: ATTACHMENT_LIMIT })
    const settle = async () => {
      await database.sql`update attachments set saved_at = now() - interval '2 hours'`
    }
    return { store: reopen(), reopen, settle, end: nothing }
  })

  describeDraftStore('drafts', async () => {
    await truncate()
    let last: DraftStore | undefined
    return {
      async start() {
        await last?.close()
        last = await createPostgresDrafts({ database, logger, serverId: randomUUID() })
        return last
      },
      end: async () => await last?.close(),
    }
  })

  describeAccountStore('accounts', async () => {
    await truncate()
    const reopen = async () => createPostgresAccounts(database)
    return { store: await reopen(), reopen, end: nothing }
  })

  describeUserDirectory('users', async (clock) => {
    await truncate()
    let users = createPostgresUsers({ database, logger, clock })
    return {
      users,
      async reopen() {
        await users.close()
        users = createPostgresUsers({ database, logger, clock })
        return users
      },
      end: () => users.close(),
    }
  })

  describeContactStore('entries of the contact form', async () => {
    await truncate()
    const reopen = async () => createPostgresContacts({ database, logger })
    return { store: await reopen(), reopen, end: nothing }
  })

  describe('files that several servers have', () => {
    const place = { ownerId: 'asha \ud800', conversationId: randomUUID() }
    const file = (size: number, id = randomUUID()) => ({
      id,
      filename: 'a.bin',
      contentType: 'application/octet-stream',
      sizeBytes: size,
      bytes: new Uint8Array(size).fill(7),
    })

    it('come back as they were, on every server, for their owner alone', async () => {
      const given = file(50_000)
      await here.attachmentStore.save(place, [given])
      expect(await there.attachmentStore.read(place, given.id)).toEqual(Buffer.from(given.bytes))
      expect(await there.attachmentStore.conversationOf(place.ownerId, given.id)).toBe(
        place.conversationId,
      )
      expect(await there.attachmentStore.conversationOf('somebody', given.id)).toBeUndefined()
      await there.attachmentStore.remove(place, [given.id])
      expect(await here.attachmentStore.read(place, given.id)).toBeUndefined()
    })

    it('are refused whole when an owner would have too many, though they come to two servers at once', async () => {
      const saved = await Promise.allSettled(
        [here, there, here, there].map(({ attachmentStore }) =>
          attachmentStore.save(place, [file(20_000), file(20_000)]),
        ),
      )
      expect(saved.map(({ status }) => status).toSorted()).toEqual([
        'fulfilled',
        'fulfilled',
        'rejected',
        'rejected',
      ])
      const [row] = await database.sql<
        { count: number }[]
      >`select count(*) as count from attachments`
      expect(row?.count).toBe(4)
    })

    it('go when no message has them, and only once their message cannot be on its way any more', async () => {
      const store = createPostgresAttachments({ database, logger, limit: 1_000_000 })
      const [kept, lost, fresh] = [file(10), file(10), file(10)]
      await store.save(place, [kept, lost, fresh])
      await database.sql`
        update attachments set saved_at = now() - interval '2 hours' where id <> ${fresh.id}`
      const asked: unknown[] = []
      await store.sweep(
        async (stored) => {
          asked.push(stored.ownerId, stored.conversationId)
          return new Set([kept.id])
        },
        { signal: new AbortController().signal },
      )
      expect(asked).toEqual([place.ownerId, place.conversationId])
      const ids = await Promise.all([kept, lost, fresh].map(({ id }) => store.read(place, id)))
      expect(ids.map((bytes) => bytes !== undefined)).toEqual([true, false, true])
    })

    it('are erased with all that an owner has', async () => {
      const given = file(10)
      await here.attachmentStore.save(place, [given])
      await there.attachmentStore.removeOwner(place.ownerId)
      expect(await here.attachmentStore.read(place, given.id)).toBeUndefined()
    })
  })

  describe('drafts of several servers', () => {
    const draftOf = (content: string, id: string = randomUUID()): Draft => ({
      ownerId: 'asha',
      userMessageId: 'u',
      turnId: 't',
      message: exampleMessage({ id, role: 'assistant', content }),
    })

    it('of a server that lives are nobody else’s, and those of a dead one are everybody’s', async () => {
      const ours = await createPostgresDrafts({ database, logger, serverId: randomUUID() })
      const dead = randomUUID()
      const left = await createPostgresDrafts({ database, logger, serverId: dead })
      const draft = draftOf('half \ud83e')
      await left.save(draftOf('less', draft.message.id))
      await left.save(draft)
      expect(await ours.all()).toEqual([])
      await left.close()
      expect(await ours.all()).toEqual([draft])
      expect(await here.drafts.all()).toEqual([draft])
      await ours.remove(draft.message.id)
      expect(await ours.all()).toEqual([])
      await ours.close()
    })

    it('go with their conversation, or with their owner', async () => {
      const [one, other] = [draftOf('one'), draftOf('other')]
      const left = await createPostgresDrafts({ database, logger, serverId: randomUUID() })
      await left.save(one)
      await left.save({ ...other, message: { ...other.message, conversationId: 'c' } })
      await left.close()
      await here.drafts.erase('asha', 'c')
      expect(await here.drafts.all()).toEqual([one])
      await here.drafts.erase('asha')
      expect(await here.drafts.all()).toEqual([])
    })
  })

  describe('accounts of several servers', () => {
    const accountOf = (username: string, email: string | null = null): Account => ({
      id: randomUUID(),
      username,
      email,
      fullName: null,
      roles: [],
      allowedProducts: [],
      allowedAgents: [],
      isActive: true,
      tokenVersion: 0,
      passwordHash: 'hash',
      knownPlaces: [],
      createdAt: new Date().toISOString(),
      updatedAt: new Date().toISOString(),
      lastLoginAt: null,
    })

    it('have one first, though two servers add it at once', async () => {
      const stores = await Promise.all([here.openAccounts(), there.openAccounts()])
      const additions = await Promise.all(
        stores.map((store, place) => store.add(accountOf(`first ${place}`), { onlyFirst: true })),
      )
      expect(additions.toSorted()).toEqual(['added', 'not first'])
      expect(await stores[0].count()).toBe(1)
    })

    it('have no name and no address twice, however it is written', async () => {
      const [one, other] = await Promise.all([here.openAccounts(), there.openAccounts()])
      const add = (store: typeof one, username: string, email: string | null) =>
        store.add(accountOf(username, email), { onlyFirst: false })
      expect(await add(one, 'Ada', 'ada@example.com')).toBe('added')
      expect(await add(other, 'ADA', null)).toBe('username taken')
      expect(await add(other, 'bob', 'Ada@Example.com')).toBe('email taken')
      expect((await other.findByUsername('aDa'))?.email).toBe('ada@example.com')
      expect((await other.list()).map(({ username }) => username)).toEqual(['Ada'])
    })

    it('lose no change that two servers make at once, and each server learns of it soon', async () => {
      const [one, other] = await Promise.all([here.openAccounts(), there.openAccounts()])
      const account = accountOf('ada')
      await one.add(account, { onlyFirst: false })
      expect((await other.find(account.id))?.tokenVersion).toBe(0)
      const raise = ({ tokenVersion }: Account) => ({ tokenVersion: tokenVersion + 1 })
      await Promise.all(
        Array.from({ length: 10 }, (_, n) => (n % 2 ? one : other).change(account.id, raise)),
      )
      await eventually(async () => {
        for (const store of [one, other]) {
          expect((await store.find(account.id))?.tokenVersion).toBe(10)
        }
      })
      expect(await one.change(randomUUID(), raise)).toBeUndefined()
    })
  })

  it('users are noted by whichever server they come to', async () => {
    const identity = (userId: string, roles: readonly string[] = []): Identity => ({
      userId,
      roles,
      email: `${userId}@example.com`,
    })
    here.users.note(identity('ada'))
    there.users.note(identity('bob', ['admin']))
    expect(await there.users.list()).toHaveLength(1)
    expect((await here.users.list()).map(({ id, isAdmin }) => ({ id, isAdmin }))).toEqual([
      { id: 'ada', isAdmin: false },
      { id: 'bob', isAdmin: true },
    ])
    await there.users.remove('ada')
    expect((await here.users.list()).map(({ id }) => id)).toEqual(['bob'])
  })

  describe('entries that several servers deliver', () => {
    const contactOf = (parts: Partial<Contact> = {}): Contact => ({
      id: randomUUID(),
      ownerId: 'asha',
      message: 'Call me \u0000 \ud800',
      email: 'asha@example.com',
      about: { conversationId: 'c', title: 'Ferns', question: 'Why?', messageId: null },
      delivery: { state: 'pending', attempts: 0, lastAttemptAt: null, problem: null },
      createdAt: new Date().toISOString(),
      ...parts,
    })

    it('come back as they were, newest first, and are found by their key', async () => {
      const [one, other] = [contactOf({ key: 'k' }), contactOf({ about: null, delivery: null })]
      await here.contactStore.add(one)
      await there.contactStore.add(other)
      const page = await here.contactStore.list({ limit: 1, offset: 0 })
      expect(page).toEqual({ items: [other], total: 2 })
      expect(await there.contactStore.find(one.id)).toEqual(one)
      expect(await there.contactStore.findByKey('asha', 'k')).toEqual(one)
      expect(await there.contactStore.findByKey('bob', 'k')).toBeUndefined()
    })

    it('are delivered by one server at a time', async () => {
      const contact = contactOf()
      await here.contactStore.add(contact)
      expect((await there.contactStore.pending()).map(({ id }) => id)).toEqual([contact.id])
      const claims = await Promise.all(
        [here, there].map(({ contactStore }) => contactStore.claimDelivery(contact.id)),
      )
      expect(claims.filter(Boolean)).toHaveLength(1)
      const delivery = {
        state: 'pending',
        attempts: 1,
        lastAttemptAt: null,
        problem: 'no',
      } as const
      await here.contactStore.setDelivery(contact.id, delivery)
      expect(await there.contactStore.find(contact.id)).toEqual({ ...contact, delivery })
      expect(await there.contactStore.claimDelivery(contact.id)).toBe(true)
      await there.contactStore.setDelivery(contact.id, { ...delivery, state: 'delivered' })
      expect(await here.contactStore.pending()).toEqual([])
    })

    it('lose the words of a conversation that is erased, and go with their owner', async () => {
      const contact = contactOf()
      await here.contactStore.add(contact)
      await there.contactStore.forgetConversation('c')
      expect((await here.contactStore.find(contact.id))?.about).toEqual({
        ...contact.about,
        title: null,
        question: null,
      })
      await there.contactStore.removeOwner('asha')
      expect(await here.contactStore.find(contact.id)).toBeUndefined()
    })
  })

  describe('what one server at a time does', () => {
    it('is done by no other one until it is over, and then by whoever asks', async () => {
      const done: string[] = []
      const [begun, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const first = here.runAlone(async () => {
        begun.resolve()
        await over.promise
        done.push('here')
      })
      await begun.promise
      await there.runAlone(async () => void done.push('there'))
      over.resolve()
      await first
      expect(done).toEqual(['here'])
      await there.runAlone(async () => void done.push('there'))
      expect(done).toEqual(['here', 'there'])
    })

    it('is free again when the work fails, and the failure is told', async () => {
      const fail = here.runAlone(async () => {
        throw new Error('the work')
      })
      await expect(fail).rejects.toThrow('the work')
      let isDone = false
      await there.runAlone(async () => void (isDone = true))
      expect(isDone).toBe(true)
    })

    it('is another one’s once a server has died at it, and one that wakes up is told', async () => {
      const frozen = createRunAlone({ database, serverId: randomUUID(), renewEvery: 5 })
      const begun = Promise.withResolvers<void>()
      const woken = frozen(async ({ signal }) => {
        begun.resolve()
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
      })
      await begun.promise
      const [over, taken] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const next = eventually(async () => {
        await database.sql`update chores set claimed_until = now() - interval '1 second'`
        let isOurs = false
        await there.runAlone(async () => {
          isOurs = true
          taken.resolve()
          await over.promise
        })
        expect(isOurs).toBe(true)
      })
      await taken.promise
      await woken
      over.resolve()
      await next
      expect(await database.sql`select name from chores`).toHaveLength(0)
    })
  })

  describe('the secret', () => {
    const [ours, theirs] = ['o'.repeat(40), 't'.repeat(40)]
    beforeEach(async () => {
      await database.sql`update servers set secret = null`
    })

    it('is the same on all servers, or the second does not start, and nothing is told of it', async () => {
      const started = await Promise.allSettled([here.checkSecret(ours), there.checkSecret(theirs)])
      expect(started.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
      expect(started.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { message: expect.stringMatching(/^JWT_SECRET_KEY: another server .* stop all/) },
      })
      const rows = await database.sql`select * from servers, texts`
      expect(JSON.stringify(rows)).not.toMatch(/o{40}|t{40}/)
    })

    it('is taken by any number of servers that have the same', async () => {
      await Promise.all([here.checkSecret(ours), there.checkSecret(ours)])
      await here.checkSecret(ours)
    })

    it('may be another one once all servers that had the old one have stopped', async () => {
      const old = await open()
      await old.checkSecret(ours)
      await expect(there.checkSecret(theirs)).rejects.toThrow('JWT_SECRET_KEY')
      await old.drafts.close()
      await old.conversations.close()
      await there.checkSecret(theirs)
    })
  })

  it('a text that is made once is the same for all servers that start together', async () => {
    const texts = [here, there, here, there].map(({ fileIn }) => fileIn('jwt-secret'))
    const kept = await Promise.all(texts.map((text, place) => text.keepFirst(`secret ${place}`)))
    expect(new Set(kept).size).toBe(1)
    await texts[0]?.replace('another')
    expect(await texts[1]?.read()).toBe('another')
    expect(await here.fileIn('nothing').read()).toBeUndefined()
  })
})
