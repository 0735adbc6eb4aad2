import { loadRefusal, toApiError, type ApiError } from '../api/api-error.ts'
import type { ChatClient } from '../api/client.ts'
import { textIn } from '../api/check.ts'
import { type TurnStream, gatherText } from '../api/read-stream.ts'
import { AnswerTurn } from './answer-turn.ts'
import type { PageTools } from './page-tools.ts'
import { IDLE, PAGE, type ConversationState, type Hint } from './conversation-state.ts'
import { type Wait, followTurn } from './follow-turn.ts'
import type { Outbox, Unsent } from './outbox.ts'
import type { Queue } from './queue.ts'

/** Loads messages from before those on the screen; the code for it comes when that is first asked for. */
export async function loadEarlier(
  state: ConversationState,
  client: ChatClient | undefined,
): Promise<void> {
  try {
    const stored = await import('./stored.ts')
    if (client) await stored.loadEarlier(state, client)
  } catch {
    if (state.earlier !== 'none') state.show({ earlier: 'failed' })
  }
}

interface WorkEvents {
  /** Dealing with a failure failed too. */
  readonly onFail: (error: ApiError) => void
  /** The work is over, and was not ended by other work. */
  readonly onEnd: () => void
}

/** Runs one piece of work at a time: a new one ends the one before, silently. */
export class OneAtATime {
  readonly #events: WorkEvents
  #running = new AbortController()

  constructor(events: WorkEvents) {
    this.#events = events
  }

  /** Aborts when what runs is ended. */
  get signal(): AbortSignal {
    return this.#running.signal
  }

  /** Ends what runs. */
  halt(): void {
    this.#running.abort()
  }

  /** Runs the work; a failure of what has been ended since is nobody's business. */
  async run(
    work: (signal: AbortSignal) => Promise<void>,
    onFail: (error: ApiError, signal: AbortSignal) => Promise<void> | void,
  ): Promise<void> {
    this.halt()
    this.#running = new AbortController()
    const { signal } = this.#running
    try {
      await work(signal)
    } catch (error) {
      try {
        if (!signal.aborted) await onFail(toApiError(error), signal)
      } catch (failure) {
        if (!signal.aborted) this.#events.onFail(toApiError(failure))
      }
    }
    if (!signal.aborted) this.#events.onEnd()
  }
}

interface PlayOptions {
  readonly state: ConversationState
  readonly tools: PageTools
  readonly client: ChatClient
  readonly conversationId: string
  readonly turn: AnswerTurn
  readonly open: () => Promise<TurnStream | undefined>
  readonly onAcknowledged: () => void
  readonly wait: Wait
  readonly signal: AbortSignal
}

/**
 * Shows a turn while it goes on. Returns false when the screen does not tell the whole story and what
 * the server stored must be loaded.
 */
async function playTurn(options: PlayOptions): Promise<boolean> {
  const { state, tools, client, conversationId, turn, open, wait, signal } = options
  const batches = followTurn({
    open,
    resume: (lastEventId) => client.resume(conversationId, lastEventId, { signal }),
    wait,
    signal,
    onConnection(connected) {
      if (state.connected !== connected) state.show({ connected })
    },
  })
  try {
    for (;;) {
      const step = await batches.next()
      signal.throwIfAborted()
      if (step.done) {
        const userMessageId = turn.start?.user_message_id
        const isKnown = state.messages.some(({ id }) => id === userMessageId)
        const isHere = turn.done?.conversation_id === undefined
        return step.value === 'done' && isHere && (userMessageId === undefined || isKnown)
      }
      const { acknowledged } = turn
      const wasEmpty = turn.answer.isEmpty
      turn.apply(step.value)
      if (!acknowledged) {
        state.show({ phase: { kind: 'answering', stopping: false } })
        options.onAcknowledged()
      }
      if (!acknowledged || wasEmpty !== turn.answer.isEmpty) {
        state.show({ messages: turn.place(state.messages) })
      }
      tools.take(step.value, turn.answer, conversationId)
      if (step.value.every(({ type }) => type === 'token')) await gatherText()
    }
  } finally {
    await batches.return('gone')
  }
}

export interface StageOptions {
  readonly state: ConversationState
  readonly tools: PageTools
  readonly wait: Wait
  /** The server has what the turn was asked for with. */
  readonly onAcknowledged: (turn: AnswerTurn) => void
  readonly outbox: Outbox
  readonly deliver: (unsent: Unsent) => void
  /** Does again what failed for want of a network. */
  readonly reconnect: () => void
  /** What waits below the conversation, once its code is there. */
  queue: Queue | undefined
}

/** Brings conversations and turns onto the screen. */
export class Stage {
  readonly #options: StageOptions

  constructor(options: StageOptions) {
    this.#options = options
  }

  /** Shows a turn from its request to its end, and then what the server stored if that is not the same. */
  async play(
    client: ChatClient,
    conversationId: string,
    turn: AnswerTurn,
    signal: AbortSignal,
    open: () => Promise<TurnStream | undefined>,
  ): Promise<void> {
    const { state, tools, wait } = this.#options
    state.show({ messages: turn.place(state.messages), phase: { kind: 'sending' } })
    const onAcknowledged = () => this.#options.onAcknowledged(turn)
    const play = { state, tools, client, conversationId, turn, open, onAcknowledged, wait, signal }
    if (!(await playTurn(play))) {
      return this.show(client, turn.done?.conversation_id ?? conversationId, signal)
    }

    if (turn.failure) {
      // The sentence for it.
      await loadRefusal()
      signal.throwIfAborted()
    }
    tools.end()
    state.show({ messages: turn.settle(state.messages), phase: IDLE, hint: undefined })
    if (state.messages.includes(turn.answer)) state.events.onMessage(turn.answer)
    if (turn.failure) state.fail(turn.failure, 'regenerate')
    else state.offerAnswer()
  }

  /** Somebody else was faster: shows what the server has. */
  async attach(client: ChatClient, id: string, signal: AbortSignal, hint?: Hint): Promise<void> {
    this.#options.state.show({ hint })
    await this.show(client, id, signal)
  }

  /** Goes on with the first message of a conversation, which an earlier page could not confirm. */
  async restore(signal: AbortSignal): Promise<void> {
    const { state, outbox } = this.#options
    outbox.current = undefined
    const pending = state.memory?.pending(undefined)
    if (!pending) return
    const code = await import('./stored.ts').catch(() => undefined)
    signal.throwIfAborted()
    if (code) return void code.restore(this.#options, undefined)
    // Nothing was sent.
    state.memory?.dropPending(undefined, '')
    state.draft = textIn(pending, 'text') ?? ''
  }

  /** Loads a conversation, and goes on with what is unfinished in it. */
  async show(client: ChatClient, id: string, signal: AbortSignal): Promise<void> {
    const { state } = this.#options
    state.loadingId = id
    if (state.phase.kind !== 'idle' || state.messages.length === 0) {
      state.show({ phase: { kind: 'loading' } })
    }
    const [code, body] = await Promise.all([
      import('./stored.ts'),
      client.conversation(id, { limit: PAGE, signal }),
    ])
    signal.throwIfAborted()
    if (!code.showStored(this.#options, id, body)) return
    const turn = new AnswerTurn({ previous: state.lastAnswer })
    try {
      await this.play(client, id, turn, signal, () => client.resume(id, undefined, { signal }))
    } catch (error) {
      signal.throwIfAborted()
      state.show({ messages: turn.settle(state.messages) })
      throw error
    }
  }
}
