/**
 * What a tool call and its result say, as far as their JSON has come, and that in words: loaded with the first answer
 * that calls a tool. Nothing here throws.
 */
import type { ToolWords } from '../words/strings.ts'
import { TOOL_DENIED } from '../conversation/page-tool-runner.ts'

export interface ToolCallData {
  /** `undefined` while it is not known. */
  readonly name: string | undefined
  readonly args: unknown
  /** What the visitor reads in place of the name. */
  readonly title?: string | undefined
}

interface ToolResultData {
  readonly name: string | undefined
  readonly success: boolean
  readonly output: unknown
  readonly error: string | undefined
}

export interface FoundLink {
  readonly title: string
  readonly url: string | undefined
}

/** The short form of a result. */
export type ToolSummary =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly text: string }
  | { readonly kind: 'links'; readonly links: readonly FoundLink[] }

const ARITHMETIC = /^[\d\s+\-*/().,%^]+$/
const NAME_SO_FAR = /"tool"\s*:\s*"([^"\\]{1,64})"/
const SHORT = 200
/** Fields in which an object says in words what it is. */
const SENTENCES = ['message', 'summary', 'text', 'title']
const FIELDS_SHOWN = 3

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const field = (value: unknown, name: string): unknown => (isRecord(value) ? value[name] : undefined)

const textField = (value: unknown, name: string): string | undefined => {
  const found = field(value, name)
  return typeof found === 'string' && found !== '' ? found : undefined
}

/** A JSON value, or `undefined` for anything else. */
function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}

/** Reads a call, complete or still on its way. */
export function readCall(content: string): ToolCallData {
  const text = content.trim()
  const json = parseJson(text)
  if (isRecord(json)) return { name: textField(json, 'tool'), args: json['arguments'] }
  // The form that models were first trained with: an expression and nothing around it.
  if (text !== '' && ARITHMETIC.test(text)) {
    return { name: 'calculator', args: { expression: text } }
  }
  return { name: NAME_SO_FAR.exec(text)?.[1], args: undefined }
}

/** Reads a result. */
export function readResult(content: string): ToolResultData {
  const text = content.trim()
  const json = parseJson(text)
  if (!isRecord(json) || !('success' in json || 'output' in json || 'error' in json)) {
    const output = json === undefined ? text : json
    return { name: undefined, success: true, output, error: undefined }
  }
  const error = textField(json, 'error')
  const success = typeof json['success'] === 'boolean' ? json['success'] : error === undefined
  return { name: textField(json, 'tool'), success, output: json['output'], error }
}

/** How far a call has come: it runs, has given something, or has not and will not. */
export type ToolStage = 'running' | 'done' | 'failed'
type Words = (strings: ToolWords, subject: string) => string

interface ToolKind extends Readonly<Record<ToolStage, Words>> {
  readonly icon: 'globe' | 'calculator' | 'book' | 'spark'
  readonly argument: string
}

const TOOLS: Readonly<Record<string, ToolKind>> = {
  web_search: {
    icon: 'globe',
    argument: 'query',
    running: (strings, query) => strings.searchingWeb(query),
    done: (strings, query) => strings.searchedWeb(query),
    failed: (strings, query) => strings.notSearchedWeb(query),
  },
  calculator: {
    icon: 'calculator',
    argument: 'expression',
    running: (strings, expression) => strings.calculating(expression),
    done: (strings, expression) => strings.calculated(expression),
    failed: (strings, expression) => strings.notCalculated(expression),
  },
  knowledge_search: {
    icon: 'book',
    argument: 'query',
    running: (strings, query) => strings.searchingDocuments(query),
    done: (strings, query) => strings.searchedDocuments(query),
    failed: (strings, query) => strings.notSearchedDocuments(query),
  },
}

const kindOf = (name: string | undefined) =>
  name !== undefined && Object.hasOwn(TOOLS, name) ? TOOLS[name] : undefined

/** An expression as people write it. */
const readableExpression = (expression: string) =>
  expression
    .replaceAll(/\bpercent\(\s*([\d.]+)\s*,\s*([\d.]+)\s*\)/g, '$2% × $1')
    .replaceAll('**', '^')
    .replaceAll(/\s*\*\s*/g, ' × ')
    .replaceAll(/\s+\/\s+/g, ' ÷ ')

/** Which picture stands for a tool. */
export const toolIcon = (name: string | undefined) => kindOf(name)?.icon ?? 'spark'

const OTHER_TOOL: Readonly<Record<ToolStage, Words>> = {
  running: (strings, name) => strings.usingTool(name),
  done: (strings, name) => strings.usedTool(name),
  failed: (strings, name) => strings.notUsedTool(name),
}

/** What a tool does, did or could not do, in words. */
export function describeCall(
  { name, args, title }: ToolCallData,
  stage: ToolStage,
  strings: ToolWords,
): string {
  if (title !== undefined) return title
  const kind = kindOf(name)
  if (!kind) return OTHER_TOOL[stage](strings, name?.replaceAll('_', ' ') ?? strings.unnamedTool)
  const subject = textField(args, kind.argument) ?? ''
  const shown = kind.argument === 'expression' ? readableExpression(subject) : subject
  return kind[stage](strings, shown)
}

/** A place that a search found; a section of a document is named behind it. */
function readLink(value: unknown): FoundLink[] {
  const url = textField(value, 'url')
  const title = textField(value, 'title') ?? url
  if (title === undefined) return []
  const section = textField(value, 'section')
  const isNamed = section !== undefined && section !== title
  return [{ title: isNamed ? `${title} › ${section}` : title, url }]
}

/** Each place once, where it was found first: several passages may stand in one section. */
function readLinks(results: readonly unknown[]): readonly FoundLink[] {
  const links = new Map<string, FoundLink>()
  for (const link of results.flatMap(readLink)) {
    const place = `${link.url ?? ''} ${link.title}`
    if (!links.has(place)) links.set(place, link)
  }
  return [...links.values()]
}

const shorten = (text: string) => (text.length > SHORT ? `${text.slice(0, SHORT - 1)}…` : text)

/** The result in one look. */
export function summarize(result: ToolResultData): ToolSummary {
  if (!result.success) {
    return result.error === undefined
      ? { kind: 'none' }
      : { kind: 'text', text: shorten(result.error) }
  }
  const { output } = result
  const value = field(output, 'value')
  if (typeof value === 'number' || typeof value === 'string') {
    return { kind: 'value', text: shorten(String(value)) }
  }
  const results = Array.isArray(output) ? output : field(output, 'results')
  if (Array.isArray(results)) {
    return { kind: 'links', links: readLinks(results) }
  }
  if (typeof output === 'string' && output.trim() !== '') {
    return { kind: 'text', text: shorten(output.trim()) }
  }
  if (typeof output === 'number' || typeof output === 'boolean') {
    return { kind: 'value', text: String(output) }
  }
  const text = isRecord(output) ? describeRecord(output) : ''
  return text === '' ? { kind: 'none' } : { kind: 'text', text: shorten(text) }
}

/** An object in one line: its own sentence, or what its fields say without opening them. */
function describeRecord(record: Readonly<Record<string, unknown>>): string {
  const sentence = SENTENCES.map((name) => textField(record, name)).find((text) => text)
  if (sentence !== undefined) return sentence
  return Object.entries(record)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value) && value !== '')
    .slice(0, FIELDS_SHOWN)
    .map(([name, value]) => `${name.replaceAll(/[_-]+/g, ' ')}: ${String(value)}`)
    .join(' · ')
}

/** A value for reading: text as it stands, all else as JSON. */
const readable = (value: unknown) =>
  typeof value === 'string' ? value.trim() : (JSON.stringify(value, null, 2) ?? '')

/** What a call was given, without the marks around it; as it was written while it is not whole. */
export function readableArguments(call: string): string {
  const json = parseJson(call)
  if (!isRecord(json)) return call.trim()
  return readable('arguments' in json ? json['arguments'] : json)
}

/** What a tool gave, or what it said of its failure, without the marks around it. */
export function readableOutput(result: string): string {
  const { success, output, error } = readResult(result)
  return readable(success ? output : (error ?? output))
}

export { toolWords } from '../words/en/tools.ts'

function summaryInWords(summary: ToolSummary, words: ToolWords): string {
  switch (summary.kind) {
    case 'none':
      return '.'
    case 'value':
      return ` = ${summary.text}.`
    case 'text':
      return `: ${summary.text}`
    case 'links':
      return `: ${words.resultCount(summary.links.length)}.`
  }
}

/** What the card of a tool says, in one sentence; `result` is absent while it runs. */
export function toolInWords(
  words: ToolWords,
  titleOf: (name: string) => string | undefined,
  call: string,
  result?: string,
): string {
  const asked = readCall(call)
  const data = result === undefined ? undefined : readResult(result)
  const name = asked.name ?? data?.name
  const title = titleOf(name ?? '')
  const tool = { ...asked, name, title }
  if (!data) return `${describeCall(tool, 'running', words)}.`
  if (data.error === TOOL_DENIED)
    return `${describeCall(tool, 'running', words)}: ${words.toolDenied}.`
  const told = describeCall(tool, data.success ? 'done' : 'failed', words)
  // A title says what the tool does, and not how it went.
  const outcome = data.success ? words.toolDone : words.toolFailed
  const state = title === undefined ? '' : `: ${outcome}`
  return told + state + summaryInWords(summarize(data), words)
}
