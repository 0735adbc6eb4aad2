import { messagesToAnswer } from '../../core/turn/continuation.ts'
import { ChatError, notSetUp } from '../../core/errors.ts'
import { countCodePoints, cutFiles, firstCodePoints } from '../../core/turn/history.ts'
import { withFiles } from '../../core/turn/history-files.ts'
import type {
  AnswerEvents,
  Cancellable,
  GenerateRequest,
  HistoryMessage,
  Inference,
  RequestTrace,
} from '../../core/ports/index.ts'
import { withoutThinking } from '../../protocol/tags.ts'
import { isRecord } from '../json.ts'
import { createNanochatReader } from './events.ts'
import { nanochatModels, withoutPaths } from './models.ts'
import { streamAnswer } from '../transport/answer-stream.ts'
import {
  createUpstream,
  failureInWords,
  jsonOf,
  type AskedAnswer,
  type UpstreamOptions,
} from '../transport/upstream.ts'
import { urlBelow } from '../urls.ts'

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
  let routes = routesOf(base)
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

  /** Where one route is missing the other is tried, and remembered when it is there. */
  const open = async (request: GenerateRequest, cancellable: Cancellable) => {
    const [route, other] = routes
    const first = await openAt(route, request, cancellable)
    if (!('refused' in first)) return first
    if (!isMissing(first.refused)) throw first.error
    const second = await openAt(other, request, cancellable)
    if ('refused' in second && isMissing(second.refused)) throw first.error
    routes = [other, route]
    if ('refused' in second) throw second.error
    return second
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
      const events = streamAnswer(async () => {
        const answer = await open(request, cancellable)
        // One of a thread may be silent for ever, which says nothing of its server.
        isOpen = request.thread === undefined
        if (isOpen) answering += 1
        return answer
      }, createNanochatReader)
      return whenOver(events, () => {
        if (isOpen) answering -= 1
      })
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

/** The events, with a call when they are over, or nobody wants them any more. */
function whenOver(events: AnswerEvents, over: () => void): AnswerEvents {
  return {
    async *[Symbol.asyncIterator]() {
      try {
        yield* events
      } finally {
        over()
      }
    },
    async push(take) {
      try {
        await events.push?.(take)
      } finally {
        over()
      }
    },
  }
}

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
