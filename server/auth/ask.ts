/** Short questions to the services that know who somebody is. */
import { Agent, Pool, ProxyAgent, request } from 'undici'
import { ChatError } from '../core/errors.ts'
import { parseJson } from '../text/json.ts'

/** Milliseconds from the question to the end of the answer. */
const PATIENCE = 5_000
const LONGEST_ANSWER_BYTES = 1_048_576
/** Whoever comes back all at once after a restart waits in line, and does not trample the service. */
const CONNECTIONS = 64

export interface Question {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
}

export interface Answer {
  readonly status: number
  /** `undefined` when it is not JSON. */
  readonly body: unknown
}

export interface AskerOptions {
  /** Milliseconds from the question to the end of the answer. */
  readonly patience?: number
  /** URL of the proxy that leads to whoever is asked, if one does. */
  readonly proxy?: string | undefined
  /** How this server names itself. */
  readonly userAgent?: string | undefined
}

export type Asker = ReturnType<typeof createAsker>

export function createAsker({
  patience = PATIENCE,
  proxy,
  userAgent = 'samosa-chat',
}: AskerOptions = {}) {
  const options = {
    connections: CONNECTIONS,
    allowH2: false,
    connectTimeout: patience,
    headersTimeout: patience,
    bodyTimeout: patience,
    maxResponseSize: LONGEST_ANSWER_BYTES,
  }
  const agent =
    proxy === undefined
      ? new Agent(options)
      : new ProxyAgent({
          ...options,
          uri: proxy,
          // The limits hold for what comes through the proxy, too.
          factory: (origin, given) => new Pool(origin, { ...options, ...given }),
        })
  return {
    /** Follows no redirect. @throws ChatError `auth_unreachable` */
    async ask({ method, url, headers, body }: Question): Promise<Answer> {
      try {
        const answer = await request(url, {
          method,
          dispatcher: agent,
          // The other limits are each for a part of the way; this one is for all of it.
          signal: AbortSignal.timeout(patience),
          headers: {
            accept: 'application/json',
            'user-agent': userAgent,
            ...(body !== undefined && { 'content-type': 'application/json' }),
            ...headers,
          },
          body: body === undefined ? null : JSON.stringify(body),
        })
        return { status: answer.statusCode, body: parseJson(await answer.body.text()) }
      } catch (cause) {
        throw unreachable(cause)
      }
    },
    close: (): Promise<void> => agent.destroy(),
  }
}

/** `cause` goes to the log: it must hold no token. */
export const unreachable = (cause: unknown): ChatError =>
  new ChatError('auth_unreachable', 'Signing in does not work right now. Please try again.', {
    cause,
  })
