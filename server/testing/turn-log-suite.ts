/** What every turn log must do; each backend runs it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TurnFollower, TurnLog, TurnReader, TurnRequest } from '../core/ports/index.ts'
import type { TurnEvent } from '../protocol/events.ts'

const token = (text: string): TurnEvent => ({ type: 'token', text })

interface LoggedEvent {
  readonly seq: number
  readonly event: TurnEvent
}

const numbered = (batch: readonly TurnEvent[], firstSeq: number): readonly LoggedEvent[] =>
  batch.map((event, index) => ({ seq: firstSeq + index, event }))

const textOf = (events: readonly TurnEvent[]) =>
  events.map((event) => (event.type === 'token' ? event.text : event.type)).join('')

const textOfLogged = (events: readonly LoggedEvent[]) => textOf(events.map(({ event }) => event))

export function describeTurnLog(name: string, create: () => Promise<TurnLog>): void {
  describe(name, () => {
    let log: TurnLog

    beforeEach(async () => {
      log = await create()
    })
    afterEach(() => log.close())

    /** Resolves at the turn's end, or when the signal aborts. */
    const readAll = async (turnId: string, afterSeq = 0, signal?: AbortSignal) => {
      const events: LoggedEvent[] = []
      await new Promise<void>((resolve) => {
        const reader = log.follow(turnId, afterSeq, {
          events: (batch, firstSeq) => events.push(...numbered(batch, firstSeq)) > 0,
          end: resolve,
        })
        signal?.addEventListener('abort', () => {
          reader.stop()
          resolve()
        })
      })
      return events
    }

    /** Resolves when a follower has seen the text: what others were to get, they have got. */
    const readUntil = async (text: string) => {
      const there = Promise.withResolvers<void>()
      const reader = log.follow('t', 0, {
        events(batch) {
          const isThere = textOf(batch).includes(text)
          if (isThere) there.resolve()
          return !isThere
        },
        end() {},
      })
      await there.promise
      reader.stop()
    }

    it('gives every reader the whole turn, before, during and after it', async () => {
      await log.begin('t', 'c')
      log.writer('t').append([token('a')])
      const early = readAll('t')
      log.writer('t').append([token('b'), token('c')])
      await log.end('t')
      const late = await readAll('t')
      expect(textOfLogged(await early)).toBe('abc')
      expect(late).toEqual(await early)
      expect(late.map((event) => event.seq)).toEqual([1, 2, 3])
    })

    it('goes on after the last event that was seen, without a gap or a repeat', async () => {
      await log.begin('t', 'c')
      log.writer('t').append([token('a'), token('b')])
      const rest = readAll('t', 1)
      log.writer('t').append([token('c')])
      await log.end('t')
      expect((await rest).map((event) => event.seq)).toEqual([2, 3])
    })

    it('keeps what arrived together in one batch', async () => {
      await log.begin('t', 'c')
      const sizes: number[] = []
      const ended = new Promise<void>((end) => {
        log.follow('t', 0, { events: ({ length }) => sizes.push(length) > 0, end })
      })
      log.writer('t').append([token('a'), token('b')])
      await log.end('t')
      await ended
      expect(sizes).toEqual([2])
    })

    it('gives a follower that takes no more nothing more, not even the end', async () => {
      await log.begin('t', 'c')
      const calls: string[] = []
      log.follow('t', 0, {
        events(batch) {
          calls.push(textOf(batch))
          return calls.length < 2
        },
        end: () => calls.push('end'),
      })
      for (const text of ['a', 'b', 'c']) {
        log.writer('t').append([token(text)])
        await readUntil(text)
      }
      await log.end('t')
      expect(textOfLogged(await readAll('t'))).toBe('abc')
      expect(calls).toEqual(['a', 'b'])
    })

    it('goes on where a follower that took no more comes back', async () => {
      await log.begin('t', 'c')
      log.writer('t').append([token('a'), token('b')])
      const seen: LoggedEvent[] = []
      const full = Promise.withResolvers<void>()
      const ended = Promise.withResolvers<void>()
      const reader = log.follow('t', 0, {
        events(batch, firstSeq) {
          seen.push(...numbered(batch, firstSeq))
          full.resolve()
          return false
        },
        end: ended.resolve,
      })
      await full.promise
      log.writer('t').append([token('c')])
      await readUntil('c')
      reader.resume()
      log.writer('t').append([token('d')])
      await readUntil('d')
      await log.end('t')
      reader.resume()
      reader.resume()
      await ended.promise
      expect(textOfLogged(seen)).toBe('abcd')
      expect(seen.map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
    })

    it('gives a follower that has stopped nothing more, though it had taken no more before', async () => {
      await log.begin('t', 'c')
      const calls: string[] = []
      const reader = log.follow('t', 0, {
        events(batch) {
          calls.push(textOf(batch))
          return false
        },
        end: () => calls.push('end'),
      })
      log.writer('t').append([token('a')])
      await readUntil('a')
      reader.stop()
      reader.resume()
      log.writer('t').append([token('b')])
      await log.end('t')
      expect(textOfLogged(await readAll('t'))).toBe('ab')
      expect(calls).toEqual(['a'])
    })

    describe('tells whether a turn is left by its readers:', () => {
      const follower: TurnFollower = { events: () => true, end() {} }
      const over = AbortSignal.abort()
      const forever = new AbortController().signal

      it('one that nobody follows, or nobody knows, is', async () => {
        await log.begin('t', 'c')
        expect(await log.left('t', { signal: over })).toBe(true)
        expect(await log.left('unknown', { signal: over })).toBe(true)
      })

      it('one that somebody follows is not, for as long as one may wait', async () => {
        await log.begin('t', 'c')
        const stay = log.follow('t', 0, follower)
        const go = log.follow('t', 0, follower)
        const waiting = new AbortController()
        const left = log.left('t', waiting)
        go.stop()
        go.stop()
        expect(await log.left('t', { signal: over })).toBe(false)
        waiting.abort()
        expect(await left).toBe(false)
        stay.stop()
        expect(await log.left('t', { signal: over })).toBe(true)
      })

      it('it is as soon as the last one stops', async () => {
        await log.begin('t', 'c')
        const readers = [log.follow('t', 0, follower), log.follow('t', 5, follower)]
        const left = log.left('t', { signal: forever })
        for (const reader of readers) reader.stop()
        expect(await left).toBe(true)
      })

      it('it is when it ends', async () => {
        await log.begin('t', 'c')
        log.follow('t', 0, follower)
        const left = log.left('t', { signal: forever })
        await log.end('t')
        expect(await left).toBe(true)
        expect(await log.left('t', { signal: over })).toBe(true)
      })

      it('it is not while its only follower takes no more, which reads slowly', async () => {
        await log.begin('t', 'c')
        const slow = log.follow('t', 0, { events: () => false, end() {} })
        log.writer('t').append([token('a')])
        await readUntil('a')
        expect(await log.left('t', { signal: over })).toBe(false)
        slow.stop()
        expect(await log.left('t', { signal: over })).toBe(true)
      })
    })

    it('lets a waiting reader go when it aborts, and the turn goes on', async () => {
      await log.begin('t', 'c')
      const leaving = new AbortController()
      const reading = readAll('t', 0, leaving.signal)
      leaving.abort()
      expect(await reading).toEqual([])
      log.writer('t').append([token('a')])
      await log.end('t')
      expect(textOfLogged(await readAll('t'))).toBe('a')
    })

    it('runs one turn per conversation, and names the one in the way', async () => {
      expect(await log.begin('t1', 'c')).toEqual({ started: true })
      expect(await log.begin('t2', 'c')).toEqual({ started: false, runningTurnId: 't1' })
      expect(await log.begin('t3', 'other')).toEqual({ started: true })
      await log.end('t1')
      expect(await log.begin('t4', 'c')).toEqual({ started: true })
    })

    it('forgets a claim that is given back', async () => {
      await log.begin('t1', 'c')
      await log.abandon('t1')
      expect(await log.latest('c')).toBeUndefined()
      expect(await log.begin('t2', 'c')).toEqual({ started: true })
    })

    it('knows the latest turn of a conversation and whether it runs', async () => {
      expect(await log.latest('c')).toBeUndefined()
      await log.begin('t1', 'c')
      expect(await log.latest('c')).toEqual({
        turnId: 't1',
        conversationId: 'c',
        running: true,
        events: 0,
      })
      await log.end('t1')
      expect(await log.latest('c')).toMatchObject({ turnId: 't1', running: false })
      await log.begin('t2', 'c')
      expect(await log.latest('c')).toMatchObject({ turnId: 't2', running: true })
      expect(await log.find('t1')).toMatchObject({ running: false })
    })

    it('keeps the further keys of tokens, and events of other kinds in their place', async () => {
      const events: readonly TurnEvent[] = [
        { type: 'token', text: 'a' },
        { type: 'token', text: 'b', extra: { gpu: 0 } },
        { type: 'sources', sources: [] },
        { type: 'token', text: 'c', extra: { gpu: 0 } },
        { type: 'token', text: 'd', extra: { gpu: 1 } },
        { type: 'token', text: 'e' },
        { type: 'title', title: 'f' },
      ]
      await log.begin('t', 'c')
      log.writer('t').append(events)
      await log.end('t')
      for (const known of [0, 1, 2, 4, 5, 6, 7]) {
        expect(await readAll('t', known)).toEqual(numbered(events.slice(known), known + 1))
      }
    })

    it('counts the events of a turn', async () => {
      await log.begin('t', 'c')
      expect(await log.find('t')).toMatchObject({ events: 0 })
      log.writer('t').append([token('a'), token('b')])
      await log.end('t')
      expect(await log.find('t')).toMatchObject({ events: 2 })
    })

    it('forgets the ended turns of an erased conversation, and no others', async () => {
      for (const id of ['a', 'b']) {
        await log.begin(`t-${id}`, id)
        await log.end(`t-${id}`)
      }
      await log.forget('a')
      expect(await log.find('t-a')).toBeUndefined()
      expect(await log.find('t-b')).toBeDefined()
    })

    it('drops what is written to a turn that has ended or is not known', async () => {
      await log.begin('t', 'c')
      const writer = log.writer('t')
      writer.append([token('a')])
      await log.end('t')
      writer.append([token('b')])
      log.writer('unknown').append([token('c')])
      expect(textOfLogged(await readAll('t'))).toBe('a')
      expect(await log.find('unknown')).toBeUndefined()
    })

    it('gives nothing to a follower that another one has made leave', async () => {
      await log.begin('t', 'c')
      const seen: string[] = []
      const second: { reader?: TurnReader } = {}
      log.follow('t', 0, {
        events(batch) {
          second.reader?.stop()
          seen.push(`first ${textOf(batch)}`)
          return true
        },
        end() {},
      })
      second.reader = log.follow('t', 0, {
        events: (batch) => seen.push(`second ${textOf(batch)}`) > 0,
        end: () => seen.push('second end'),
      })
      log.writer('t').append([token('a')])
      await readUntil('a')
      await log.end('t')
      await readAll('t')
      expect(seen).toEqual(['first a'])
    })

    describe('asks whoever writes a turn', () => {
      const note = {
        ownerId: 'o',
        conversationId: 'c',
        userMessageId: 'u',
        messageId: 'm',
        modelTag: 'default',
        startedAt: 0,
        keeps: undefined,
      }
      const stop = { kind: 'stop' } as const

      it('and gives back what it says', async () => {
        const asked: TurnRequest[] = []
        await log.begin('t', 'c')
        await log.keep(
          { turnId: 't', ...note },
          {
            async asked(request) {
              asked.push(request)
              return { isDone: false, code: 'conflict', message: 'not now' }
            },
            lost() {},
          },
        )
        const reply = { isDone: false, code: 'conflict', message: 'not now' }
        expect(await log.ask('t', stop)).toEqual(reply)
        expect(asked).toEqual([stop])
      })

      it('and nobody where nobody does', async () => {
        expect(await log.ask('unknown', stop)).toBeUndefined()
        await log.begin('t', 'c')
        expect(await log.ask('t', stop)).toBeUndefined()
        const keeper = { asked: async () => ({ isDone: true }) as const, lost() {} }
        await log.keep({ turnId: 't', ...note }, keeper)
        await log.end('t')
        expect(await log.ask('t', stop)).toBeUndefined()
      })
    })

    it('takes no turn from a server that lives', async () => {
      await log.begin('t', 'c')
      expect(await log.orphans()).toEqual([])
    })

    it('reads nothing from a turn it does not know', async () => {
      expect(await readAll('unknown')).toEqual([])
    })
  })
}
