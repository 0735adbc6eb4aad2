/** Tools that a page registers for its assistant: what is taken, and what the server is told of them. */
import type { ClientToolBody } from '../../server/protocol/api.ts'

/** The server takes 64 levels, and the request around a value has some of its own. */
const DEEPEST = 60

/** An escape in JSON; of NUL and of half a character the server wants nothing. */
const ESCAPE = /\\(?:u0000|ud[89a-f][0-9a-f]{2}|.)/g

const cleaned = (escape: string) =>
  escape === '\\u0000' ? '' : escape.startsWith('\\ud') ? '\uFFFD' : escape

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1))
}

/**
 * The JSON of a value, with nothing in its texts that the server refuses; `undefined` where there is
 * none that it takes: a cycle, a number without a form, or too many levels.
 */
export function safeJson(value: unknown): string | undefined {
  try {
    // Alone it writes half a character as an escape; other escapes are passed over in pairs.
    const json = (JSON.stringify(value) ?? 'null').replaceAll(ESCAPE, cleaned)
    return isDeeper(JSON.parse(json), DEEPEST) ? undefined : json
  } catch {
    return undefined
  }
}

/** Something on the page that the assistant may use. */
export interface PageTool extends ClientToolBody {
  /** What the visitor reads in place of the name. */
  readonly title?: string | undefined
  /** It looks and changes nothing, so it runs without asking the visitor. */
  readonly readOnly?: boolean | undefined
  /**
   * Does it. What it returns, or resolves to, goes to the assistant as JSON; what it throws, as a failure.
   * The arguments are the assistant's own: they may be other than the schema says.
   */
  execute(
    args: Readonly<Record<string, unknown>>,
    options: { readonly signal: AbortSignal },
  ): unknown
}

// What the server takes; a tool that is refused there would take the message with it.
const NAME = /^[a-zA-Z0-9_-]{1,64}$/
const LONGEST_DESCRIPTION = 1024
const MOST_TOOLS = 16
const MOST_BYTES = 32 * 1024

const isPlainObject = (value: unknown): value is ClientToolBody['parameters'] =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What the server is told of a tool, as it is now; `undefined` when it would refuse that. */
function definitionOf({ name, description, parameters }: PageTool): ClientToolBody | undefined {
  const isNamed = typeof name === 'string' && NAME.test(name)
  const isDescribed =
    typeof description === 'string' && Array.from(description).length <= LONGEST_DESCRIPTION
  const json = safeJson({ description, parameters })
  // Half a character is a mistake; putting another in its place would hide it.
  const isWhole = isDescribed && json === JSON.stringify({ description, parameters })
  if (!isNamed || !isWhole) return undefined
  const copy: unknown = JSON.parse(safeJson(parameters) ?? 'null')
  return isPlainObject(copy) ? { name, description, parameters: copy } : undefined
}

interface Registered {
  readonly tool: PageTool
  /** A copy: what the page does to its own object afterwards changes nothing. */
  readonly definition: ClientToolBody
}

/** The tools that a page has registered. */
export class PageTools {
  /** What visitors read in place of the names; another map after every change. Outlives the tools. */
  titles: ReadonlyMap<string, string> = new Map()
  readonly #tools = new Map<string, Registered>()
  readonly #onChange: () => void

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  /**
   * Adds a tool; returns how to take it away again.
   * @throws TypeError when it is none, RangeError when there is no room, Error when the name is taken
   */
  register(tool: PageTool): () => void {
    const { name, title } = tool
    const definition = definitionOf(tool)
    const isTitled = title === undefined || typeof title === 'string'
    if (!definition || !isTitled || typeof tool.execute !== 'function') {
      throw new TypeError(`"${name}" is no tool, or has another name or size than the server takes`)
    }
    if (this.#tools.has(name)) throw new Error(`A tool named "${name}" is registered already`)
    const together = new TextEncoder().encode(JSON.stringify([...this.definitions, definition]))
    if (this.#tools.size >= MOST_TOOLS || together.length > MOST_BYTES) {
      throw new RangeError(`There is no room for the tool ${name}`)
    }
    this.#tools.set(name, { tool, definition })
    if (title !== undefined) this.titles = new Map(this.titles).set(name, title)
    this.#onChange()
    return () => {
      if (this.#tools.get(name)?.definition !== definition) return
      this.#tools.delete(name)
      this.#onChange()
    }
  }

  find(name: string): PageTool | undefined {
    return this.#tools.get(name)?.tool
  }

  get isEmpty(): boolean {
    return this.#tools.size === 0
  }

  /** What the server is told of them. */
  get definitions(): readonly ClientToolBody[] {
    return [...this.#tools.values()].map(({ definition }) => definition)
  }

  /** The part of a request that offers them. */
  get offer(): { readonly client_tools?: readonly ClientToolBody[] } {
    return this.isEmpty ? {} : { client_tools: this.definitions }
  }
}
