import { randomBytes } from 'node:crypto'
import { StartError } from '../core/errors.ts'
import type { TextFile } from '../core/ports/index.ts'

/**
 * The secret that signs tokens: made once and kept in the data folder, so that visitors stay known over
 * restarts. @throws StartError when the file holds something else
 */
export async function readOrCreateSecret(file: TextFile): Promise<string> {
  const kept = await file.read()
  if (kept === undefined) {
    const secret = randomBytes(48).toString('base64url')
    await file.replace(secret)
    return secret
  }
  const secret = kept.trim()
  if (secret.length >= 32) return secret
  throw new StartError(
    `${file.path} is damaged: it should hold at least 32 characters. Delete it to make a new one.`,
  )
}
