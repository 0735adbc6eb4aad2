import { parseJson, isObject, listIn, numberIn, textIn } from '../api/check.ts'
import { ChatMessage, newId } from './chat-message.ts'
import type { ConversationState } from './conversation-state.ts'
import type { Wait } from './follow-turn.ts'
import type { PendingSend } from './memory.ts'
import type { Outbox, Unsent } from './outbox.ts'

/** What `JSON.stringify` made of a message; nothing when it is none. */
export function decodePending(parsed: unknown): PendingSend | undefined {
  if (!isObject(parsed)) return undefined
  const key = textIn(parsed, 'key')
  const text = textIn(parsed, 'text')
  const at = numberIn(parsed, 'at')
  if (key === undefined || text === undefined || at === undefined) return undefined
  const replaces = textIn(parsed, 'replaces')
  const repeats = textIn(parsed, 'repeats')
  const keep = listIn(parsed, 'keep').filter((id) => typeof id === 'string')
  const is = (name: string) => parsed[name] === true
  return {
    ...{ key, text, at, think: is('think'), files: is('files') },
    ...{ offline: is('offline'), failed: is('failed') },
    ...(replaces !== undefined && { replaces }),
    ...(repeats !== undefined && { repeats }),
    ...('keep' in parsed && { keep }),
  }
}

/** The server remembers keys for 24 h; later, the same key could ask twice. */
const KEY_LIFE_MS = 23 * 3_600_000

/** Why a message waits. `turn`: for the answer before it; `visitor`: after an error; `failed`: it did not get there. */
export type Waiting = 'turn' | 'network' | 'visitor' | 'failed'

interface QueueOptions {
  readonly state: ConversationState
  readonly outbox: Outbox
  readonly wait: Wait
  readonly deliver: (unsent: Unsent) => void
  /** Does again what failed for want of a network. */
  readonly reconnect: () => void
}

/**
 * Messages that wait below the conversation, in the order in which they were written. Each conversation has its
 * own, in the memory too: they outlive a reload. Of several pages that show them, one sends each.
 */
export class Queue {
  readonly #state: ConversationState
  readonly #outbox: Outbox
  readonly #options: QueueOptions
  /** Times in a row that the network was tried. */
  #probes = 0
  /** The conversation that they belong to. */
  #of: string | undefined
  /** With their files, while the page is there. */
  readonly #known = new Map<string, Unsent>()
  /** The visitor has stopped an answer, and wants the next question. */
  goesOn = false

  constructor(options: QueueOptions) {
    this.#options = options
    this.#state = options.state
    this.#outbox = options.outbox
    this.#outbox.setAside = () => this.#setAside()
  }

  /** Brings those of a conversation onto the screen. */
  show(conversationId: string | undefined): void {
    this.#of = conversationId
    const onItsWay = this.#state.memory?.pending(conversationId)
    const sent = this.#outbox.current?.pending.key ?? onItsWay?.['key']
    const kept = this.#kept().filter(({ key }) => key !== sent)
    const queued = kept.map((pending) => this.#known.get(pending.key) ?? restored(pending))
    const lacksFiles = kept.some(({ key, files }) => files && !this.#known.has(key))
    this.#state.show({ queued, ...(lacksFiles && { hint: 'files' }) })
  }

  /** The server has a message, of a conversation that may have been made for it. */
  moveTo(conversationId: string | undefined): void {
    this.#probes = 0
    if (conversationId === this.#of) return
    const { queued } = this.#state
    for (const unsent of queued) this.#forget(unsent)
    this.#of = conversationId
    for (const unsent of queued) this.#keep(unsent)
  }

  /** Takes a message in: behind the others, or before them. */
  add(unsent: Unsent, isFirst = false): void {
    this.#keep(unsent, isFirst)
    const others = this.#state.queued.filter((one) => one !== unsent)
    this.#state.show({ queued: isFirst ? [unsent, ...others] : [...others, unsent] })
  }

  /** Not every browser tells that there is a network again. */
  async #probe(unsent: Unsent): Promise<void> {
    this.#probes += 1
    // After a reload, too, it goes out unasked.
    unsent.pending = { ...unsent.pending, offline: true }
    this.#state.memory?.keepPending(this.#state.conversationId, unsent.pending)
    await this.#options.wait(this.#probes, new AbortController().signal)
    if (unsent === this.#outbox.current) this.#options.reconnect()
  }

  waiting({ pending }: Unsent): Waiting {
    const { phase, lacksNetwork } = this.#state
    if (pending.failed) return 'failed'
    if (lacksNetwork) return 'network'
    return phase.kind === 'sending' || phase.kind === 'answering' ? 'turn' : 'visitor'
  }

  /** Sends the next one, if nothing stands against it; without a network, looks for one. */
  advance(): void {
    const { phase, endsBroken, hint, lacksNetwork } = this.#state
    const { current } = this.#outbox
    if (lacksNetwork && current) void this.#probe(current)
    if (phase.kind !== 'idle' || endsBroken || (hint === 'unanswered' && !this.goesOn)) return
    this.goesOn = false
    this.#dropSentElsewhere()
    const next = this.#state.queued.find(({ pending }) => !pending.failed)
    if (!next) return
    if (Date.now() - next.pending.at < KEY_LIFE_MS) this.#send(next)
    else this.#fail(next)
  }

  /** The visitor wants it sent: now, or behind the answer that runs. */
  readonly send = (unsent: Unsent): void => {
    const { phase } = this.#state
    // A new key: who waited for a day has not been heard.
    const isOld = Date.now() - unsent.pending.at >= KEY_LIFE_MS
    const { key } = unsent.pending
    this.#forget(unsent)
    unsent.pending = {
      ...unsent.pending,
      failed: false,
      ...(isOld && { key: newId(), at: Date.now() }),
    }
    this.#known.delete(key)
    this.add(unsent)
    if (phase.kind !== 'idle' && phase.kind !== 'failed') return
    this.#setAside()
    this.#send(unsent)
  }

  /** Puts it back into the composer. */
  readonly takeBack = (unsent: Unsent): void => {
    this.#remove(unsent)
    const state = this.#state
    const { text } = unsent.pending
    state.draft = state.draft === '' ? text : `${text}\n${state.draft}`
    state.files = [...unsent.files, ...state.files]
  }

  /** What failed makes room for what is sent now; it keeps its mark, below. */
  #setAside(): void {
    const unsent = this.#outbox.current
    if (!unsent) return
    // An edit is nothing without its place.
    if (unsent.pending.replaces !== undefined) return this.#outbox.giveBack()
    unsent.pending = { ...unsent.pending, failed: true }
    this.hold(unsent)
  }

  /** What was on its way, or was to be, waits before all others. */
  hold(unsent: Unsent): void {
    this.#outbox.forget()
    this.#state.remove((message) => message === unsent.user)
    this.add(unsent, true)
  }

  #fail(unsent: Unsent): void {
    unsent.pending = { ...unsent.pending, failed: true }
    this.#keep(unsent)
    this.#state.show({})
  }

  #send(unsent: Unsent): void {
    const state = this.#state
    state.memory?.keepPending(this.#of, unsent.pending)
    this.#remove(unsent)
    this.#outbox.hold(unsent, this.#of)
    state.show({ hint: undefined, messages: [...state.messages, unsent.user] })
    this.#options.deliver(unsent)
  }

  #remove(unsent: Unsent): void {
    this.#forget(unsent)
    this.#known.delete(unsent.pending.key)
    this.#state.show({ queued: this.#state.queued.filter((one) => one !== unsent) })
  }

  /** Another page may have sent some. */
  #dropSentElsewhere(): void {
    const kept = new Set(this.#kept().map(({ key }) => key))
    const queued = this.#state.queued.filter(({ pending }) => kept.has(pending.key))
    if (queued.length < this.#state.queued.length) this.#state.show({ queued })
  }

  get #place(): string {
    return `queue:${this.#of ?? 'new'}`
  }

  #kept(): readonly PendingSend[] {
    const parsed = parseJson(this.#state.memory?.store.get(this.#place) ?? '')
    return Array.isArray(parsed) ? parsed.flatMap((one) => decodePending(one) ?? []) : []
  }

  #write(list: readonly PendingSend[]): void {
    const store = this.#state.memory?.store
    if (list.length > 0) store?.set(this.#place, JSON.stringify(list))
    else store?.remove(this.#place)
  }

  /** Other pages may have changed the rest. */
  #keep(unsent: Unsent, isFirst = false): void {
    const { pending } = unsent
    this.#known.set(pending.key, unsent)
    const kept = this.#kept()
    const at = kept.findIndex(({ key }) => key === pending.key)
    if (at >= 0) this.#write(kept.with(at, pending))
    else this.#write(isFirst ? [pending, ...kept] : [...kept, pending])
  }

  #forget({ pending: { key } }: Unsent): void {
    this.#write(this.#kept().filter((one) => one.key !== key))
  }
}

/** What waits in the conversation on the screen; made when it is first asked for. */
export function queueOf(options: QueueOptions & { queue: Queue | undefined }): Queue {
  if (!options.queue) {
    const { lacksHistory, loadingId, conversationId } = options.state
    options.queue = new Queue(options)
    options.queue.show(lacksHistory ? loadingId : conversationId)
  }
  return options.queue
}

/** A message of an earlier page; without its files it is not the same, and the visitor looks at it first. */
function restored(pending: PendingSend): Unsent {
  const user = new ChatMessage('user', 'failed', pending.text)
  const failed = (pending.failed ?? false) || (pending.files ?? false)
  return { pending: { ...pending, failed, files: false }, user, files: [], replaced: [] }
}
