/** Writes files that take long, away from the thread that serves; see index.ts. */
import { parentPort } from 'node:worker_threads'
import type { DocumentFormat, ExportedConversation, Message } from '../core/ports/index.ts'

/** Formats that are written here, each with libraries of its own, loaded with the first file. */
const WRITERS = {
  pdf: async (exported: ExportedConversation) => (await import('./pdf.ts')).pdfOf(exported),
  docx: async (exported: ExportedConversation) => (await import('./docx.ts')).docxOf(exported),
} satisfies Record<WrittenHere, (exported: ExportedConversation) => Promise<Uint8Array>>

export type WrittenHere = Exclude<DocumentFormat, 'markdown'>

/** Messages come in several requests, so that handing them over never takes long at a time. */
export type WorkerRequest =
  | { readonly kind: 'messages'; readonly messages: readonly Message[] }
  | {
      readonly kind: 'write'
      readonly format: WrittenHere
      readonly exported: Omit<ExportedConversation, 'messages'>
    }

export type WorkerReply = { readonly bytes: Uint8Array } | { readonly reason: string }

const messages: Message[] = []

async function write(
  request: Extract<WorkerRequest, { readonly kind: 'write' }>,
): Promise<WorkerReply> {
  try {
    return { bytes: await WRITERS[request.format]({ ...request.exported, messages }) }
  } catch (error) {
    return { reason: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

parentPort?.on('message', (request: WorkerRequest) => {
  if (request.kind === 'messages') {
    messages.push(...request.messages)
    return
  }
  void write(request).then((reply) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    parentPort?.postMessage(reply)
  })
})
