import type { Conversation, Message } from './conversations.ts'

/** Files that are made for a reader; the API's own JSON is no matter of theirs. */
export const DOCUMENT_FORMATS = ['markdown', 'pdf', 'docx'] as const
export type DocumentFormat = (typeof DOCUMENT_FORMATS)[number]

/** A conversation as it goes into a file. */
export interface ExportedConversation {
  readonly conversation: Conversation
  /** Oldest first. */
  readonly messages: readonly Message[]
  /** What stands in front of links to files: scheme, host and path of this server, as far as they are known. */
  readonly base: string
}

/** Writes conversations as files, away from whatever else goes on. */
export interface Exporter {
  /**
   * The whole file, or its text in pieces that are made while it is sent.
   * @throws ChatError `rate_limited` while too many are being made; `too_large` when it would take too much
   */
  write(
    format: DocumentFormat,
    exported: ExportedConversation,
  ): Promise<Uint8Array | Iterable<string>>
  /** What is being made is not made to its end. */
  close(): Promise<void>
}
