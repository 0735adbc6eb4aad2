/** Reads files that take long, away from the thread that serves; see file-reader.ts. */
import { parentPort } from 'node:worker_threads'
import type { BinaryKind, Content } from './parse-document.ts'

/** A new kind is one reader and one line here, and one in parse-document.ts. */
const FILE_READERS = {
  '.pdf': async (bytes: Uint8Array) => (await import('./pdf.ts')).readPdf(bytes),
  '.docx': async (bytes: Uint8Array) => (await import('./docx.ts')).readDocx(bytes),
} satisfies Record<BinaryKind, (bytes: Uint8Array) => Promise<Content>>

export interface FileRequest {
  readonly kind: BinaryKind
  readonly bytes: Uint8Array
}

export type FileReply =
  | { readonly content: Content }
  /** `isFatal`: the worker is of no more use. */
  | { readonly reason: string; readonly isFatal?: true }

async function read({ kind, bytes }: FileRequest): Promise<FileReply> {
  try {
    return { content: await FILE_READERS[kind](bytes) }
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) }
  }
}

parentPort?.on('message', (request: FileRequest) => {
  void read(request).then((reply) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    parentPort?.postMessage(reply)
  })
})
