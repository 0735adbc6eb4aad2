/** What a tool call and its result say, as far as their JSON has come. Never throws. */
import type { ToolWords } from './tool-strings.ts'

export interface ToolCallData {
  /** `undefined` while it is not known. */
  readonly name: string | undefined
  readonly args: unknown
  /** What the visitor reads in place of the name. */
  readonly title?: string | undefined
}

export interface ToolResultData {
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
export function parseJson(text: string): unknown {
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

type Words = (strings: ToolWords, subject: string) => string

interface ToolKind {
  readonly icon: 'globe' | 'calculator' | 'book' | 'spark'
  readonly argument: string
  readonly running: Words
  readonly done: Words
}

const TOOLS: Readonly<Record<string, ToolKind>> = {
  web_search: {
    icon: 'globe',
    argument: 'query',
    running: (strings, query) => strings.searchingWeb(query),
    done: (strings, query) => strings.searchedWeb(query),
  },
  calculator: {
    icon: 'calculator',
    argument: 'expression',
    running: (strings, expression) => strings.calculating(expression),
    done: (strings, expression) => strings.calculated(expression),
  },
  knowledge_search: {
    icon: 'book',
    argument: 'query',
    running: (strings, query) => strings.searchingDocuments(query),
    done: (strings, query) => strings.searchedDocuments(query),
  },
}

const kindOf = (name: string | undefined) =>
  name !== undefined && Object.hasOwn(TOOLS, name) ? TOOLS[name] : undefined

/** An expression as people write it. */
export const readableExpression = (expression: string) =>
  expression
    .replaceAll(/\bpercent\(\s*([\d.]+)\s*,\s*([\d.]+)\s*\)/g, '$2% × $1')
    .replaceAll('**', '^')
    .replaceAll(/\s*\*\s*/g, ' × ')
    .replaceAll(/\s+\/\s+/g, ' ÷ ')

/** Which picture stands for a tool. */
export const toolIcon = (name: string | undefined) => kindOf(name)?.icon ?? 'spark'

/** What a tool does or did, in words. */
export function describeCall(
  { name, args, title }: ToolCallData,
  over: boolean,
  strings: ToolWords,
): string {
  if (title !== undefined) return title
  const kind = kindOf(name)
  if (!kind) {
    const shown = name?.replaceAll('_', ' ') ?? strings.unnamedTool
    return over ? strings.usedTool(shown) : strings.usingTool(shown)
  }
  const subject = textField(args, kind.argument) ?? ''
  const shown = kind.argument === 'expression' ? readableExpression(subject) : subject
  return over ? kind.done(strings, shown) : kind.running(strings, shown)
}

const readLink = (value: unknown): FoundLink[] => {
  const url = textField(value, 'url')
  const title = textField(value, 'title') ?? url
  return title === undefined ? [] : [{ title, url }]
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
    return { kind: 'links', links: results.flatMap((entry: unknown) => readLink(entry)) }
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

/** JSON for reading; text that is no JSON as it stands. */
export function formatJson(content: string): string {
  const value = parseJson(content)
  return value === undefined ? content.trim() : JSON.stringify(value, null, 2)
}
