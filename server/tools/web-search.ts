import { ProxyAgent, request } from 'undici'
import { z } from 'zod'
import type { Cancellable, Tool, ToolResult } from '../core/ports/index.ts'
import { parseJson } from '../text/json.ts'

export interface WebSearchOptions {
  /** Base URL of Tavily's API. */
  readonly url: string
  readonly apiKey: string
  /** How long a search may take. */
  readonly timeoutMs?: number
  /** URL of the proxy that leads there, if one does. */
  readonly proxy?: string | undefined
  /** How this server names itself. */
  readonly userAgent?: string | undefined
}

const TIMEOUT_MS = 8_000
const LONGEST_BODY_BYTES = 2_097_152
const DEFAULT_RESULTS = 5
const MOST_RESULTS = 10
const LONGEST_TITLE = 200
const LONGEST_URL = 500
const LONGEST_CONTENT = 1_500
/** Characters of all contents together: a model reads no more than that with profit. */
const LONGEST_CONTENTS = 8_000

const Arguments = z.object({
  query: z.string().trim().min(1).max(400),
  max_results: z.int().min(1).max(MOST_RESULTS).default(DEFAULT_RESULTS),
})

/** https://docs.tavily.com/documentation/api-reference/endpoint/search; a result without a link is of no use. */
const Answer = z.object({ results: z.array(z.unknown()) })
const Result = z.object({
  title: z.string().catch(''),
  url: z
    .string()
    .regex(/^https?:\/\//i)
    .max(LONGEST_URL),
  content: z.string().catch(''),
})

interface WebResult {
  readonly title: string
  readonly url: string
  readonly content: string
}

/** Lets a model search the web. The only tool that reaches the network, and only this one address. */
export function createWebSearch(options: WebSearchOptions): Tool {
  const dispatcher = options.proxy === undefined ? undefined : new ProxyAgent(options.proxy)
  return {
    name: 'web_search',
    step: 'searching',
    description:
      'Searches the web and returns titles, links and excerpts of pages. ' +
      'Use it for news, and for facts that may have changed or that you do not know.',
    parameters: {
      type: 'object',
      properties: {
        query: { type: 'string', description: 'What to look for, in a few words' },
        max_results: {
          type: 'integer',
          minimum: 1,
          maximum: MOST_RESULTS,
          default: DEFAULT_RESULTS,
        },
      },
      required: ['query'],
      additionalProperties: false,
    },
    async run(args, cancellable) {
      const parsed = Arguments.safeParse(args)
      if (!parsed.success) {
        return failed(
          `query must be a text of at most 400 characters, max_results a whole number from 1 to ${MOST_RESULTS}`,
        )
      }
      return await search({ ...options, dispatcher }, parsed.data, cancellable)
    },
  }
}

const failed = (error: string): ToolResult => ({ success: false, error })

/** What failed underneath goes nowhere: it may hold the key. */
async function search(
  {
    url,
    apiKey,
    timeoutMs = TIMEOUT_MS,
    userAgent = 'samosa-chat',
    dispatcher,
  }: WebSearchOptions & { readonly dispatcher: ProxyAgent | undefined },
  { query, max_results }: z.infer<typeof Arguments>,
  { signal }: Cancellable,
): Promise<ToolResult> {
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    // Redirects are not followed: the key goes to this address and no other.
    const { statusCode, body } = await request(`${url}/search`, {
      method: 'POST',
      ...(dispatcher && { dispatcher }),
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'application/json',
        'user-agent': userAgent,
      },
      body: JSON.stringify({ query, max_results, search_depth: 'basic' }),
      signal: AbortSignal.any([signal, timeout]),
    })
    const text = await readText(body)
    if (statusCode !== 200) return failed(reasonOf(statusCode))
    const results = text === undefined ? undefined : readResults(text)
    if (!results) return failed('The web search sent an answer that cannot be read.')
    return { success: true, output: { query, results: bounded(results.slice(0, max_results)) } }
  } catch {
    if (signal.aborted) return failed('The web search was stopped.')
    if (timeout.aborted) return failed('The web search did not answer in time.')
    return failed('The web search cannot be reached.')
  }
}

function reasonOf(status: number): string {
  if (status === 401 || status === 403) return 'The web search refused the key of this site.'
  // 432 and 433: the plan, or the pay-as-you-go limit, is used up.
  if (status === 429 || status === 432 || status === 433) {
    return 'The web search has no searches left for now.'
  }
  if (status >= 500) return 'The web search is out of order.'
  return `The web search refused the request (HTTP ${status}).`
}

/** `undefined` when it is too long. Reads no further than that. */
async function readText(body: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of body) {
    pieces.push(piece)
    length += piece.length
    if (length > LONGEST_BODY_BYTES) return undefined
  }
  return Buffer.concat(pieces).toString('utf8')
}

function readResults(text: string): readonly WebResult[] | undefined {
  const answer = Answer.safeParse(parseJson(text))
  if (!answer.success) return undefined
  return answer.data.results.flatMap((entry) => {
    const result = Result.safeParse(entry)
    return result.success ? [result.data] : []
  })
}

/** Each of them short, and all of them together. */
function bounded(results: readonly WebResult[]): readonly WebResult[] {
  let left = LONGEST_CONTENTS
  return results.map(({ title, url, content }) => {
    const short = cut(content, Math.min(left, LONGEST_CONTENT))
    left -= short.length
    return { title: cut(title, LONGEST_TITLE), url, content: short }
  })
}

/** Never between the halves of a character. */
function cut(text: string, longest: number): string {
  const clean = text.trim()
  if (clean.length <= longest) return clean
  return longest === 0
    ? ''
    : `${clean
        .slice(0, longest - 1)
        .toWellFormed()
        .replace(/\uFFFD$/, '')
        .trimEnd()}…`
}
