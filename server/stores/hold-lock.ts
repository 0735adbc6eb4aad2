/** A program for tests: tries for a folder's lock at once, says how that went, and holds it while its input is open. */
import { once } from 'node:events'
import { lockFolder } from './folder-lock.ts'

const directory = process.argv[2] ?? ''
// Started and waiting: the test lets all of them go together.
process.stdout.write('ready\n')
await once(process.stdin, 'data')
try {
  await lockFolder({ directory, patience: 0 })
  process.stdout.write('locked\n')
} catch {
  process.stdout.write('refused\n')
}
process.stdin.resume()
