/**
 * What a dialect is made of: routes that read an exchange and give a reply. The HTTP layer serves them;
 * a dialect knows neither its framework nor its sockets.
 */
import type { z } from 'zod'
import type { Identity } from '../core/identity.ts'
import type { RequestTrace } from '../core/ports.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export type Reply =
  | { readonly kind: 'json'; readonly status: 200 | 201 | 202 | 503; readonly body: unknown }
  | { readonly kind: 'empty'; readonly status: 202 | 204 }
  /** Server-sent events: each string is one or more whole events in wire form, written at once. */
  | { readonly kind: 'events'; readonly events: (signal: AbortSignal) => AsyncIterable<string> }

/** A request, with what every route needs of it. */
export interface Exchange {
  readonly identity: Identity
  readonly trace: RequestTrace
  /** The named path parameter. @throws ChatError `not_found` when it is no UUID */
  id(name: string): string
  header(name: string): string | undefined
  /** The query, checked. @throws ChatError `invalid_request` with the fields' names */
  query<Schema extends z.ZodType>(schema: Schema): z.output<Schema>
  /**
   * The JSON body, checked. `optional`: no body at all stands for `{}`.
   * @throws ChatError `malformed_json`, `unsupported_media_type`, `too_large`, `invalid_request`
   */
  json<Schema extends z.ZodType>(
    schema: Schema,
    options?: { readonly optional?: boolean },
  ): Promise<z.output<Schema>>
}

export interface Route {
  readonly method: Method
  /** Below the server's root, parameters as `:name`. */
  readonly path: string
  readonly open?: false
  readonly handle: (exchange: Exchange) => Promise<Reply>
}

/** A route that anybody may call; its exchange has no identity. */
export interface OpenRoute {
  readonly method: Method
  readonly path: string
  readonly open: true
  readonly handle: (exchange: Omit<Exchange, 'identity'>) => Promise<Reply>
}

export type AnyRoute = Route | OpenRoute

export const json = (body: unknown, status: 200 | 201 | 202 | 503 = 200): Reply => ({
  kind: 'json',
  status,
  body,
})

export const empty = (status: 202 | 204): Reply => ({ kind: 'empty', status })
