import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'
import type { ConversationStore } from '../core/ports/index.ts'
import { SMALL_LONG_CONVERSATIONS } from '../testing/stores/store-examples.ts'
import { createTemporaryStore } from '../testing/stores/testing.ts'
import { parseConversation } from './conversation-disk.ts'
import { conversationIdOf } from './disk/paths.ts'
import { anyConversationRecord } from './records.ts'

const OWNER = 'visitor-1'
const KILLS = 20
const PROGRAM = fileURLToPath(new URL('../testing/stores/append-until-killed.ts', import.meta.url))

interface Acknowledged {
  readonly created: Set<string>
  /** Somebody has asked; it may have happened or not. */
  readonly removing: Set<string>
  readonly removed: Set<string>
  /** Message ids by conversation, in the order in which they were acknowledged. */
  readonly added: Map<string, string[]>
}

function remember({ created, removing, removed, added }: Acknowledged, line: string) {
  const [what, id = '', messageId = ''] = line.split(' ')
  if (what === 'created') created.add(id)
  if (what === 'removing') removing.add(id)
  if (what === 'removed') removed.add(id)
  if (what === 'added') added.set(id, [...(added.get(id) ?? []), messageId])
}

/** Kills the program at a random moment after it has said so many lines; returns what it said. */
async function linesUntilKilled(child: ChildProcess, lines: number): Promise<string[]> {
  const said: string[] = []
  const closed = once(child, 'close')
  for await (const line of createInterface({ input: child.stdout! })) {
    said.push(line)
    // Not at the line itself, where the program would always be doing the same.
    if (said.length === lines) setTimeout(() => child.kill('SIGKILL'), Math.random() * 6)
  }
  const [, signal] = await closed
  expect(signal).toBe('SIGKILL')
  return said
}

async function expectAllThere(store: ConversationStore, acknowledged: Acknowledged) {
  const { created, removing, removed, added } = acknowledged
  const listed = new Set(await store.conversationIds(OWNER))
  for (const id of removed) {
    expect(listed).not.toContain(id)
    expect(await store.find(OWNER, id)).toBeUndefined()
  }
  for (const id of created) {
    if (removing.has(id)) continue
    expect(listed).toContain(id)
    const ids = (await store.messages(OWNER, id))?.map((message) => message.id)
    expect(ids).toEqual(expect.arrayContaining(added.get(id) ?? []))
  }
}

async function expectEveryFileParses(directory: string) {
  const root = join(directory, 'conversations')
  for (const folder of await readdir(root)) {
    for (const name of await readdir(join(root, folder))) {
      // Nothing else has a place here: no leftover, nothing set aside.
      expect(name).toMatch(/^(index|owner|[-0-9a-f]{36})\.json$/)
      const bytes = await readFile(join(root, folder, name))
      if (conversationIdOf(name) === undefined) JSON.parse(bytes.toString())
      else expect((await parseConversation(bytes, anyConversationRecord)).value).toBeDefined()
    }
  }
}

const temporary = await createTemporaryStore({
  long: SMALL_LONG_CONVERSATIONS,
  // Nothing is being written when it is looked at what is there.
  indexFlushDelay: () => 60_000,
})
let opened = temporary.store
const acknowledged: Acknowledged = {
  created: new Set(),
  removing: new Set(),
  removed: new Set(),
  added: new Map(),
}
afterAll(temporary.end)

it.each(Array.from({ length: KILLS }, (_, index) => index + 1))(
  'keeps every acknowledged write when it is killed at a random moment, time %i',
  async (run) => {
    const { directory, reopen } = temporary
    // One process at a time.
    await opened.close()
    const child = spawn(process.execPath, [PROGRAM, directory, `run-${run}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const said = await linesUntilKilled(child, 1 + Math.floor(Math.random() * 80))
    for (const line of said) remember(acknowledged, line)
    opened = await reopen()
    await expectAllThere(opened, acknowledged)
    await expectEveryFileParses(directory)
  },
)

it('has nothing to complain about afterwards', () => {
  expect(temporary.logger.lines).toEqual([])
  expect(acknowledged.added.size).toBeGreaterThan(KILLS)
})
