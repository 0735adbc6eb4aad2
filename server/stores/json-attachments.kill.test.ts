import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import { filesOf, sweepAttachments } from '../core/attachments.ts'
import { createJsonAttachmentStore } from './json-attachments.ts'
import { createTemporaryStore } from '../testing/stores/testing.ts'

const OWNER = 'visitor-1'
const KILLS = 10
const PROGRAM = fileURLToPath(
  new URL('../testing/stores/save-files-until-killed.ts', import.meta.url),
)

/** Kills the program at a random moment after it has said so many lines; returns what it said. */
async function linesUntilKilled(directory: string, lines: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, [PROGRAM, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const said: string[] = []
  const closed = once(child, 'close')
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line)
    // Not at the line itself, where the program would always be doing the same.
    if (said.length === lines) setTimeout(() => child.kill('SIGKILL'), Math.random() * 6)
  }
  expect((await closed)[1]).toBe('SIGKILL')
  return said
}

const namesOnDisk = async (directory: string) => {
  const names = await readdir(join(directory, 'attachments'), { recursive: true })
  return names.filter((name) => name.includes('.') && !name.endsWith('owner.json')).toSorted()
}

const temporary = await createTemporaryStore()
let opened = temporary.store
/** File ids by conversation. */
const sent = new Map<string, string[]>()
const removing = new Set<string>()
afterAll(temporary.end)

it.each(Array.from({ length: KILLS }, (_, index) => index + 1))(
  'keeps every file that was acknowledged, and none besides, when it is killed, time %i',
  async () => {
    const { directory, reopen, logger } = temporary
    // One process at a time.
    await opened.close()
    for (const line of await linesUntilKilled(directory, 1 + Math.floor(Math.random() * 50))) {
      const [what, conversationId = '', id = ''] = line.split(' ')
      if (what === 'removing') removing.add(conversationId)
      else sent.set(conversationId, [...(sent.get(conversationId) ?? []), id])
    }
    opened = await reopen()
    const attachments = createJsonAttachmentStore({ directory, logger, limit: Infinity })
    const { signal } = new AbortController()
    await sweepAttachments({ store: opened, attachments, logger }, { signal })
    const wanted: string[] = []
    for (const conversationId of await opened.conversationIds(OWNER)) {
      const place = { ownerId: OWNER, conversationId }
      const files = filesOf((await opened.messages(OWNER, conversationId)) ?? [])
      for (const { id, sizeBytes } of files) {
        wanted.push(`${conversationId}.${id}.${sizeBytes}`)
        const bytes = await attachments.read(place, id)
        expect(Buffer.from(bytes ?? []).toString()).toBe(id.repeat(1_000))
      }
      const ids = files.map(({ id }) => id)
      expect(ids).toEqual(expect.arrayContaining(sent.get(conversationId) ?? []))
    }
    const found = (await namesOnDisk(directory)).map((name) => basename(name))
    expect(found.toSorted()).toEqual(wanted.toSorted())
    const listed = new Set(await opened.conversationIds(OWNER))
    for (const id of sent.keys()) expect(listed.has(id) || removing.has(id)).toBe(true)
  },
)

it('has been killed while files were sent', () => {
  expect(sent.size).toBeGreaterThan(KILLS)
})
