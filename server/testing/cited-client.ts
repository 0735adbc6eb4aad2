/** A client of dialect B that sees the wire as it is. */
import { createParser } from 'eventsource-parser'

export interface NamedEvent {
  readonly event: string | undefined
  readonly data: unknown
}

export interface CitedAnswer {
  readonly response: Response
  /** In order. */
  readonly names: readonly (string | undefined)[]
  readonly text: string
  readonly sources: readonly Readonly<Record<string, unknown>>[]
  /** Of `done`; empty for an answer that failed. */
  readonly tier: string
  readonly conversationId: string
  /** Of `error`. */
  readonly error: unknown
}

export interface CitedQuestion {
  readonly query?: unknown
  readonly creator?: unknown
  readonly conversation_id?: unknown
  readonly personality_weight?: unknown
}

export async function postChat(
  url: string,
  body: CitedQuestion | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return await fetch(`${url}/api/v1/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

/** The named events of a response as they come. */
export async function* namedEvents(response: Response): AsyncGenerator<NamedEvent> {
  const events: NamedEvent[] = []
  const parser = createParser({
    onEvent: ({ event, data }) => events.push({ event, data: JSON.parse(data) }),
  })
  for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    parser.feed(text)
    yield* events.splice(0)
  }
}

/** Asks and reads the whole answer. */
export async function askCited(
  url: string,
  body: CitedQuestion,
  token?: string,
): Promise<CitedAnswer> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await postChat(url, body, headers)
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`)
  const events: NamedEvent[] = []
  for await (const event of namedEvents(response)) events.push(event)
  const data = (name: string) => events.find(({ event }) => event === name)?.data
  const done = data('done') as { cascade_tier: string; conversation_id: string } | undefined
  return {
    response,
    names: events.map(({ event }) => event),
    text: events.flatMap(({ event, data: text }) => (event === 'token' ? [text] : [])).join(''),
    sources: (data('sources') ?? []) as CitedAnswer['sources'],
    tier: done?.cascade_tier ?? '',
    conversationId: done?.conversation_id ?? '',
    error: data('error'),
  }
}
