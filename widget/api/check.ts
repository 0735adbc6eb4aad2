/** Reading JSON that somebody else wrote: what is not of the expected type counts as absent. */

export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The value parsed, or `undefined` when the text is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export function textIn(from: JsonObject, key: string): string | undefined {
  const value = from[key]
  return typeof value === 'string' ? value : undefined
}

export function numberIn(from: JsonObject, key: string): number | undefined {
  const value = from[key]
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

export function listIn(from: JsonObject, key: string): readonly unknown[] {
  const value = from[key]
  return Array.isArray(value) ? value : []
}

/** The texts of a list; what else stands in it is left out. */
export function textsIn(from: JsonObject, key: string): readonly string[] {
  return listIn(from, key).filter((entry) => typeof entry === 'string')
}

/** The member of a list of literals that the value is. */
export function oneOf<T extends string>(options: readonly T[], value: unknown): T | undefined {
  return options.find((option) => option === value)
}
