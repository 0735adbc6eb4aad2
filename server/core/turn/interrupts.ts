/**
 * What an agent asks in the middle of its work, and what of it must not be kept: the values of fields for
 * passwords, in what it asks and in what is replied. All pure.
 */
import { isRecord, type JsonRecord, parseJson } from '../../text/json.ts'
import type { Message, Metadata } from '../ports/conversations.ts'

/** What stands in the place of a password. */
export const MASK = '********'

/** What is nested more deeply is taken for a secret as a whole. */
const DEEPEST = 2_000
/** Definitions that point to definitions. */
const MOST_ROUNDS = 5
/** A shorter secret stands in many a word: it is only hidden where it is one of its own. */
const SHORT = 4

/** Keys of a field's description that hold a value of the field. */
const VALUE_KEYS: ReadonlySet<string> = new Set([
  ...['value', 'values', 'default', 'defaultvalue', 'example', 'examples', 'const', 'enum'],
  ...['initial', 'current', 'prefill', 'preset', 'suggestion', 'data', 'answer', 'secret'],
  ...['old', 'previous', 'saved', 'stored', 'password'],
])
/** Keys by which a description says that its field is for a password. */
const KIND_KEYS = ['format', 'type', 'widget', 'ui:widget', 'inputType', 'input_type']
/** Stands for a field that has no name: what answers it is secret as a whole. */
const NAMELESS = ''
/** Keys by which a field in a list says its name. */
const NAME_KEYS = ['name', 'id', 'key', 'field']
/** Keys of JSON Schema under which a schema stands that is no property's. */
const SCHEMA_KEYS: ReadonlySet<string> = new Set([
  ...['items', 'additionalproperties', 'contains', 'not', 'if', 'then', 'else', 'schema'],
])
const PROPERTY_MAPS: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions'])
/** Last words of keys that may hold the whole reply, where it does not name its fields. */
const REPLY_KEY =
  /(answer|content|data|field|form|input|payload|reply|replies|response|result|resume|submission|text|value)s?$/

/** Names and keys are compared without case and signs. */
const fold = (name: string) => name.toLowerCase().replaceAll(/[_\-\s]/g, '')

const isPasswordWord = (value: unknown) =>
  [value]
    .flat()
    .some((word) => typeof word === 'string' && word.trim().toLowerCase() === 'password')

const isValueKey = (key: string) => VALUE_KEYS.has(fold(key)) || /values?$/.test(fold(key))

/** Whether a description is that of a password; `secrets` are the names of definitions that are. */
function describesPassword(field: JsonRecord, secrets: ReadonlySet<string>, depth = 0): boolean {
  if (KIND_KEYS.some((key) => isPasswordWord(field[key]))) return true
  if (typeof field.$ref === 'string') {
    return secrets.has(fold(field.$ref.slice(field.$ref.lastIndexOf('/') + 1)))
  }
  if (depth > MOST_ROUNDS) return false
  return [field.anyOf, field.oneOf, field.allOf, field.items, field.prefixItems]
    .flat()
    .some((part) => isRecord(part) && describesPassword(part, secrets, depth + 1))
}

const namesOf = (field: JsonRecord): readonly string[] =>
  NAME_KEYS.flatMap((key) => {
    const name = field[key]
    return typeof name === 'string' ? [fold(name)] : []
  })

/**
 * The names, folded, of the fields for passwords in what an agent asks, however it describes its fields; an
 * empty one stands for those that have none.
 */
export function passwordFieldsIn(payload: unknown): ReadonlySet<string> {
  const names = new Set<string>()
  interface Place {
    readonly key?: string | undefined
    readonly parent: string
    readonly depth: number
    /** It is part of a field that is known. */
    readonly isKnown: boolean
  }
  const look = (value: unknown, place: Place): void => {
    const { key, parent, isKnown } = place
    const depth = place.depth + 1
    if (depth > DEEPEST) return
    if (typeof value === 'string') {
      const inner = parsedList(value)
      if (inner !== undefined) look(inner, { ...place, depth })
      return
    }
    if (Array.isArray(value)) {
      for (const item of value) look(item, { parent: key ?? '', depth, isKnown })
      return
    }
    if (!isRecord(value)) return
    const isPassword = describesPassword(value, names)
    if (isPassword) {
      const own = namesOf(value)
      for (const name of own) names.add(name)
      const isName = key !== undefined && (PROPERTY_MAPS.has(parent) || !SCHEMA_KEYS.has(fold(key)))
      if (own.length === 0 && isName) names.add(fold(key))
      else if (own.length === 0 && !isKnown) names.add(NAMELESS)
    }
    for (const [inner, item] of Object.entries(value)) {
      look(item, { key: inner, parent: key ?? '', depth, isKnown: isKnown || isPassword })
    }
  }
  for (let round = 0, known = -1; known < names.size && round < MOST_ROUNDS; round += 1) {
    known = names.size
    look(payload, { parent: '', depth: 0, isKnown: false })
  }
  return names
}

/** Hides what stands under the names, and gathers it. */
class Hider {
  readonly secrets = new Set<string>()
  readonly #names: ReadonlySet<string>

  constructor(names: ReadonlySet<string>) {
    this.#names = names
  }

  /** `isInField`: it is part of the description of a field for a password. */
  hide(value: unknown, depth = 0, isInField = false): unknown {
    if (depth > DEEPEST) return MASK
    if (typeof value === 'string') return this.#hideInJson(value)
    if (Array.isArray(value)) return value.map((item) => this.hide(item, depth + 1, isInField))
    if (!isRecord(value)) return value
    const isField =
      isInField ||
      describesPassword(value, this.#names) ||
      namesOf(value).some((name) => this.#names.has(name))
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => {
        const isSecret =
          (isField && isValueKey(key)) ||
          (this.#names.has(fold(key)) && !(isRecord(item) && isDescription(item)))
        return [key, isSecret ? this.cover(item, depth + 1) : this.hide(item, depth + 1, isField)]
      }),
    )
  }

  /** The value with nothing of it left but its shape. */
  cover(value: unknown, depth = 0): unknown {
    if (depth > DEEPEST) return MASK
    if (Array.isArray(value)) return value.map((item) => this.cover(item, depth + 1))
    if (isRecord(value)) {
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [key, this.cover(item, depth + 1)]),
      )
    }
    if ((typeof value !== 'string' && typeof value !== 'number') || value === '') return value
    const text = String(value)
    if (text !== MASK) this.secrets.add(text.trim())
    return MASK
  }

  #hideInJson(text: string): string {
    const inner = parsedList(text)
    if (inner === undefined) return text
    const before = this.secrets.size
    const hidden = this.hide(inner)
    return this.secrets.size > before ? JSON.stringify(hidden) : text
  }
}

const isDescription = (value: JsonRecord) =>
  ['type', 'format', 'anyOf', 'oneOf', 'allOf', '$ref', 'title', 'label'].some(
    (key) => key in value,
  )

/** The object or list that a text is as a whole. */
function parsedList(text: string): unknown {
  return /^\s*[[{]/.test(text) ? parseJson(text) : undefined
}

const escapePattern = (text: string) => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`)

/** The text with the mask in place of every secret. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let hidden = text
  for (const secret of secrets.toSorted((one, other) => other.length - one.length)) {
    if (secret === '' || !hidden.includes(secret)) continue
    hidden =
      secret.length < SHORT
        ? hidden.replaceAll(
            new RegExp(String.raw`(?<![\p{L}\p{N}])${escapePattern(secret)}(?![\p{L}\p{N}])`, 'gu'),
            MASK,
          )
        : hidden.replaceAll(secret, MASK)
  }
  return hidden
}

function withoutSecretsDeep(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return withoutSecrets(value, secrets)
  if (Array.isArray(value)) return value.map((item) => withoutSecretsDeep(item, secrets))
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withoutSecretsDeep(item, secrets)]),
  )
}

/** What an agent asks, as it may be kept. */
export interface Interrupt {
  readonly id: string | undefined
  /** Without the values of fields for passwords. */
  readonly payload: unknown
  /** What the person is asked, in words; empty where the form says all. */
  readonly question: string
  /** Names of its fields for passwords. */
  readonly passwords: readonly string[]
}

/** Reads what an agent asks; `payload` is JSON that was parsed. */
export function readInterrupt(id: unknown, payload: unknown): Interrupt {
  const passwords = passwordFieldsIn(payload)
  const hider = new Hider(passwords)
  const hidden = hider.hide(payload)
  const secrets = [...hider.secrets]
  const asked = isRecord(payload) ? [payload.content, payload.question] : [payload]
  const question = asked.find((text): text is string => typeof text === 'string' && text !== '')
  return {
    id: typeof id === 'string' || typeof id === 'number' ? String(id) : undefined,
    payload: secrets.length === 0 ? hidden : withoutSecretsDeep(hidden, secrets),
    question: withoutSecrets(question ?? '', secrets),
    passwords: [...passwords],
  }
}

export interface Reply {
  readonly content: string
  readonly metadata?: Metadata | undefined
}

export interface HiddenReply {
  /** As it may be kept. */
  readonly kept: Reply
  /** What is hidden in it, and is not to be kept elsewhere either. */
  readonly secrets: readonly string[]
}

/** The fields for passwords that the next message of a visitor may answer. */
export function awaitedPasswords(messages: readonly Message[]): ReadonlySet<string> {
  const answer = messages.findLast(({ role }) => role === 'assistant')
  return passwordFieldsIn(answer?.metadata?.interrupt_payload)
}

/**
 * A reply without the values of fields for passwords, wherever it has them: in its metadata, in a text that
 * is JSON, or said in words. One that names no field is hidden as a whole: it may be nothing but the password.
 */
export function hidePasswords(reply: Reply, fields: ReadonlySet<string>): HiddenReply {
  if (fields.size === 0) return { kept: reply, secrets: [] }
  const hider = new Hider(fields)
  let metadata = reply.metadata && recordOf(hider.hide(reply.metadata))
  let content = String(hider.hide(reply.content))
  for (const said of saidValues(reply.content, fields)) hider.secrets.add(said)
  if (hider.secrets.size === 0) {
    metadata = metadata && recordOf(coverReply(metadata, hider))
    // Blanks hide nothing, and are a message of their own.
    if (content.trim() !== '') content = String(hider.cover(content))
  }
  const secrets = [...hider.secrets]
  return {
    kept: {
      content: withoutSecrets(content, secrets),
      ...(metadata && { metadata: recordOf(withoutSecretsDeep(metadata, secrets)) }),
    },
    secrets,
  }
}

const recordOf = (value: unknown): Metadata => (isRecord(value) ? value : {})

function coverReply(metadata: Metadata, hider: Hider): unknown {
  return Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => [
      key,
      REPLY_KEY.test(fold(key)) ? hider.cover(value) : value,
    ]),
  )
}

/** What a text says of a field in the form `password: …`, `password=…` or `password is …`. */
function saidValues(text: string, fields: ReadonlySet<string>): readonly string[] {
  if (parsedList(text) !== undefined) return []
  return [
    ...text.matchAll(/([\p{L}\p{N}_-]+)["']?\s*(?:[:=]|\bis\b)\s*["']?([^\s"',;]+)/gu),
  ].flatMap(([, name = '', value = '']) => (fields.has(fold(name)) ? [value] : []))
}
