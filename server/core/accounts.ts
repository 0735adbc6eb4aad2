/**
 * core: what the server does, without a vendor, HTTP or a disk; it asks for those through ports/. Begin at
 * turn/turn.ts for answers, at conversations.ts for what is kept. Here: the rules of accounts, for a request and a
 * command line alike.
 */
import { ChatError } from './errors.ts'
import { countCodePoints } from '../text/code-points.ts'
import type { Account, AccountRequest, AccountStore, Addition } from './ports/index.ts'

/** Code points; the longest address that mail can be sent to, and the longest part before the `@`. */
const LONGEST = 254
const LONGEST_LOCAL_PART = 64

/**
 * What stands on both sides of the `@` may be of any script, and never a blank, a line break or what quotes. Full
 * stops stand between other signs alone (RFC 5321 section 4.1.2), and no part of a domain has more than 63 signs.
 */
const LOCAL_PART = /^(?!\.|.*\.(?:\.|$))[^\s\p{C}@<>()[\]\\,;:"]+$/u
const DOMAIN = /^(?!-)[\p{L}\p{M}\p{N}-]{1,63}(?<!-)(?:\.(?!-)[\p{L}\p{M}\p{N}-]{1,63}(?<!-))+$/u

/** Whether mail may be sent there: one address, and nothing beside it. */
export function isEmailAddress(value: string): boolean {
  // A code point takes at most two units.
  if (value.length > LONGEST * 2 || [...value].length > LONGEST) return false
  const at = value.lastIndexOf('@')
  const local = value.slice(0, Math.max(0, at))
  return (
    [...local].length <= LONGEST_LOCAL_PART &&
    LOCAL_PART.test(local) &&
    DOMAIN.test(value.slice(at + 1))
  )
}

/** Opens the admin routes, and adds users. */
export const ADMIN = 'admin'

/** Code points. */
export const LONGEST_USERNAME = 150
export const LONGEST_EMAIL = 254
export const LONGEST_FULL_NAME = 255
/** Bytes in UTF-8; bcrypt does not see what follows. */
export const SHORTEST_PASSWORD = 8
export const LONGEST_PASSWORD = 72

/** Controls, and what is not seen or turns the line around: two names must not look alike because of it. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u
/** A name of a person may need joiners (U+200C, U+200D). */
const UNSEEN_IN_PROSE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u
const EMAIL = /^[^\s@<>"(),:;]+@[^\s@<>"(),:;]+$/

/** The form in which names are compared: without the difference of cases and of compatible characters. */
export const foldName = (name: string): string =>
  name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC').trim()

const lengthProblem = (value: string, longest: number) =>
  // A code point takes at most two units: no need to count what is far too long.
  value === '' || value.length > longest * 2 || countCodePoints(value) > longest
    ? `must have 1 to ${longest} characters`
    : undefined

/** Why a text, trimmed, is no username; `undefined` when it is one. */
export const usernameProblem = (value: string): string | undefined =>
  lengthProblem(value, LONGEST_USERNAME) ??
  (UNSEEN.test(value) ? 'must not contain control characters' : undefined)

/** Why a text, trimmed, is no e-mail address. */
export const emailProblem = (value: string): string | undefined =>
  lengthProblem(value, LONGEST_EMAIL) ??
  (EMAIL.test(value) && !UNSEEN.test(value) ? undefined : 'must be an e-mail address')

/** Why a text, trimmed, is no name of a person. */
export const fullNameProblem = (value: string): string | undefined =>
  lengthProblem(value, LONGEST_FULL_NAME) ??
  (UNSEEN_IN_PROSE.test(value) ? 'must not contain control characters' : undefined)

/** Why a text cannot be a password. */
export function passwordProblem(value: string): string | undefined {
  if (!value.isWellFormed() || value.includes('\0')) {
    return 'must not contain NUL or half of a surrogate pair'
  }
  const bytes = new TextEncoder().encode(value.slice(0, LONGEST_PASSWORD + 1)).length
  return bytes < SHORTEST_PASSWORD || bytes > LONGEST_PASSWORD
    ? `must have ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD} bytes in UTF-8`
    : undefined
}

/**
 * Adds an account: as an admin when it is the first, whatever it asks for. `checkNext` decides about any
 * other, and throws when it may not be added. Resolves to the account as it is stored.
 */
export async function addAccount(
  store: AccountStore,
  account: Account,
  checkNext: () => Promise<void>,
): Promise<{ readonly addition: Addition; readonly account: Account }> {
  const roles = [...new Set([ADMIN, ...account.roles])]
  const first = { ...account, roles, isActive: true }
  const addition = await store.add(first, { onlyFirst: true })
  if (addition !== 'not first') return { addition, account: first }
  await checkNext()
  return { addition: await store.add(account, { onlyFirst: false }), account }
}

/**
 * Does what the operator asks for; done once more, it changes nothing else. Resolves to a sentence that says
 * what has become of it. @throws ChatError `conflict`, `not_found`; `internal` when the disk fails
 */
export async function carryOut(store: AccountStore, request: AccountRequest): Promise<string> {
  if (request.kind === 'add') return await addAsked(store, request.account)
  const { username, at: updatedAt } = request
  const found = await store.findByUsername(username)
  if (!found) throw new ChatError('not_found', `There is no user "${username}".`)
  const ended = (tokenVersion: number) => ({ tokenVersion: tokenVersion + 1, updatedAt })
  switch (request.kind) {
    case 'disable':
      await store.change(found.id, (account) => ({
        ...ended(account.tokenVersion),
        isActive: false,
      }))
      return `${found.username} is switched off, and signed out everywhere.`
    case 'enable':
      await store.change(found.id, () => ({ isActive: true, updatedAt }))
      return `${found.username} can sign in.`
    case 'passwd': {
      const { passwordHash } = request
      await store.change(found.id, (account) => ({ ...ended(account.tokenVersion), passwordHash }))
      return `${found.username} has a new password, and is signed out everywhere.`
    }
  }
}

async function addAsked(store: AccountStore, asked: Account): Promise<string> {
  const isThere = (await store.find(asked.id)) !== undefined
  const { addition, account } = isThere
    ? { addition: 'added', account: asked }
    : await addAccount(store, asked, async () => undefined)
  switch (addition) {
    case 'username taken':
      throw new ChatError('conflict', `There is a user "${asked.username}" already.`)
    case 'email taken':
      throw new ChatError('conflict', `Another user has the e-mail address ${asked.email}.`)
    default:
      return account.roles.includes(ADMIN)
        ? `${account.username} was added, as an admin.`
        : `${account.username} was added.`
  }
}
