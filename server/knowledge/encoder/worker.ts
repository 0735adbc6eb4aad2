/**
 * Computes vectors beside the main thread: is sent its share of the model first, then some texts at a time, and
 * answers those with one vector for each.
 */
import { parentPort } from 'node:worker_threads'
import { createEncoder } from './encoder.ts'
import type { Share } from './transformer.ts'

parentPort?.once('message', (share: Share) => {
  const encode = createEncoder(share)
  parentPort?.on('message', (texts: readonly string[]) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    parentPort?.postMessage(texts.map(encode))
  })
})
