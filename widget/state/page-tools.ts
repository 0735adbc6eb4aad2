import type { ClientToolBody } from '../../server/protocol/api.ts'

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
/** UTF-16 units; the server counts 32 KiB. */
const MOST_JSON = 30_000

const definitionOf = ({ name, description, parameters }: ClientToolBody): ClientToolBody => ({
  name,
  description,
  parameters,
})

/** The tools that a page has registered. */
export class PageTools {
  readonly #tools = new Map<string, PageTool>()
  readonly #onRegister: () => void

  constructor(onRegister: () => void) {
    this.#onRegister = onRegister
  }

  /**
   * Adds a tool; returns how to take it away again.
   * @throws TypeError when it is none, RangeError when there is no room, Error when the name is taken
   */
  register(tool: PageTool): () => void {
    const { name, description, parameters } = tool
    const isTool =
      typeof name === 'string' &&
      NAME.test(name) &&
      typeof description === 'string' &&
      description.length <= LONGEST_DESCRIPTION &&
      Object(parameters) === parameters &&
      typeof tool.execute === 'function'
    if (!isTool) {
      throw new TypeError(`"${name}" is no tool, or has another name or size than the server takes`)
    }
    if (this.#tools.has(name)) throw new Error(`A tool named "${name}" is registered already`)
    const together = JSON.stringify([...this.definitions, definitionOf(tool)])
    if (this.#tools.size >= MOST_TOOLS || together.length > MOST_JSON) {
      throw new RangeError(`There is no room for the tool ${name}`)
    }
    this.#tools.set(name, tool)
    this.#onRegister()
    return () => {
      if (this.#tools.get(name) === tool) this.#tools.delete(name)
    }
  }

  find(name: string): PageTool | undefined {
    return this.#tools.get(name)
  }

  get isEmpty(): boolean {
    return this.#tools.size === 0
  }

  /** What the server is told of them. */
  get definitions(): readonly ClientToolBody[] {
    return [...this.#tools.values()].map(definitionOf)
  }

  /** The part of a request that offers them. */
  get offer(): { readonly client_tools?: readonly ClientToolBody[] } {
    return this.isEmpty ? {} : { client_tools: this.definitions }
  }
}
