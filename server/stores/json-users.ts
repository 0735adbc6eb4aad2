/** Remembers who has signed in: `<directory>/users.json`, one user a line. */
import { setImmediate } from 'node:timers/promises'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import type { Identity } from '../core/ports/people.ts'
import type { UserDirectory, UserRecord } from '../core/ports/index.ts'
import {
  createAtomicFile,
  createStoreContext,
  replaceFile,
  type StoreOptions,
} from './disk/atomic-file.ts'
import { createInTurn, explainFailure } from './disk/file-system.ts'

export interface JsonUserDirectoryOptions extends StoreOptions {
  /** How long notes on so many users are collected, in milliseconds. */
  readonly flushDelay?: (users: number) => number
}

/** Writing takes longer the more users there are; so it happens as much less often. */
const flushDelayFor = (users: number) => 3_000 + users

/** Users written in one go; about a millisecond, so that streams do not stall. */
const SLICE = 500

export const userSchema = z.object({
  id: z.string(),
  email: z.string().nullable(),
  name: z.string().nullable(),
  isAdmin: z.boolean(),
  firstSeenAt: z.string(),
  lastSeenAt: z.string(),
  account: z.exactOptional(
    z.object({
      provider: z.string().nullable(),
      createdAt: z.string().nullable(),
      lastLoginAt: z.string().nullable(),
    }),
  ),
})

const fileSchema = z.object({ version: z.literal(1), users: z.array(userSchema) })

/** Opens the directory; the folder must be there. */
export async function createJsonUserDirectory(
  options: JsonUserDirectoryOptions,
): Promise<UserDirectory> {
  const { flushDelay = flushDelayFor } = options
  const context = createStoreContext(options)
  const { logger, clock } = context
  const path = join(resolve(options.directory), 'users.json')
  const stored = await createAtomicFile(context, path, fileSchema).read()
  const users = new Map<string, UserRecord>(stored?.users.map((user) => [user.id, user]))

  /** Something is in memory only. */
  let isChanged = false
  let timer: NodeJS.Timeout | undefined
  const inTurn = createInTurn()
  let closed = false

  /** Writes what has changed, and nothing for what an earlier call has taken along. */
  const flush = () =>
    inTurn(async () => {
      clearTimeout(timer)
      timer = undefined
      if (!isChanged) return
      isChanged = false
      try {
        await replaceFile(context, path, usersText([...users.values()]))
      } catch (error) {
        isChanged = true
        throw error
      }
    })

  const flushOrLog = () =>
    flush().catch((error: unknown) => {
      logger.error({ file: path, err: error }, 'the list of users could not be saved')
    })

  return {
    note(identity) {
      const now = new Date(clock()).toISOString()
      users.set(identity.userId, seen(users.get(identity.userId), identity, now))
      isChanged = true
      // Another process may have the folder by now.
      if (closed) return
      timer ??= setTimeout(() => void flushOrLog(), flushDelay(users.size)).unref()
    },
    async list() {
      return [...users.values()]
    },
    async remove(userId) {
      if (!users.delete(userId)) return
      isChanged = true
      await explainFailure('The user could not be removed', flush)
    },
    async removeSeenBefore(time) {
      const old = [...users.values()].filter(({ lastSeenAt }) => lastSeenAt < time)
      if (old.length === 0) return 0
      for (const { id } of old) users.delete(id)
      isChanged = true
      await explainFailure('The users could not be removed', flush)
      return old.length
    },
    async close() {
      closed = true
      await flushOrLog()
    },
  }
}

/** What is known of a user who has just been seen. */
export function seen(known: UserRecord | undefined, identity: Identity, now: string): UserRecord {
  return {
    id: identity.userId,
    email: identity.email ?? null,
    name: identity.name ?? null,
    isAdmin: identity.roles.includes('admin'),
    firstSeenAt: known?.firstSeenAt ?? now,
    lastSeenAt: now,
    ...(identity.account && { account: identity.account }),
  }
}

/** Each slice is written before the next is made. */
async function* usersText(users: readonly UserRecord[]): AsyncGenerator<string> {
  yield '{"version":1,"users":['
  for (let start = 0; start < users.length; start += SLICE) {
    const lines = users.slice(start, start + SLICE).map((user) => `\n${JSON.stringify(user)}`)
    yield `${start === 0 ? '' : ','}${lines.join(',')}`
    await setImmediate()
  }
  yield '\n]}\n'
}
