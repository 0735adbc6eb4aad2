import { ChatError } from '../core/errors.ts'
import type { Cancellable } from '../core/ports/index.ts'
import { readModelList } from './openai/models.ts'
import { refusesAsOpenai, isNoRoute } from './openai/refusals.ts'
import type { AskedAnswer, Upstream } from './transport/upstream.ts'
import { createOpenaiRoutes, urlBelow } from './urls.ts'

export interface DetectOptions {
  readonly url: string
  readonly apiKey: string | undefined
  readonly internalApiKey: string | undefined
}

type Protocol = 'openai' | 'nanochat'

/**
 * Which protocol a server speaks, by its lists of models; `undefined` when it shows none without a key that
 * we have not got, or none that can be read.
 * @throws ChatError as asking does; `inference_error` while the server is not ready
 */
export async function detectProtocol(
  { url, apiKey, internalApiKey }: DetectOptions,
  upstream: Upstream,
  cancellable: Cancellable,
): Promise<Protocol | undefined> {
  const ask = async (list: URL, headers: Readonly<Record<string, string>>) => {
    const answer = await upstream.ask({ method: 'GET', url: list, headers }, cancellable)
    // Not ready yet: no answer to the question.
    if (answer.status === 429 || (answer.status >= 500 && answer.status !== 501)) {
      throw new ChatError('inference_error', `inference answered HTTP ${answer.status}`)
    }
    return answer
  }

  const bearer = apiKey ? { authorization: `Bearer ${apiKey}` } : undefined
  const headers = bearer ?? {}
  const routes = createOpenaiRoutes(url)
  const openaiList = await routes.ask(
    '/models',
    (list) => ask(list, headers),
    (answer) => isNoRoute(answer) || isUnreadable(answer),
  )
  if (!isGuarded(openaiList)) {
    if (openaiList.status < 300 && !isUnreadable(openaiList)) return byList(openaiList)
    // Not all have a list. An answer to nothing costs nothing, and says what is missing.
    const answer = await routes.ask(
      '/chat/completions',
      (route) => upstream.ask({ method: 'POST', url: route, headers, body: {} }, cancellable),
      isNoRoute,
    )
    if (isGuarded(answer)) return undefined
    if (refusesAsOpenai(answer)) return 'openai'
    return isUnreadable(openaiList) ? undefined : 'nanochat'
  }
  // With a key of its own kind, the server knows what a refused one is.
  if (bearer && !internalApiKey) return undefined

  const ownList = urlBelow(new URL(url), '/models')
  const internal = internalApiKey ? { 'x-internal-api-key': internalApiKey } : undefined
  const answer = await ask(ownList, internal ?? {})
  if (isGuarded(answer)) return undefined
  if (answer.status < 300) return byList(answer)
  // It has no such list, but a key of nanochat's kind opens the door behind which it would be.
  return internal && isGuarded(await ask(ownList, {})) ? 'nanochat' : undefined
}

const isGuarded = ({ status }: AskedAnswer) => status === 401 || status === 403

/** Cut off, or a page in its place: it says nothing about the server. */
const isUnreadable = ({ status, body }: AskedAnswer) => status < 300 && body === undefined

const byList = ({ body }: AskedAnswer): Protocol => (readModelList(body) ? 'openai' : 'nanochat')
