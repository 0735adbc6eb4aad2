import { isRecord, parseJson } from '../json.ts'

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
