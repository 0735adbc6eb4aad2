/**
 * The conversation as the visitor sees it: its state, and everything that may be done with it. A message is sent
 * (`send`, outbox.ts), its turn is played (`#play`, follow-turn.ts), and what became of it is settled (answer-turn.ts).
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import { ApiError, refusalCode, toApiError } from '../api/api-error.ts'
import type { ChatClient } from '../api/client.ts'
import { textIn } from '../api/check.ts'
import { createTabStore, type KeyValueStore } from '../api/key-value-store.ts'
import { gatherText, type TurnStream } from '../api/read-stream.ts'
import { AnswerTurn } from './answer-turn.ts'
import { newId, type ChatMessage } from './chat-message.ts'
import {
  ConversationState,
  IDLE,
  PAGE,
  type ConversationEvents,
  type Hint,
  type Retry,
  type Unsent,
} from './conversation-state.ts'
import type { FeedbackDesk } from './feedback.ts'
import { followTurn, persist, waitForRetry, type Wait } from './follow-turn.ts'
import type { Memory, Settings } from './memory.ts'
import { bodyOf, Outbox, type Wish } from './outbox.ts'
import { PageTools } from './page-tools.ts'
import type { Queue } from './queue.ts'
import { lazy } from '../ui/lazy.ts'

/** What waits, and what the server has stored. */
const storedCode = lazy(() => import('./stored.ts'))

/** One piece of work with the server; it is over when its signal says so. */
interface Work {
  readonly client: ChatClient
  readonly signal: AbortSignal
}

/** Makes a turn of the answer that stands at the end. */
type BeginTurn = (last: ChatMessage | undefined) => AnswerTurn | undefined
type OnFail = (error: ApiError, work: Work) => Promise<void> | void

/** How long after an answer the code for messages that wait is fetched, so that it is there without a network. */
const REST_MS = 3_000

/** The only mutable state of a chat, and what the page may do with it. */
export class ConversationController implements ReactiveController {
  readonly state: ConversationState
  /** Whether thinking is asked for when an answer is made again. */
  think = false
  /** How answers are made. */
  settings: Settings = {}
  readonly tools: PageTools
  readonly feedback: FeedbackDesk
  /** What waits below the conversation, once its code is there. */
  queue: Queue | undefined
  readonly #outbox: Outbox
  readonly #wait: Wait
  #client: ChatClient | undefined
  /** Ends the work that runs: there is one piece of it at a time. */
  #running = new AbortController()
  /** The turn that is being sent or played. */
  #turn: AnswerTurn | undefined
  #inPage = false
  /** The host left the page; `unfinished`: while something was going on. */
  #left: 'at rest' | 'unfinished' | undefined
  #regenerateKey: string | undefined
  /** There is another token than the one that is being sent with. */
  #isRenewed = false
  /** How the turn began that was made last, where it is no new answer. */
  #begin: BeginTurn | undefined

  constructor(
    host: ReactiveControllerHost,
    events: ConversationEvents,
    wait: Wait = waitForRetry,
    tabStore: KeyValueStore = createTabStore('samosa-chat:'),
  ) {
    const onChange = () => host.requestUpdate()
    this.state = new ConversationState(events, onChange)
    this.tools = new PageTools({ tabStore, wait, onAsk: events.onAsk, onChange })
    this.feedback = { client: undefined, state: this.state, onGone: (id) => this.#replaced(id) }
    this.#outbox = new Outbox(this.state)
    this.#wait = wait
    host.addController(this)
  }

  hostConnected(): void {
    this.#inPage = true
    const wasUnfinished = this.#left === 'unfinished'
    this.#left = undefined
    if (wasUnfinished) void this.load(this.state.conversationId)
  }

  hostDisconnected(): void {
    this.#inPage = false
    // A host that only moves is back before this runs.
    queueMicrotask(() => {
      if (this.#inPage) return
      this.#left = this.busy || this.state.phase.kind === 'loading' ? 'unfinished' : 'at rest'
      this.#running.abort()
      this.tools.leave()
    })
  }

  /** Talks to this server from now on. */
  connect(client: ChatClient, memory: Memory): void {
    this.#running.abort()
    this.tools.connect(client)
    this.feedback.client = client
    this.#client = client
    this.#outbox.current = undefined
    this.state.remember(memory)
    this.queue?.show(undefined)
  }

  get busy(): boolean {
    return this.state.phase.kind === 'sending' || this.state.phase.kind === 'answering'
  }

  /** Shows a conversation (without an id: the one the visitor was in) and goes on with its answer. */
  async load(id: string | undefined): Promise<void> {
    const { state } = this
    const wanted = id ?? state.memory?.conversationId
    state.loadingId = wanted
    state.drafts.show(wanted)
    if (wanted !== state.conversationId) this.tools.leave()
    await this.#run(
      (work) => (wanted === undefined ? this.#restoreFirst(work) : this.#show(wanted, work)),
      (error) => {
        this.#outbox.current?.user.change({ state: 'failed' })
        this.#fail(error, 'load', wanted)
      },
    )
  }

  /** Shows another conversation in place of this one, which is gone from the screen at once. */
  async open(id: string): Promise<void> {
    const { state } = this
    if (id !== state.conversationId) {
      this.#clear()
      state.conversationId = undefined
    }
    await this.load(id)
  }

  /**
   * Sends a message; says whether it was taken. While an answer is on its way it waits, if it can: one that
   * takes the place of the message that it `replaces`, and of all that followed, cannot.
   */
  send(text: string, wish: Wish): boolean {
    const { state } = this
    const outbox = this.#outbox
    if (!this.#client) return false
    const { lacksNetwork } = state
    const isLoading = state.phase.kind === 'loading'
    if (this.busy || (outbox.current && (isLoading || lacksNetwork))) {
      if (wish.replaces !== undefined) return false
      void this.#enqueue(outbox.make(text, wish))
      if (lacksNetwork) this.retry()
      return true
    }
    const mustLoad = isLoading || state.lacksHistory
    const id = mustLoad ? state.loadingId : state.conversationId
    if (mustLoad) this.queue?.show(id)
    const made = outbox.make(text, wish)
    const unsent = outbox.again(made) ?? made
    if (unsent === made) {
      if (this.queue) this.queue.setAside()
      else outbox.giveBack()
      outbox.hold(made, id)
    }
    const others = state.messages.filter((message) => message !== unsent.user)
    this.#regenerateKey = undefined
    this.#begin = undefined
    state.show({ hint: undefined, messages: [...others, unsent.user] })
    // What is loaded finds it in the memory.
    if (!mustLoad) void this.#deliver(unsent)
    else if (!isLoading) void this.load(id)
    return true
  }

  /** Sends a message that waits: now, or behind the answer that runs. */
  sendWaiting(unsent: Unsent): void {
    const chosen = this.queue?.choose(unsent)
    if (chosen) void this.#deliver(chosen)
  }

  /** Asks for the last answer again; `begin` makes another turn of it. */
  readonly regenerate = (begin?: BeginTurn): void => {
    const { state } = this
    const id = state.conversationId
    if (id === undefined || this.busy) return
    if (begin !== this.#begin) this.#regenerateKey = undefined
    this.#begin = begin
    state.show({ hint: undefined })
    const turn = begin?.(state.lastAnswer) ?? new AnswerTurn({ previous: state.lastAnswer })
    this.#regenerateKey ??= newId()
    const idempotencyKey = this.#regenerateKey
    void this.#run(
      async (work) => {
        const { client, signal } = work
        this.#place(turn)
        await this.#play(id, turn, work, () => {
          const body = { thinking_mode: this.think, continue: turn.continues, ...this.#offer }
          return client.regenerate(id, body, { idempotencyKey, signal })
        })
      },
      (error, work) =>
        error.code === 'conflict'
          ? this.#attach(id, work, 'running')
          : this.#fail(error, turn.acknowledged ? 'load' : 'regenerate'),
    )
  }

  /** Ends the running answer; what came so far stays. A message not confirmed yet comes back as draft. */
  readonly stop = (): void => {
    const { phase, conversationId: id } = this.state
    if (this.queue) this.queue.goesOn = true
    if (phase.kind === 'sending') return this.#takeBack(id)
    if (phase.kind !== 'answering' || phase.stopping || !this.#client || !id) return
    this.tools.stop()
    void this.#stop(id, { client: this.#client, signal: this.#running.signal })
  }

  /** Does again what failed, or asks for the answer that is missing. */
  readonly retry = (): void => {
    const { phase, conversationId, loadingId, hint, endsBroken } = this.state
    if (endsBroken || (phase.kind === 'idle' && hint === 'unanswered')) this.regenerate()
    if (phase.kind !== 'failed') return
    if (phase.retry === 'load') void this.load(conversationId ?? loadingId)
    else if (phase.retry === 'regenerate') this.regenerate(this.#begin)
    else if (this.#outbox.current) void this.#deliver(this.#outbox.current)
  }

  /** Does again what failed for want of a connection; says whether something had. */
  reconnect(): boolean {
    const { phase } = this.state
    const isCutOff = phase.kind === 'failed' && phase.error.isConnection
    if (isCutOff) this.retry()
    return isCutOff
  }

  /** Another token: what was refused may be allowed now, and what is shown may be another visitor's. */
  readonly reauthorize = (): void => {
    const { phase, loadingId, conversationId } = this.state
    const isRefused = phase.kind === 'failed' && phase.error.code === 'unauthorized'
    if (isRefused) this.retry()
    else if (phase.kind === 'loading') void this.load(loadingId)
    else if (phase.kind === 'sending') this.#isRenewed = true
    else if (conversationId !== undefined) void this.load(conversationId)
  }

  /** Starts over; a text that was not sent, and the draft, stay in the composer. */
  newConversation(): void {
    this.#clear()
    this.state.enter(undefined)
  }

  /** Looks whether another tab went on, when nothing happens here. */
  async refresh(): Promise<void> {
    if (!this.state.isAtRest) return
    // Nobody has asked for it: where the code cannot be had, what is shown stays.
    const code = await this.#loadStored()
    if (code && this.state.isAtRest) await this.load(this.state.conversationId)
  }

  /** Loads messages from before those on the screen. */
  readonly loadEarlier = async (): Promise<void> => {
    const { state } = this
    const code = await this.#loadStored()
    if (code && this.#client) await code.loadEarlier(state, this.#client)
    else if (state.earlier !== 'none') state.show({ earlier: 'failed' })
  }

  /** What goes with every request for an answer. */
  get #offer() {
    return { ...this.settings, ...this.tools.offer }
  }

  /** Sends the message in the outbox, plays its turn, and settles what became of it. */
  async #deliver(unsent: Unsent): Promise<void> {
    const { state } = this
    const { pending, user, files } = unsent
    this.#outbox.depart(unsent)
    const turn = new AnswerTurn({ user, replaced: unsent.replaced })
    await this.#run(
      async (work) => {
        const { client, signal } = work
        this.#place(turn)
        const id = state.conversationId ?? (await this.#createConversation(work))
        await this.#play(id, turn, work, () => {
          const idempotencyKey = pending.key
          const onUpload =
            files.length > 0 ? (uploaded: number) => user.change({ uploaded }) : undefined
          const body = { ...bodyOf(unsent), ...this.#offer }
          return client.send(id, body, { idempotencyKey, onUpload, signal })
        })
      },
      (error, work) =>
        turn.acknowledged ? this.#fail(error, 'load') : this.#onUnsent(unsent, error, work),
    )
  }

  /** Makes the conversation that the message in the outbox starts. */
  async #createConversation({ client, signal }: Work): Promise<string> {
    const id = await client.createConversation({ signal })
    signal.throwIfAborted()
    this.#outbox.moveTo(id)
    this.state.drafts.moveTo(id)
    this.state.enter(id)
    return id
  }

  /** The server did not confirm a message. */
  async #onUnsent(unsent: Unsent, error: ApiError, work: Work): Promise<void> {
    const { conversationId: id } = this.state
    const { replaces, repeats } = unsent.pending
    if (error.code === 'conflict' && id !== undefined) {
      // Somebody else has asked something: the message waits for that answer, an edit goes back.
      const queue = replaces === undefined ? await this.#loadQueue() : undefined
      work.signal.throwIfAborted()
      if (queue) queue.hold(unsent)
      else this.#outbox.giveBack()
      return this.#attach(id, work, queue ? undefined : 'busy')
    }
    if (!error.retryable) this.#outbox.giveBack()
    // The message to edit is gone; whether the conversation is too, loading it tells.
    const isGone = error.code === 'not_found' && (replaces ?? repeats) !== undefined
    if (isGone && id !== undefined) return this.#attach(id, work, 'changed')
    // It makes room for what is sent next.
    await this.#loadQueue()
    work.signal.throwIfAborted()
    unsent.user.change({ state: error.code === 'offline' ? 'offline' : 'failed' })
    this.#fail(error, 'send')
  }

  /** Brings a turn onto the screen, before the server has said anything. */
  #place(turn: AnswerTurn): void {
    this.#turn = turn
    this.state.show({ messages: turn.place(this.state.messages), phase: { kind: 'sending' } })
  }

  /** Takes the turn that goes on as what it has come to. */
  #settle(turn: AnswerTurn): void {
    this.#turn = undefined
    this.state.show({ messages: turn.settle(this.state.messages) })
  }

  /** Plays a turn from its request to its end, and shows then what the server stored if that is not the same. */
  async #play(
    id: string,
    turn: AnswerTurn,
    work: Work,
    open: () => Promise<TurnStream | undefined>,
  ): Promise<void> {
    const { client, signal } = work
    const { state, tools } = this
    const resume = (lastEventId: string) => client.resume(id, lastEventId, { signal })
    for await (const step of followTurn({ open, resume, wait: this.#wait, signal })) {
      signal.throwIfAborted()
      const { isConnected: connected, events } = step
      if (state.connected !== connected) state.show({ connected })
      if (events.length === 0) continue
      const { acknowledged } = turn
      const wasEmpty = turn.answer.isEmpty
      turn.apply(events)
      if (!acknowledged) this.#acknowledge(turn)
      if (!acknowledged || wasEmpty !== turn.answer.isEmpty) {
        state.show({ messages: turn.place(state.messages) })
      }
      tools.take(events, turn.answer, id)
      if (events.every(({ type }) => type === 'token')) await gatherText()
    }
    signal.throwIfAborted()
    const { start, done, failure, answer } = turn
    const isKnown = !start || state.messages.some((one) => one.id === start.user_message_id)
    const elsewhere = done?.conversation_id
    if (!done || !isKnown || elsewhere !== undefined) return this.#show(elsewhere ?? id, work)
    if (failure) {
      // The sentence for it.
      await refusalCode.need().catch(() => undefined)
      signal.throwIfAborted()
    }
    tools.end()
    this.#settle(turn)
    state.show({ phase: IDLE, hint: undefined })
    if (state.messages.includes(answer)) state.events.onMessage(answer)
    if (failure) state.fail(failure, 'regenerate')
    else state.offerAnswer()
  }

  /** The server has what the turn was asked for with. */
  #acknowledge({ user }: AnswerTurn): void {
    const { state } = this
    state.show({ phase: { kind: 'answering', stopping: false } })
    this.#regenerateKey = undefined
    this.queue?.moveTo(state.conversationId)
    if (!user) return
    this.#outbox.forget()
    state.events.onMessage(user)
  }

  /** Somebody else was faster: shows what the server has. */
  #attach(id: string, work: Work, hint?: Hint): Promise<void> {
    this.state.show({ hint })
    return this.#show(id, work)
  }

  /** Loads a conversation, and goes on with what is unfinished in it. */
  async #show(id: string, work: Work): Promise<void> {
    const { client, signal } = work
    const { state } = this
    state.loadingId = id
    if (state.phase.kind !== 'idle' || state.messages.length === 0) {
      state.show({ phase: { kind: 'loading' } })
    }
    const [code, body] = await Promise.all([
      storedCode.need(),
      client.conversation(id, { limit: PAGE, signal }),
    ])
    signal.throwIfAborted()
    const isRunning = code.showStored(state, id, body)
    if (!isRunning) this.tools.end()
    this.queue ??= new code.Queue(state, this.#outbox)
    if (this.#goOnWith(this.queue.restore(id, isRunning))) return
    if (!isRunning) return state.offerAnswer()
    const turn = new AnswerTurn({ previous: state.lastAnswer })
    this.#place(turn)
    await this.#play(id, turn, work, () => client.resume(id, undefined, { signal }))
  }

  /** Goes on with the first message of a conversation, which an earlier page could not confirm. */
  async #restoreFirst({ signal }: Work): Promise<void> {
    const { memory } = this.state
    this.#outbox.current = undefined
    const pending = memory?.pending(undefined)
    if (!pending) return
    const queue = await this.#loadQueue()
    signal.throwIfAborted()
    if (queue) return void this.#goOnWith(queue.restore(undefined, false))
    // Nothing was sent.
    memory?.dropPending(undefined, '')
    this.state.draft = textIn(pending, 'text') ?? ''
  }

  /** Sends what an earlier page has left in the outbox, or says that it failed; false where nothing was left. */
  #goOnWith(unsent: Unsent | 'failed' | undefined): boolean {
    if (unsent === 'failed') this.state.fail(new ApiError('unreachable'), 'send')
    else if (unsent) void this.#deliver(unsent)
    return unsent !== undefined
  }

  async #enqueue(unsent: Unsent): Promise<void> {
    const queue = await this.#loadQueue()
    if (!queue) return void (this.state.draft = unsent.pending.text)
    queue.add(unsent)
    // The answer may have ended meanwhile.
    await this.#advance()
  }

  /** Sends what waits, if nothing stands against it; without a network, looks for one. */
  async #advance(): Promise<void> {
    const queue = await this.#loadQueue()
    const next = queue?.next()
    if (next) void this.#deliver(next)
    else if (await queue?.awaitNetwork(this.#wait)) this.reconnect()
  }

  /** Nothing when it cannot be had now. */
  #loadStored() {
    // Awaited by all: what was sent first waits first.
    return storedCode.need().catch(() => undefined)
  }

  /** What waits in the conversation on the screen; nothing when its code cannot be had now. */
  async #loadQueue(): Promise<Queue | undefined> {
    const code = await this.#loadStored()
    return code && (this.queue ??= new code.Queue(this.state, this.#outbox))
  }

  /** A rated answer is gone; if nothing is on its way that shows it, what there is comes on the screen. */
  #replaced(id: string): void {
    if (!this.busy) void this.#run((work) => this.#attach(id, work, 'replaced'))
  }

  /** Ends the running answer as soon as the server can be reached; says so when that does not work. */
  async #stop(id: string, { client, signal }: Work): Promise<void> {
    const { state } = this
    // Another piece of work, or over by itself: there is nothing left to stop.
    const isOver = () => signal.aborted || state.phase.kind !== 'answering'
    state.show({ phase: { kind: 'answering', stopping: true }, hint: undefined })
    try {
      const ask = async () => (isOver() ? undefined : client.stop(id, { signal }))
      await persist(ask, this.#wait, signal)
    } catch (cause) {
      if (isOver()) return
      state.show({ phase: { kind: 'answering', stopping: false }, hint: 'unstopped' })
      state.events.onError(toApiError(cause))
    }
  }

  #takeBack(id: string | undefined): void {
    const { state } = this
    const unsent = this.#outbox.current
    if (this.#turn) this.#settle(this.#turn)
    if (id === undefined) return this.#clear()
    void this.#run(
      async (work) => {
        await work.client.stop(id, { signal: work.signal })
        const { takeBack } = await storedCode.need()
        await takeBack(work.client, state, this.#outbox, id, work.signal)
        await this.#show(id, work)
      },
      (error) => {
        unsent?.user.change({ state: 'failed' })
        this.#fail(error, unsent ? 'send' : 'load')
      },
    )
  }

  #fail(error: ApiError, retry: Retry, id = this.state.conversationId): void {
    const { state } = this
    if (error.code !== 'not_found') {
      state.fail(error, retry)
      // Somebody has signed in while the refusal was on its way.
      if (error.code === 'unauthorized' && this.#isRenewed) queueMicrotask(this.retry)
      this.#isRenewed = false
      return
    }
    const hint = state.messages.length > 0 ? 'gone' : undefined
    this.#clear()
    state.lose(id)
    state.show({ hint })
  }

  #clear(): void {
    this.#running.abort()
    this.tools.leave()
    this.#outbox.giveBack()
    this.state.empty()
    this.queue?.show(undefined)
  }

  /** Does one piece of work; it ends the one before, whose failure is then nobody's business. */
  async #run(
    work: (work: Work) => Promise<void>,
    onFail: OnFail = (error) => this.#fail(error, 'load'),
  ): Promise<void> {
    const client = this.#client
    if (!client) return
    const { state } = this
    state.show({ connected: true })
    this.#running.abort()
    this.#running = new AbortController()
    this.#turn = undefined
    const { signal } = this.#running
    try {
      await work({ client, signal })
    } catch (cause) {
      if (signal.aborted) return
      if (this.#turn) this.#settle(this.#turn)
      try {
        await onFail(toApiError(cause), { client, signal })
      } catch (failure) {
        if (!signal.aborted) this.#fail(toApiError(failure), 'load')
      }
    }
    if (signal.aborted) return
    state.show({ connected: true })
    if (this.queue || this.#outbox.current) void this.#advance()
    else if (state.lastAnswer) setTimeout(() => void this.#loadQueue(), REST_MS)
  }
}
