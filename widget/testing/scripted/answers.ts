/** Answers as the real server gives them. */

export const json = (body: unknown, status = 200) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })

/** A problem-details answer. */
export const problem = (status: number, rest: object = {}, headers: Record<string, string> = {}) =>
  new Response(
    JSON.stringify({ type: 'about:blank', title: 'No', status, detail: 'raw', ...rest }),
    {
      status,
      headers: { 'content-type': 'application/problem+json', ...headers },
    },
  )
