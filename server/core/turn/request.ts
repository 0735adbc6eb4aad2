/** What a model is asked in a turn. */
import { groundingPrompt } from '../grounding.ts'
import { messagesToAnswer, partToContinue } from './continuation.ts'
import { limitHistory, withoutRepetitions } from './history.ts'
import { countCodePoints } from '../../text/code-points.ts'
import type {
  GenerateRequest,
  HistoryMessage,
  ToolDefinition,
  TurnWriter,
  Attachment,
  AttachmentPlace,
  AttachmentStore,
  FileTexts,
  HistoryFile,
  Logger,
  Message,
} from '../ports/index.ts'
import type { TurnDependencies, TurnPlan } from './plan.ts'
import type { ProgressEvent } from '../../protocol/events.ts'
import { isImageType, isPdfType, isText, isTextType } from '../attachments.ts'

export interface RequestOptions {
  /** Is told of files that are read. */
  readonly output: TurnWriter
  readonly tools: readonly ToolDefinition[]
}

/** Reads the files that go with it; without any, nothing is waited for. */
export async function requestOf(
  plan: TurnPlan,
  dependencies: TurnDependencies,
  { output, tools }: RequestOptions,
): Promise<GenerateRequest> {
  const { options, grounding, ownerId } = plan
  const { defaults, prompts, history } = dependencies.settings
  // The thinking of an answer stands before it.
  const thinkingMode = !plan.continues && (options.thinking_mode ?? false)
  const continues = plan.continues && partToContinue(plan.continues.content, history.characters)
  const characters = history.characters - countCodePoints(continues ?? '')
  return {
    messages: limitHistory(await historyOf(plan, dependencies, output), { ...history, characters }),
    continues,
    systemPrompt: [
      thinkingMode ? prompts.think : prompts.direct,
      ...(grounding ? groundingPrompt(grounding) : []),
    ]
      .filter((part) => part !== '')
      .join('\n\n'),
    model: plan.modelTag === 'default' ? null : plan.modelTag,
    temperature: options.temperature ?? defaults.temperature,
    maxTokens: options.max_tokens ?? defaults.maxTokens,
    topK: options.top_k ?? defaults.topK,
    thinkingMode,
    grounding,
    forceWebSearch: options.force_web_search ?? false,
    tools,
    // Their tags may be text where the answer was cut off.
    mayCallTools: !plan.continues,
    rounds: [],
    thread: plan.thread && { user: ownerId, conversationId: plan.thread.conversationId },
    trace: plan.trace,
  }
}

async function historyOf(
  { ownerId, conversationId, history: said, thread }: TurnPlan,
  { attachments, texts, inference, settings, logger }: TurnDependencies,
  output: TurnWriter,
): Promise<readonly HistoryMessage[]> {
  const { messages, characters } = settings.history
  const isThread = thread !== undefined
  // The provider of a thread gets every message.
  const history = isThread ? said : withoutRepetitions(said)
  const recent = history.slice(-messages)
  if (!attachments || !recent.some((message) => message.attachments)) {
    return history.map((message) => {
      const { role, content } = message
      return { role, content, ...metadataOf(message, { isThread }) }
    })
  }
  return await readHistoryFiles(recent, {
    attachments,
    texts,
    place: { ownerId, conversationId },
    takesImages: inference.takesImages ?? false,
    isThread,
    characters,
    progress: (event) => output.append([event]),
    logger,
  })
}

/** What an image costs a model, as text that costs about the same. */
const IMAGE_CHARACTERS = 4_000

/** Of the prompt and the history. */
export const promptCharactersOf = ({ systemPrompt, ...request }: GenerateRequest) =>
  messagesToAnswer(request).reduce((sum, message) => {
    const images = message.files?.filter(({ kind }) => kind === 'image') ?? []
    return sum + withFiles(message).length + images.length * IMAGE_CHARACTERS
  }, systemPrompt.length)

// How files of messages get to a model: read from the store, and written where it takes text alone.

/** Files but texts that go with one request, the newest ones: each costs a model a thousand tokens or so. */
const MOST_SHOWN = 5
/** Clients of threads may send whatever they like. */
const UNREADABLE = 'a file, which you cannot read'
/** Bytes that a character has at most. */
const WIDEST_CHARACTER = 4

interface FileReading {
  readonly attachments: AttachmentStore
  /** Reads PDFs. */
  readonly texts?: FileTexts | undefined
  readonly place: AttachmentPlace
  readonly takesImages: boolean
  /** The provider of a thread gets every file as it was sent. */
  readonly isThread: boolean
  /** Code points of all texts together; more need not be read. */
  readonly characters: number
  readonly progress: (event: ProgressEvent) => void
  readonly logger: Logger
}

/**
 * The messages with what their files hold, the newest read first. Tells of the newest message's files.
 * Never throws: a file that cannot be read is left out, and the model is told so.
 */
export async function readHistoryFiles(
  messages: readonly Message[],
  reading: FileReading,
): Promise<readonly HistoryMessage[]> {
  const newest = messages.at(-1)?.attachments ?? []
  const reader = createFileReader(reading)
  const read: HistoryMessage[] = []
  for (const message of messages.toReversed()) {
    // What an answer brought is not sent back to whom it came from.
    const attachments = message.role === 'user' ? message.attachments : undefined
    const files: HistoryFile[] = []
    for (const [done, attachment] of (attachments ?? []).entries()) {
      if (attachments === newest) {
        const { filename: name } = attachment
        reading.progress({ type: 'progress', step: 'reading', name, done, total: newest.length })
      }
      files.push(await reader(attachment))
    }
    const { role, content } = message
    read.push({ role, content, ...(attachments && { files }), ...metadataOf(message, reading) })
  }
  return read.toReversed()
}

/** Of a message of a thread, where it has any. */
function metadataOf(
  { metadata }: Message,
  { isThread }: { readonly isThread: boolean },
): Pick<HistoryMessage, 'metadata'> {
  return isThread && metadata && Object.keys(metadata).length > 0 ? { metadata } : {}
}

function createFileReader(reading: FileReading) {
  const { attachments, texts, place, takesImages, isThread, logger } = reading
  let shown = 0
  let characters = 0

  const readBytes = async (id: string): Promise<Uint8Array | undefined> => {
    try {
      return await attachments.read(place, id)
    } catch (error) {
      const { conversationId } = place
      logger.error({ conversationId, cause: error }, 'a file of a message could not be read')
      return undefined
    }
  }

  return async (attachment: Attachment): Promise<HistoryFile> => {
    const { id, filename: name, contentType, sizeBytes } = attachment
    const leftOut = (reason: string) => ({ kind: 'left_out', name, reason }) as const
    const isImage = isImageType(contentType)
    const source = { contentType, read: () => readBytes(id) }
    const show = (kind: 'image' | 'binary'): HistoryFile => {
      shown += 1
      const isAgain = shown > MOST_SHOWN
      const what = kind === 'image' ? 'an image' : 'a file'
      return isAgain ? leftOut(`${what}, which is not shown again`) : { kind, name, ...source }
    }
    if (isImage) return takesImages ? show('image') : leftOut('an image, which you cannot see')
    if (texts && isPdfType(contentType) && !isThread) {
      if (characters >= reading.characters) return leftOut('left out, as there is no room for it')
      try {
        const whole = await texts.text({ id, ownerId: place.ownerId }, source.read)
        const text = whole.slice(0, reading.characters)
        characters += text.length
        return { kind: 'text', name, text, sizeBytes, isCut: text.length < whole.length }
      } catch (error) {
        const { conversationId } = place
        logger.warn({ conversationId, cause: error }, 'the text of a PDF could not be read')
        return leftOut('which could not be read')
      }
    }
    if (!isTextType(contentType)) return isThread ? show('binary') : leftOut(UNREADABLE)
    if (characters >= reading.characters) return leftOut('left out, as there is no room for it')
    const bytes = await readBytes(id)
    if (!bytes) return leftOut('which could not be read')
    if (!isText(bytes)) return isThread ? show('binary') : leftOut(UNREADABLE)
    const most = reading.characters * WIDEST_CHARACTER
    // As a stream: half a character at the end is not there yet.
    const text = new TextDecoder().decode(bytes.subarray(0, most), { stream: true })
    characters += text.length
    const isCut = bytes.length > most
    return { kind: 'text', name, text, sizeBytes, isCut, ...(isThread && { source }) }
  }
}

/** The message's text with its files in it; images are only named. */
export function withFiles({ content, files = [] }: HistoryMessage): string {
  return [content, ...files.map(written)].join('\n\n')
}

function written(file: HistoryFile): string {
  switch (file.kind) {
    case 'image':
      return `Attached image: ${file.name}`
    case 'binary':
      return `Attached file: ${file.name}`
    case 'left_out':
      return `Attached file: ${file.name} (${file.reason})`
    case 'text': {
      const fence = fenceFor(file.text)
      const ending = /\.([a-z0-9]{1,12})$/i.exec(file.name)?.[1]?.toLowerCase() ?? ''
      // What stands in the fence is the text of a PDF.
      const language = ending === 'pdf' ? '' : ending
      const end = file.text.endsWith('\n') || file.text === '' ? '' : '\n'
      const note = file.isCut ? `\n[cut here; the whole file has ${file.sizeBytes} bytes]` : ''
      return `Attached file: ${file.name}\n${fence}${language}\n${file.text}${end}${fence}${note}`
    }
  }
}

/** Longer than any run of backticks in the text: nothing in it ends the fence. */
function fenceFor(text: string): string {
  const runs = text.match(/`{3,}/g) ?? []
  return '`'.repeat(runs.reduce((longest, { length }) => Math.max(longest, length + 1), 3))
}
