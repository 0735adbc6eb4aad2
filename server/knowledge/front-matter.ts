export interface FrontMatter {
  /** Keys in lower case. */
  readonly fields: ReadonlyMap<string, string>
  readonly body: string
}

const FENCED = /^---[ \t]*\r?\n([\s\S]*?)(?:\r?\n|^)(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/
const FIELD = /^([A-Za-z][\w-]*)[ \t]*:[ \t]*(.*)$/
const QUOTED = /^(["'])(.*)\1(?:\s+#.*)?$/

function valueOf(written: string): string {
  const quoted = QUOTED.exec(written)
  return quoted?.[2] ?? written.replace(/(?<!\s)\s+#.*$/, '').trim()
}

/**
 * Reads `key: value` lines between `---` lines at the start of a document; what it does not understand
 * (lists, nested keys) it passes over.
 */
export function readFrontMatter(text: string): FrontMatter {
  const source = text.replace(/^\uFEFF/, '')
  const found = FENCED.exec(source)
  if (!found) return { fields: new Map(), body: source }
  const fields = new Map<string, string>()
  for (const line of (found[1] ?? '').split(/\r?\n/)) {
    const field = FIELD.exec(line)
    const value = valueOf(field?.[2]?.trim() ?? '')
    if (field?.[1] && value !== '') fields.set(field[1].toLowerCase(), value)
  }
  // Two rules with text between them are no front matter.
  return { fields, body: fields.size === 0 ? source : source.slice(found[0].length) }
}
