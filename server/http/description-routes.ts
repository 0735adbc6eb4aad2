/** The API's description: for programs at `/openapi.json`, for people at `/docs`. */
import { z } from 'zod'
import type { AnyRoute, OpenRoute, RouteDoc, TextReply } from '../dialects/route.ts'
import { docsPage } from './docs/page.ts'
import { etagOf } from './etag.ts'
import { describeRoutes, type DescriptionOptions } from './openapi.ts'
import { PAGE_HEADERS } from './security-headers.ts'

/** The two routes that describe all the others, and themselves. */
export function createDescriptionRoutes(
  described: readonly AnyRoute[],
  options: DescriptionOptions,
): readonly OpenRoute[] {
  // Made when first asked for: a server that nobody asks starts the sooner.
  const describe = once(() => describeRoutes([...described, ...routes], options))
  const json = once(() => textOf('application/json', JSON.stringify(describe())))
  const page = once(() => ({
    ...textOf('text/html; charset=utf-8', docsPage(describe())),
    headers: PAGE_HEADERS,
  }))

  const routes: readonly OpenRoute[] = [
    {
      method: 'GET',
      path: '/openapi.json',
      open: true,
      doc: docs.json,
      handle: async () => json(),
    },
    { method: 'GET', path: '/docs', open: true, doc: docs.page, handle: async () => page() },
  ]
  return routes
}

const docs = {
  json: {
    name: 'getDescription',
    chapter: 'Operation',
    summary: 'Describes this API as an OpenAPI document.',
    responses: {
      200: {
        description: 'The document.',
        schema: z.looseObject({ openapi: z.string(), paths: z.looseObject({}) }),
        cached: true,
      },
    },
  },
  page: {
    name: 'getDocs',
    chapter: 'Operation',
    summary: 'Shows the description as a page.',
    responses: {
      200: { description: 'The page.', contentType: 'text/html; charset=utf-8', cached: true },
    },
  },
} satisfies Readonly<Record<string, RouteDoc>>

function textOf(contentType: string, text: string): TextReply {
  return { kind: 'text', contentType, text, etag: etagOf(text) }
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined
  return () => (made ??= { value: make() }).value
}
