import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readOrCreateSecret } from './secret.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samosa-secret-'))
})
afterEach(() => rm(directory, { recursive: true }))

describe('the signing secret', () => {
  it('is made once, kept, and readable for its owner alone', async () => {
    const data = join(directory, 'data')
    const secret = await readOrCreateSecret(data)
    expect(secret.length).toBeGreaterThanOrEqual(32)
    expect(await readOrCreateSecret(data)).toBe(secret)
    expect((await stat(join(data, 'jwt-secret'))).mode & 0o777).toBe(0o600)
    expect(await readFile(join(data, 'jwt-secret'), 'utf8')).toBe(secret)
  })

  it('is the same for two that start at once', async () => {
    const [one, two] = await Promise.all([
      readOrCreateSecret(directory),
      readOrCreateSecret(directory),
    ])
    expect(one).toBe(two)
  })

  it('is never replaced when the file is damaged', async () => {
    await writeFile(join(directory, 'jwt-secret'), 'short')
    await expect(readOrCreateSecret(directory)).rejects.toThrow(/damaged/)
  })
})
