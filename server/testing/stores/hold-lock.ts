/**
 * A program for tests: tries for a folder's lock at once, says how that went, and holds it while its input
 * is open. Each further line of input is a file to write through the lock; it says how that went, too.
 * Arguments: the folder, and the timing as JSON; `--no-kernel` stands for a file system without locks.
 */
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { z } from 'zod'
import { guardWrites, nodeFileSystem } from '../../stores/disk/file-system.ts'
import { lockFolder } from '../../stores/disk/folder-lock.ts'
import { createRecordingLogger } from './testing.ts'

const [, , directory = '', json = '{}', ...flags] = process.argv
const timing = z
  .record(z.enum(['renewEvery', 'trust', 'lapse', 'lookEvery']), z.number())
  .parse(JSON.parse(json))
const say = (line: string) => process.stdout.write(`${line}\n`)
const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

// Started and waiting: the test lets all of them go together.
say('ready')
await input.next()
try {
  const lock = await lockFolder({
    directory,
    patience: 0,
    logger: createRecordingLogger(),
    timing,
    ...(flags.includes('--no-kernel') && { askKernel: () => ({ kind: 'none' }) }),
  })
  const files = guardWrites(nodeFileSystem, lock.assertHeld)
  void lock.lost.then((sentence) => say(`lost: ${sentence}`))
  say('locked')
  for await (const name of { [Symbol.asyncIterator]: () => input }) {
    try {
      await files.write(join(directory, name), String(process.pid))
      say(`wrote ${name}`)
    } catch (error) {
      say(`failed: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
} catch (error) {
  say(`refused: ${error instanceof Error ? error.message : String(error)}`)
}
