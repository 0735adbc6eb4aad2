/**
 * A visitor who does not give up: asks with an `Idempotency-Key`, reads on behind the last event after whatever has
 * ended the connection, and writes down what came, as the element does.
 */
import { randomUUID } from 'node:crypto'
import { type IncomingMessage, request } from 'node:http'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { createParser } from 'eventsource-parser'
import { z } from 'zod'
import type { Exchange, KeptMessage } from './ledger.ts'

/** Milliseconds after which a visitor has given up. */
const PATIENCE = 90_000
/** Milliseconds without a byte after which the connection is taken for dead; a ping comes every 15 s. */
const LONGEST_SILENCE = 20_000

const Session = z.object({ token: z.string() })
const Created = z.object({ id: z.string() })
const Kept = z.object({
  messages: z.array(
    z.object({ role: z.string(), content: z.string(), finish_reason: z.string().nullable() }),
  ),
})
const Event = z.object({
  token: z.string().optional(),
  done: z.boolean().optional(),
  finish_reason: z.string().optional(),
})

/** Times that a visitor comes back for nothing, until what is stored is all there is. */
const MOST_EMPTY_HANDED = 20

/** What may end a connection before its time; without it, nothing of the visitor's own does. */
export interface ReadingHabits {
  /** After how many bytes the visitor drops the connection and comes back; asked anew for each connection. */
  readonly cutAfter?: () => number
}

export type Visitor = Awaited<ReturnType<typeof createVisitor>>

/** @param url where the load balancer is */
export async function createVisitor(url: string) {
  let cuts = 0

  /** Until a server has an answer that is none of a passing trouble. */
  const insist = async <Value>(
    method: 'GET' | 'POST',
    path: string,
    schema: z.ZodType<Value>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Value> => {
    const until = performance.now() + PATIENCE
    for (;;) {
      const answer = await ask(`${url}${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        body: method === 'POST' ? '{}' : undefined,
      }).catch(() => undefined)
      const status = answer?.statusCode ?? 500
      const body = answer && (await text(answer).catch(() => undefined))
      if (body !== undefined && status < 300) return schema.parse(JSON.parse(body))
      if (status < 500) throw new Error(`${method} ${path} was answered ${status}: ${body}`)
      if (performance.now() > until) throw new Error(`${method} ${path} was never answered`)
      await wait(100)
    }
  }

  const { token } = await insist('POST', '/api/session', Session)
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }

  /** Reads what an answer says until it ends or breaks. Resolves to whether the turn has ended. */
  const read = async (
    body: Readable,
    { exchange, seen }: Reading,
    habits: ReadingHabits,
  ): Promise<boolean> => {
    let isOver = false
    let left = habits.cutAfter?.() ?? Infinity
    const parser = createParser({
      onEvent({ id, data }) {
        if (id === undefined || isOver) return
        const [turn = '', number = ''] = id.split('.')
        const index = Number(number) - 1
        exchange.isAcknowledged = true
        seen.turnId ??= turn
        // Each comes once, in its place: what was missed comes again, and nothing besides.
        if (turn !== seen.turnId || index !== seen.events) {
          exchange.wrongEvents += 1
          return
        }
        seen.events += 1
        seen.last = id
        const event = Event.parse(JSON.parse(data))
        exchange.text += event.token ?? ''
        exchange.longestSilence = Math.max(exchange.longestSilence, performance.now() - seen.at)
        seen.at = performance.now()
        if (event.done) {
          exchange.finishReason = event.finish_reason
          isOver = true
        }
      },
    })
    const decoder = new TextDecoder()
    const { promise, resolve, reject } = Promise.withResolvers<boolean>()
    body.on('data', (bytes: Buffer) => {
      if (left <= 0) return
      const piece = bytes.subarray(0, left)
      left -= piece.length
      parser.feed(decoder.decode(piece, { stream: true }))
      if (!isOver && left > 0) return
      if (!isOver) cuts += 1
      left = 0
      resolve(isOver)
      body.destroy()
    })
    body.once('error', reject)
    body.once('close', () => resolve(isOver))
    return await promise
  }

  return {
    token,
    /** Connections that the visitor has dropped in mid-answer. */
    get cuts() {
      return cuts
    },
    begin: async () => (await insist('POST', '/api/conversations', Created, headers)).id,

    /** Asks, and reads the answer to its end whatever comes between. Writes into the exchange as it goes. */
    async ask(exchange: Exchange, habits: ReadingHabits = {}): Promise<void> {
      const key = randomUUID()
      const reading: Reading = {
        exchange,
        seen: { turnId: undefined, events: 0, last: undefined, at: performance.now() },
      }
      const until = performance.now() + PATIENCE
      let emptyHanded = 0
      const conversation = `/api/conversations/${exchange.conversationId}`
      while (performance.now() < until) {
        const { last } = reading.seen
        try {
          const answer = await (last === undefined
            ? ask(`${url}${conversation}/messages`, {
                method: 'POST',
                headers: { ...headers, 'idempotency-key': key },
                body: JSON.stringify({ content: exchange.question }),
              })
            : ask(`${url}${conversation}/stream`, {
                headers: { ...headers, 'last-event-id': last },
              }))
          const status = answer.statusCode ?? 500
          if (status === 200) {
            exchange.isAcknowledged = true
            const { events } = reading.seen
            if (await read(answer, reading, habits)) return
            // Behind the last event there is nothing: the server has just gone, or the turn has.
            const isEmpty = last !== undefined && events === reading.seen.events
            emptyHanded += Number(isEmpty && !habits.cutAfter)
            if (emptyHanded > MOST_EMPTY_HANDED) return
            if (isEmpty) await wait(250)
          } else if (status === 204) {
            // Nobody knows the turn any more: what is stored is all there is.
            answer.resume()
            return
          } else {
            const said = await text(answer)
            const isPassing = status >= 500 || status === 409
            if (!isPassing) throw new Refused(`${status} ${said}`)
            await wait(100)
          }
        } catch (error) {
          if (error instanceof Refused) throw error
          // The connection is gone, or was never made: once more.
          await wait(20)
        }
      }
    },

    /** Another reader of the turn that runs: from its beginning to its end, at one server. Resolves to its bytes. */
    async follow(server: string, conversationId: string): Promise<string> {
      const path = `${server}/api/conversations/${conversationId}/stream`
      const answer = await ask(path, { headers })
      const said = await text(answer)
      return answer.statusCode === 200 ? said.replaceAll(/^: .*\n\n/gm, '') : `${answer.statusCode}`
    },

    async messages(conversationId: string): Promise<readonly KeptMessage[]> {
      return (await insist('GET', `/api/conversations/${conversationId}`, Kept, headers)).messages
    },
  }
}

interface Asked {
  readonly method?: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
}

/** By a connection of its own, as after a loss: the load balancer gives it to the next server. */
async function ask(
  url: string,
  { method = 'GET', headers, body }: Asked,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const sent = request(url, { method, headers, agent: false, timeout: LONGEST_SILENCE })
  sent.once('timeout', () => sent.destroy(new Error('nothing came')))
  sent.once('response', resolve)
  sent.on('error', reject)
  sent.end(body)
  return await promise
}

/** Where a reader is. */
interface Reading {
  readonly exchange: Exchange
  readonly seen: {
    turnId: string | undefined
    events: number
    /** The id of the last event. */
    last: string | undefined
    /** When it came. */
    at: number
  }
}

class Refused extends Error {}
