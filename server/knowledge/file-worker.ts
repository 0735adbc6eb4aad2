/** Reads files that take long, away from the thread that serves; see file-reader.ts. */
import { parentPort } from 'node:worker_threads'
import type { Content } from './blocks.ts'
import type { BinaryKind, DocumentFields, KnowledgeDocument } from './parse-document.ts'
import type { PdfLimits } from './pdf.ts'

/** A new kind is one reader and one line here, and one in parse-document.ts. */
const FILE_READERS = {
  '.pdf': async (bytes: Uint8Array) => (await import('./pdf.ts')).readPdf(bytes),
  '.docx': async (bytes: Uint8Array) => (await import('./docx.ts')).readDocx(bytes),
} satisfies Record<BinaryKind, (bytes: Uint8Array) => Promise<Content>>

export interface BinaryRequest {
  readonly kind: BinaryKind
  readonly bytes: Uint8Array
}

/** What parseDocument takes. */
export interface TextRequest {
  readonly kind: 'text'
  readonly name: string
  readonly text: string
  readonly defaults: DocumentFields
  readonly origin: DocumentFields
}

/** The text alone, of a PDF that somebody sends. */
export interface PdfTextRequest {
  readonly kind: 'pdf text'
  readonly bytes: Uint8Array
  readonly most: PdfLimits
}

export type FileRequest = BinaryRequest | TextRequest | PdfTextRequest

export type FileReply =
  | { readonly content: Content }
  | { readonly document: KnowledgeDocument }
  | { readonly text: string }
  /** `isFatal`: the worker is of no more use. */
  | { readonly reason: string; readonly isFatal?: true }

async function read(request: FileRequest): Promise<FileReply> {
  try {
    if (request.kind === 'text') {
      const { name, text, defaults, origin } = request
      const { parseDocument } = await import('./parse-document.ts')
      return { document: parseDocument(name, text, defaults, origin) }
    }
    if (request.kind === 'pdf text') {
      const { readPdfText } = await import('./pdf.ts')
      return { text: await readPdfText(request.bytes, request.most) }
    }
    return { content: await FILE_READERS[request.kind](request.bytes) }
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
