import { withFiles } from '../core/history-files.ts'
import type { GenerateRequest, HistoryMessage, Inference, RequestTrace } from '../core/ports.ts'
import { withoutThinking } from '../protocol/tags.ts'
import { streamAnswer } from './transport/answer-stream.ts'
import { createNanochatReader } from './nanochat-events.ts'
import { createUpstream } from './transport/upstream.ts'
import { urlBelow } from './urls.ts'

/** Milliseconds that a server may be silent while it loads another model. */
const SWAP_SILENCE = 600_000

export interface NanochatOptions {
  /** Base URL of the server. */
  readonly url: string
  readonly internalApiKey: string | undefined
  readonly timeoutSeconds: number
  /** How long the answer to a thread may be silent; for ever without one. */
  readonly threadTimeoutSeconds?: number | undefined
}

/** A nanochat server (`POST /generate`, server-sent events of tokens). */
export function createNanochat(options: NanochatOptions): Inference {
  const base = new URL(options.url)
  const generateUrl = generateUrlOf(base)
  const upstream = createUpstream(base.origin, options.timeoutSeconds)
  const { threadTimeoutSeconds = Number.POSITIVE_INFINITY } = options
  const serviceHeaders: Readonly<Record<string, string>> = options.internalApiKey
    ? { 'x-internal-api-key': options.internalApiKey }
    : {}
  const modelsRequest = {
    method: 'GET',
    url: urlBelow(base, '/models'),
    headers: serviceHeaders,
  } as const

  return {
    kind: 'nanochat',
    callsTools: false,
    generate: (request, cancellable) =>
      streamAnswer(
        () =>
          upstream.open(
            {
              method: 'POST',
              url: generateUrl,
              headers: { ...serviceHeaders, ...traceHeaders(request.trace) },
              body: bodyOf(request),
              ...(request.thread && { silenceMs: threadTimeoutSeconds * 1_000 }),
            },
            cancellable,
          ),
        createNanochatReader,
      ),
    models: (cancellable) => upstream.json(modelsRequest, cancellable),
    swapModel: (modelTag, cancellable) =>
      upstream.json(
        {
          method: 'POST',
          url: urlBelow(base, '/models/swap'),
          headers: serviceHeaders,
          body: { model_tag: modelTag },
          silenceMs: SWAP_SILENCE,
        },
        cancellable,
      ),
    isReady: (cancellable) => upstream.isUp(modelsRequest, cancellable),
    close: upstream.close,
  }
}

/** Where generations are asked for. On Modal a function is an app of its own: its host is the endpoint. */
export function generateUrlOf(base: URL): URL {
  return /(?:^|\.)modal\.run\.?$/i.test(base.hostname) ? base : urlBelow(base, '/generate')
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

function bodyOf(request: GenerateRequest) {
  return {
    messages: withPrompt(request.systemPrompt, historyOf(request.messages)),
    temperature: request.temperature,
    max_tokens: request.maxTokens,
    top_k: request.topK,
    force_web_search: request.forceWebSearch,
  }
}

/** Earlier answers without their thinking; one that was nothing else is left out, as system messages are. */
function historyOf(messages: readonly HistoryMessage[]): readonly HistoryMessage[] {
  return messages
    .filter(({ role }) => role !== 'system')
    .map((message) => ({
      role: message.role,
      content: message.role === 'assistant' ? withoutThinking(message.content) : withFiles(message),
    }))
    .filter(({ content }) => content !== '')
}

/** nanochat ignores system messages, so the prompt goes in front of the first user message. */
function withPrompt(
  prompt: string,
  messages: readonly HistoryMessage[],
): readonly HistoryMessage[] {
  const first = messages.findIndex(({ role }) => role === 'user')
  if (prompt === '' || first < 0) return messages
  return messages.map((message, index) =>
    index === first ? { ...message, content: `${prompt}\n\n${message.content}` } : message,
  )
}
