import { setImmediate } from 'node:timers/promises'
import type { GenerationOptionsBody } from '../../protocol/api.ts'
import { discardFiles } from '../attachments.ts'
import { checkContinues } from './continuation.ts'
import { ChatError, modelsAreOff } from '../errors.ts'
import type {
  Attachment,
  Conversation,
  Message,
  Metadata,
  NewAttachment,
  RequestTrace,
  ThreadOpening,
  ToolDefinition,
} from '../ports/index.ts'
import {
  fitGrounding,
  groundQuestion,
  OPTIONAL_GROUNDING,
  type GroundingWish,
} from '../grounding.ts'
import { awaitedPasswords, hidePasswords } from './interrupts.ts'
import {
  checkLength,
  learnLimit,
  longestMessage,
  roomBeside,
  placeQuestion,
} from './user-message.ts'
import { modelOf, openingOf, PROVIDER, titleFrom, type OpeningMessage } from '../metadata.ts'
import { createOnce, type TurnReference } from './once.ts'
import { prepareTurn, type RunningTurn } from './prepare.ts'

import type { TurnDependencies } from './plan.ts'

/**
 * Milliseconds that a new turn waits for the readers of the running one to leave: a client that closes its
 * connection and asks again at once may be heard in the other order.
 */
const LEAVING = 500

export interface RegenerateInput {
  readonly ownerId: string
  readonly conversationId: string
  readonly options: GenerationOptionsBody
  /** Tools of the page that the model may call. */
  readonly pageTools?: readonly ToolDefinition[] | undefined
  /** Whose documents come first; where an answer has to rest on documents, `grounding` says so. */
  readonly creator?: string | undefined
  /** The request's `Idempotency-Key`. */
  readonly key?: string | undefined
  /**
   * Takes what a turn costs its caller: called once the turn is sure to begin, and never for a request
   * that attaches to another one's. When it throws, nothing begins.
   */
  readonly admit?: (() => Promise<void>) | undefined
  /** The message is one of a thread. */
  readonly thread?: ThreadMessage | undefined
  readonly trace: RequestTrace
}

export interface AnswerInput extends RegenerateInput {
  /** The last answer goes on where its length limit cut it off, and is not made anew. */
  readonly continues?: boolean | undefined
}

export interface SendInput extends RegenerateInput {
  readonly content: string
  /** What the request calls the text, for the sentence that refuses one which is too long; `content` otherwise. */
  readonly field?: string | undefined
  /** The user message that this one takes the place of; it goes, with all that followed it. */
  readonly replaces?: string | undefined
  /** The user message without an answer that this one is, once more: it goes from its place to the end. */
  readonly repeats?: string | undefined
  /** Files that stand beside the text; `undefined` keeps those of the message that is replaced. */
  readonly files?: readonly NewAttachment[] | undefined
  /** The files of the message that is replaced that stay; all, where nothing is said. */
  readonly keepFiles?: readonly string[] | undefined
  /** The answer is to rest on passages of the documents, which are looked for before the turn. */
  readonly grounding?: GroundingWish | undefined
}

/** What a client of threads says with its message besides. */
export interface ThreadMessage {
  readonly metadata?: Metadata | undefined
  readonly correlationId?: string | undefined
  /** The model that is asked; else the thread's. */
  readonly model?: string | undefined
  /** What a person calls it. */
  readonly modelLabel?: string | undefined
}

export interface Turns {
  /**
   * Stores the message and starts the answer; the answer goes on whoever reads it. A turn that runs and
   * that nobody reads any more is stopped for it.
   * @throws ChatError `inference_unreachable` where no models are asked; `not_found`, also for a message to replace; `conflict` with the turn that is running and read; what `admit` throws.
   */
  send(input: SendInput): Promise<TurnReference>
  /**
   * @throws ChatError as send does; `invalid_request` (400) when there is no user message, or no answer that
   * could go on
   */
  regenerate(input: AnswerInput): Promise<TurnReference>
  /** Files of the answer that is being written in a conversation, as far as they have come. */
  filesOf(conversationId: string): readonly Attachment[]
  /** Ends the running turn, if there is one; resolves when what came so far is stored. */
  stop(conversationId: string): Promise<void>
  /** Lets running turns end for up to `grace` ms, then stores the rest as `interrupted`. */
  close(grace: number): Promise<void>
}

interface Found {
  readonly conversation: Conversation
  /** Oldest first. */
  readonly messages: readonly Message[]
}

/** What a turn begins with. */
interface Opening {
  readonly userMessage: Message
  /** The message came with the request and is to be stored. */
  readonly isNew: boolean
  readonly title?: string | undefined
  /** What the thread becomes by its first message. */
  readonly opening?: ThreadOpening | undefined
  /** What the message says in the history alone, and is kept nowhere. */
  readonly secrets?: readonly string[]
  /** Files of the message, to be stored before it. */
  readonly files?: readonly NewAttachment[] | undefined
  /** Oldest first; the last one is the user's. */
  readonly history: readonly Message[]
  /** What goes when the message is stored. */
  readonly dropped?: readonly Message[]
  readonly droppedFiles?: readonly Attachment[]
  /** The answer that goes when the new one is stored. */
  readonly replaces?: string | undefined
  /** The answer that goes on. */
  readonly continues?: Message | undefined
  readonly grounding?: GroundingWish | undefined
}

/** How a turn has come in. */
interface Entry {
  readonly turnId: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly admit: () => Promise<void>
}

export function createTurns(dependencies: TurnDependencies): Turns {
  const { store, attachments, log, knowledge, environment, leaving = LEAVING } = dependencies
  const running = new Map<string, RunningTurn>()
  /** Turns from their request to their first event, by conversation. */
  const beginning = new Map<string, Set<Promise<unknown>>>()
  /** The last of those that want to begin a turn, by conversation; each waits for the one before it. */
  const lines = new Map<string, Promise<unknown>>()
  let closing = false

  const { inference, settings } = dependencies

  const timestamp = () => new Date(environment.now()).toISOString()

  const once = createOnce({ store, log })

  const find = async ({ ownerId, conversationId }: RegenerateInput): Promise<Found> => {
    const conversation = await store.find(ownerId, conversationId)
    const messages = await store.messages(ownerId, conversationId)
    if (!conversation || !messages) throw conversationNotFound()
    return { conversation, messages }
  }

  /** Turns of a conversation begin one after the other. */
  const inLine = async <Value>(
    conversationId: string,
    work: () => Promise<Value>,
  ): Promise<Value> => {
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
  }

  const refuseWhenClosing = () => {
    if (closing) {
      throw new ChatError('interrupted', 'The server is restarting. Please try again in a moment.')
    }
  }

  /** The turn that is in the way of a new one, if one is. */
  const claim = async (turnId: string, conversationId: string): Promise<string | undefined> => {
    refuseWhenClosing()
    const claimed = await log.begin(turnId, conversationId)
    return claimed.started ? undefined : claimed.runningTurnId
  }

  const endRunning = async (conversationId: string) => {
    const turn = running.get(conversationId)
    turn?.end('stopped')
    await turn?.ended
  }

  /**
   * Claims the conversation; a turn that runs there and that nobody reads any more is ended for that, if
   * the new one can go ahead (`check` throws where it cannot). `patience` is how many milliseconds its
   * readers have to leave.
   */
  const takeOver = async (
    turnId: string,
    conversationId: string,
    { check, patience }: { readonly check: () => Promise<void>; readonly patience: number },
  ) => {
    let inTheWay = await claim(turnId, conversationId)
    if (inTheWay === undefined) return
    const signal = AbortSignal.timeout(Math.max(0, Math.ceil(patience)))
    if (await log.left(inTheWay, { signal })) {
      await check()
      refuseWhenClosing()
      await endRunning(conversationId)
      inTheWay = await claim(turnId, conversationId)
      if (inTheWay === undefined) return
    }
    throw new ChatError('conflict', 'An answer is still being written in this conversation.', {
      turnId: inTheWay,
    })
  }

  /** Stores what a turn begins with, and starts it. The conversation is claimed already. */
  const begin = async (
    input: RegenerateInput,
    { turnId, startedAt, admit }: Entry,
    open: (found: Found) => Opening,
  ): Promise<RunningTurn> => {
    const found = await find(input)
    const opening = open(found)
    const { userMessage, isNew, title, files = [], history } = opening
    const { dropped = [], replaces, continues, secrets = [] } = opening
    await admit()
    const { ownerId, conversationId, options, pageTools = [], trace, key, thread, creator } = input
    if (files.length > 0) await attachments?.save({ ownerId, conversationId }, files)
    const messageId = continues?.id ?? environment.createId()
    const modelTag = thread?.model ?? modelOf(found.conversation)
    const ids = { turnId, ownerId, conversationId, messageId }
    const given = { options, pageTools, trace, startedAt }
    // The provider of a thread is asked what its client says, and nothing besides.
    const usual =
      creator === undefined ? dependencies.grounding : { ...OPTIONAL_GROUNDING, creator }
    const wish = opening.grounding ?? (thread ? undefined : usual)
    const looked = wish && (await groundQuestion(knowledge, history, wish))
    const room = roomBeside(history.at(-1)?.content ?? '', inference, settings.prompts)
    // An engine that quotes says what comes nearest; a model has no use for that.
    const isNeeded = !looked?.isOptional || inference.quotesPassages || looked.passages.length > 0
    const grounding = looked && isNeeded ? fitGrounding(looked, room) : undefined
    const about = { userMessage, history, modelTag, creator, secrets }
    const planned = { ...about, replaces, continues, grounding }
    const known = thread && (await store.providerThread(ownerId, conversationId, PROVIDER))
    const plan = {
      ...ids,
      ...given,
      ...planned,
      thread: thread && { conversationId: known?.conversationId ?? null },
    }
    const turn = prepareTurn(plan, dependencies)
    const titles = async () => {
      if (!isNew && key === undefined) return undefined
      const ofKey = { turnId, userMessageId: userMessage.id, messageId, createdAt: timestamp() }
      const addition = {
        message: isNew ? userMessage : null,
        dropMessageIds: dropped.map(({ id }) => id),
        ...(title !== undefined && { changes: { titleUnlessRenamed: title } }),
        opening: opening.opening,
        ...(key !== undefined && { turnKey: { key, ...ofKey } }),
      }
      // The model need not wait for the disk any longer than the process could lose the message.
      const stored = await store.addMessage(ownerId, conversationId, addition, turn.ask)
      if (!stored) throw conversationNotFound()
      const wanted = title ?? opening.opening?.title
      return stored.title === wanted ? wanted : undefined
    }
    try {
      const begun = turn.acknowledge(await titles())
      void discardFiles(dependencies, ids, opening.droppedFiles ?? [])
      return begun
    } catch (error) {
      await turn.takeBack()
      await discardFiles(dependencies, ids, files)
      throw error
    }
  }

  const keep = (conversationId: string, turn: RunningTurn) => {
    running.set(conversationId, turn)
    void turn.ended.then(() => {
      // The next turn of the conversation may have begun already.
      if (running.get(conversationId) === turn) running.delete(conversationId)
    })
  }

  const startTurn = async (
    input: RegenerateInput & Partial<Pick<SendInput, 'content'>>,
    open: (found: Found) => Opening,
  ): Promise<TurnReference> => {
    if (dependencies.asksModels === false) throw modelsAreOff()
    const { conversationId, content = '' } = input
    const startedAt = environment.now()
    const patientUntil = performance.now() + leaving
    let admitted: Promise<void> | undefined
    const admit = () => (admitted ??= input.admit?.() ?? Promise.resolve())
    const start = async (): Promise<TurnReference> => {
      const turnId = environment.createId()
      await takeOver(turnId, conversationId, {
        patience: patientUntil - performance.now(),
        async check() {
          open(await find(input))
          await admit()
        },
      })
      try {
        keep(conversationId, await begin(input, { turnId, startedAt, admit }, open))
      } catch (error) {
        await log.abandon(turnId)
        throw error
      }
      return { kind: 'logged', turnId }
    }
    const work = async () => {
      if (!(await store.find(input.ownerId, conversationId))) throw conversationNotFound()
      await learnLimit(inference, content)
      return await once(input, () => inLine(conversationId, start))
    }
    return await note(conversationId, work())
  }

  /** From its first moment on, a turn that begins is there to be waited for and then ended. */
  const note = async <Value>(conversationId: string, begun: Promise<Value>): Promise<Value> => {
    const others = beginning.get(conversationId) ?? new Set()
    beginning.set(conversationId, others.add(begun))
    try {
      return await begun
    } finally {
      others.delete(begun)
      if (others.size === 0) beginning.delete(conversationId)
    }
  }

  return {
    send: (input) =>
      startTurn(input, ({ conversation, messages }) => {
        const { conversationId, content, field = 'content', files, grounding } = input
        const { replaces, repeats, keepFiles } = input
        checkLength(content, longestMessage(inference, settings.prompts), field)
        const { thread } = input
        const { metadata, correlationId } = thread ?? {}
        const id = environment.createId()
        const place = { replaces, repeats, files, keepFiles }
        const question = { id, conversationId, createdAt: timestamp(), ...place }
        const said = { content, metadata, correlationId }
        const { kept, userMessage, ...placed } = placeQuestion(messages, { ...question, ...said })
        const hidden = hidePasswords(said, awaitedPasswords(kept))
        return {
          ...placed,
          ...titlesOf(conversation, kept, { text: hidden.kept.content, ...thread }, thread),
          userMessage: {
            ...userMessage,
            content: hidden.kept.content,
            ...(hidden.kept.metadata && { metadata: hidden.kept.metadata }),
          },
          secrets: hidden.secrets,
          isNew: true,
          files,
          grounding,
          history: [...kept, userMessage],
        }
      }),

    regenerate: (input) =>
      startTurn(input, ({ messages }) => {
        const at = messages.findLastIndex((message) => message.role === 'user')
        const userMessage = messages[at]
        if (!userMessage) {
          throw new ChatError('invalid_request', 'There is no message to answer yet.', {
            status: 400,
          })
        }
        const longest = longestMessage(inference, settings.prompts)
        checkLength(userMessage.content, longest, 'content')
        const answers = messages.slice(at + 1).filter((message) => message.role === 'assistant')
        const last = answers.at(-1)
        return {
          userMessage,
          isNew: false,
          history: messages.slice(0, at + 1),
          ...(input.continues ? { continues: checkContinues(last) } : { replaces: last?.id }),
        }
      }),

    filesOf: (conversationId) => running.get(conversationId)?.files() ?? [],

    async stop(conversationId) {
      const begun = [...(beginning.get(conversationId) ?? [])]
      // One that waits to begin may wait for this.
      await endRunning(conversationId)
      await Promise.allSettled(begun)
      await endRunning(conversationId)
    },

    async close(grace) {
      closing = true
      await Promise.allSettled([...beginning.values()].flatMap((begun) => [...begun]))
      const all = () => Promise.all([...running.values()].map((turn) => turn.ended))
      const timer = setTimeout(() => {
        for (const turn of running.values()) turn.end('interrupted')
      }, grace)
      await all()
      clearTimeout(timer)
    },
  }
}

/** What a first message makes of a conversation, or of a thread. */
function titlesOf(
  conversation: Conversation,
  kept: readonly Message[],
  message: OpeningMessage,
  thread: ThreadMessage | undefined,
): Pick<Opening, 'title' | 'opening'> {
  if (thread) return { opening: openingOf(conversation, kept, message) }
  return { title: titleFrom(conversation, kept, message.text) }
}

function conversationNotFound(): ChatError {
  return new ChatError('not_found', 'There is no such conversation.')
}
