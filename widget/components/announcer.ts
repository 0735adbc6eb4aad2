import type { FinishReason } from '../../server/protocol/events.ts'
import type { ChatMessage } from '../state/chat-message.ts'
import { createSentenceReader, type SentenceReader } from './sentence-reader.ts'

/** A screen reader gets what is new at most this often. */
const PACE_MS = 1000
const KEPT = 20

/** Says a growing answer aloud, sentence by sentence, in a region that only screen readers see. */
export class Announcer {
  #region: Element | undefined
  #message: ChatMessage | undefined
  #reader: SentenceReader | undefined
  #cursor = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #unsubscribe = () => {}

  /** Follows an answer; what `endText` gives for how it ended is said after its last sentence. */
  follow(
    region: Element,
    message: ChatMessage | undefined,
    endText: (reason: FinishReason | null) => string,
  ): void {
    if (this.#message === message) return
    this.stop()
    // What is complete when it appears is history, and stays silent.
    if (!message || message.role !== 'assistant' || message.state === 'settled') return
    this.#region = region
    this.#message = message
    this.#reader = createSentenceReader()
    this.#cursor = 0
    this.#unsubscribe = message.subscribe(() => {
      if (message.state === 'settled') this.#finish(endText(message.finishReason))
      else this.#timer ??= setTimeout(() => this.#read(), PACE_MS)
    })
  }

  stop(): void {
    this.#unsubscribe()
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#message = undefined
  }

  #read(): void {
    this.#timer = undefined
    this.#say(this.#reader?.read(this.#fresh()) ?? '')
  }

  #finish(endText: string): void {
    if (!this.#reader) return
    const parts = [this.#reader.read(this.#fresh()), this.#reader.end(), endText]
    this.#reader = undefined
    this.#unsubscribe()
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#say(parts.filter((part) => part !== '').join(' '))
  }

  #fresh(): string {
    const chunks = this.#message?.chunks ?? []
    const text = chunks.slice(this.#cursor).join('')
    this.#cursor = chunks.length
    return text
  }

  #say(text: string): void {
    if (text === '' || !this.#region) return
    const line = document.createElement('p')
    line.textContent = text
    this.#region.append(line)
    if (this.#region.childElementCount > KEPT) this.#region.firstElementChild?.remove()
  }
}
