/**
 * Everything that a data folder keeps, for who copies it into another store. Nobody else may use the folder meanwhile:
 * what an earlier server had only in its journal is brought into the files first.
 */
import { join, resolve } from 'node:path'
import type {
  Account,
  AttachmentPlace,
  Contact,
  Draft,
  Logger,
  UserRecord,
} from '../core/ports/index.ts'
import { parseConversation } from './conversation-disk.ts'
import { createTextFile } from './disk/atomic-file.ts'
import type { FileSystem } from './disk/file-system.ts'
import { conversationIdOf, isOwnerFolderName, ownerRef, storePaths } from './disk/paths.ts'
import { readAccounts } from './json-accounts.ts'
import { createJsonAttachmentStore } from './json-attachments.ts'
import { createJsonContactStore } from './json-contacts.ts'
import { createJsonFileStore } from './json-conversations.ts'
import { createJsonDraftStore } from './json-drafts.ts'
import { createJsonUserDirectory } from './json-users.ts'
import { type ConversationRecord, anyConversationRecord } from './records.ts'

/** The small texts beside everything else, by the names that they have in every store. */
const TEXTS = ['jwt-secret', 'token-budget.json']

export interface FolderOptions {
  readonly directory: string
  /** Refuses to write once the folder is another's. */
  readonly files: FileSystem
  readonly logger: Logger
}

/** The file of a conversation, by its path. */
export type ReadConversation =
  | { readonly path: string; readonly record: ConversationRecord }
  | { readonly path: string; readonly problem: string }

export interface FilePlace extends AttachmentPlace {
  readonly id: string
}

/** All that is small enough to be held at once. */
export interface SmallThings {
  readonly users: readonly UserRecord[]
  readonly accounts: readonly Account[]
  /** Oldest first. */
  readonly contacts: readonly Contact[]
  readonly drafts: readonly Draft[]
  readonly texts: readonly { readonly name: string; readonly body: string }[]
}

export interface FolderContents {
  /** Paths of the files of all conversations, deleted ones too. */
  readonly conversations: readonly string[]
  /** `undefined`: it went meanwhile. */
  readConversation(path: string): Promise<ReadConversation | undefined>
  readonly attachments: readonly FilePlace[]
  readAttachment(place: FilePlace): Promise<Uint8Array | undefined>
  readonly small: SmallThings
}

/** @throws ChatError and StartError, with a sentence, where something cannot be read */
export async function readFolder(options: FolderOptions): Promise<FolderContents> {
  const { files, logger } = options
  const directory = resolve(options.directory)
  const at = { directory, files, logger }
  // Opening it brings the files up to date with the journal.
  await (await createJsonFileStore(at)).close()
  const attachments = createJsonAttachmentStore({ ...at, limit: 0 })

  return {
    conversations: await listConversations(files, storePaths(directory).conversations),
    async readConversation(path) {
      const found = await files.read(path)
      if (!found) return undefined
      const { value: record, problem } = await parseConversation(found.bytes, anyConversationRecord)
      if (!record) return { path, problem: problem ?? '' }
      const { id, ownerId } = record.conversation
      const isInPlace = path.endsWith(join(ownerRef(ownerId).folder, `${id}.json`))
      return isInPlace ? { path, record } : { path, problem: 'it is the file of another one' }
    },
    attachments: await listAttachments(attachments),
    readAttachment: ({ id, ...place }) => attachments.read(place, id),
    small: await readSmallThings(at),
  }
}

async function listConversations(files: FileSystem, folder: string): Promise<readonly string[]> {
  const paths: string[] = []
  for (const owner of (await files.list(folder)).filter(isOwnerFolderName)) {
    const names = await files.list(join(folder, owner))
    for (const name of names) {
      if (conversationIdOf(name) !== undefined) paths.push(join(folder, owner, name))
    }
  }
  return paths
}

/** A sweep goes through all that there is; here everything is wanted. */
async function listAttachments(
  attachments: ReturnType<typeof createJsonAttachmentStore>,
): Promise<readonly FilePlace[]> {
  const places: FilePlace[] = []
  const { signal } = new AbortController()
  await attachments.sweep(
    async ({ ids, ...place }) => {
      places.push(...ids.map((id) => ({ ...place, id })))
      return new Set(ids)
    },
    { signal },
  )
  return places
}

async function readSmallThings(at: FolderOptions): Promise<SmallThings> {
  const { directory, files, logger } = at
  const contactStore = await createJsonContactStore(at)
  const contacts = await contactStore.list({ limit: Infinity, offset: 0 })
  await contactStore.close()
  const directoryOfUsers = await createJsonUserDirectory(at)
  const users = await directoryOfUsers.list()
  await directoryOfUsers.close()
  const texts = await Promise.all(
    TEXTS.map(async (name) => {
      const body = await createTextFile({ files, logger }, join(directory, name)).read()
      return body === undefined ? [] : [{ name, body }]
    }),
  )
  const draftStore = createJsonDraftStore(at)
  const drafts = await draftStore.all()
  await draftStore.close()
  return {
    users,
    accounts: await readAccounts(directory, files),
    contacts: contacts.items.toReversed(),
    drafts,
    texts: texts.flat(),
  }
}
