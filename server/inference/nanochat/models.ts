/** What a nanochat server says of its models, fit to be read by anybody: without the places of its files. */
import { removePaths } from '../error-message.ts'
import { isRecord, itemsOf, type JsonRecord } from '../json.ts'

/** Keys whose texts are places, however they are written. */
const PLACE =
  /(?:^|[_-])(?:path|dir|directory|folder|file|filename|cwd)s?$|(?:Path|Dir|Directory|Folder|File)s?$/
/** A text that is nothing but a place on a disk. */
const IS_PATH = /^\s*(?:~?[\\/]|\.{1,2}[\\/]|[a-z]:[\\/]|file:)/i
/** Keys under which servers name a model, the best first. */
const ID_KEYS = ['id', 'model_tag', 'tag', 'model', 'name']
/** The same of the one that is loaded. */
const CURRENT_KEYS = ['current_model', 'current', 'model_tag', 'model']

/**
 * The body of `GET /api/models`: the answer to `GET …/models`, or the health of a server that has no such
 * list, as it comes, but without paths of files; with `cards` of the models beside it.
 */
export function nanochatModels(answer: unknown): JsonRecord {
  const shown = withoutPaths(answer)
  const body = isRecord(shown) ? shown : { models: itemsOf(shown) }
  const models = isRecord(body.models) ? body.models : itemsOf(body.models ?? currentOf(body))
  return { ...body, models, cards: cardsOf(models) }
}

function currentOf(body: JsonRecord): readonly string[] {
  const current = CURRENT_KEYS.map((key) => body[key]).find((value) => typeof value === 'string')
  return typeof current === 'string' ? [current] : []
}

function cardsOf(models: readonly unknown[] | JsonRecord) {
  const entries = Array.isArray(models)
    ? models.map((entry) => cardOf(entry, undefined))
    : Object.entries(models).map(([key, entry]) => cardOf(entry, key))
  return entries.filter((card) => card !== undefined)
}

/** `key`: under which an object has it. */
function cardOf(entry: unknown, key: string | undefined) {
  if (typeof entry === 'string') return { id: key ?? entry, name: entry }
  if (!isRecord(entry)) return key === undefined ? undefined : { id: key, name: key }
  const named = ID_KEYS.map((name) => entry[name]).find((value) => typeof value === 'string')
  const id = typeof named === 'string' ? named : key
  if (id === undefined) return undefined
  return { id, name: typeof entry.name === 'string' ? entry.name : id }
}

/** The value without texts that are places of files, and without those inside of other texts. */
export function withoutPaths(value: unknown): unknown {
  if (typeof value === 'string') return removePaths(value)
  if (Array.isArray(value)) return itemsOf(value).filter(isNoPath).map(withoutPaths)
  if (!isRecord(value)) return value
  const kept = Object.entries(value).filter(
    ([key, held]) => isNoPath(key) && isNoPath(held) && !(PLACE.test(key) && isText(held)),
  )
  return Object.fromEntries(kept.map(([key, held]) => [key, withoutPaths(held)]))
}

const isNoPath = (value: unknown) => typeof value !== 'string' || !IS_PATH.test(value)

const isText = (value: unknown) =>
  typeof value === 'string' ||
  (Array.isArray(value) && value.every((item) => typeof item === 'string'))
