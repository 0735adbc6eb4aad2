import type { GenerationOptionsBody } from '../protocol/api.ts'
import { ChatError } from './errors.ts'
import type { EndReason } from './generation.ts'
import { firstCodePoints } from './history.ts'
import type {
  Conversation,
  ConversationStore,
  DraftStore,
  Inference,
  Logger,
  Message,
  MessageAddition,
  RequestTrace,
  TurnKey,
  TurnLog,
} from './ports.ts'
import type { Environment, TurnSettings } from './settings.ts'
import { createOnce, type TurnReference } from './once.ts'
import { runTurn, type TurnPlan } from './run-turn.ts'

const TITLE_CODE_POINTS = 80

export interface TurnDependencies {
  readonly store: ConversationStore
  readonly drafts: DraftStore
  /** Milliseconds between two drafts of an answer; tests set it. */
  readonly draftInterval?: number
  readonly log: TurnLog
  readonly inference: Inference
  readonly settings: TurnSettings
  readonly environment: Environment
  readonly logger: Logger
}

export interface RegenerateInput {
  readonly ownerId: string
  readonly conversationId: string
  readonly options: GenerationOptionsBody
  /** The request's `Idempotency-Key`. */
  readonly key?: string | undefined
  readonly trace: RequestTrace
}

export interface SendInput extends RegenerateInput {
  readonly content: string
}

export interface Turns {
  /**
   * Stores the message and starts the answer; the answer goes on whoever reads it.
   * @throws ChatError `not_found`; `conflict` with the turn that is running.
   */
  send(input: SendInput): Promise<TurnReference>
  /** @throws ChatError as send does; `invalid_request` (400) when there is no user message. */
  regenerate(input: RegenerateInput): Promise<TurnReference>
  /** Ends the running turn, if there is one; resolves when what came so far is stored. */
  stop(conversationId: string): Promise<void>
  /** Lets running turns end for up to `grace` ms, then stores the rest as `interrupted`. */
  close(grace: number): Promise<void>
}

interface RunningTurn {
  readonly ended: Promise<void>
  end(reason: EndReason): void
}

export function createTurns(dependencies: TurnDependencies): Turns {
  const { store, log, environment } = dependencies
  const running = new Map<string, RunningTurn>()
  /** Turns between their claim and their first event, by conversation. */
  const beginning = new Map<string, Promise<unknown>>()
  let closing = false

  const timestamp = () => new Date(environment.now()).toISOString()

  const findConversation = async ({ ownerId, conversationId }: RegenerateInput) => {
    const conversation = await store.find(ownerId, conversationId)
    const messages = await store.messages(ownerId, conversationId)
    if (!conversation || !messages) throw conversationNotFound()
    return { conversation, messages }
  }

  const once = createOnce({ store, log })

  const claim = async (turnId: string, conversationId: string) => {
    if (closing) {
      throw new ChatError('interrupted', 'The server is restarting. Please try again in a moment.')
    }
    const claimed = await log.begin(turnId, conversationId)
    if (claimed.started) return
    throw new ChatError('conflict', 'An answer is still being written in this conversation.', {
      turnId: claimed.runningTurnId,
    })
  }

  /** Stores what a turn starts with; gives the claim back when that fails. */
  const storeStart = async (input: RegenerateInput, turnId: string, addition: MessageAddition) => {
    const stored = await store.addMessage(input.ownerId, input.conversationId, addition)
    if (stored) return stored
    throw conversationNotFound(turnId)
  }

  const withClaim = async (
    input: RegenerateInput,
    begin: (turnId: string) => Promise<{ plan: TurnPlan; title?: string | undefined }>,
  ): Promise<TurnReference> => {
    const { conversationId } = input
    const turnId = environment.createId()
    await claim(turnId, conversationId)
    const begun = begin(turnId)
    beginning.set(conversationId, begun)
    try {
      const { plan, title } = await begun
      start(plan, title)
    } catch (error) {
      await log.abandon(turnId)
      throw error
    } finally {
      if (beginning.get(conversationId) === begun) beginning.delete(conversationId)
    }
    return { kind: 'logged', turnId }
  }

  /** Waits for a turn that is just being started, so that it can be ended too. */
  const hasBegun = async (begun: Promise<unknown> | undefined) => {
    // Whether it could be started is told to whoever sent it.
    await begun?.then(
      () => {},
      () => {},
    )
  }

  const turnKeyOf = (input: RegenerateInput, plan: Omit<TurnKey, 'key'>) =>
    input.key === undefined ? {} : { turnKey: { key: input.key, ...plan } }

  const start = (plan: TurnPlan, title: string | undefined) => {
    const { turnId, conversationId } = plan
    const abort = new AbortController()
    log.append(turnId, [
      {
        type: 'start',
        turn_id: turnId,
        user_message_id: plan.userMessage.id,
        message_id: plan.messageId,
      },
      ...(title === undefined ? [] : [{ type: 'title', title } as const]),
    ])
    const turn: RunningTurn = {
      ended: runTurn(plan, abort.signal, dependencies).finally(() => {
        // The next turn of the conversation may have begun already.
        if (running.get(conversationId) === turn) running.delete(conversationId)
      }),
      end: (reason) => abort.abort(reason),
    }
    running.set(conversationId, turn)
  }

  return {
    async send(input) {
      const startedAt = environment.now()
      const { conversation } = await findConversation(input)
      return await once(input, () =>
        withClaim(input, async (turnId) => {
          const { messages } = await findConversation(input)
          const userMessage: Message = {
            id: environment.createId(),
            conversationId: input.conversationId,
            role: 'user',
            content: input.content,
            tokenCount: null,
            modelTag: null,
            inferenceTimeMs: null,
            finishReason: null,
            feedback: null,
            sources: [],
            createdAt: timestamp(),
          }
          const messageId = environment.createId()
          const title = titleFrom(conversation, messages, input.content)
          await storeStart(input, turnId, {
            message: userMessage,
            ...(title !== undefined && { changes: { title } }),
            ...turnKeyOf(input, {
              turnId,
              userMessageId: userMessage.id,
              messageId,
              createdAt: timestamp(),
            }),
          })
          const plan: TurnPlan = {
            ...input,
            turnId,
            messageId,
            userMessage,
            startedAt,
            history: [...messages, userMessage],
            modelTag: conversation.modelTag,
          }
          return { plan, title }
        }),
      )
    },

    async regenerate(input) {
      const startedAt = environment.now()
      const { conversation } = await findConversation(input)
      return await once(input, () =>
        withClaim(input, async (turnId) => {
          const { messages } = await findConversation(input)
          const at = messages.findLastIndex((message) => message.role === 'user')
          const userMessage = messages[at]
          if (!userMessage) {
            throw new ChatError('invalid_request', 'There is no message to answer yet.', {
              status: 400,
            })
          }
          const messageId = environment.createId()
          if (input.key !== undefined) {
            await storeStart(input, turnId, {
              message: null,
              ...turnKeyOf(input, {
                turnId,
                userMessageId: userMessage.id,
                messageId,
                createdAt: timestamp(),
              }),
            })
          }
          const plan: TurnPlan = {
            ...input,
            turnId,
            messageId,
            userMessage,
            startedAt,
            history: messages.slice(0, at + 1),
            modelTag: conversation.modelTag,
            replaces: messages.slice(at + 1).findLast((message) => message.role === 'assistant')
              ?.id,
          }
          return { plan }
        }),
      )
    },

    async stop(conversationId) {
      await hasBegun(beginning.get(conversationId))
      const turn = running.get(conversationId)
      if (!turn) return
      turn.end('stopped')
      await turn.ended
    },

    async close(grace) {
      closing = true
      await Promise.all([...beginning.values()].map(hasBegun))
      const all = () => Promise.all([...running.values()].map((turn) => turn.ended))
      const timer = setTimeout(() => {
        for (const turn of running.values()) turn.end('interrupted')
      }, grace)
      await all()
      clearTimeout(timer)
    },
  }
}

function conversationNotFound(turnId?: string): ChatError {
  return new ChatError('not_found', 'There is no such conversation.', {
    ...(turnId !== undefined && { cause: `deleted while turn ${turnId} started` }),
  })
}

function titleFrom(
  conversation: Conversation,
  messages: readonly Message[],
  content: string,
): string | undefined {
  if (conversation.renamed || messages.length > 0 || content.trim() === '') return undefined
  return firstCodePoints(content, TITLE_CODE_POINTS)
}
