/**
 * dialects: the HTTP interfaces that clients speak, a folder each; begin at its routes.ts. Here is what a dialect is
 * made of: routes that read an exchange and give a reply. The HTTP layer serves them; a dialect knows neither its
 * framework nor its sockets.
 */
import type { z } from 'zod'
import type { Identity } from '../core/ports/people.ts'
import type { RequestTrace, TurnFollower, TurnLog, TurnReader } from '../core/ports/index.ts'
import type { TurnReference } from '../core/turn/once.ts'

export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
export type Method = (typeof METHODS)[number]

export type Reply =
  | { readonly kind: 'json'; readonly status: 200 | 201 | 202 | 503; readonly body: unknown }
  | { readonly kind: 'empty'; readonly status: 202 | 204 }
  | TextReply
  | FileReply
  | { readonly kind: 'events'; readonly follow: Follow }

/** Something other than JSON, whole. */
export interface TextReply {
  readonly kind: 'text'
  readonly contentType: string
  readonly text: string
  /** Of the text; with it, a client that has the text already is told so instead. */
  readonly etag?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A file to be kept by whoever asked, and never shown as a page of this server. */
export interface FileReply {
  readonly kind: 'file'
  readonly filename: string
  readonly contentType: string
  /** All of it, or its text in pieces, each made when it is sent. */
  readonly content: Uint8Array | Iterable<string>
}

/** Where server-sent events go. */
export interface EventSink {
  /** One or more whole events in wire form, written at once. False: no more, until `resume` is called. */
  write(text: string): boolean
  end(): void
}

/** Events on their way to a sink. */
export interface EventFeed {
  /** Goes on where a sink that was full has stopped it. */
  resume(): void
  /** The reader has left; nothing is written any more. */
  stop(): void
}

/** Begins to give events to a sink, some perhaps before it returns. */
export type Follow = (sink: EventSink) => EventFeed

/** Gives a follower all of a turn: from the log, or rebuilt from the store where the log has forgotten it. */
export function followTurn(
  log: Pick<TurnLog, 'follow'>,
  turn: TurnReference,
  follower: TurnFollower,
): TurnReader {
  if (turn.kind === 'logged') return log.follow(turn.turnId, 0, follower)
  follower.events(turn.events, 1)
  follower.end()
  return { resume() {}, stop() {} }
}

/** A request, with what every route needs of it. */
export interface Exchange {
  readonly identity: Identity
  readonly trace: RequestTrace
  /** The named path parameter. @throws ChatError `not_found` when it is no UUID */
  id(name: string): string
  header(name: string): string | undefined
  /** Where the caller is: an address, or the network that one caller has at hand. */
  place(): string
  /** Aborts when the caller has left. */
  readonly signal: AbortSignal
  /** Scheme and host under which the caller reached this server; `undefined` when only a proxy knows. */
  readonly origin: string | undefined
  /** `/chat`: below which path of that host, as far as it is known; empty for the root. */
  readonly basePath: string
  /**
   * Takes what the route's `takes` says, and tells the caller what is left. To be called when it is sure
   * that the request is worth it. `payer` is the owner whose day's tokens it costs, where the caller is
   * nobody known. @throws ChatError `rate_limited`
   */
  admit(payer?: string): Promise<void>
  /** Puts fields on the request's line in the log; nothing private. */
  note(fields: Readonly<Record<string, string | number>>): void
  /** The query, checked. @throws ChatError `invalid_request` with the fields' names */
  query<Schema extends z.ZodType>(schema: Schema): z.output<Schema>
  /**
   * The JSON body, checked; an empty one stands for `{}`. `isDeep`: the schema itself says how deep its
   * values may be, which otherwise is a matter of the whole body.
   * @throws ChatError `malformed_json`, `unsupported_media_type`, `too_large`, `invalid_request`
   */
  json<Schema extends z.ZodType>(
    schema: Schema,
    options?: { readonly isDeep?: boolean },
  ): Promise<z.output<Schema>>
}

/** What of a caller's allowance a request takes when it calls `admit`. */
export type Allowance = 'messages' | 'sessions' | 'contacts'

/** The chapters of the API's description. */
export type Chapter =
  | 'Conversations'
  | 'Answers'
  | 'Answers with sources'
  | 'Threads'
  | 'Search'
  | 'Accounts'
  | 'Tools of the page'
  | 'Models'
  | 'Session and settings'
  | 'Operation'

/**
 * What the API's description says of a route. What follows from the route itself is added there: the
 * token, and the errors that every route with a token, a role, a parameter, a body or a limit may give.
 */
export interface RouteDoc {
  /** The operation's id: camel case, unique. */
  readonly name: string
  readonly chapter: Chapter
  /** One short sentence. */
  readonly summary: string
  /** Markdown's paragraphs and `code` alone. */
  readonly description?: string
  /** One sentence for each parameter of the path. */
  readonly parameters?: Readonly<Record<string, string>>
  /** One sentence for each header that the route reads; every one may be left out. */
  readonly headers?: Readonly<Record<string, string>>
  /** An open route that looks at the token, if one is there. */
  readonly mayCarryToken?: boolean
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  /** No body at all stands for `{}`. */
  readonly bodyIsOptional?: boolean
  readonly responses: Readonly<Record<number, ResponseDoc>>
}

export interface ResponseDoc {
  readonly description: string
  /** Of a JSON body, or of each event's data for `events`. An error without one is a problem. */
  readonly schema?: z.ZodType
  readonly events?: boolean
  /** Of a body that is no JSON. */
  readonly contentType?: string
  /** Comes with an ETag. */
  readonly cached?: boolean
}

interface RouteBase {
  readonly method: Method
  /** Below the server's root, parameters as `:name`. */
  readonly path: string
  readonly takes?: Allowance
  /** It may be minutes until there is anything to say. */
  readonly isSlow?: boolean
  /** Bytes of a body, where one may be larger than usual. */
  readonly largestBody?: number
  readonly doc: RouteDoc
}

export interface Route extends RouteBase {
  readonly open?: false
  /** Only for callers with this role. */
  readonly role?: 'admin'
  readonly handle: (exchange: Exchange) => Promise<Reply>
}

/** A route that anybody may call; its exchange has no identity. */
export interface OpenRoute extends RouteBase {
  readonly open: true
  readonly handle: (exchange: Omit<Exchange, 'identity'>) => Promise<Reply>
}

/** What a route sees of a caller who may be nobody known. */
export type GuestExchange = Omit<Exchange, 'identity'> & { readonly identity: Identity | undefined }

/** A route for callers with a token and for those without; a token that is there must be good. */
export interface GuestRoute extends RouteBase {
  readonly open: 'guests'
  readonly handle: (exchange: GuestExchange) => Promise<Reply>
}

export type AnyRoute = Route | OpenRoute | GuestRoute

export const json = (body: unknown, status: 200 | 201 | 202 | 503 = 200): Reply => ({
  kind: 'json',
  status,
  body,
})

export const empty = (status: 202 | 204): Reply => ({ kind: 'empty', status })
