/** Whom `samosa-chat erase` finds, what it asks, and what it leaves; that nothing is left is shown in `erasure.test.ts`. */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readConfig } from './config/index.ts'
import { ADMIN } from './core/accounts.ts'
import type { Account, Contact, Identity } from './core/ports/index.ts'
import { erase } from './erase.ts'
import { demoKnowledgeDirectory } from './package.ts'
import { createJsonAccountStore } from './stores/json-accounts.ts'
import { createJsonContactStore } from './stores/json-contacts.ts'
import { createJsonFileStore } from './stores/json-conversations.ts'
import { createJsonUserDirectory } from './stores/json-users.ts'
import { exampleAccount, exampleConversation } from './testing/stores/store-examples.ts'
import { createRecordingLogger } from './testing/stores/testing.ts'

const logger = createRecordingLogger()
let folder: string
let directory: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samosa-erase-'))
  directory = join(folder, 'data')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

interface Given {
  /** Owners with a conversation each. */
  readonly owners?: readonly string[]
  readonly accounts?: readonly Account[]
  readonly users?: readonly Identity[]
  readonly contacts?: readonly Pick<Contact, 'ownerId' | 'email'>[]
}

/** A data folder as a server leaves it. */
async function prepare({ owners = [], accounts = [], users = [], contacts = [] }: Given) {
  const store = await createJsonFileStore({ directory, logger })
  for (const ownerId of owners) await store.create(exampleConversation({ ownerId }))
  await store.close()
  const kept = await createJsonAccountStore({ directory, logger })
  for (const account of accounts) await kept.add(account, { onlyFirst: false })
  await kept.close()
  const seen = await createJsonUserDirectory({ directory, logger })
  for (const user of users) seen.note(user)
  await seen.close()
  const entries = await createJsonContactStore({ directory, logger })
  for (const contact of contacts) {
    const rest = { message: 'Call me', about: null, delivery: null }
    await entries.add({
      id: randomUUID(),
      ...rest,
      ...contact,
      createdAt: '2026-01-01T00:00:00.000Z',
    })
  }
  await entries.close()
}

/** Who has something still. */
async function left() {
  const store = await createJsonFileStore({ directory, logger })
  const owners = (await store.owners()).map(({ ownerId }) => ownerId).toSorted()
  await store.close()
  const kept = await createJsonAccountStore({ directory, logger })
  const accounts = (await kept.list()).map(({ username }) => username).toSorted()
  await kept.close()
  const seen = await createJsonUserDirectory({ directory, logger })
  const users = (await seen.list()).map(({ id }) => id).toSorted()
  await seen.close()
  const entries = await createJsonContactStore({ directory, logger })
  const { items } = await entries.list({ limit: 100, offset: 0 })
  await entries.close()
  return { owners, accounts, users, contacts: items.map(({ ownerId }) => ownerId).toSorted() }
}

/** Resolves to what was printed. `answer`: what somebody types at a terminal; `end` for the end of the input. */
async function run(args: readonly string[], answer?: string) {
  const printed: string[] = []
  const input = Object.assign(new PassThrough(), { isTTY: answer !== undefined })
  if (answer === 'end') input.end()
  else if (answer !== undefined) input.write(`${answer}\n`)
  const remarks = new PassThrough({ encoding: 'utf8' })
  const config = readConfig({}, { directory: folder, demoKnowledge: demoKnowledgeDirectory() })
  await erase(args, { config, logger, input, remarks, print: (text) => printed.push(text) })
  return { printed: printed.join('\n'), asked: String(remarks.read() ?? '') }
}

const admin = exampleAccount({ id: randomUUID(), username: 'root', roles: [ADMIN] })
const ada = exampleAccount({
  ...{ id: randomUUID(), username: 'Ada', email: 'ada@example.com', fullName: 'Ada Lovelace' },
})

it.each(['Ada', ' ADA ', 'ada@example.com', ada.id])(
  'finds an account by %j, and leaves it unless it is to go',
  async (name) => {
    await prepare({ owners: [ada.id, 'bo'], accounts: [admin, ada] })
    const { printed } = await run(['--user', name, '--yes'])
    expect(printed).toBe(
      [
        `Of ${ada.id} (Ada, ada@example.com, Ada Lovelace) there is:`,
        '- 1 conversation, with messages and files',
        'The account "Ada" stays; --account erases it too.',
        'It is erased. Backups that were made before still have it.',
      ].join('\n'),
    )
    expect(await left()).toMatchObject({ owners: ['bo'], accounts: ['Ada', 'root'] })
    expect((await run(['--user', name, '--account', '--yes'])).printed).toContain(
      '- the account "Ada"',
    )
    expect(await left()).toMatchObject({ owners: ['bo'], accounts: ['root'] })
  },
)

it('finds who has signed in by name and address, and visitors by what they left in the contact form', async () => {
  const users = [
    { userId: 'auth|7', roles: [], email: 'bo@example.com', name: 'Bo Diddley' },
    { userId: 'auth|8', roles: [] },
  ]
  const contacts = [
    { ownerId: 'visitor', email: 'Cy@Example.com' },
    { ownerId: 'visitor', email: 'cy@example.com' },
    { ownerId: 'other', email: 'dan@example.com' },
  ]
  await prepare({ owners: ['auth|7', 'auth|8', 'visitor'], users, contacts })
  const { printed } = await run(['--user', 'bo diddley', '--yes'])
  expect(printed).toContain('- the entry in the list of users')
  expect((await run(['--user', 'cy@example.com', '--yes'])).printed).toContain(
    '- 2 messages of the contact form',
  )
  expect(await left()).toEqual({
    owners: ['auth|8'],
    accounts: [],
    users: ['auth|8'],
    contacts: ['other'],
  })
})

it('takes what is an id for that, whatever else is called so', async () => {
  await prepare({
    owners: ['bo', 'auth|7'],
    users: [{ userId: 'auth|7', roles: [], name: 'bo' }],
  })
  await run(['--user', 'bo', '--yes'])
  expect((await left()).owners).toEqual(['auth|7'])
})

it('names those whom a name may mean, and erases nobody', async () => {
  const users = ['1', '2'].map((userId) => ({
    userId,
    roles: [],
    name: 'Bo',
    email: `${userId}@x.org`,
  }))
  await prepare({ owners: ['1', '2'], users })
  await expect(run(['--user', 'bo', '--yes'])).rejects.toThrow(
    '"bo" may be any of these. Say by the id which one is meant:\n  1 (Bo, 1@x.org)\n  2 (Bo, 2@x.org)',
  )
  expect((await left()).owners).toEqual(['1', '2'])
})

it('says how people are found where there is nobody like that', async () => {
  await prepare({ owners: ['bo'] })
  await expect(run(['--user', 'nobody', '--yes'])).rejects.toThrow(
    /^There is nobody called "nobody" here, .*GET \/api\/admin\/users .* visitor_id/,
  )
})

it('says that there is nothing, and asks nobody', async () => {
  await prepare({ owners: ['bo'], accounts: [admin, ada] })
  expect(await run(['--user', 'ada'])).toEqual({
    printed: [
      `There is nothing of ${ada.id} (Ada, ada@example.com, Ada Lovelace).`,
      'The account "Ada" stays; --account erases it too.',
    ].join('\n'),
    asked: '',
  })
})

describe('a question', () => {
  beforeEach(() => prepare({ owners: ['bo'] }))

  it.each(['', 'n', 'no', 'yesterday'])('that is answered by %j erases nothing', async (answer) => {
    await expect(run(['--user', 'bo'], answer)).rejects.toThrow('Nothing was erased.')
    expect((await left()).owners).toEqual(['bo'])
  })

  it.each(['y', 'Yes'])('that is answered by %j erases', async (answer) => {
    const { asked } = await run(['--user', 'bo'], answer)
    expect(asked).toContain('Erase all of it? It cannot be undone. [y/N]')
    expect((await left()).owners).toEqual([])
  })

  it('that nobody answers erases nothing', async () => {
    await expect(run(['--user', 'bo'], 'end')).rejects.toThrow('Nothing was erased.')
    expect((await left()).owners).toEqual(['bo'])
  })

  it('is not asked where nobody can answer', async () => {
    await expect(run(['--user', 'bo'])).rejects.toThrow(
      'Nothing was erased: nobody is there to be asked. Add --yes.',
    )
    expect((await left()).owners).toEqual(['bo'])
  })
})

describe('an account', () => {
  it('of the only administrator stays, with all the rest', async () => {
    await prepare({ owners: [admin.id], accounts: [admin, ada] })
    await expect(run(['--user', 'root', '--account', '--yes'])).rejects.toThrow(
      /^Nothing was erased: root is the only administrator\. Add another one first:/,
    )
    expect(await left()).toMatchObject({ owners: [admin.id], accounts: ['Ada', 'root'] })
    const next = exampleAccount({ username: 'next', roles: [ADMIN] })
    await prepare({ accounts: [next] })
    await run(['--user', 'root', '--account', '--yes'])
    expect(await left()).toMatchObject({ owners: [], accounts: ['Ada', 'next'] })
  })

  it('that is not there cannot go', async () => {
    await prepare({ owners: ['bo'] })
    await expect(run(['--user', 'bo', '--account', '--yes'])).rejects.toThrow(
      'Nothing was erased: bo has no account of this server. Leave out --account.',
    )
    expect((await left()).owners).toEqual(['bo'])
  })
})
