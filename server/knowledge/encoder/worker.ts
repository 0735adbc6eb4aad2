/** Computes vectors beside the main thread: is sent some texts, answers with one vector for each. */
import { parentPort } from 'node:worker_threads'
import { createEncoder } from './encoder.ts'

const encode = createEncoder()

parentPort?.on('message', (texts: readonly string[]) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
  parentPort?.postMessage(texts.map(encode))
})
