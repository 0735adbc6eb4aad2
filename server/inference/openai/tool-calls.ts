/** Tool calls, put together from the pieces in which they come. */
import { type JsonRecord, parseJson, isRecord } from '../../text/json.ts'
import type { ToolCallPiece } from './chunk.ts'

export interface GatheredCall {
  /** The server's; it may have none, or give several calls the same. */
  readonly id: string | undefined
  readonly name: string
  /** JSON text, or empty; what the server sent where that is no JSON. */
  readonly arguments: string
  /** Fields beyond the protocol. */
  readonly extra: JsonRecord | undefined
}

interface OpenCall {
  readonly index: number | undefined
  id: string | undefined
  name: string
  arguments: string
  readonly pieces: string[]
  extra: JsonRecord | undefined
  readonly progress: ReturnType<typeof createJsonProgress>
}

export type ToolCallGatherer = ReturnType<typeof createToolCallGatherer>

/**
 * Puts tool calls together from their pieces. `tools` are the names of those that were offered, by which a name in
 * pieces is known to be whole.
 */
export function createToolCallGatherer(tools: ReadonlySet<string>) {
  let calls: OpenCall[] = []
  let count = 0

  const findOpen = (piece: ToolCallPiece): OpenCall | undefined => {
    const { index, id } = piece
    if (id !== undefined) {
      const same = calls.findLast((call) => call.id === id && mayBe(call.index, index))
      if (same) return same
    }
    if (index === undefined) return calls.at(-1)
    const found = calls.findLast((call) => call.index === index)
    // What has neither name nor id goes on with a call, whatever its index.
    return found ?? (piece.name === undefined && id === undefined ? calls.at(-1) : undefined)
  }

  const isTool = (name: string) => tools.has(plainName(name))

  const beginsTool = (name: string) => {
    const plain = plainName(name)
    return Array.from(tools).some((tool) => tool.startsWith(plain))
  }

  /** Whether a name goes on with the call's own, where no id says which call it is of. */
  const isNamePiece = (call: OpenCall, { name, index }: ToolCallPiece): boolean => {
    if (name === undefined || call.arguments !== '') return false
    if (name.startsWith(call.name)) return true
    if (tools.size === 0) return index !== undefined && index === call.index
    return beginsTool(call.name + name) || !(isTool(call.name) || isTool(name))
  }

  /**
   * Whether a piece that points to an open call is a call of its own: some servers give every call the same
   * index, or none. Some repeat id and name in every piece, or give each a new id, so neither says much alone.
   */
  const startsAnother = (open: OpenCall, piece: ToolCallPiece): boolean => {
    const { id, name } = piece
    if (id !== undefined && id === open.id) return false
    if (name === undefined || open.name === '') return false
    if (id !== undefined && open.id !== undefined) {
      if (open.arguments !== '') return name !== open.name || isWhole(open)
      return tools.size === 0 || isTool(open.name) || isTool(name) || !beginsTool(open.name + name)
    }
    if (name !== open.name) return !isNamePiece(open, piece)
    return isWhole(open) && !goesOn(open, piece)
  }

  return {
    add(piece: ToolCallPiece): void {
      const open = findOpen(piece)
      if (!open || startsAnother(open, piece)) {
        count += 1
        const progress = createJsonProgress()
        progress.add(piece.arguments)
        calls.push({
          index: piece.index,
          id: piece.id,
          name: piece.name ?? '',
          arguments: piece.arguments,
          pieces: [piece.arguments],
          extra: piece.extra,
          progress,
        })
        return
      }
      open.id ??= piece.id
      const { name } = piece
      if (name !== undefined && name !== open.name && isNamePiece(open, piece)) {
        open.name = name.startsWith(open.name) ? name : open.name + name
      }
      open.arguments += piece.arguments
      open.pieces.push(piece.arguments)
      open.progress.add(piece.arguments)
      if (piece.extra) open.extra = { ...open.extra, ...piece.extra }
    },
    /** Calls that have begun, those included that were taken. */
    get count(): number {
      return count
    },
    /** True while a call's arguments are cut in the middle. */
    hasPartial: () => calls.some((call) => !isWhole(call)),
    /** The calls so far, in the order they began; starts afresh. */
    take(): readonly GatheredCall[] {
      const taken = calls.filter((call) => call.name !== '')
      calls = []
      return taken.map(({ id, name, pieces, extra }) => ({
        id,
        name: toolName(name, tools),
        arguments: joinArguments(pieces),
        extra,
      }))
    },
  }
}

/** Whether arguments that seem whole are said again, or were only a beginning. */
function goesOn(open: OpenCall, piece: ToolCallPiece): boolean {
  const before = open.arguments.trim()
  return before === '{}' || piece.arguments.trim() === before
}

/** Later pieces of a call may have its id alone. */
function mayBe(known: number | undefined, given: number | undefined): boolean {
  return known === given || known === undefined || given === undefined
}

const isWhole = (call: OpenCall) => call.progress.isWhole(call.arguments)

/** The name of a tool that was offered, where what the model wrote around it is all that is too much. */
function toolName(written: string, tools: ReadonlySet<string>): string {
  if (tools.has(written)) return written
  const plain = plainName(written)
  return tools.has(plain) ? plain : written
}

/**
 * Without the marks of a channel behind it (`calculator<|channel|>commentary`), a number, and the space it was
 * declared in (`functions.calculator`, `default_api:calculator`).
 */
const plainName = (written: string) =>
  written
    .replace(/<\|.*$/s, '')
    .replace(/(?:\(\)|:\d+)?\s*$/, '')
    .replace(/^.*[.:/=\s]/s, '')

/** A number, a word or a text: tried anew with every piece, so no long ones. */
const LONGEST_SCALAR = 1_000

/**
 * Follows JSON text while it comes. Looks at each character of an object or list once, however often it is asked; and at the text as a whole,
 * which is put together for that, only when it may be whole.
 */
function createJsonProgress() {
  let length = 0
  let first = ''
  let depth = 0
  let inText = false
  let isEscaped = false
  /** Where the value ends. */
  let end: number | undefined
  /** Nothing but white space stands behind it. */
  let isLast = true
  let isValid: boolean | undefined

  const read = (character: string) => {
    if (end !== undefined) isLast &&= character.trim() === ''
    else if (isEscaped) isEscaped = false
    else if (character === '"') inText = !inText
    else if (inText) isEscaped = character === '\\'
    else if (character === '{' || character === '[') depth += 1
    else if (character === '}' || character === ']') {
      depth -= 1
      if (depth === 0) end = length + 1
    }
  }

  return {
    /** Looks at the next piece of the text. */
    add(piece: string): void {
      for (const character of piece) {
        if (first === '') first = character.trim()
        read(character)
        length += character.length
      }
    },
    /** Whether the text, of which all pieces have been looked at, is whole. */
    isWhole(text: string): boolean {
      if (first !== '{' && first !== '[') {
        return length <= LONGEST_SCALAR && parseJson(text) !== undefined
      }
      if (end === undefined || !isLast) return false
      isValid ??= parseJson(text.slice(0, end)) !== undefined
      return isValid
    },
  }
}

/** Characters of arguments that are looked through for an object; longer ones are that, or are none. */
const LONGEST_SEARCHED = 262_144

/**
 * The arguments of a call from the pieces in which they came, as JSON text. Most servers send increments; some
 * repeat a piece, send in each what there is so far, or begin with `{}`. What makes a JSON object is right;
 * where nothing does, the text is what the increments make.
 */
export function joinArguments(pieces: readonly string[]): string {
  const joined = pieces.join('')
  if (joined.trim() === '') return ''
  return (
    objectIn(joined) ??
    objectIn(halved(pieces)) ??
    objectIn(grown(pieces)) ??
    // An increment may begin like all that came before it: then the piece that says all is right.
    pieces.findLast((piece) => isRecord(parseJson(piece))) ??
    joined
  )
}

/** The text when some pieces hold all that came before them. */
function grown(pieces: readonly string[]): string {
  const said = pieces.slice(pieces.findIndex((piece) => !isEmpty(piece)))
  const holds = (piece: string, text: string) =>
    text !== '' && piece.length >= text.length && piece.startsWith(text)
  return said.reduce((text, piece) => (holds(piece, text) ? piece : text + piece), '')
}

const isEmpty = (piece: string) => /^\s*(?:\{\s*\}\s*)?$/.test(piece)

/** The text when every piece came twice. */
function halved(pieces: readonly string[]): string {
  const said = pieces.filter((piece) => piece !== '')
  const isDoubled = said.every((piece, at) => piece === said[at % 2 === 0 ? at + 1 : at - 1])
  return isDoubled ? said.filter((_, at) => at % 2 === 0).join('') : ''
}

/** The JSON object that a text is or holds, as text: the digits of its numbers stay as they are. */
function objectIn(text: string): string | undefined {
  const value = parseJson(text)
  if (isRecord(value)) return text
  // JSON that was made into JSON once more.
  if (typeof value === 'string') return isRecord(parseJson(value)) ? value : undefined
  const start = text.length > LONGEST_SEARCHED ? -1 : text.indexOf('{')
  // A fence, a mark, or the name of a format.
  if (start < 0 || !/^[\w\s`<|>]*$/.test(text.slice(0, start))) return undefined
  const end = text.lastIndexOf('}') + 1
  if (end < text.length && isRecord(parseJson(text.slice(start, end))))
    return text.slice(start, end)
  return lastObject(text.slice(start)) ?? fromPython(text.slice(start, end))
}

/** Of objects behind each other the last, in which a server has said all; one without fields says nothing. */
function lastObject(text: string): string | undefined {
  const objects = objectsIn(text)
  return objects?.findLast((object) => !isEmpty(object)) ?? objects?.at(-1)
}

/** `undefined` when the text is anything else than one object behind the other. */
function objectsIn(text: string): readonly string[] | undefined {
  const objects: string[] = []
  let depth = 0
  let start = 0
  // Braces outside of texts, and what may stand between objects.
  for (const { 0: found, index } of text.matchAll(/"(?:[^"\\]|\\.)*(?:"|\\?$)|[{}]|[^\s{}"]/gs)) {
    if (found === '{') {
      if (depth === 0) start = index
      depth += 1
    } else if (depth === 0) return undefined
    else if (found === '}') {
      depth -= 1
      if (depth === 0) objects.push(text.slice(start, index + 1))
    }
  }
  return depth === 0 && objects.every((object) => isRecord(parseJson(object))) ? objects : undefined
}

// What is never closed goes to the end, so that no text is gone through twice.
const PYTHON =
  /'((?:[^'\\]|\\.)*)(?:'|\\?$)|"(?:[^"\\]|\\.)*(?:"|\\?$)|\b(True|False|None)\b|,(?=\s*[}\]])/gs
const PYTHON_WORDS: Readonly<Record<string, string>> = {
  True: 'true',
  False: 'false',
  None: 'null',
}

/** A dictionary as Python writes it; models that have seen much of it do too. */
function fromPython(text: string): string | undefined {
  const json = text.replaceAll(PYTHON, (found, single?: string, word?: string) => {
    if (single !== undefined) return `"${withDoubleQuotes(single)}"`
    if (word !== undefined) return PYTHON_WORDS[word] ?? word
    return found === ',' ? '' : found
  })
  return isRecord(parseJson(json)) ? json : undefined
}

const withDoubleQuotes = (text: string) =>
  text.replaceAll(/\\(.)|"/gs, (found, escaped?: string) => {
    if (escaped === "'") return "'"
    return found === '"' ? '\\"' : found
  })

/** The server's own ids; one that is missing, or used already in the turn, is replaced. */
export class CallIds {
  readonly #used: Set<string>

  constructor(usedBefore: Iterable<string>) {
    this.#used = new Set(usedBefore)
  }

  of({ id }: GatheredCall): string {
    const used = this.#used
    let unique = id
    for (let count = used.size + 1; unique === undefined || used.has(unique); count += 1) {
      // Nine letters and digits: the narrowest rule that a server has for these ids.
      unique = `turn${String(count).padStart(5, '0')}`
    }
    used.add(unique)
    return unique
  }
}
