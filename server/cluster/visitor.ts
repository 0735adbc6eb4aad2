/**
 * A visitor who does not give up: asks with an `Idempotency-Key`, reads on behind the last event after whatever has
 * ended the connection, and writes down what came, as the element does.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { createParser } from 'eventsource-parser'
import { Agent, request } from 'undici'
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

/** What may end a connection before its time; without it, nothing of the visitor's own does. */
export interface ReadingHabits {
  /** After how many bytes the visitor drops the connection and comes back; asked anew for each connection. */
  readonly cutAfter?: () => number
}

export type Visitor = Awaited<ReturnType<typeof createVisitor>>

/** @param url where the load balancer is */
export async function createVisitor(url: string) {
  const dispatcher = new Agent({ connect: { timeout: 2_000 } })
  let cuts = 0

  const ask = async (path: string, options: Parameters<typeof request>[1]) =>
    await request(`${url}${path}`, {
      dispatcher,
      headersTimeout: LONGEST_SILENCE,
      bodyTimeout: LONGEST_SILENCE,
      // A connection for each request, as after a loss.
      reset: true,
      ...options,
    })

  /** Until a server has an answer that is none of a passing trouble. */
  const insist = async <Value>(
    method: 'GET' | 'POST',
    path: string,
    schema: z.ZodType<Value>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Value> => {
    const until = performance.now() + PATIENCE
    for (;;) {
      const answer = await ask(path, {
        method,
        headers: { 'content-type': 'application/json', ...headers },
        body: method === 'POST' ? '{}' : null,
      }).catch(() => undefined)
      const body = await answer?.body.text().catch(() => undefined)
      if (answer && body !== undefined && answer.statusCode < 300)
        return schema.parse(JSON.parse(body))
      if (answer && answer.statusCode < 500) {
        throw new Error(`${method} ${path} was answered ${answer.statusCode}: ${body}`)
      }
      if (performance.now() > until) throw new Error(`${method} ${path} was never answered`)
      await wait(100)
    }
  }

  const { token } = await insist('POST', '/api/session', Session)
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }

  /** Reads what an answer says until it ends or breaks. Resolves to whether the turn has ended. */
  const read = async (
    body: AsyncIterable<Buffer>,
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
    for await (const bytes of body) {
      const piece = bytes.subarray(0, left)
      left -= piece.length
      parser.feed(decoder.decode(piece, { stream: true }))
      if (isOver) return true
      if (left <= 0) {
        cuts += 1
        return false
      }
    }
    return isOver
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
      const conversation = `/api/conversations/${exchange.conversationId}`
      while (performance.now() < until) {
        const { last } = reading.seen
        try {
          const answer = await (last === undefined
            ? ask(`${conversation}/messages`, {
                method: 'POST',
                headers: { ...headers, 'idempotency-key': key },
                body: JSON.stringify({ content: exchange.question }),
              })
            : ask(`${conversation}/stream`, { headers: { ...headers, 'last-event-id': last } }))
          if (answer.statusCode === 200) {
            exchange.isAcknowledged = true
            const { events } = reading.seen
            if (await read(answer.body, reading, habits)) return
            // Behind the last event there is nothing: what is stored is how it ended.
            if (last !== undefined && events === reading.seen.events && !habits.cutAfter) return
          } else if (answer.statusCode === 204) {
            // Nobody knows the turn any more: what is stored is all there is.
            await answer.body.dump()
            return
          } else {
            const said = await answer.body.text()
            const isPassing = answer.statusCode >= 500 || answer.statusCode === 409
            if (!isPassing) throw new Refused(`${answer.statusCode} ${said}`)
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
      const { statusCode, body } = await request(path, { headers })
      const text = await body.text()
      return statusCode === 200 ? text.replaceAll(/^: .*\n\n/gm, '') : `${statusCode}`
    },

    async messages(conversationId: string): Promise<readonly KeptMessage[]> {
      return (await insist('GET', `/api/conversations/${conversationId}`, Kept, headers)).messages
    },
    close: () => dispatcher.destroy(),
  }
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
