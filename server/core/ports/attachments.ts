import type { Cancellable } from './common.ts'

/** A file that a visitor sent with a message. */
export interface Attachment {
  readonly id: string
  /** A bare name: no folders, nothing that cannot be seen. */
  readonly filename: string
  /** Of images and texts what their bytes say; of others what their sender says. */
  readonly contentType: string
  readonly sizeBytes: number
}

/** A file on its way into the store. */
export interface NewAttachment extends Attachment {
  readonly bytes: Uint8Array
}

/** Whose files, and of which conversation. */
export interface AttachmentPlace {
  readonly ownerId: string
  readonly conversationId: string
}

/** What a place has, by ids. */
export interface StoredAttachments extends AttachmentPlace {
  readonly ids: readonly string[]
}

/** Texts of files that are none themselves: of PDFs. */
export interface FileTexts {
  /**
   * The text of a file; its bytes are asked for where the text is not at hand. Who has files waiting already is
   * behind those who have none.
   * @throws Error whose message says why there is none, to go on behind the file's name; ChatError when it can be
   * read later
   */
  text(
    file: { readonly id: string; readonly ownerId: string },
    read: () => Promise<Uint8Array | undefined>,
  ): Promise<string>
}

/** Keeps the bytes of files; what else is known of them stands in their messages. */
export interface AttachmentStore {
  /**
   * Resolves when every file would survive a power cut; when it rejects, none is there.
   * @throws ChatError `too_large` when the owner would have more than one may keep
   */
  save(place: AttachmentPlace, files: readonly NewAttachment[]): Promise<void>
  /** Resolves to `undefined` when there is no such file. */
  read(place: AttachmentPlace, id: string): Promise<Uint8Array | undefined>
  /** The conversation of the owner that a file belongs to. */
  conversationOf(ownerId: string, id: string): Promise<string | undefined>
  /** Without ids: everything of the place. What is not there is gone already. */
  remove(place: AttachmentPlace, ids?: readonly string[]): Promise<void>
  /** Erases everything the owner has. */
  removeOwner(ownerId: string): Promise<void>
  /**
   * Goes through everything that is kept, a place at a time, and erases what is not wanted: `wanted` gives
   * the ids of a place that are. May run beside everything else: what is saved after its beginning is left
   * alone. Ends early when the signal aborts.
   */
  sweep(
    wanted: (stored: StoredAttachments) => Promise<ReadonlySet<string>>,
    options: Cancellable,
  ): Promise<void>
}
