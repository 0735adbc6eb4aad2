import type { ReactiveControllerHost, ReactiveController } from 'lit'
import type { ApiError } from '../api/api-error.ts'
import type { ChatClient } from '../api/client.ts'
import { createTabStore, type KeyValueStore } from '../api/key-value-store.ts'
import { AnswerTurn } from './answer-turn.ts'
import { type ChatMessage, newId } from './chat-message.ts'
import { PageTools } from './page-tools.ts'
import { ConversationState, type ConversationEvents, type Retry } from './conversation-state.ts'
import { loadEarlier, OneAtATime, Stage, type StageOptions } from './stage.ts'
import type { FeedbackDesk } from './feedback.ts'
import { waitForRetry, type Wait, stopAnswer } from './follow-turn.ts'

import type { Memory, Settings } from './memory.ts'

import { bodyOf, Outbox, requestOf, type Unsent, type Wish } from './outbox.ts'
import type { Queue } from './queue.ts'

/** Tells an element that leaves the page from one that is only moved in it. */
class Presence implements ReactiveController {
  readonly #onLeave: () => void
  readonly #onReturn: () => void
  #inPage = false
  #hasLeft = false

  constructor(onLeave: () => void, onReturn: () => void) {
    this.#onLeave = onLeave
    this.#onReturn = onReturn
  }

  hostConnected(): void {
    this.#inPage = true
    if (this.#hasLeft) this.#onReturn()
    this.#hasLeft = false
  }

  hostDisconnected(): void {
    this.#inPage = false
    // A host that only moves is back before this runs.
    queueMicrotask(() => {
      if (this.#inPage) return
      this.#hasLeft = true
      this.#onLeave()
    })
  }
}

type Work = (client: ChatClient, signal: AbortSignal) => Promise<void>
/** Makes a turn of the answer that stands at the end. */
type BeginTurn = (last: ChatMessage | undefined) => AnswerTurn | undefined
type OnFail = (error: ApiError, client: ChatClient, signal: AbortSignal) => Promise<void> | void

/** How long after an answer the code for messages that wait is fetched, so that it is there without a network. */
const REST_MS = 3_000

/** What waits, among others. */
const loadStored = () => import('./stored.ts')

/** The conversation as the visitor sees it, and everything that may be done with it. */
export class ConversationController {
  readonly state: ConversationState
  /** Whether thinking is asked for when an answer is made again. */
  think = false
  /** How answers are made. */
  settings: Settings = {}
  readonly tools: PageTools
  readonly feedback: FeedbackDesk
  readonly #outbox: Outbox
  readonly #stage: Stage
  readonly #shared: StageOptions
  #stored: Promise<Awaited<ReturnType<typeof loadStored>> | undefined> | undefined
  #client: ChatClient | undefined
  readonly #work: OneAtATime
  /** The host left the page while something was going on. */
  #isUnfinished = false
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
    const state = new ConversationState(events, onChange)
    this.state = state
    this.tools = new PageTools({ tabStore, wait, onAsk: events.onAsk, onChange })
    this.feedback = { client: undefined, state, onGone: (id) => this.#replaced(id) }
    this.#outbox = new Outbox(state)
    this.#shared = {
      state,
      tools: this.tools,
      wait,
      onAcknowledged: (turn) => this.#onAcknowledged(turn),
      outbox: this.#outbox,
      deliver: (unsent) => void this.#deliver(unsent),
      reconnect: () => this.reconnect(),
      queue: undefined,
    }
    this.#stage = new Stage(this.#shared)
    this.#work = new OneAtATime({
      onFail: (error) => this.#fail(error, 'load'),
      onEnd: () => {
        state.show({ connected: true })
        if (this.queue || this.#outbox.current) void this.#advance()
        else if (state.lastAnswer) setTimeout(() => void this.#loadQueue(), REST_MS)
      },
    })
    host.addController(new Presence(this.#leave, this.#return))
  }

  /** Talks to this server from now on. */
  connect(client: ChatClient, memory: Memory): void {
    this.#work.halt()
    this.tools.connect(client)
    this.feedback.client = client
    this.#client = client
    this.#outbox.current = undefined
    this.state.remember(memory)
    this.queue?.show(undefined)
  }

  /** What waits below the conversation, once its code is there. */
  get queue(): Queue | undefined {
    return this.#shared.queue
  }

  get busy(): boolean {
    return this.state.phase.kind === 'sending' || this.state.phase.kind === 'answering'
  }

  /** Shows a conversation (without an id: the one the visitor was in) and goes on with its answer. */
  async load(id: string | undefined): Promise<void> {
    const wanted = id ?? this.state.memory?.conversationId
    this.state.loadingId = wanted
    this.state.drafts.show(wanted)
    if (wanted !== this.state.conversationId) this.tools.leave()
    await this.#run(
      async (client, signal) => {
        if (wanted === undefined) await this.#stage.restore(signal)
        else await this.#stage.show(client, wanted, signal)
      },
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
  send(text: string, options: Wish): boolean {
    const { state } = this
    if (!this.#client) return false
    const { lacksNetwork } = state
    const isLoading = state.phase.kind === 'loading'
    if (this.busy || (this.#outbox.current && (isLoading || lacksNetwork))) {
      if (options.replaces !== undefined) return false
      void this.#enqueue(this.#outbox.make(text, options))
      if (lacksNetwork) this.retry()
      return true
    }
    const mustLoad = isLoading || state.lacksHistory
    const id = mustLoad ? state.loadingId : state.conversationId
    if (mustLoad) this.queue?.show(id)
    const unsent = this.#outbox.take(text, options, id)
    const others = state.messages.filter((message) => message !== unsent.user)
    this.#regenerateKey = undefined
    this.#begin = undefined
    state.show({ hint: undefined, messages: [...others, unsent.user] })
    // What is loaded finds it in the memory.
    if (!mustLoad) void this.#deliver(unsent)
    else if (!isLoading) void this.load(id)
    return true
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
      (client, signal) =>
        this.#stage.play(client, id, turn, signal, () => {
          const wish = { thinking_mode: this.think, continue: turn.continues }
          const body = { ...wish, ...this.settings, ...this.tools.offer }
          return client.regenerate(id, body, { idempotencyKey, signal })
        }),
      (error, client, signal) => {
        state.show({ messages: turn.settle(state.messages) })
        if (error.code === 'conflict') return this.#stage.attach(client, id, signal, 'running')
        return this.#fail(error, turn.acknowledged ? 'load' : 'regenerate')
      },
    )
  }

  /** Ends the running answer; what came so far stays. A message not confirmed yet comes back as draft. */
  readonly stop = (): void => {
    const { state } = this
    const { phase, conversationId: id } = state
    if (this.queue) this.queue.goesOn = true
    if (phase.kind === 'sending') return this.#takeBack(id)
    if (phase.kind !== 'answering' || phase.stopping || !this.#client || !id) return
    this.tools.stop()
    void stopAnswer(this.#client, state, id, this.#shared.wait, this.#work.signal)
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
    const code = await import('./stored.ts').catch(() => undefined)
    if (code && this.state.isAtRest) await this.load(this.state.conversationId)
  }

  readonly loadEarlier = () => loadEarlier(this.state, this.#client)

  async #deliver(unsent: Unsent): Promise<void> {
    const { state } = this
    const { pending, user } = unsent
    this.#outbox.depart(unsent)
    const turn = new AnswerTurn({ user, replaced: unsent.replaced })
    await this.#run(
      async (client, signal) => {
        state.show({ messages: turn.place(state.messages), phase: { kind: 'sending' } })
        const id = state.conversationId ?? (await this.#outbox.open(client, signal))
        const body = { ...bodyOf(unsent), ...this.settings, ...this.tools.offer }
        await this.#stage.play(client, id, turn, signal, () =>
          client.send(id, body, { ...requestOf(unsent), signal }),
        )
      },
      async (error, client, signal) => {
        state.show({ messages: turn.settle(state.messages) })
        if (turn.acknowledged) return this.#fail(error, 'load')
        const id = state.conversationId
        if (error.code === 'conflict' && id !== undefined)
          return this.#giveWay(unsent, client, id, signal)
        if (!error.retryable) this.#outbox.giveBack()
        // The message to edit is gone; whether the conversation is too, loading it tells.
        const isGone =
          error.code === 'not_found' && (pending.replaces ?? pending.repeats) !== undefined
        if (isGone && id !== undefined) return this.#stage.attach(client, id, signal, 'changed')
        // It makes room for what is sent next.
        await this.#loadQueue()
        signal.throwIfAborted()
        user.change({ state: error.code === 'offline' ? 'offline' : 'failed' })
        this.#fail(error, 'send')
      },
    )
  }

  /** Somebody else has asked something: the message waits for that answer, an edit goes back. */
  async #giveWay(
    unsent: Unsent,
    client: ChatClient,
    id: string,
    signal: AbortSignal,
  ): Promise<void> {
    const queue = unsent.pending.replaces === undefined ? await this.#loadQueue() : undefined
    signal.throwIfAborted()
    if (queue) queue.hold(unsent)
    else this.#outbox.giveBack()
    return this.#stage.attach(client, id, signal, queue ? undefined : 'busy')
  }

  async #enqueue(unsent: Unsent): Promise<void> {
    const queue = await this.#loadQueue()
    if (!queue) return void (this.state.draft = unsent.pending.text)
    queue.add(unsent)
    // The answer may have ended meanwhile.
    queue.advance()
  }

  /** What waits goes out. */
  async #advance(): Promise<void> {
    ;(await this.#loadQueue())?.advance()
  }

  /** Nothing when it cannot be had now. */
  async #loadQueue(): Promise<Queue | undefined> {
    // Awaited by all: what was sent first waits first.
    this.#stored ??= loadStored().catch(() => (this.#stored = undefined))
    return (await this.#stored)?.queueOf(this.#shared)
  }

  /** A rated answer is gone; if nothing is on its way that shows it, what there is comes on the screen. */
  #replaced(id: string): void {
    if (this.busy) return
    void this.#run((client, signal) => this.#stage.attach(client, id, signal, 'replaced'))
  }

  #onAcknowledged(turn: AnswerTurn): void {
    this.#regenerateKey = undefined
    this.queue?.moveTo(this.state.conversationId)
    if (!turn.user) return
    this.#outbox.forget()
    this.state.events.onMessage(turn.user)
  }

  #takeBack(id: string | undefined): void {
    const { state } = this
    const unsent = this.#outbox.current
    state.remove((message) => message.state === 'waiting')
    this.#outbox.putBack()
    if (id === undefined) return this.#clear()
    void this.#run(
      async (client, signal) => {
        await client.stop(id, { signal })
        const { takeBack } = await import('./stored.ts')
        await takeBack(client, state, this.#outbox, id, signal)
        await this.#stage.show(client, id, signal)
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
    this.#work.halt()
    this.tools.leave()
    this.#outbox.giveBack()
    this.state.empty()
    this.queue?.show(undefined)
  }

  readonly #leave = (): void => {
    this.#isUnfinished = this.busy || this.state.phase.kind === 'loading'
    this.#work.halt()
    this.tools.leave()
  }

  readonly #return = (): void => {
    if (this.#isUnfinished) void this.load(this.state.conversationId)
  }

  async #run(work: Work, onFail: OnFail = (error) => this.#fail(error, 'load')): Promise<void> {
    const client = this.#client
    if (!client) return
    this.state.show({ connected: true })
    await this.#work.run(
      (signal) => work(client, signal),
      (error, signal) => onFail(error, client, signal),
    )
  }
}
