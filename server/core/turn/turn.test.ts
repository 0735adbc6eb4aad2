import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exampleConversation, exampleMessage } from '../../testing/stores/store-examples.ts'
import {
  createRecordingLogger,
  createTemporaryStore,
  type TemporaryStore,
} from '../../testing/stores/testing.ts'
import { createInProcessTurnLog } from '../../turn-logs/in-process.ts'
import { createTestTurns, type Generate } from '../../testing/create-test-turns.ts'
import type { TurnEvent } from '../../protocol/events.ts'
import { ChatError } from '../errors.ts'
import type {
  ConversationStore,
  DraftStore,
  InferenceEvent,
  MessageAddition,
  TurnFollower,
  TurnLog,
  TurnObserver,
  TurnOutcome,
} from '../ports/index.ts'
import { systemEnvironment } from '../settings.ts'

const conversation = exampleConversation({ ownerId: 'owner' })
const input = {
  ownerId: 'owner',
  conversationId: conversation.id,
  content: 'hi',
  options: {},
  trace: { traceId: 't', userId: 'owner' },
}
const noDrafts: DraftStore = {
  save: async () => {},
  remove: async () => {},
  erase: async () => {},
  all: async () => [],
  close: async () => {},
}

let temporary: TemporaryStore
let log: TurnLog
beforeEach(async () => {
  temporary = await createTemporaryStore()
  log = createInProcessTurnLog()
  await temporary.store.create(conversation)
})
afterEach(async () => {
  await log.close()
  await temporary.end()
})

const turnsWith = (generate: Generate, drafts = noDrafts) =>
  createTestTurns(temporary.store, generate, { log, drafts })

const stored = async () =>
  (await temporary.store.messages('owner', conversation.id))?.map(
    ({ content, finishReason }) => [content, finishReason] as const,
  )

/** Says one word, then nothing until it is stopped. */
async function* untilStopped(signal: AbortSignal): AsyncIterable<readonly InferenceEvent[]> {
  yield [{ type: 'token', text: 'word' }]
  await new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    signal.addEventListener('abort', resolve, { once: true })
  })
}

describe('a turn', () => {
  it('is stopped even when it has only just been asked for', async () => {
    const turns = turnsWith(untilStopped)
    const sent = turns.send(input)
    await turns.stop(conversation.id)
    expect(await log.latest(conversation.id)).toMatchObject({ running: false })
    expect((await sent).kind).toBe('logged')
  })

  it('ends as too long when a model never stops', async () => {
    const turns = turnsWith(async function* () {
      for (;;) yield Array.from({ length: 1_000 }, () => ({ type: 'token', text: 'x' }) as const)
    })
    await turns.send(input)
    await turns.close(60_000)
    expect((await stored())?.[1]?.[1]).toBe('length')
  })

  it('ends as it should when its draft cannot be removed', async () => {
    let release = () => {}
    const saved = new Promise<void>((resolve) => {
      release = resolve
    })
    const drafts: DraftStore = {
      ...noDrafts,
      save: async () => release(),
      remove: () => Promise.reject(new Error('read-only')),
    }
    const turns = turnsWith(async function* () {
      yield [{ type: 'token', text: 'word' }]
      await saved
      yield [{ type: 'finish', reason: 'stop' }]
    }, drafts)
    await turns.send(input)
    await turns.close(60_000)
    expect(await log.latest(conversation.id)).toMatchObject({ running: false })
    expect(await stored()).toEqual([
      ['hi', null],
      ['word', 'stop'],
    ])
  })

  it('leaves a name alone that was chosen while it began', async () => {
    const turns = turnsWith(async function* () {
      yield [{ type: 'token', text: 'word' }]
      yield [{ type: 'finish', reason: 'stop' }]
    })
    const changes = { title: 'Mine', renamed: true }
    const sent = turns.send(input)
    await temporary.store.update('owner', conversation.id, changes)
    await sent
    await turns.close(60_000)
    expect((await temporary.store.find('owner', conversation.id))?.title).toBe('Mine')
  })
})

describe('a turn that is asked for while another one runs', () => {
  const follower: TurnFollower = { events: () => true, end() {} }
  const next = { ...input, content: 'next' }
  const patient = (generate: Generate, store = temporary.store) =>
    createTestTurns(store, generate, { log, leaving: 60_000 })

  it('begins as soon as the last reader of that one has left', async () => {
    const turns = patient(untilStopped)
    const { turnId } = await turns.send(input)
    const readers = [log.follow(turnId, 0, follower), log.follow(turnId, 0, follower)]
    const sent = turns.send(next)
    for (const reader of readers) {
      await setImmediate()
      expect(await log.latest(conversation.id)).toMatchObject({ turnId, running: true })
      reader.stop()
    }
    expect((await sent).turnId).not.toBe(turnId)
    await turns.stop(conversation.id)
    expect(await stored()).toEqual([
      ['hi', null],
      ['word', 'stopped'],
      ['next', null],
      ['word', 'stopped'],
    ])
  })

  it('does not begin when its readers stay, and that one goes on', async () => {
    const turns = createTestTurns(temporary.store, untilStopped, { log, leaving: 0 })
    const { turnId } = await turns.send(input)
    log.follow(turnId, 0, follower)
    const refused = { status: 'rejected', reason: { code: 'conflict', turnId } }
    // However many ask: each waits for its own time and not for that of the others as well.
    const asked = await Promise.allSettled([turns.send(next), turns.send(next), turns.send(next)])
    expect(asked).toMatchObject([refused, refused, refused])
    expect(await log.latest(conversation.id)).toMatchObject({ turnId, running: true })
    await turns.close(0)
  })

  it('leaves an answer whole that is complete and is being stored', async () => {
    const storing = Promise.withResolvers<void>()
    const safe = Promise.withResolvers<void>()
    const store: ConversationStore = {
      ...temporary.store,
      async addMessage(ownerId, id, addition, onWritten) {
        if (addition.message?.role === 'assistant') {
          storing.resolve()
          await safe.promise
        }
        return temporary.store.addMessage(ownerId, id, addition, onWritten)
      },
    }
    const turns = patient(async function* () {
      yield [{ type: 'token', text: 'word' }]
      yield [{ type: 'finish', reason: 'stop' }]
    }, store)
    const { turnId } = await turns.send(input)
    // Its reader has read it all, and has not been told the end.
    log.follow(turnId, 0, follower)
    await storing.promise
    const sent = turns.send(next)
    await setImmediate()
    safe.resolve()
    await sent
    await turns.close(60_000)
    expect(await stored()).toEqual([
      ['hi', null],
      ['word', 'stop'],
      ['next', null],
      ['word', 'stop'],
    ])
  })

  it('ends nothing when its caller has used up what it may send, and costs once when it begins', async () => {
    const turns = patient(untilStopped)
    const { turnId } = await turns.send(input)
    const tooMany = () => Promise.reject(new ChatError('rate_limited', 'Too many.'))
    await expect(turns.send({ ...next, admit: tooMany })).rejects.toThrow('Too many.')
    expect(await log.latest(conversation.id)).toMatchObject({ turnId, running: true })
    let admitted = 0
    const admit = async () => void (admitted += 1)
    await turns.send({ ...next, admit })
    expect(admitted).toBe(1)
    await turns.close(0)
  })

  it('is stopped with it by a Stop that comes after both', async () => {
    const turns = patient(untilStopped)
    const { turnId } = await turns.send(input)
    log.follow(turnId, 0, follower)
    const sent = turns.send(next)
    await turns.stop(conversation.id)
    expect((await sent).turnId).not.toBe(turnId)
    expect(await log.latest(conversation.id)).toMatchObject({ running: false })
  })

  it('does not begin any more when the server is told to stop meanwhile', async () => {
    const turns = patient(untilStopped)
    const { turnId } = await turns.send(input)
    const reader = log.follow(turnId, 0, follower)
    const sent = turns.send(next)
    await setImmediate()
    const closed = turns.close(0)
    reader.stop()
    await expect(sent).rejects.toMatchObject({ code: 'interrupted' })
    await closed
    expect(await stored()).toEqual([
      ['hi', null],
      ['word', 'interrupted'],
    ])
  })
})

describe('a message that is written and not yet safe from a power cut', () => {
  const slowStore = (safe: Promise<void>): ConversationStore => ({
    ...temporary.store,
    async addMessage(ownerId, id, addition, onWritten) {
      if (addition.message?.role === 'user') {
        onWritten?.(conversation)
        await safe
      }
      return temporary.store.addMessage(ownerId, id, addition)
    },
  })
  const asked = Promise.withResolvers<AbortSignal>()
  const generate: Generate = async function* (signal) {
    asked.resolve(signal)
    yield* untilStopped(signal)
  }

  it('is answered already, and nobody is told before it is safe', async () => {
    const safe = Promise.withResolvers<void>()
    const turns = createTestTurns(slowStore(safe.promise), generate, { log })
    const sent = turns.send(input)
    await asked.promise
    await setImmediate()
    expect(await log.latest(conversation.id)).toMatchObject({ running: true, events: 0 })
    safe.resolve()
    const { turnId } = await sent
    await turns.stop(conversation.id)
    const types: string[] = []
    log.follow(turnId, 0, {
      events: (batch) => types.push(...batch.map(({ type }) => type)) > 0,
      end() {},
    })
    expect(types).toEqual(['start', 'title', 'token', 'done'])
    expect(await stored()).toEqual([
      ['hi', null],
      ['word', 'stopped'],
    ])
  })

  it('is shown with what the model said meanwhile before the answer is stored', async () => {
    const order: string[] = []
    const safe = Promise.withResolvers<void>()
    const slow = slowStore(safe.promise)
    const store: ConversationStore = {
      ...slow,
      addMessage(ownerId, id, addition, onWritten) {
        if (addition.message?.role === 'assistant') order.push('stored')
        return slow.addMessage(ownerId, id, addition, onWritten)
      },
    }
    const turns = createTestTurns(
      store,
      async function* () {
        yield [
          { type: 'token', text: 'word' },
          { type: 'finish', reason: 'stop' },
        ]
      },
      { log },
    )
    const sent = turns.send(input)
    await setImmediate()
    safe.resolve()
    const { turnId } = await sent
    log.follow(turnId, 0, {
      events: (batch) => order.push(...batch.map(({ type }) => type)) > 0,
      end() {},
    })
    await turns.close(60_000)
    expect(order).toEqual(['start', 'title', 'token', 'stored', 'done'])
  })

  it('is forgotten with its answer when the disk fails, and the model is stopped', async () => {
    const outcomes: TurnOutcome[] = []
    let started = 0
    const observers: TurnObserver[] = [
      { turnStarted: () => void (started += 1), turnEnded: (outcome) => outcomes.push(outcome) },
    ]
    const safe = Promise.reject(new ChatError('internal', 'The disk is full.'))
    safe.catch(() => {})
    const signals: AbortSignal[] = []
    const broken: Generate = (signal) => {
      signals.push(signal)
      return untilStopped(signal)
    }
    const turns = createTestTurns(slowStore(safe), broken, { log, observers })
    await expect(turns.send(input)).rejects.toThrow('The disk is full.')
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    expect(await log.latest(conversation.id)).toBeUndefined()
    expect(await stored()).toEqual([])
    expect([started, outcomes.length]).toEqual([0, 0])
    const next = turnsWith(untilStopped)
    expect((await next.send(input)).kind).toBe('logged')
    await next.close(0)
  })
})

describe('an edit', () => {
  const messages = [
    exampleMessage({ content: 'one' }),
    exampleMessage({ content: 'answer', role: 'assistant' }),
    exampleMessage({ content: 'two' }),
    exampleMessage({ content: 'answer', role: 'assistant' }),
  ]
  const edit = { ...input, replaces: messages[2]!.id }
  const contents = async () => (await stored())?.map(([content]) => content)
  beforeEach(async () => {
    for (const message of messages) {
      await temporary.store.addMessage('owner', conversation.id, { message })
    }
  })

  it('takes the old messages away in the write that brings the new one', async () => {
    const additions: MessageAddition[] = []
    const store: ConversationStore = {
      ...temporary.store,
      addMessage(ownerId, id, addition) {
        additions.push(addition)
        return temporary.store.addMessage(ownerId, id, addition)
      },
    }
    const turns = createTestTurns(store, untilStopped, { log })
    await turns.send(edit)
    expect(additions).toHaveLength(1)
    expect(additions[0]?.dropMessageIds).toEqual([messages[2]?.id, messages[3]?.id])
    expect(await contents()).toEqual(['one', 'answer', 'hi'])
    await turns.close(0)
  })

  it('that cannot be stored leaves everything as it was, and the conversation free', async () => {
    const store: ConversationStore = {
      ...temporary.store,
      addMessage: () => Promise.reject(new ChatError('internal', 'The disk is full.')),
    }
    const turns = createTestTurns(store, untilStopped, { log })
    await expect(turns.send(edit)).rejects.toThrow('The disk is full.')
    expect(await contents()).toEqual(['one', 'answer', 'two', 'answer'])
    await turnsWith(untilStopped).send(edit)
    expect(await contents()).toEqual(['one', 'answer', 'hi'])
  })
})

describe('observers of turns', () => {
  const observed = () => {
    const outcomes: TurnOutcome[] = []
    let started = 0
    const observer: TurnObserver = {
      turnStarted() {
        started += 1
      },
      turnEnded: (outcome) => outcomes.push(outcome),
    }
    return { observer, outcomes, started: () => started }
  }

  it('are told how each went, before the conversation is free again', async () => {
    const { observer, outcomes, started } = observed()
    const inTime: number[] = []
    const watched: TurnLog = {
      ...log,
      end: (turnId) => {
        inTime.push(outcomes.length)
        return log.end(turnId)
      },
    }
    const usage = { prompt_tokens: 5, completion_tokens: 2 }
    const generate: Generate = async function* () {
      yield [{ type: 'token', text: 'a' }]
      yield [
        { type: 'token', text: 'b' },
        { type: 'finish', reason: 'stop', usage },
      ]
    }
    const turns = createTestTurns(temporary.store, generate, {
      log: watched,
      observers: [observer],
    })
    await turns.send(input)
    await turns.close(60_000)
    expect(started()).toBe(1)
    expect(inTime).toEqual([1])
    expect(outcomes).toEqual([
      {
        ownerId: 'owner',
        isAnswered: true,
        finishReason: 'stop',
        errorCode: undefined,
        tokenCount: 2,
        usage,
        promptCharacters: 'hi'.length,
        firstTokenMs: expect.any(Number),
        totalMs: expect.any(Number),
      },
    ])
  })

  it('are told the time that is stored and that readers learn, however long storing takes', async () => {
    const { observer, outcomes } = observed()
    const done: TurnEvent[] = []
    const recording: TurnLog = {
      ...log,
      writer(turnId) {
        const writer = log.writer(turnId)
        return {
          append(events) {
            done.push(...events.filter(({ type }) => type === 'done'))
            writer.append(events)
          },
        }
      },
    }
    let time = 0
    const environment = { ...systemEnvironment, now: () => (time += 7) }
    const generate: Generate = async function* () {
      yield [
        { type: 'token', text: 'a' },
        { type: 'finish', reason: 'stop' },
      ]
    }
    const parts = { log: recording, observers: [observer], environment }
    const turns = createTestTurns(temporary.store, generate, parts)
    await turns.send(input)
    await turns.close(60_000)
    const messages = await temporary.store.messages('owner', conversation.id)
    const ms = messages?.at(-1)?.inferenceTimeMs
    expect(ms).toBeGreaterThan(0)
    expect(outcomes).toMatchObject([{ totalMs: ms }])
    expect(done).toMatchObject([{ inference_time_ms: ms }])
  })

  it('are told what went wrong', async () => {
    const { observer, outcomes } = observed()
    const failing: Generate = () => {
      throw new ChatError('inference_timeout', 'Too late.')
    }
    const turns = createTestTurns(temporary.store, failing, { log, observers: [observer] })
    await turns.send(input)
    await turns.close(60_000)
    expect(outcomes).toMatchObject([
      {
        finishReason: 'error',
        errorCode: 'inference_timeout',
        tokenCount: 0,
        firstTokenMs: undefined,
      },
    ])
  })

  it('that break hurt neither the turn nor each other', async () => {
    const { observer, outcomes } = observed()
    const broken: TurnObserver = {
      turnStarted() {
        throw new Error('broken')
      },
      turnEnded() {
        throw new Error('broken')
      },
    }
    const logger = createRecordingLogger()
    const generate: Generate = async function* () {
      yield [{ type: 'token', text: 'word' }]
      yield [{ type: 'finish', reason: 'stop' }]
    }
    const observers = [broken, observer]
    const turns = createTestTurns(temporary.store, generate, { log, observers, logger })
    await turns.send(input)
    await turns.close(60_000)
    expect(outcomes).toHaveLength(1)
    expect((await stored())?.at(-1)).toEqual(['word', 'stop'])
    expect(await log.latest(conversation.id)).toMatchObject({ running: false })
    const errors = logger.lines.filter(({ level }) => level === 'error')
    expect(errors).toHaveLength(2)
    expect(errors[0]?.fields).toMatchObject({ traceId: 't', conversationId: conversation.id })
  })
})
