/**
 * The messages of a request as OpenAI's protocol has them: text, or text and files as parts, and calls with
 * their results.
 */
import type { HistoryMessage, FileSource, HistoryFile } from '../../core/ports/index.ts'
import { parseTagged, type Segment } from '../../protocol/tags.ts'
import { isRecord, parseJson, type JsonRecord } from '../../text/json.ts'
import { withFiles } from '../../core/turn/request.ts'

/** A question with images is made of parts; servers that know only text refuse that form. */
type QuestionPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image_url'; readonly image_url: { readonly url: string } }
  /** The forms of OpenAI's responses, which providers of threads take. */
  | { readonly type: 'input_image'; readonly image_url: string }
  | { readonly type: 'input_file'; readonly filename: string; readonly file_data: string }

type Question = string | readonly QuestionPart[]

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
interface FileForms {
  readonly urls: FileUrls
  /** As parts of their own for every file; else images alone are parts, and texts stand in the text. */
  readonly asInput: boolean
}

/** Images that are not given are only named. */
function questionOf(message: HistoryMessage, { urls, asInput }: FileForms): Question {
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

/** With what a server wants to have back besides. */
export interface OpenaiToolCall extends JsonRecord {
  readonly id: string
  readonly type: 'function'
  readonly function: { readonly name: string; readonly arguments: string }
}

export type OpenaiMessage =
  | { readonly role: 'system'; readonly content: string; readonly metadata?: JsonRecord }
  | { readonly role: 'user'; readonly content: Question; readonly metadata?: JsonRecord }
  | (JsonRecord & {
      readonly role: 'assistant'
      readonly content: string | null
      readonly tool_calls?: readonly OpenaiToolCall[]
    })
  | { readonly role: 'tool'; readonly tool_call_id: string; readonly content: string }

export interface HistoryOptions extends FileForms {
  /** Nothing is joined, and nothing left out for what stands before it. */
  readonly inOwnOrder?: boolean
}

/** Whether questions and answers alternate, beginning with a question; system messages may stand anywhere. */
export function takesTurns(history: readonly HistoryMessage[]): boolean {
  return history
    .filter(({ role }) => role !== 'system')
    .every(({ role }, at) => (role === 'user') === (at % 2 === 0))
}

/**
 * The messages of a request: the prompt first, earlier answers without their thinking, and their tool
 * calls given back in the protocol's own form. A call without its result, or a result without its call,
 * is left out: servers refuse either. Images that are not given are only named. Messages with metadata
 * stand alone, and have it; in their own order all do, whatever they begin with.
 */
export function openaiMessages(
  systemPrompt: string,
  history: readonly HistoryMessage[],
  options: HistoryOptions = { urls: NO_FILES, asInput: false },
): readonly OpenaiMessage[] {
  let calls = 0
  // Nine letters and digits: the narrowest rule that a server has for these ids.
  const nextId = () => {
    calls += 1
    return `call${String(calls).padStart(5, '0')}`
  }
  const messages: OpenaiMessage[] =
    systemPrompt === '' ? [] : [{ role: 'system', content: systemPrompt }]
  // Servers refuse what does not begin with a question, or has two in a row.
  const first = history.findIndex(({ role }) => role === 'user')
  if (first < 0) return messages
  const { inOwnOrder = false } = options
  for (const [at, message] of history.entries()) {
    const { role, content, metadata } = message
    const known = metadata && { metadata }
    if (role === 'user') {
      const question = { role, content: questionOf(message, options), ...known }
      if (inOwnOrder) messages.push(question)
      else addQuestion(messages, question)
    } else if (role === 'system') messages.push({ role, content, ...known })
    else if (at > first || inOwnOrder) {
      const answers = roundsOf(content).flatMap((round) => roundMessages(round, nextId))
      const last = answers.at(-1) ?? (known && { role, content: '' })
      if (last) messages.push(...answers.slice(0, -1), { ...last, ...known })
    }
  }
  return messages
}

type AskedMessage = Extract<OpenaiMessage, { readonly role: 'user' }>

/** A question without an answer is asked together with the next. */
function addQuestion(messages: OpenaiMessage[], question: AskedMessage): void {
  const last = messages.at(-1)
  if (last?.role !== 'user' || last.metadata || question.metadata) messages.push(question)
  else {
    const content = together(last.content, question.content)
    messages[messages.length - 1] = { role: 'user', content }
  }
}

/** What an answer says before it calls tools, the calls, and what they gave. */
interface Round {
  text: string
  readonly calls: string[]
  readonly results: string[]
}

function roundsOf(content: string): readonly Round[] {
  // Without tags there is nothing to look for, which takes as long as the answer is.
  if (!content.includes('<')) return [{ text: content, calls: [], results: [] }]
  const rounds: Round[] = []
  let round: Round = { text: '', calls: [], results: [] }
  const next = () => {
    rounds.push(round)
    round = { text: '', calls: [], results: [] }
  }
  const take: Readonly<Record<Segment['kind'], (text: string) => void>> = {
    think: () => {},
    text: (text) => {
      if (text.trim() === '' && round.calls.length > 0) return
      if (round.calls.length > 0) next()
      round.text += text
    },
    tool_call: (text) => {
      if (round.results.length > 0) next()
      round.calls.push(text)
    },
    tool_result: (text) => {
      round.results.push(text)
    },
  }
  for (const segment of parseTagged(content)) take[segment.kind](segment.content)
  rounds.push(round)
  return rounds
}

function roundMessages(round: Round, nextId: () => string): readonly OpenaiMessage[] {
  const content = round.text.trim()
  const pairs = round.calls.flatMap((call, index) => {
    const called = readCall(call)
    const result = round.results[index]
    return called && result !== undefined ? [{ id: nextId(), called, result }] : []
  })
  if (pairs.length === 0) return content === '' ? [] : [{ role: 'assistant', content }]
  return [
    {
      role: 'assistant',
      content,
      tool_calls: pairs.map(({ id, called }) => ({ id, type: 'function', function: called })),
    },
    ...pairs.map(({ id, result }) => ({
      role: 'tool' as const,
      tool_call_id: id,
      content: readResult(result),
    })),
  ]
}

function readCall(json: string): OpenaiToolCall['function'] | undefined {
  const call = parseJson(json)
  if (!isRecord(call) || typeof call.tool !== 'string') return undefined
  const { arguments: args = {} } = call
  return { name: call.tool, arguments: argumentsText(args) }
}

/** Servers read the arguments of earlier calls, and some fail on what is no JSON object. */
export function argumentsText(args: unknown): string {
  if (typeof args === 'string') return isRecord(parseJson(args)) ? args : '{}'
  return isRecord(args) ? JSON.stringify(args) : '{}'
}

/** What the tool gave, without our envelope around it. */
function readResult(json: string): string {
  const result = parseJson(json)
  if (!isRecord(result)) return json
  if (result.success === false) return errorText(result.error)
  const { output } = result
  return output === undefined && result.success !== true ? json : outputText(output)
}

/** A tool's failure, for the model. */
export const errorText = (error: unknown) => JSON.stringify({ error: error ?? null })

/** What a tool gave, for the model. */
export const outputText = (output: unknown) =>
  typeof output === 'string' ? output : JSON.stringify(output ?? null)
