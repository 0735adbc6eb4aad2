/**
 * Where turns begin: one at a time in a conversation, in the order of their requests. `createTurns` tells what
 * becomes of a request; a turn is planned in plan.ts, counts from prepare.ts on, and runs in run.ts.
 */
import { setImmediate } from 'node:timers/promises'
import { discardFiles } from '../attachments.ts'
import { ChatError, modelsAreOff } from '../errors.ts'
import type {
  Attachment,
  ClientToolReference,
  Message,
  ToolResult,
  TurnLog,
  TurnRequest,
} from '../ports/index.ts'
import { readEnough } from '../recent-messages.ts'
import { withoutRepetitions } from './history.ts'
import { createOnce, type TurnReference } from './once.ts'
import {
  type AnswerInput,
  type Found,
  openAnswer,
  type Opening,
  openMessage,
  planTurn,
  type RegenerateInput,
  type SendInput,
  type TurnDependencies,
  type TurnPlan,
} from './plan.ts'
import { prepareTurn, type RunningTurn } from './prepare.ts'
import { learnLimit, type QuestionPlace } from './user-message.ts'

/**
 * Milliseconds that a new turn waits for the readers of the running one to leave: a client that closes its
 * connection and asks again at once may be heard in the other order.
 */
const LEAVING = 500

/** How a turn has come in. */
interface Entry {
  readonly turnId: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly admit: () => Promise<void>
}

export type Turns = ReturnType<typeof createTurns>

/** Answers to messages, each as a turn in the log. */
export function createTurns(dependencies: TurnDependencies) {
  const { store, attachments, log, inference, environment, clientTools } = dependencies
  const { leaving = LEAVING } = dependencies
  const once = createOnce({ store, log })
  const entrance = createEntrance(log)

  const find = async (input: RegenerateInput & Partial<QuestionPlace>): Promise<Found> => {
    const { ownerId, conversationId } = input
    const most = dependencies.settings.history.messages
    const [conversation, messages] = await Promise.all([
      store.find(ownerId, conversationId),
      readEnough(store, {
        ownerId,
        conversationId,
        // The same question twice counts once, and answers behind the last question do not count.
        first: 2 * most + 10,
        isEnough: (newest) => isHistory(newest, input, most),
      }),
    ])
    if (!conversation || !messages) throw conversationNotFound()
    return { conversation, messages }
  }

  const startTurn = async (
    input: RegenerateInput & Partial<Pick<SendInput, 'content'>>,
    open: (found: Found) => Opening,
  ): Promise<TurnReference> => {
    if (dependencies.asksModels === false) throw modelsAreOff()
    const { ownerId, conversationId, content = '' } = input
    const startedAt = environment.now()
    const patientUntil = performance.now() + leaving
    let admitted: Promise<void> | undefined
    const admit = () => (admitted ??= input.admit?.() ?? Promise.resolve())
    const start = async (): Promise<TurnReference> => {
      const turnId = environment.createId()
      await entrance.claim(turnId, conversationId, {
        patience: patientUntil - performance.now(),
        async check() {
          await once.lookAgain(input)
          open(await find(input))
          await admit()
        },
      })
      try {
        entrance.keep(conversationId, await begin(input, { turnId, startedAt, admit }, open))
      } catch (error) {
        await log.abandon(turnId)
        throw error
      }
      return { kind: 'logged', turnId }
    }
    const work = async () => {
      if (!(await store.find(ownerId, conversationId))) throw conversationNotFound()
      await learnLimit(inference, content)
      return await once.begin(input, () => entrance.inLine(conversationId, start))
    }
    return await entrance.note(conversationId, work())
  }

  /** Stores what a turn begins with, and starts it. The conversation is claimed already. */
  const begin = async (
    input: RegenerateInput,
    { turnId, startedAt, admit }: Entry,
    open: (found: Found) => Opening,
  ): Promise<RunningTurn> => {
    const found = await find(input)
    const opening = open(found)
    const { files = [], droppedFiles = [] } = opening
    await admit()
    const place = { ownerId: input.ownerId, conversationId: input.conversationId }
    if (files.length > 0) await attachments?.save(place, files)
    const { conversation } = found
    const material = { turnId, startedAt, conversation, opening }
    const plan = await planTurn(input, material, dependencies)
    const turn = prepareTurn(plan, dependencies)
    try {
      // The model need not wait for the disk any longer than the process could lose the message.
      const [title] = await Promise.all([
        storeOpening(plan, input.key, opening, turn.ask),
        turn.keep(),
      ])
      const begun = turn.acknowledge(title)
      void discardFiles(dependencies, place, droppedFiles)
      return begun
    } catch (error) {
      await turn.takeBack()
      await discardFiles(dependencies, place, files)
      throw error
    }
  }

  /** Resolves to the title that the conversation has got by the message, if it has got one. */
  const storeOpening = async (
    { ownerId, conversationId, turnId, messageId }: TurnPlan,
    key: string | undefined,
    { userMessage, isNew, title, opening, dropped = [] }: Opening,
    onKept: () => void,
  ): Promise<string | undefined> => {
    if (!isNew && key === undefined) return undefined
    const createdAt = new Date(environment.now()).toISOString()
    const ofKey = { turnId, userMessageId: userMessage.id, messageId, createdAt }
    const addition = {
      message: isNew ? userMessage : null,
      dropMessageIds: dropped.map(({ id }) => id),
      ...(title !== undefined && { changes: { titleUnlessRenamed: title } }),
      opening,
      beginsTurn: turnId,
      ...(key !== undefined && { turnKey: { key, ...ofKey } }),
    }
    const stored = await store.addMessage(ownerId, conversationId, addition, onKept)
    if (!stored) throw conversationNotFound()
    const wanted = title ?? opening?.title
    return stored.title === wanted ? wanted : undefined
  }

  /** Here, or where the turn is written. */
  const pageTool = async (conversationId: string, request: TurnRequest, here: () => void) => {
    try {
      here()
    } catch (error) {
      const isElsewhere = error instanceof ChatError && error.code === 'not_found'
      const turn = isElsewhere ? await log.latest(conversationId) : undefined
      const reply = turn?.running ? await log.ask(turn.turnId, request) : undefined
      if (!reply) throw error
      if (!reply.isDone) throw new ChatError(reply.code, reply.message)
    }
  }

  return {
    /**
     * Stores the message and starts the answer; the answer goes on whoever reads it. A turn that runs and
     * that nobody reads any more is stopped for it.
     * @throws ChatError `inference_unreachable` where no models are asked; `not_found`, also for a message to
     * replace; `conflict` with the turn that is running and read; what `admit` throws
     */
    send: (input: SendInput) =>
      startTurn(input, (found) => openMessage(input, found, dependencies)),
    /**
     * @throws ChatError as send does; `invalid_request` (400) when there is no user message, or no answer that
     * could go on
     */
    regenerate: (input: AnswerInput) =>
      startTurn(input, (found) => openAnswer(input, found, dependencies)),
    /** For pages that run tools of a turn, whichever server writes it. @throws ChatError as `clientTools` does */
    claimTool: (call: ClientToolReference) =>
      pageTool(call.conversationId, { kind: 'claim_tool', call }, () => clientTools.claim(call)),
    answerTool: (call: ClientToolReference, result: ToolResult) =>
      pageTool(call.conversationId, { kind: 'answer_tool', call, result }, () =>
        clientTools.answer(call, result),
      ),
    filesOf: entrance.filesOf,
    stop: entrance.stop,
    close: entrance.close,
  }
}

interface Claim {
  /** Throws where the new turn cannot go ahead; asked before another one is ended for it. */
  readonly check: () => Promise<void>
  /** Milliseconds that the readers of the running turn have to leave. */
  readonly patience: number
}

/** Who may begin a turn in a conversation, who waits, and what is running there. */
function createEntrance(log: TurnLog) {
  const running = new Map<string, RunningTurn>()
  /** Turns from their request to their first event, by conversation. */
  const beginning = new Map<string, Set<Promise<unknown>>>()
  /** The last of those that want to begin a turn, by conversation; each waits for the one before it. */
  const lines = new Map<string, Promise<unknown>>()
  let closing = false

  const refuseWhenClosing = () => {
    if (closing) {
      throw new ChatError('interrupted', 'The server is restarting. Please try again in a moment.')
    }
  }

  /** The turn that is in the way of a new one, if one is. */
  const tryToBegin = async (
    turnId: string,
    conversationId: string,
  ): Promise<string | undefined> => {
    refuseWhenClosing()
    const claimed = await log.begin(turnId, conversationId)
    return claimed.started ? undefined : claimed.runningTurnId
  }

  /** Ends what runs, here or on the server that writes it; false where that did not answer. */
  const endRunning = async (conversationId: string): Promise<boolean> => {
    const turn = running.get(conversationId)
    if (turn) {
      turn.end('stopped')
      await turn.ended
      return true
    }
    const latest = await log.latest(conversationId)
    // One that begins here is ended once it has begun.
    if (!latest?.running || beginning.has(conversationId)) return true
    const reply = await log.ask(latest.turnId, { kind: 'stop' })
    return reply?.isDone === true || (await log.find(latest.turnId))?.running !== true
  }

  return {
    /** From its first moment on, a turn that begins is there to be waited for and then ended. */
    async note<Value>(conversationId: string, begun: Promise<Value>): Promise<Value> {
      const others = beginning.get(conversationId) ?? new Set()
      beginning.set(conversationId, others.add(begun))
      try {
        return await begun
      } finally {
        others.delete(begun)
        if (others.size === 0) beginning.delete(conversationId)
      }
    },

    /** Turns of a conversation begin one after the other. */
    async inLine<Value>(conversationId: string, work: () => Promise<Value>): Promise<Value> {
      const before = lines.get(conversationId)
      const whenDue = async () => {
        if (before) {
          await Promise.allSettled([before])
          // Whoever asked for a turn reads it from the end of this turn of the event loop on.
          await setImmediate()
        }
        return await work()
      }
      const due = whenDue()
      lines.set(conversationId, due)
      try {
        return await due
      } finally {
        if (lines.get(conversationId) === due) lines.delete(conversationId)
      }
    },

    /**
     * Claims the conversation; a turn that runs there and that nobody reads any more is ended for that, if
     * the new one can go ahead.
     * @throws ChatError `conflict` with the turn that is read, `interrupted` while the server closes
     */
    async claim(turnId: string, conversationId: string, { check, patience }: Claim): Promise<void> {
      let inTheWay = await tryToBegin(turnId, conversationId)
      if (inTheWay === undefined) return
      const signal = AbortSignal.timeout(Math.max(0, Math.ceil(patience)))
      if (await log.left(inTheWay, { signal })) {
        await check()
        refuseWhenClosing()
        await endRunning(conversationId)
        inTheWay = await tryToBegin(turnId, conversationId)
        if (inTheWay === undefined) return
      }
      throw new ChatError('conflict', 'An answer is still being written in this conversation.', {
        turnId: inTheWay,
      })
    },

    /** The turn runs here until it has ended. */
    keep(conversationId: string, turn: RunningTurn): void {
      running.set(conversationId, turn)
      void turn.ended.then(() => {
        // The next turn of the conversation may have begun already.
        if (running.get(conversationId) === turn) running.delete(conversationId)
      })
    },

    /** Files of the answer that is being written in a conversation, as far as they have come. */
    filesOf: (conversationId: string): readonly Attachment[] =>
      running.get(conversationId)?.files() ?? [],

    /**
     * Ends the running turn, if there is one; resolves when what came so far is stored.
     * @throws ChatError `interrupted` when the server that writes it does not answer
     */
    async stop(conversationId: string): Promise<void> {
      const begun = [...(beginning.get(conversationId) ?? [])]
      // One that waits to begin may wait for this.
      await endRunning(conversationId)
      await Promise.allSettled(begun)
      if (await endRunning(conversationId)) return
      throw new ChatError(
        'interrupted',
        'The answer cannot be stopped right now. Please try again in a moment.',
        { retryAfter: 2 },
      )
    },

    /** Lets running turns end for up to `grace` ms, then stores the rest as `interrupted`. */
    async close(grace: number): Promise<void> {
      closing = true
      await Promise.allSettled([...beginning.values()].flatMap((begun) => [...begun]))
      const timer = setTimeout(() => {
        for (const turn of running.values()) {
          turn.end('interrupted')
          turn.giveUp()
        }
      }, grace)
      await Promise.all([...running.values()].map((turn) => turn.ended))
      clearTimeout(timer)
    },
  }
}

/** Whether a turn begins with these as it would with all that the conversation has. */
function isHistory(
  newest: readonly Message[],
  { replaces, repeats }: Partial<QuestionPlace>,
  most: number,
): boolean {
  const named = replaces ?? repeats
  const isAsked = ({ id, role }: Message) =>
    role === 'user' && (named === undefined || id === named)
  const before = newest.slice(0, newest.findLastIndex(isAsked))
  return (
    newest.some(isAsked) &&
    withoutRepetitions(before).length >= most &&
    // What a first message decides, and the last answer: neither is older than these.
    before.some(({ role, content }) => role === 'user' && content.trim() !== '') &&
    before.some(({ role }) => role === 'assistant')
  )
}

function conversationNotFound(): ChatError {
  return new ChatError('not_found', 'There is no such conversation.')
}
