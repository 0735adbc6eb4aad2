import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTextFile } from '../stores/disk/atomic-file.ts'
import { nodeFileSystem } from '../stores/disk/file-system.ts'
import { createRecordingLogger } from '../testing/stores/testing.ts'
import { readOrCreateSecret } from './index.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samosa-secret-'))
})
afterEach(() => rm(directory, { recursive: true }))

const open = () =>
  readOrCreateSecret(
    createTextFile(
      { files: nodeFileSystem, logger: createRecordingLogger() },
      join(directory, 'jwt-secret'),
    ),
  )

describe('the signing secret', () => {
  it('is made once, kept, and readable for its owner alone', async () => {
    const secret = await open()
    expect(secret.length).toBeGreaterThanOrEqual(32)
    expect(await open()).toBe(secret)
    expect((await stat(join(directory, 'jwt-secret'))).mode & 0o777).toBe(0o600)
    expect(await readFile(join(directory, 'jwt-secret'), 'utf8')).toBe(secret)
  })

  it('is never replaced when the file is damaged', async () => {
    await writeFile(join(directory, 'jwt-secret'), 'short')
    await expect(open()).rejects.toThrow(/damaged/)
  })
})
