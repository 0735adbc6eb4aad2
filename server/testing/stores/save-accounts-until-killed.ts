/**
 * A program for a test: adds and changes accounts without end, and says on standard output what was
 * acknowledged: an id and its number of changes, a line for each. Argument: the folder.
 */
import { writeSync } from 'node:fs'
import { createJsonAccountStore } from '../../stores/json-accounts.ts'
import { exampleAccount } from './store-examples.ts'
import { createRecordingLogger } from './testing.ts'

const [directory = ''] = process.argv.slice(2)
const store = await createJsonAccountStore({ directory, logger: createRecordingLogger() })

for (;;) {
  const account = exampleAccount()
  await store.add(account, { onlyFirst: false })
  for (let version = 0; version < 4; version += 1) {
    // Unbuffered: a line that was said must not die with the process.
    writeSync(1, `${account.id} ${version}\n`)
    await store.change(account.id, () => ({ tokenVersion: version + 1 }))
  }
}
