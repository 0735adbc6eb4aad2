/** The command `samosa-chat migrate-data`: copies what a data folder keeps into a database. */
import { existsSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { databaseOf } from './config/index.ts'
import { StartError } from './core/errors.ts'
import type { Cancellable, Logger } from './core/ports/index.ts'
import { forEachOf, guardWrites, nodeFileSystem } from './stores/disk/file-system.ts'
import { FolderInUse, lockFolder } from './stores/disk/folder-lock.ts'
import { type FolderContents, readFolder } from './stores/folder-contents.ts'
import { type Filled, type Filling, nameOf, openFilling } from './stores/postgres/filling.ts'
import { parseOptions } from './terminal.ts'
import { formatTable } from './text/table.ts'

export const MIGRATE_DATA_HELP = `samosa-chat migrate-data --from file:<folder> --to postgres://…: from files to PostgreSQL.

  --from file:./data    the data folder of a server that is stopped; it stays as it is
  --to postgres://user:password@host:port/database
                        an empty database; the tables are made

All that a server keeps is copied: conversations, also deleted ones, with their messages, files, drafts,
users, accounts, entries of the contact form, and the secret that sessions are signed with. Each is read
again from the database and compared. After Ctrl-C or a crash, the same command goes on where it stopped;
until it has finished, no server starts on the database. Once a server has, nothing is copied into it.

Documents that were read from sites stay in the data folder, below knowledge. The exit code is 1 when
something could not be read and was left out.`

/** Conversations and files that are on their way together. */
const AT_ONCE = 4

export interface MigrateContext extends Cancellable {
  /** Where relative paths begin. */
  readonly directory: string
  readonly logger: Logger
  /** For how far it has come. */
  readonly remarks: Writable & { readonly isTTY?: boolean }
}

export interface Migration {
  /** What is to be printed. */
  readonly report: string
  /** Nothing was left out. */
  readonly isWhole: boolean
}

/** @throws StartError with a sentence for what is wrong, and when it is interrupted */
export async function migrateData(
  args: readonly string[],
  context: MigrateContext,
): Promise<Migration> {
  const { from, to } = readOptions(args, context.directory)
  const { logger } = context
  const lock = await lockFolder({ directory: from, patience: 0, logger }).catch(
    (cause: unknown) => {
      if (!(cause instanceof FolderInUse)) throw cause
      throw new StartError(
        `Nothing was copied: a server uses ${from}. Stop it, and run samosa-chat migrate-data again.`,
        { cause },
      )
    },
  )
  try {
    const filling = await openFilling({ url: to, source: realpathSync(from), logger })
    try {
      const files = guardWrites(nodeFileSystem, lock.assertHeld)
      const contents = await readFolder({ directory: from, files, logger })
      return await copyAll(contents, filling, { ...context, from, to })
    } finally {
      await filling.close()
    }
  } finally {
    await lock.release()
  }
}

function readOptions(args: readonly string[], directory: string) {
  const { values, positionals } = parseOptions(args, {
    from: { type: 'string' },
    to: { type: 'string' },
  })
  const { from, to } = values
  if (from === undefined || to === undefined || positionals.length > 0) {
    throw new StartError(
      'Say from where and to where: samosa-chat migrate-data --from file:./data --to postgres://user:password@host:port/database',
    )
  }
  if (!from.startsWith('file:')) {
    throw new StartError(
      '--from takes file:<folder>: this command copies from files to PostgreSQL.',
    )
  }
  if (!/^postgres(?:ql(?:\+asyncpg)?)?:\/\/./.test(to) || !URL.canParse(to)) {
    throw new StartError('--to takes postgres://user:password@host:port/database.')
  }
  const [source, target] = [databaseOf(from, directory), databaseOf(to, directory)]
  if (target.kind !== 'postgres') throw new StartError('--to takes an address of PostgreSQL.')
  if (!existsSync(join(source.directory, 'conversations'))) {
    throw new StartError(`${source.directory} is no data folder of a server. Check --from.`)
  }
  return { from: source.directory, to: target.url }
}

interface CopyContext extends MigrateContext {
  readonly from: string
  readonly to: string
}

/** What was found of a kind, and what became of it. */
interface Tally {
  found: number
  copied: number
  erased: number
}

const emptyTally = (): Tally => ({ found: 0, copied: 0, erased: 0 })

async function copyAll(
  contents: FolderContents,
  filling: Filling,
  context: CopyContext,
): Promise<Migration> {
  const { signal, remarks, from, to } = context
  const leftOut: string[] = []
  const checkGoingOn = () => {
    if (signal.aborted) throw signal.reason
  }
  const note = (tally: Tally, filled: Filled, many = 1) => {
    tally.found += many
    if (filled === 'copied') tally.copied += many
  }

  const [conversations, messages] = [emptyTally(), emptyTally()]
  const keptConversations = new Set<string>()
  let deleted = 0
  const told = createProgress(remarks, 'conversations', contents.conversations.length)
  await forEachOf(contents.conversations, AT_ONCE, async (path) => {
    checkGoingOn()
    const read = await contents.readConversation(path)
    if (read && 'record' in read) {
      const { conversation, messages: said } = read.record
      const filled = await filling.conversation(read.record)
      note(conversations, filled)
      note(messages, filled, said.length)
      keptConversations.add(nameOf(conversation.ownerId, conversation.id))
      if (conversation.deletedAt !== undefined) deleted += 1
    } else if (read) leftOut.push(`${path} (${read.problem})`)
    told.next()
  })
  conversations.erased = await filling.keepOnlyConversations(keptConversations)

  const attachments = emptyTally()
  const keptFiles = new Set<string>()
  const toldFiles = createProgress(remarks, 'files', contents.attachments.length)
  await forEachOf(contents.attachments, AT_ONCE, async (place) => {
    checkGoingOn()
    const bytes = await contents.readAttachment(place)
    if (bytes) {
      note(attachments, await filling.attachment(place, place.id, bytes))
      keptFiles.add(nameOf(place.ownerId, place.id))
    }
    toldFiles.next()
  })
  attachments.erased = await filling.keepOnlyAttachments(keptFiles)

  checkGoingOn()
  const { small } = contents
  const filled = await filling.small(small)
  const counted = await filling.count()
  for (const [kind, tally] of Object.entries({ conversations, messages, attachments })) {
    const now = counted[kind === 'messages' || kind === 'attachments' ? kind : 'conversations']
    if (now === tally.found) continue
    throw new StartError(
      `The folder has ${tally.found} ${kind} and the database ${now}: it is not finished. Run samosa-chat migrate-data again.`,
    )
  }
  await filling.finish()

  const rowOf = (name: string, { found, copied, erased }: Tally) =>
    [name, found, copied, found - copied, erased].map(String)
  const smallRow = (name: string, kind: keyof typeof small) => {
    const found = small[kind].length
    return rowOf(name, { found, copied: filled[kind] === 'copied' ? found : 0, erased: 0 })
  }
  const table = [
    ['', 'in the folder', 'copied', 'there already', 'erased there'],
    rowOf('conversations', conversations),
    rowOf('messages', messages),
    rowOf('files', attachments),
    smallRow('drafts', 'drafts'),
    smallRow('users', 'users'),
    smallRow('accounts', 'accounts'),
    smallRow('contact entries', 'contacts'),
    smallRow('secrets and budgets', 'texts'),
  ]
  const lines = [
    `From ${from} to ${shown(to)}:`,
    '',
    formatTable(table),
    '',
    ...(deleted > 0 ? [`Deleted conversations among them, which stay deleted: ${deleted}.`] : []),
    'All of it was read again from the database and compared (SHA-256): it is the same.',
    ...(leftOut.length > 0 ? ['', 'Left out, since they cannot be read:', ...leftOut] : []),
    'To start on it: DATABASE_URL=postgres://… samosa-chat start',
  ]
  return { report: lines.join('\n'), isWhole: leftOut.length === 0 }
}

/** The address without what is secret in it. */
function shown(url: string): string {
  const { host, pathname } = new URL(url)
  return `postgres://${host}${pathname}`
}

const BAR = 30

/** A bar where there is a terminal, else a line for each tenth. */
function createProgress(remarks: MigrateContext['remarks'], what: string, of: number) {
  let [done, tenths] = [0, 0]
  return {
    next() {
      done += 1
      const isDone = done === of
      if (remarks.isTTY) {
        const filled = Math.floor((BAR * done) / of)
        const bar = '█'.repeat(filled).padEnd(BAR, '░')
        remarks.write(`\r${bar} ${done} of ${of} ${what}${isDone ? '\n' : ''}`)
        return
      }
      const reached = Math.floor((10 * done) / of)
      if (reached === tenths) return
      tenths = reached
      remarks.write(`${done} of ${of} ${what}\n`)
    },
  }
}
