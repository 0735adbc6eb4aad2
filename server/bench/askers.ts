/** Who asks: visitors of the product with a conversation each, or a plain client of a model server. */
import { z } from 'zod'
import { openConnection, type Answer, type Ask, type Connection } from './connection.ts'
import { CONTENT_MARK, TOKEN_MARK, writeScript, type Script } from './script.ts'

export const targetSchema = z.object({
  name: z.string(),
  url: z.string(),
  /** `chat`: the product in dialect A; `thread`: in dialect C; `plain`: speaks as the model server does. */
  kind: z.enum(['chat', 'thread', 'plain']),
  /** Who asks, where the product knows its users. */
  account: z.object({ username: z.string(), password: z.string() }).optional(),
})

export type Target = z.infer<typeof targetSchema>

export interface Asker {
  /** The request that starts an answer. */
  send(script: Script): Ask
  /** The request that reads all of it, on any server. */
  readonly readOn: Ask
  /** The request that stops it; plain ones have none. */
  readonly stop: Ask | undefined
}

/** What stands before each token that a target sends. */
export const markOf = ({ kind }: Target) => (kind === 'thread' ? CONTENT_MARK : TOKEN_MARK)

/** Conversations of one visitor. */
const CONVERSATIONS_PER_VISITOR = 20

const plainAsker: Asker = {
  send: (script) => ({
    method: 'POST',
    path: '/generate',
    body: { messages: [{ role: 'user', content: writeScript(script) }], max_tokens: 1_024 },
  }),
  readOn: { method: 'GET', path: '/' },
  stop: undefined,
}

/** As many askers as asked for, with a conversation of their own each. */
export async function prepareAskers(target: Target, count: number): Promise<readonly Asker[]> {
  if (target.kind === 'plain') return Array.from({ length: count }, () => plainAsker)
  const connection = openConnection(target.url)
  const askers: Asker[] = []
  try {
    let authorization = ''
    if (target.account) authorization = await signUp(connection, target.account)
    for (let made = 0; made < count; made += 1) {
      if (!target.account && made % CONVERSATIONS_PER_VISITOR === 0) {
        authorization = await startVisit(connection)
      }
      askers.push(await startConversation(connection, { authorization, kind: target.kind }))
    }
  } finally {
    connection.close()
  }
  return askers
}

async function startVisit(connection: Connection): Promise<string> {
  const body = await json(connection, { method: 'POST', path: '/api/session' })
  return `Bearer ${z.object({ token: z.string() }).parse(body).token}`
}

type Account = NonNullable<Target['account']>

/** Registers the product's first user; its authorization. */
async function signUp(connection: Connection, account: Account): Promise<string> {
  await json(connection, { method: 'POST', path: '/api/auth/register', body: account })
  const body = await json(connection, signIn(account))
  return `Bearer ${z.object({ access_token: z.string() }).parse(body).access_token}`
}

export const signIn = (account: Account): Ask => ({
  method: 'POST',
  path: '/api/auth/login',
  body: account,
})

async function startConversation(
  connection: Connection,
  { authorization, kind }: { readonly authorization: string; readonly kind: Target['kind'] },
): Promise<Asker> {
  const headers = { authorization }
  const path = '/api/conversations'
  const body = await json(connection, { method: 'POST', path, headers, body: {} })
  const { id } = z.object({ id: z.string() }).parse(body)
  return {
    send: (script) =>
      kind === 'thread'
        ? {
            method: 'POST',
            path: `/api/threads/${id}/messages/stream`,
            headers,
            body: { text: writeScript(script) },
          }
        : {
            method: 'POST',
            path: `${path}/${id}/messages`,
            headers,
            body: { content: writeScript(script) },
          },
    readOn: { method: 'GET', path: `${path}/${id}/stream`, headers },
    stop: { method: 'POST', path: `${path}/${id}/stop`, headers },
  }
}

/** The JSON of a short answer. */
export async function json(connection: Connection, request: Ask): Promise<unknown> {
  const { status, tail } = await connection.ask(request)
  if (status >= 300) throw new Error(`${request.path} was answered with ${status}: ${tail}`)
  return JSON.parse(tail.slice(tail.indexOf('\n') + 1))
}

/** Whether an answer came to its end in good order. */
export function isWhole({ status, tail }: Answer): boolean {
  // A proxy cuts its chunks anywhere.
  const text = tail.replaceAll(/\r\n[\da-f]+\r\n/g, '')
  const isOver = text.includes('"done":true') || text.includes('data: [DONE]')
  return status === 200 && isOver && !text.includes('"error"')
}
