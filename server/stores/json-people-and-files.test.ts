/** What every store of files, drafts, users, accounts and contact entries promises, of those in a data folder. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeAccountStore } from '../testing/stores/account-suite.ts'
import { ATTACHMENT_LIMIT, describeAttachmentStore } from '../testing/stores/attachment-suite.ts'
import { describeContactStore } from '../testing/stores/contact-suite.ts'
import { describeDraftStore } from '../testing/stores/draft-suite.ts'
import { createRecordingLogger } from '../testing/stores/testing.ts'
import { describeUserDirectory } from '../testing/stores/user-suite.ts'
import { createJsonAccountStore } from './json-accounts.ts'
import { createJsonAttachmentStore } from './json-attachments.ts'
import { createJsonContactStore } from './json-contacts.ts'
import { createJsonDraftStore } from './json-drafts.ts'
import { createJsonUserDirectory } from './json-users.ts'

async function inFolder() {
  const directory = await mkdtemp(join(tmpdir(), 'samosa-people-'))
  const at = { directory, logger: createRecordingLogger() }
  return { at, remove: () => rm(directory, { recursive: true, force: true }) }
}

interface Closable {
  close(): Promise<void>
}

/** One store at a time, each opened once the one before is closed. */
async function reopenable<Store extends Closable>(open: () => Promise<Store>) {
  const store = await open()
  let current = store
  return {
    store,
    async reopen() {
      await current.close()
      current = await open()
      return current
    },
    close: () => current.close(),
  }
}

describeAttachmentStore('files of messages, as files', async () => {
  const { at, remove } = await inFolder()
  const open = () => createJsonAttachmentStore({ ...at, limit: ATTACHMENT_LIMIT })
  return { store: open(), reopen: open, settle: async () => {}, end: remove }
})

describeDraftStore('drafts, as files', async () => {
  const { at, remove } = await inFolder()
  return { start: async () => createJsonDraftStore(at), end: remove }
})

describeAccountStore('accounts, as files', async () => {
  const { at, remove } = await inFolder()
  const { close, ...tested } = await reopenable(() => createJsonAccountStore(at))
  return {
    ...tested,
    async end() {
      await close()
      await remove()
    },
  }
})

describeUserDirectory('users, in a file', async (clock) => {
  const { at, remove } = await inFolder()
  const { close, store, reopen } = await reopenable(() => createJsonUserDirectory({ ...at, clock }))
  return {
    users: store,
    reopen,
    async end() {
      await close()
      await remove()
    },
  }
})

describeContactStore('entries of the contact form, in a file', async () => {
  const { at, remove } = await inFolder()
  const { close, ...tested } = await reopenable(() => createJsonContactStore(at))
  return {
    ...tested,
    async end() {
      await close()
      await remove()
    },
  }
})
