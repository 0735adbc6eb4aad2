/** Where things are in the data folder. Nothing that a client sends becomes part of a path unchecked. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const FILE_SUFFIX = '.json'

/** An id in the one spelling that files have, or nothing when it is no UUID. */
export function canonicalId(id: string): string | undefined {
  const lower = id.toLowerCase()
  return UUID.test(lower) ? lower : undefined
}

/**
 * The folder name for an owner. A hash, because an owner's id may be any text (`../..`), may be longer than
 * a file name, and may differ from another's in case only. UTF-16 keeps even broken text apart.
 */
function ownerFolderName(ownerId: string): string {
  return createHash('sha256').update(Buffer.from(ownerId, 'utf16le')).digest('hex')
}

/** Prints the same in a shell, for the argument that follows. */
const OWNER_COMMAND = `node -p "require('crypto').createHash('sha256').update(Buffer.from(process.argv[1],'utf16le')).digest('hex')"`

/** Whether a name may be that of an owner's folder. */
export const isOwnerFolderName = (name: string) => /^[0-9a-f]{64}$/.test(name)

/** An owner, and the name of the folder that is the owner's. */
export interface OwnerRef {
  readonly id: string
  readonly folder: string
}

export const ownerRef = (id: string): OwnerRef => ({ id, folder: ownerFolderName(id) })

export function conversationFileName(id: string): string {
  return `${id}${FILE_SUFFIX}`
}

/** The conversation that a file name stands for, or nothing when it is another kind of file. */
export function conversationIdOf(fileName: string): string | undefined {
  if (!fileName.endsWith(FILE_SUFFIX)) return undefined
  const id = fileName.slice(0, -FILE_SUFFIX.length)
  return UUID.test(id) ? id : undefined
}

/** Says in the data folder what lies there, and how an owner's folder is found. */
export const README_FILE = {
  name: 'README.txt',
  text: `This folder holds what a Samosa Chat server keeps. One server at a time may use it.
Stop the server before you change anything here. Copies: samosa-chat backup <folder>.

conversations/<owner>/owner.json            whose folder it is
conversations/<owner>/<conversation>.json   a conversation with its messages, in JSON; a long one in JSON Lines,
                                            a message a line, and the last line that begins with {"record":
                                            has all else and the newest messages
conversations/<owner>/index.json            the owner's list; made again where it is missing
conversations/<owner>/*.words               what searches use; made again where it is missing
attachments/<owner>/                        files that the owner sent, and owner.json
journal/<number>.jsonl                      the newest changes, one JSON object a line (JSON Lines). The file of
                                            a running server ends in zero bytes: room for lines to come
drafts/*.jsonl                              answers that are being written, JSON Lines
contacts.jsonl                              messages of the contact form, JSON Lines; the newest line of an id counts
answers.jsonl                               which answers were rated, JSON Lines; the newest line of an id counts
users.json, accounts/                       who has signed in, and the accounts of this server
account-requests/                           what a command asks the running server to do with them
jwt-secret                                  signs sessions; without it visitors lose their conversations
token-budget.json                           how many tokens today's answers have taken
knowledge/, meaning/                        pages that were fetched, and what is made of documents and
                                            conversations for finding them
erased/                                     what is being erased; goes at the next start
locks/                                      which server uses this folder

<owner> is a hash of the owner's id, since an id may be any text and file systems know few letters.
The owner of a folder: owner.json in it. A folder that an earlier version made gets one with the next
conversation that its owner begins, or by samosa-chat reindex; until then, "ownerId" near the beginning of
any conversation in it says the same.
The folder of an owner: look for the id in all of them,
  grep -rlF --include=owner.json 'the id' conversations attachments
or have its name made:
  ${OWNER_COMMAND} 'the id'
The id of somebody who has signed in: users.json has it in a line with the e-mail address and the name.
`,
} as const

/** A file in the folder of a backup, until all else is there. */
export const UNFINISHED_BACKUP = 'BACKUP-IS-NOT-FINISHED'

/** Vectors of what was said, which can be made again. */
export const MEANING_FOLDER = 'meaning'

export interface StorePaths {
  readonly root: string
  readonly conversations: string
  /** What the files of conversations do not have yet. */
  readonly journal: string
  /** Files of messages. */
  readonly attachments: string
  /** Folders on their way out; what a crash leaves here goes at the next start. */
  readonly erased: string
}

export function storePaths(directory: string): StorePaths {
  return {
    root: directory,
    conversations: join(directory, 'conversations'),
    journal: join(directory, 'journal'),
    attachments: join(directory, 'attachments'),
    erased: join(directory, 'erased'),
  }
}
