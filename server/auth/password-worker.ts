/** Makes and compares hashes of passwords beside the main thread, and behind it: answers to visitors come first. */
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { hashSync, verifySync } from '@node-rs/bcrypt'
import type { HashJob } from './passwords.ts'

/** About a tenth of a core is left to it where the main thread wants all, and all of it where it does not. */
const BEHIND = 10

// Of this thread alone, which is what Linux means by it; elsewhere it would be the whole process.
if (process.platform === 'linux') setPriority(BEHIND)

parentPort?.on('message', (job: HashJob) => {
  const result =
    job.kind === 'hash'
      ? hashSync(job.password, { cost: job.cost })
      : verifySync(job.password, job.encoded)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
  parentPort?.postMessage(result)
})
