/** A question as OpenAI's protocol has it: text, or text and files as parts. */
import { withFiles } from '../../core/turn/history-files.ts'
import type { FileSource, HistoryFile, HistoryMessage } from '../../core/ports/index.ts'

/** A question with images is made of parts; servers that know only text refuse that form. */
export type QuestionPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image_url'; readonly image_url: { readonly url: string } }
  /** The forms of OpenAI's responses, which providers of threads take. */
  | { readonly type: 'input_image'; readonly image_url: string }
  | { readonly type: 'input_file'; readonly filename: string; readonly file_data: string }

export type Question = string | readonly QuestionPart[]

/** Files as addresses that hold them. */
export type FileUrls = ReadonlyMap<HistoryFile, string>

export const NO_FILES: FileUrls = new Map()

/** Reads the files of a request that go as parts; they are large, and not to be kept longer than it takes to send it. */
export async function loadFiles(messages: readonly HistoryMessage[]): Promise<FileUrls> {
  const urls = new Map<HistoryFile, string>()
  for (const file of messages.flatMap(({ files = [] }) => files)) {
    const source = sourceOf(file)
    const bytes = await source?.read()
    if (!source || !bytes) continue
    urls.set(file, `data:${source.contentType};base64,${Buffer.from(bytes).toString('base64')}`)
  }
  return urls
}

/** What a part is made of. */
function sourceOf(file: HistoryFile): FileSource | undefined {
  switch (file.kind) {
    case 'image':
    case 'binary':
      return file
    case 'text':
      return file.source
    case 'left_out':
      return undefined
  }
}

/** Whether a message has something that goes as a part. */
export const hasParts = ({ files = [] }: HistoryMessage) =>
  files.some((file) => sourceOf(file) !== undefined)

/** How files go out. */
export interface FileForms {
  readonly urls: FileUrls
  /** As parts of their own for every file; else images alone are parts, and texts stand in the text. */
  readonly asInput: boolean
}

/** Images that are not given are only named. */
export function questionOf(message: HistoryMessage, { urls, asInput }: FileForms): Question {
  if (!hasParts(message)) return withFiles(message)
  const { files = [] } = message
  const isPart = (file: HistoryFile) => urls.has(file) && (asInput || file.kind === 'image')
  const shown = files.flatMap((file): readonly QuestionPart[] => {
    const url = urls.get(file)
    if (url === undefined || !isPart(file)) return []
    if (!asInput) return [{ type: 'image_url', image_url: { url } }]
    if (file.kind === 'image') return [{ type: 'input_image', image_url: url }]
    return [{ type: 'input_file', filename: file.name, file_data: url }]
  })
  // A part of its own says its name itself.
  const written = files.filter((file) => !(asInput && isPart(file)))
  const text = withFiles({
    ...message,
    files: written.map((file) => (isPart(file) ? file : withoutPart(file))),
  })
  return shown.length === 0 ? text : [{ type: 'text', text }, ...shown]
}

function withoutPart(file: HistoryFile): HistoryFile {
  const { kind, name } = file
  if (kind === 'image') return { kind: 'left_out', name, reason: 'an image, which you cannot see' }
  if (kind === 'binary') return { kind: 'left_out', name, reason: 'a file, which you cannot read' }
  return file
}

/** Two questions as one. */
export function together(first: Question, second: Question): Question {
  if (typeof first === 'string' && typeof second === 'string') return `${first}\n\n${second}`
  return [...partsOf(first), ...partsOf(second)]
}

const partsOf = (question: Question): readonly QuestionPart[] =>
  typeof question === 'string' ? [{ type: 'text', text: question }] : question
