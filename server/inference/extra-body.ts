import { isRecord, type JsonRecord } from './json.ts'

/** Fields that an operator adds to requests: for every model, and for some. */
export interface ExtraBody {
  readonly all: JsonRecord
  /** From the least specific name to the most; a name may end in `*`. */
  readonly models: readonly { readonly name: string; readonly body: JsonRecord }[]
}

/** What is added for one model, in the order in which it is merged in. */
export function extraBodiesFor({ all, models }: ExtraBody, model: string): readonly JsonRecord[] {
  return [all, ...models.filter(({ name }) => matches(name, model)).map(({ body }) => body)]
}

function matches(name: string, model: string): boolean {
  return name.endsWith('*') ? model.startsWith(name.slice(0, -1)) : model === name
}

/** Objects are merged, anything else replaces, and `null` takes a field out (RFC 7396). */
export function mergeBodies(base: JsonRecord, patch: JsonRecord): JsonRecord {
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(patch)) {
    const before = merged[key]
    if (value === null) delete merged[key]
    else if (isRecord(value)) merged[key] = mergeBodies(isRecord(before) ? before : {}, value)
    else merged[key] = value
  }
  return merged
}
