/** A question as OpenAI's protocol has it: text, or text and images as parts. */
import { withFiles } from '../core/history-files.ts'
import type { HistoryFile, HistoryMessage } from '../core/ports.ts'

/** A question with images is made of parts; servers that know only text refuse that form. */
export type QuestionPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image_url'; readonly image_url: { readonly url: string } }

export type Question = string | readonly QuestionPart[]

/** Images as addresses that hold them. */
export type ImageUrls = ReadonlyMap<HistoryFile, string>

export const NO_IMAGES: ImageUrls = new Map()

/** Reads the images of a request; they are large, and not to be kept longer than it takes to send it. */
export async function loadImages(messages: readonly HistoryMessage[]): Promise<ImageUrls> {
  const urls = new Map<HistoryFile, string>()
  for (const file of messages.flatMap(({ files = [] }) => files)) {
    const bytes = file.kind === 'image' ? await file.read() : undefined
    if (file.kind !== 'image' || !bytes) continue
    urls.set(file, `data:${file.contentType};base64,${Buffer.from(bytes).toString('base64')}`)
  }
  return urls
}

/** Whether a message has something that only goes as a part. */
export const hasImages = ({ files = [] }: HistoryMessage) =>
  files.some(({ kind }) => kind === 'image')

/** Images that are not given are only named. */
export function questionOf(message: HistoryMessage, images: ImageUrls): Question {
  if (!hasImages(message)) return withFiles(message)
  const { files = [] } = message
  const text = withFiles({
    ...message,
    files: files.map((file) => (images.has(file) ? file : withoutImage(file))),
  })
  const shown = files.flatMap((file): readonly QuestionPart[] => {
    const url = images.get(file)
    return url === undefined ? [] : [{ type: 'image_url', image_url: { url } }]
  })
  return shown.length === 0 ? text : [{ type: 'text', text }, ...shown]
}

const withoutImage = (file: HistoryFile): HistoryFile =>
  file.kind === 'image'
    ? { kind: 'left_out', name: file.name, reason: 'an image, which you cannot see' }
    : file

/** Two questions as one. */
export function together(first: Question, second: Question): Question {
  if (typeof first === 'string' && typeof second === 'string') return `${first}\n\n${second}`
  return [...partsOf(first), ...partsOf(second)]
}

const partsOf = (question: Question): readonly QuestionPart[] =>
  typeof question === 'string' ? [{ type: 'text', text: question }] : question
