import { isObject, numberIn, parseJson, textIn, textsIn } from '../api/check.ts'
import { storedHintStrings } from '../words/en/hints.ts'
import { ChatMessage, newId } from './chat-message.ts'
import type { ConversationState, Unsent } from './conversation-state.ts'
import type { Wait } from './follow-turn.ts'
import type { PendingSend } from './memory.ts'
import type { Outbox } from './outbox.ts'

/** What `JSON.stringify` made of a message; nothing when it is none. */
function decodePending(parsed: unknown): PendingSend | undefined {
  if (!isObject(parsed)) return undefined
  const key = textIn(parsed, 'key')
  const text = textIn(parsed, 'text')
  const at = numberIn(parsed, 'at')
  if (key === undefined || text === undefined || at === undefined) return undefined
  const is = (name: string) => parsed[name] === true
  return {
    ...{ key, text, at, think: is('think'), files: is('files') },
    ...{ offline: is('offline'), failed: is('failed') },
    replaces: textIn(parsed, 'replaces'),
    repeats: textIn(parsed, 'repeats'),
    keep: 'keep' in parsed ? textsIn(parsed, 'keep') : undefined,
  }
}

/** An unconfirmed message of the last two minutes goes out by itself after a reload. */
const RESEND_MS = 2 * 60_000
/** The server remembers keys for 24 h; later, the same key could ask twice. */
const KEY_LIFE_MS = 23 * 3_600_000

const ageOf = ({ at }: PendingSend) => Date.now() - at

/** A message of an earlier page, without its files. */
function restored(pending: PendingSend): Unsent {
  const user = new ChatMessage('user', 'failed', pending.text)
  user.isEdit = pending.replaces !== undefined
  return { pending, user, files: [], replaced: [] }
}

/** Why a message waits. `turn`: for the answer before it; `visitor`: after an error; `failed`: it did not get there. */
export type Waiting = 'turn' | 'network' | 'visitor' | 'failed'

/**
 * Messages that wait below the conversation, in the order in which they were written. Each conversation has its
 * own, in the memory too: they outlive a reload. Of several pages that show them, one sends each.
 */
export class Queue {
  readonly #state: ConversationState
  readonly #outbox: Outbox
  /** Times in a row that the network was tried. */
  #probes = 0
  /** The conversation that they belong to. */
  #of: string | undefined
  /** With their files, while the page is there. */
  readonly #known = new Map<string, Unsent>()
  /** The visitor has stopped an answer, and wants the next question. */
  goesOn = false

  /** Begins with what waits in the conversation on the screen. */
  constructor(state: ConversationState, outbox: Outbox) {
    this.#state = state
    this.#outbox = outbox
    state.hintStrings = storedHintStrings
    this.show(state.lacksHistory ? state.loadingId : state.conversationId)
  }

  /** Brings those of a conversation onto the screen. */
  show(conversationId: string | undefined): void {
    this.#of = conversationId
    const onItsWay = this.#state.memory?.pending(conversationId)
    const sent = this.#outbox.current?.pending.key ?? onItsWay?.['key']
    const kept = this.#kept().filter(({ key }) => key !== sent)
    const queued = kept.map((pending) => {
      const known = this.#known.get(pending.key)
      // Without its files it is not the same, and the visitor looks at it first.
      const failed = pending.failed || pending.files
      return known ?? restored({ ...pending, failed, files: false })
    })
    const lacksFiles = kept.some(({ key, files }) => files && !this.#known.has(key))
    this.#state.show({ queued, ...(lacksFiles && { hint: 'files' }) })
  }

  /**
   * Goes on with a message of this conversation that an earlier page could not confirm: it stands on the screen
   * and in the outbox, and is given back when it may go out unasked; where it waits for the visitor, that is
   * `failed`. While an answer `isRunning` that is not to it, it waits for that.
   */
  restore(conversationId: string | undefined, isRunning: boolean): Unsent | 'failed' | undefined {
    const state = this.#state
    const outbox = this.#outbox
    // What another conversation waits for stays in the memory until that is shown again.
    outbox.current = undefined
    this.show(conversationId)
    const pending = decodePending(state.memory?.pending(conversationId))
    if (!pending) return undefined
    const unsent = restored(pending)
    outbox.hold(unsent, conversationId)
    const lastAsked = state.messages.findLast(({ role }) => role === 'user')
    const isThere = lastAsked?.text === pending.text
    // The server would stop that answer for it if nobody else reads along, and so soon after a reload nobody does.
    if (isRunning && !isThere) this.hold(unsent)
    // Its files are gone, so it is not the same message any more: unless the server has it, it is a draft.
    else if (pending.files && isThere && lastAsked.attachments.length > 0) outbox.forget()
    else if (pending.files || ageOf(pending) >= KEY_LIFE_MS) {
      outbox.giveBack()
      if (pending.files) state.show({ hint: 'files' })
    } else {
      state.show({ messages: [...state.messages, unsent.user] })
      return ageOf(pending) < RESEND_MS || pending.offline ? unsent : 'failed'
    }
    return undefined
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

  /** What was on its way, or was to be, waits before all others. */
  hold(unsent: Unsent): void {
    this.#outbox.forget()
    this.#state.remove((message) => message === unsent.user)
    this.add(unsent, true)
  }

  /** What failed makes room for what is sent now; it keeps its mark, below. */
  setAside(): void {
    const unsent = this.#outbox.current
    if (!unsent) return
    // An edit is nothing without its place.
    if (unsent.pending.replaces !== undefined) return this.#outbox.giveBack()
    unsent.pending = { ...unsent.pending, failed: true }
    this.hold(unsent)
  }

  waiting({ pending }: Unsent): Waiting {
    const { phase, lacksNetwork } = this.#state
    if (pending.failed) return 'failed'
    if (lacksNetwork) return 'network'
    return phase.kind === 'sending' || phase.kind === 'answering' ? 'turn' : 'visitor'
  }

  /** Takes the next one to the outbox, if nothing stands against it. */
  next(): Unsent | undefined {
    const { phase, endsBroken, hint } = this.#state
    if (phase.kind !== 'idle' || endsBroken || (hint === 'unanswered' && !this.goesOn))
      return undefined
    this.goesOn = false
    // Another page may have sent some.
    const kept = new Set(this.#kept().map(({ key }) => key))
    const queued = this.#state.queued.filter(({ pending }) => kept.has(pending.key))
    this.#state.show({ queued })
    const next = queued.find(({ pending }) => !pending.failed)
    if (!next) return undefined
    if (ageOf(next.pending) < KEY_LIFE_MS) return this.#depart(next)
    next.pending = { ...next.pending, failed: true }
    this.#keep(next)
    this.#state.show({})
    return undefined
  }

  /** The visitor wants a message sent: takes it to the outbox, or behind the answer that runs. */
  choose(unsent: Unsent): Unsent | undefined {
    const { phase } = this.#state
    // A new key: who waited for a day has not been heard.
    const isOld = ageOf(unsent.pending) >= KEY_LIFE_MS
    const renewed = isOld && { key: newId(), at: Date.now() }
    this.#forget(unsent)
    unsent.pending = { ...unsent.pending, failed: false, ...renewed }
    this.add(unsent)
    if (phase.kind !== 'idle' && phase.kind !== 'failed') return undefined
    this.setAside()
    return this.#depart(unsent)
  }

  /** Puts it back into the composer. */
  readonly takeBack = (unsent: Unsent): void => {
    this.#remove(unsent)
    this.#state.giveBack(unsent.pending.text, unsent.files)
  }

  /**
   * Not every browser tells that there is a network again: says whether to look for one now. After a reload, too,
   * the message that waits for it goes out unasked.
   */
  async awaitNetwork(wait: Wait): Promise<boolean> {
    const unsent = this.#outbox.current
    if (!unsent || !this.#state.lacksNetwork) return false
    this.#probes += 1
    unsent.pending = { ...unsent.pending, offline: true }
    this.#state.memory?.keepPending(this.#state.conversationId, unsent.pending)
    await wait(this.#probes, new AbortController().signal)
    return unsent === this.#outbox.current
  }

  #depart(unsent: Unsent): Unsent {
    const state = this.#state
    this.#outbox.hold(unsent, this.#of)
    this.#remove(unsent)
    state.show({ hint: undefined, messages: [...state.messages, unsent.user] })
    return unsent
  }

  #remove(unsent: Unsent): void {
    this.#forget(unsent)
    this.#state.show({ queued: this.#state.queued.filter((one) => one !== unsent) })
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
    this.#known.delete(key)
    this.#write(this.#kept().filter((one) => one.key !== key))
  }
}
