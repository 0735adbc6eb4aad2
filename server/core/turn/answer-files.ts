/** Files that a provider sends with its answer: stored before anybody is told of them. */
import { attachmentPath } from '../../protocol/api.ts'
import { cleanFileName } from '../attachment-name.ts'
import { typeOfAnyFile } from '../attachment-type.ts'
import { decodeBase64, discardFiles } from '../attachments.ts'
import { ChatError } from '../errors.ts'
import type {
  Attachment,
  AttachmentPlace,
  AttachmentStore,
  FilesEvent,
  Logger,
  NewAttachment,
  ProvidedFile,
} from '../ports/index.ts'
import type { TurnOutput } from './output.ts'

/** Files of one answer, and the bytes of all of them together. */
const MOST_FILES = 20
const MOST_BYTES = 32 * 1024 * 1024

export interface AnswerFilesOptions {
  /** Without it, none are kept. */
  readonly attachments: AttachmentStore | undefined
  readonly place: AttachmentPlace
  readonly createId: () => string
  readonly logger: Logger
  /** What log lines carry. */
  readonly names: object
}

export class AnswerFiles {
  readonly #options: AnswerFilesOptions
  /** One event's files are stored before the next one's. */
  #saving: Promise<void> = Promise.resolve()
  #bytes = 0
  #kept: readonly Attachment[] = []
  #hasAny = false

  constructor(options: AnswerFilesOptions) {
    this.#options = options
  }

  /** Whether any have come, stored or not. */
  get hasAny(): boolean {
    return this.#hasAny
  }

  /** Those that can be read. */
  get kept(): readonly Attachment[] {
    return this.#kept
  }

  /** Stores the files; the chunk goes to the output behind what is there, and before what comes. */
  keep({ files, chunk }: FilesEvent, output: TurnOutput): void {
    this.#hasAny = true
    const links = this.#saving.then(() => this.#saveAll(files))
    this.#saving = links.then(() => {})
    void output.appendWhenThere(links.then((known) => [chunk(known)]))
  }

  /** Resolves when everything that has come is stored, or is not going to be. */
  async settled(): Promise<void> {
    await this.#saving
  }

  /** Removes what was stored: there is no answer that it belongs to. */
  async discard(): Promise<void> {
    const gone = this.#kept
    this.#kept = []
    const { attachments, place, logger } = this.#options
    await discardFiles({ ...(attachments && { attachments }), logger }, place, gone)
  }

  async #saveAll(files: readonly ProvidedFile[]): Promise<readonly (string | undefined)[]> {
    const links: (string | undefined)[] = []
    for (const file of files) {
      const saved = await this.#save(file)
      links.push(saved && attachmentPath(saved.id))
    }
    return links
  }

  async #save(file: ProvidedFile): Promise<Attachment | undefined> {
    const { attachments, place, logger, names } = this.#options
    try {
      const { bytes, ...attachment } = this.#decode(file)
      if (!attachments) throw new ChatError('unsupported_media_type', 'No files are kept here.')
      await attachments.save(place, [{ ...attachment, bytes }])
      this.#bytes += bytes.length
      this.#kept = [...this.#kept, attachment]
      return attachment
    } catch (error) {
      logger.warn({ ...names, cause: error }, 'a file of an answer was left out')
      return undefined
    }
  }

  /** @throws ChatError when it is none, or one too many */
  #decode({ filename, contentType, base64 }: ProvidedFile): NewAttachment {
    const bytes = decodeBase64(base64.replaceAll(/\s/g, ''))
    if (!bytes) throw new ChatError('invalid_request', 'The file is not base64 with its padding.')
    if (this.#kept.length >= MOST_FILES || this.#bytes + bytes.length > MOST_BYTES) {
      throw new ChatError('too_large', 'The answer has too many files, or too large ones.')
    }
    return {
      id: this.#options.createId(),
      filename: cleanFileName(filename),
      contentType: typeOfAnyFile(contentType, bytes),
      sizeBytes: bytes.length,
      bytes,
    }
  }
}
