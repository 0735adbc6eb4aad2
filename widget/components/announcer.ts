import type { FinishReason } from '../../server/protocol/events.ts'
import type { SegmentKind } from '../../server/protocol/tags.ts'
import type { ChatMessage } from '../state/chat-message.ts'
import { createSentenceReader, type SentenceReader } from './sentence-reader.ts'

/** A screen reader gets what is new at most this often. */
const PACE_MS = 1000
const KEPT = 20

/** What is said beside the answer's own sentences. */
export interface AnnouncerWords {
  /** What is going on while there is nothing to read; `kind` is what the answer is in the middle of. */
  readonly step: (message: ChatMessage, kind: SegmentKind | undefined) => string
  /** How it ended, behind its last sentence. */
  readonly end: (reason: FinishReason | null) => string
}

/** Says a growing answer aloud, sentence by sentence, in a region that only screen readers see. */
export class Announcer {
  #region: Element | undefined
  #message: ChatMessage | undefined
  #reader: SentenceReader | undefined
  #cursor = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #step = ''
  #unsubscribe = () => {}

  /** Follows an answer. */
  follow(region: Element, message: ChatMessage | undefined, words: AnnouncerWords): void {
    if (this.#message === message) return
    this.stop()
    // What is complete when it appears is history, and stays silent.
    if (!message || message.role !== 'assistant' || message.state === 'settled') return
    this.#region = region
    this.#message = message
    this.#reader = createSentenceReader()
    this.#cursor = 0
    this.#step = ''
    const readSoon = () => void (this.#timer ??= setTimeout(() => this.#read(words.step), PACE_MS))
    this.#unsubscribe = message.subscribe(() => {
      if (message.state === 'settled') this.#finish(words.end(message.finishReason))
      else readSoon()
    })
    // Also where nothing happens for long.
    readSoon()
  }

  stop(): void {
    this.#unsubscribe()
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#message = undefined
  }

  #read(stepOf: AnnouncerWords['step']): void {
    this.#timer = undefined
    const sentences = this.#reader?.read(this.#fresh()) ?? ''
    const step = this.#message ? stepOf(this.#message, this.#reader?.kind) : ''
    if (sentences !== '') this.#say(sentences)
    else if (step !== this.#step) this.#say(step)
    this.#step = sentences === '' ? step : ''
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
