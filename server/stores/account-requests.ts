/**
 * What the command line asks of accounts. Only who holds the data folder may write them: when that is a running
 * server, the command leaves a file `<directory>/account-requests/<id>.json`, and the server, which looks
 * every half second, does it and answers in `<id>.done`.
 */
import { randomUUID } from 'node:crypto'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { carryOut } from '../core/accounts.ts'
import { ChatError, StartError } from '../core/errors.ts'
import type { AccountRequest, AccountStore, Logger } from '../core/ports/index.ts'
import {
  createTemporaryNames,
  parseJson,
  replaceFile,
  type StoreContext,
} from './disk/atomic-file.ts'
import { type FileSystem, nodeFileSystem } from './disk/file-system.ts'
import { FolderInUse, lockFolder } from './disk/folder-lock.ts'
import { accountSchema, createJsonAccountStore } from './json-accounts.ts'
import { conversationFileName, conversationIdOf } from './disk/store-paths.ts'

export const REQUESTS_FOLDER = 'account-requests'

/** All in milliseconds: between two looks of the server, and of the command. */
const LOOK_EVERY = 500
const ASK_EVERY = 100
/** Between two times that the command tries whether the folder is free by now. */
const TRY_EVERY = 1_000
/** That a command waits, which is longer than a server takes to stop. */
const PATIENCE = 30_000

const requestSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('add'), account: accountSchema }),
  z.object({ kind: z.enum(['disable', 'enable']), username: z.string(), at: z.string() }),
  z.object({
    kind: z.literal('passwd'),
    username: z.string(),
    at: z.string(),
    passwordHash: z.string(),
  }),
]) satisfies z.ZodType<AccountRequest>

const answerSchema = z.object({ isDone: z.boolean(), sentence: z.string() })
type Answer = z.infer<typeof answerSchema>

const folderIn = (directory: string) => join(resolve(directory), REQUESTS_FOLDER)
const answerFileName = (id: string) => `${id}.done`

async function answerTo(store: AccountStore, request: AccountRequest): Promise<Answer> {
  try {
    return { isDone: true, sentence: await carryOut(store, request) }
  } catch (error) {
    if (error instanceof ChatError) return { isDone: false, sentence: error.message }
    throw error
  }
}

export interface TakeRequestsOptions {
  readonly directory: string
  readonly logger: Logger
  readonly files?: FileSystem
}

/** The store, which does what the command line asks for until it is closed. */
export function takeRequests(store: AccountStore, options: TakeRequestsOptions): AccountStore {
  const { directory, logger, files = nodeFileSystem } = options
  const temporaryNames = createTemporaryNames()
  const context: StoreContext = { files, logger, clock: Date.now, temporaryNames }
  const folder = folderIn(directory)
  const closing = new AbortController()

  const take = async (id: string) => {
    const path = join(folder, conversationFileName(id))
    const found = await files.read(path)
    if (!found) return
    const parsed = parseJson(found.bytes, requestSchema)
    if ('problem' in parsed) {
      logger.error({ file: path, problem: parsed.problem }, 'a request for accounts makes no sense')
    } else {
      const answer = await answerTo(store, parsed.value)
      logger.info(
        { kind: parsed.value.kind, done: answer.isDone },
        'accounts were asked for a change',
      )
      await replaceFile(context, join(folder, answerFileName(id)), JSON.stringify(answer))
    }
    // Last of all: after a crash it is done once more, which changes nothing.
    await files.remove(path)
  }

  const look = async () => {
    for (const name of await files.list(folder)) {
      const id = conversationIdOf(name)
      if (id !== undefined && !closing.signal.aborted) await take(id)
    }
  }

  const lookAgainAndAgain = async () => {
    let hasFailed = false
    while (!closing.signal.aborted) {
      try {
        await look()
        hasFailed = false
      } catch (error) {
        // Once, and not twice a second.
        if (!hasFailed)
          logger.error({ folder, err: error }, 'requests for accounts cannot be taken')
        hasFailed = true
      }
      const { signal } = closing
      await wait(LOOK_EVERY, undefined, { signal, ref: false }).catch(() => undefined)
    }
  }

  const looking = lookAgainAndAgain()
  return {
    ...store,
    async close() {
      closing.abort()
      await looking
      await store.close()
    },
  }
}

export interface AskOptions {
  readonly directory: string
  readonly logger: Logger
  /** Told when another process has the folder. */
  readonly onWait: () => void
  /** Milliseconds; tests set it. */
  readonly patience?: number
}

/**
 * Does what is asked for, or has the server do it that holds the folder. Resolves to a sentence.
 * @throws StartError when it is refused, or nobody has done it
 */
export async function askForAccounts(
  request: AccountRequest,
  options: AskOptions,
): Promise<string> {
  const { directory, logger, onWait, patience = PATIENCE } = options
  const files = nodeFileSystem
  const temporaryNames = createTemporaryNames()
  const context: StoreContext = { files, logger, clock: Date.now, temporaryNames }
  const folder = folderIn(directory)
  const id = randomUUID()
  const path = join(folder, conversationFileName(id))
  const answerPath = join(folder, answerFileName(id))

  const readAnswer = async (): Promise<Answer | undefined> => {
    const found = await files.read(answerPath)
    const parsed = found && parseJson(found.bytes, answerSchema)
    if (!parsed || !('value' in parsed)) return undefined
    await files.remove(answerPath)
    return parsed.value
  }

  const handOver = async (): Promise<Answer> => {
    onWait()
    await files.makeFolder(folder)
    await replaceFile(context, path, JSON.stringify(request))
    const startedAt = performance.now()
    let triedAt = startedAt
    for (;;) {
      const answer = await readAnswer()
      if (answer) return answer
      const now = performance.now()
      if (now - startedAt > patience) throw await withdraw()
      if (now - triedAt > TRY_EVERY) {
        const own = await doItself()
        if (own) return own
        triedAt = performance.now()
      }
      await wait(ASK_EVERY)
    }
  }

  const withdraw = async () => {
    await files.remove(path)
    return new StartError(
      `The server that uses ${resolve(directory)} has not done it. Is it running with AUTH_MODE=local? ` +
        'Nothing was changed, unless it does it this very moment.',
    )
  }

  /** Resolves to `undefined` when another process has the folder. */
  const doItself = async (): Promise<Answer | undefined> => {
    let lock
    try {
      lock = await lockFolder({ directory, patience: 0, logger })
    } catch (error) {
      if (error instanceof FolderInUse) return undefined
      throw error
    }
    try {
      // A server that has just ended may have done it before.
      const answer = await readAnswer()
      if (answer) return answer
      const store = await createJsonAccountStore({ directory, logger })
      const ownAnswer = await answerTo(store, request)
      await store.close()
      await files.remove(path)
      return ownAnswer
    } finally {
      await lock.release()
    }
  }

  const { isDone, sentence } = (await doItself()) ?? (await handOver())
  if (!isDone) throw new StartError(sentence)
  return sentence
}
