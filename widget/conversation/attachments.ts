/** A file of a message: of one that was sent, or of one that is being written. */
export interface Attachment {
  readonly name: string
  /** Media type. */
  readonly type: string
  /** In bytes. */
  readonly size: number
  /** Its name on the server, once that has told. */
  readonly id?: string
  /** While the page that it came from is there. */
  readonly file?: File
}

/** A file that goes with the next message. */
export interface DraftFile extends Attachment {
  readonly file: File
  /** How much of it is read, 0 to 1. */
  read: number
  /** Base64, once it is read. */
  data: string | undefined
}

/** The files as a send carries them. */
export const attachmentsOf = (files: readonly DraftFile[]) =>
  files.map(({ name, type, data = '' }) => ({
    filename: name,
    content_type: type,
    data_base64: data,
  }))
