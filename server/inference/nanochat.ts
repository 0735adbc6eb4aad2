/** The protocol of a nanochat web server: its answers, its models, and whether it is ready. */
import { messagesToAnswer } from '../core/turn/continuation.ts'
import { ChatError, notSetUp } from '../core/errors.ts'
import { cutFiles } from '../core/turn/history.ts'
import { countCodePoints, firstCodePoints } from '../text/code-points.ts'
import { withFiles } from '../core/turn/request.ts'
import type {
  Cancellable,
  GenerateRequest,
  HistoryMessage,
  Inference,
  RequestTrace,
  InferenceEvent,
} from '../core/ports/index.ts'
import { withoutThinking } from '../protocol/tags.ts'
import { isRecord, parseJson, type JsonRecord, itemsOf } from '../text/json.ts'
import { streamAnswer } from './transport/answer-stream.ts'
import {
  createUpstream,
  failureInWords,
  jsonOf,
  type AskedAnswer,
  type UpstreamOptions,
  endedEarly,
  interrupted,
} from './transport/upstream.ts'
import { createEither, urlBelow } from './urls.ts'
import { failureInList, failureOf, looksLikeFailure, saysNothing } from './failure.ts'
import { finishReasonOf, reasonOf, suggestionsOf } from './openai/chunk.ts'
import { EventReader } from './transport/sse.ts'
import { removePaths } from './error-body.ts'

/** Milliseconds that a server may be silent while it loads another model. */
const SWAP_SILENCE = 600_000
/** What nanochat takes: Unicode code points of one message and of all of them, and how many there are. */
const LONGEST_MESSAGE = 8_000
const LONGEST_CONVERSATION = 32_000
const MOST_MESSAGES = 500
/** The longest answer that it may be asked for, in tokens. */
const MOST_TOKENS = 4_096

export interface NanochatOptions extends UpstreamOptions {
  /** Base URL of the server. */
  readonly url: string
  readonly internalApiKey: string | undefined
  /** How long the answer to a thread may be silent; for ever without one. */
  readonly threadTimeoutSeconds?: number | undefined
}

/**
 * A nanochat server: `POST /generate`, or `/chat/completions` as nanochat's own web server has it; answers are
 * server-sent events of tokens.
 */
export function createNanochat(options: NanochatOptions): Inference {
  const base = baseOf(options.url)
  const askEither = createEither(routesOf(base))
  const upstream = createUpstream(base.origin, options)
  const { threadTimeoutSeconds = Number.POSITIVE_INFINITY } = options
  const headers: Readonly<Record<string, string>> = options.internalApiKey
    ? { 'x-internal-api-key': options.internalApiKey }
    : {}
  /** Answers that it is writing now. */
  let answering = 0

  const openAt = (route: Route, request: GenerateRequest, cancellable: Cancellable) =>
    upstream.tryOpen(
      {
        method: 'POST',
        url: route.url,
        headers: { ...headers, ...traceHeaders(request.trace) },
        body: bodyOf(request, route),
        ...(request.thread && { silenceMs: threadTimeoutSeconds * 1_000 }),
      },
      cancellable,
    )

  const open = async (request: GenerateRequest, cancellable: Cancellable) => {
    const opened = await askEither(
      (route) => openAt(route, request, cancellable),
      (answer) => 'refused' in answer && isMissing(answer.refused),
    )
    if ('refused' in opened) throw opened.error
    return opened
  }

  const askAt = (path: string, cancellable: Cancellable) =>
    upstream.ask({ method: 'GET', url: urlBelow(base, path), headers }, cancellable)

  /** The list of models; of a server that has none, its health. */
  const askModels = async (cancellable: Cancellable): Promise<AskedAnswer> => {
    const listed = await askAt('/models', cancellable)
    return isMissing(listed) ? await askAt('/health', cancellable) : listed
  }

  return {
    kind: 'nanochat',
    callsTools: false,
    messageLimit: LONGEST_MESSAGE,
    generate(request, cancellable) {
      let isOpen = false
      const answer = streamAnswer(
        async () => {
          const opened = await open(request, cancellable)
          // One of a thread may be silent for ever, which says nothing of its server.
          isOpen = request.thread === undefined
          if (isOpen) answering += 1
          return opened
        },
        () => new NanochatReader(),
      )
      return {
        async push(take) {
          try {
            await answer.push(take)
          } finally {
            if (isOpen) answering -= 1
          }
        },
      }
    },
    models: async (cancellable) => nanochatModels(jsonOf(await askModels(cancellable))),
    async swapModel(modelTag, cancellable) {
      const swap = { url: urlBelow(base, '/models/swap'), body: { model_tag: modelTag } }
      const request = { method: 'POST', headers, ...swap, silenceMs: SWAP_SILENCE } as const
      const { status, body } = await upstream.ask(request, cancellable)
      // An admin asks: what is wrong with the tag, or with the key, is theirs to know.
      if (status >= 400) throw failureInWords(status, body)
      return withoutPaths(jsonOf({ status, body }))
    },
    async isReady(cancellable) {
      // What answers us is up; while it does, it may have no time for another question.
      if (answering > 0) return true
      try {
        return isUp(await askModels(cancellable))
      } catch {
        // Whatever the reason, the answer is no.
        return false
      }
    },
    close: upstream.close,
  }
}

/** The address, without a route of nanochat's that an operator may have given whole. */
function baseOf(url: string): URL {
  const base = new URL(url)
  base.pathname = base.pathname.replace(/\/(?:generate|chat\/completions)\/*$/, '')
  return base
}

interface Route {
  readonly url: URL
  /** Of nanochat's own web server, which knows no searches of the web. */
  readonly isPlain: boolean
}

/** Where generations are asked for, the likelier place first. On Modal a function's host is the endpoint itself. */
export function routesOf(base: URL): readonly [Route, Route] {
  const isModal = /(?:^|\.)modal\.run\.?$/i.test(base.hostname)
  return [
    { url: isModal ? base : urlBelow(base, '/generate'), isPlain: false },
    { url: urlBelow(base, '/chat/completions'), isPlain: true },
  ]
}

const isMissing = ({ status }: AskedAnswer) => status === 404 || status === 405

/** Busy is not down; what asks for another key, or has no model yet, answers nobody. */
const isUp = ({ status, body }: AskedAnswer) =>
  (status >= 200 && status < 300 && !(isRecord(body) && body.ready === false)) || status === 429

function traceHeaders({ traceId, sessionTraceId, userId }: RequestTrace) {
  return {
    'x-trace-id': headerSafe(traceId),
    'x-user-id': headerSafe(userId),
    ...(sessionTraceId ? { 'x-session-trace-id': headerSafe(sessionTraceId) } : {}),
  }
}

/** A host site's user ids may hold any character; a header may not. */
const headerSafe = (value: string) =>
  /^[\x20-\x7e]*$/.test(value) ? value : encodeURIComponent(value.toWellFormed())

function bodyOf(request: GenerateRequest, { isPlain }: Route) {
  return {
    messages: messagesOf(request),
    temperature: request.temperature,
    max_tokens: Math.min(request.maxTokens, MOST_TOKENS),
    top_k: request.topK,
    ...(!isPlain && { force_web_search: request.forceWebSearch }),
  }
}

interface NanochatMessage {
  readonly role: 'user' | 'assistant'
  readonly content: string
}

/**
 * The messages of a request, within what nanochat takes: it ignores system messages, so the prompt goes in
 * front of the first question, and counts as part of it. What was said earlier is cut or left out; the newest
 * message goes whole, but for what its files hold.
 * @throws ChatError when it is too long beside the prompt
 */
function messagesOf(request: GenerateRequest): readonly NanochatMessage[] {
  const { systemPrompt, messages } = request
  const prompt = systemPrompt === '' ? '' : `${systemPrompt}\n\n`
  const room = LONGEST_MESSAGE - countCodePoints(prompt)
  checkNewest(messages.at(-1), room)
  const kept: NanochatMessage[] = []
  let left = LONGEST_CONVERSATION - countCodePoints(prompt)
  for (const { role, content } of inTurns(messagesToAnswer(request), room).toReversed()) {
    left -= countCodePoints(content)
    if (kept.length > 0 && (left < 0 || kept.length === MOST_MESSAGES)) break
    kept.unshift({ role, content })
  }
  const [first, ...rest] = kept.slice(kept.findIndex(isQuestion))
  return first ? [{ ...first, content: `${prompt}${first.content}` }, ...rest] : []
}

const isQuestion = ({ role }: { readonly role: HistoryMessage['role'] }) => role === 'user'

/** A server that has just said which protocol it speaks may have been sent a message that is too long for it. */
function checkNewest(newest: HistoryMessage | undefined, room: number): void {
  if (!newest || countCodePoints(newest.content) <= room) return
  if (room < LONGEST_MESSAGE / 2) {
    const why = `the prompt leaves ${Math.max(0, room)} of the ${LONGEST_MESSAGE} characters that nanochat takes for a message`
    throw notSetUp(why)
  }
  throw new ChatError(
    'invalid_request',
    `The message is too long for the model server: it takes ${room} characters. Please shorten it.`,
  )
}

/**
 * What was said, as protocols want it that know only text and two who talk in turns: an answer without its
 * thinking, a question with its files, two messages of one role as one. Of two that are too long together,
 * the newer one stays.
 */
function inTurns(messages: readonly HistoryMessage[], room: number): readonly NanochatMessage[] {
  const turns: NanochatMessage[] = []
  for (const message of messages) {
    const { role } = message
    if (role === 'system') continue
    const longest = role === 'user' ? room : LONGEST_MESSAGE
    const content =
      role === 'user'
        ? writtenWithin(message, room)
        : cutAt(withoutThinking(message.content), longest)
    const last = turns.at(-1)
    if (content === '') continue
    if (last?.role !== role) turns.push({ role, content })
    else {
      const both = `${last.content}\n\n${content}`
      turns[turns.length - 1] = { role, content: countCodePoints(both) > longest ? content : both }
    }
  }
  return turns
}

/** A question with its files within so many code points; the files are cut before what was said is. */
function writtenWithin(message: HistoryMessage, room: number): string {
  const over = (text: string) => countCodePoints(text) - room
  const whole = withFiles(message)
  if (over(whole) <= 0) return whole
  const { files = [], content } = message
  const forFiles = room - countCodePoints(content)
  const cut = withFiles({ ...message, files: cutFiles(files, forFiles) })
  // Names are of any length.
  const again =
    over(cut) <= 0
      ? cut
      : withFiles({ ...message, files: cutFiles(files, forFiles - Math.max(0, over(cut))) })
  return cutAt(again, room)
}

const cutAt = (text: string, longest: number) =>
  countCodePoints(text) <= longest ? text : `${firstCodePoints(text, longest - 1)}…`

/**
 * Reads nanochat's events: `{"token":"…","gpu":0}` … `{"done":true}`, or `{"error":"…"}`. A token's text
 * passes through untouched, its other keys as `extra`.
 */
export class NanochatReader extends EventReader {
  /** Mostly the same for each token of an answer, and then one object for all of them. */
  #extra: Extra | undefined
  #extraKeys: readonly string[] = NO_KEYS
  /** What came last could not be read: it may have been a failure, or text. */
  #isUnread = false

  read(data: string): void {
    const event = parseJson(data)
    if (isRecord(event)) {
      this.#readRecord(event)
      return
    }
    const failure = failureInList(event)
    if (failure) this.#fail(failure)
    else if (!saysNothing(data, event)) this.#isUnread = true
  }

  readWhole(body: unknown): void {
    this.#fail(body)
  }

  /** Its last event is the only one that says so. */
  end(): void {}

  #readRecord(event: JsonRecord): void {
    if (isFailure(event)) {
      this.#fail(event)
      return
    }
    if (typeof event.token === 'string') {
      this.#isUnread = false
      this.emit(tokenEvent(event.token, this.#extraOf(event)))
    } else if (event.done === undefined && looksLikeFailure(event)) {
      this.#fail(event)
      return
    }
    const suggestions = typeof event.token === 'string' ? undefined : suggestionsOf(event)
    if (suggestions) this.emit(suggestions)
    if (event.done !== true) return
    if (this.#isUnread) {
      this.outcome = interrupted()
      return
    }
    this.#finish(event.finish_reason)
  }

  /** nanochat itself gives no reason; a server that speaks like it may. */
  #finish(given: unknown): void {
    const reason = finishReasonOf(given) ?? 'stop'
    if (reason === 'error') this.#fail(undefined)
    else if (reason === 'interrupted') this.outcome = endedEarly(given)
    else {
      this.emit({ type: 'finish', reason: reasonOf(reason, false) })
      this.outcome = 'complete'
    }
  }

  #extraOf(event: JsonRecord): Extra | undefined {
    if (!isSame(event, this.#extra, this.#extraKeys)) {
      this.#extra = extraOf(event)
      this.#extraKeys = this.#extra ? Object.keys(this.#extra) : NO_KEYS
    }
    return this.#extra
  }

  #fail(event: unknown): void {
    this.outcome = failureOf(event)
  }
}

/** Keys by which our own events are told apart: a model server does not get to say them. */
const RESERVED: ReadonlySet<string> = new Set([
  ...['token', 'done', 'error', 'title', 'sources', 'turn_id', 'tool_request', 'tool_progress'],
  ...['progress', 'suggestions'],
  // No key of an event, and assigning to it would do something else.
  '__proto__',
])

type Extra = Readonly<Record<string, unknown>>

const NO_KEYS: readonly string[] = []

function extraOf(event: JsonRecord): Extra | undefined {
  const keys = Object.keys(event).filter((key) => !RESERVED.has(key))
  return keys.length === 0 ? undefined : Object.fromEntries(keys.map((key) => [key, event[key]]))
}

/**
 * Whether an event has this extra. Keys in another order are written in another order. A loop over the keys,
 * and no lists of them: this runs for every token.
 */
function isSame(event: JsonRecord, extra: Extra | undefined, keys: readonly string[]): boolean {
  let count = 0
  for (const key in event) {
    if (RESERVED.has(key)) continue
    if (key !== keys[count] || event[key] !== extra?.[key]) return false
    count += 1
  }
  return count === keys.length
}

const tokenEvent = (text: string, extra: Extra | undefined): InferenceEvent =>
  extra ? { type: 'token', text, extra } : { type: 'token', text }

const isFailure = (event: JsonRecord) =>
  event.error !== undefined && event.error !== null && event.error !== false

// What a nanochat server says of its models, fit to be read by anybody: without the places of its files.

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
function withoutPaths(value: unknown): unknown {
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
