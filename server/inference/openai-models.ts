import { isRecord, itemsOf } from './json.ts'

export interface ModelCard {
  readonly id: string
  readonly name: string
}

/**
 * The models of an OpenAI-compatible model list (`{object:'list',data:[{id}]}`; some servers send the
 * list alone). `undefined` when it is no such list.
 */
export function readModelList(body: unknown): readonly ModelCard[] | undefined {
  const listed = isRecord(body) ? body.data : body
  if (!Array.isArray(listed)) return undefined
  const cards = itemsOf(listed).flatMap((entry) => {
    if (!isRecord(entry) || typeof entry.id !== 'string') return []
    return [{ id: entry.id, name: typeof entry.name === 'string' ? entry.name : entry.id }]
  })
  return cards.length > 0 || listed.length === 0 ? cards : undefined
}
