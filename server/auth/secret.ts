import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { StartError } from '../core/errors.ts'

/**
 * The secret that signs tokens: made once and kept in the data folder, readable for its owner alone, so
 * that visitors stay known over restarts.
 */
export async function readOrCreateSecret(directory: string): Promise<string> {
  const path = join(directory, 'jwt-secret')
  await mkdir(directory, { recursive: true })
  const kept = await readExisting(path)
  if (kept !== undefined) return kept
  const secret = randomBytes(48).toString('base64url')
  const temporary = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(secret)
    await file.sync()
  } finally {
    await file.close()
  }
  try {
    // Unlike a rename this never replaces what another process has put there first.
    await link(temporary, path)
    return secret
  } catch (error) {
    const theirs = await readExisting(path)
    if (theirs !== undefined) return theirs
    throw error
  } finally {
    await unlink(temporary)
  }
}

async function readExisting(path: string): Promise<string | undefined> {
  try {
    const text = (await readFile(path, 'utf8')).trim()
    if (text.length >= 32) return text
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
    return undefined
  }
  throw new StartError(
    `${path} is damaged: it should hold at least 32 characters. Delete it to make a new one.`,
  )
}
