import type { ExtrasStrings } from '../words/strings.ts'
import { canListen, recognitionMaker } from './speech.ts'

/** What we use of the browser's speech recognition (Web Speech API, section 4). */
interface Recognition {
  lang: string
  continuous: boolean
  interimResults: boolean
  onresult: ((event: SpeechRecognitionEvent) => void) | null
  onerror: ((event: SpeechRecognitionErrorEvent) => void) | null
  onend: (() => void) | null
  start(): void
  stop(): void
  abort(): void
}

const isRecognition = (value: unknown): value is Recognition =>
  value instanceof EventTarget && 'start' in value && 'abort' in value

/** A recognition, where the browser has one and the page may use it. */
function makeRecognition(): Recognition | undefined {
  const found = recognitionMaker()
  if (typeof found !== 'function' || !canListen()) return undefined
  const made: unknown = Reflect.construct(found, [])
  return isRecognition(made) ? made : undefined
}

type VoiceWords = ExtrasStrings['voice']

/** What went wrong, in words; nothing for what the visitor did on purpose. */
function sentenceFor(error: SpeechRecognitionErrorCode, words: VoiceWords): string | undefined {
  switch (error) {
    case 'aborted':
      return undefined
    case 'no-speech':
      return words.unheard
    case 'audio-capture':
      return words.noMicrophone
    case 'not-allowed':
    case 'service-not-allowed':
      return words.denied
    default:
      return words.failed
  }
}

/** Inside it there are words of ours, whose language need not be the visitor's. */
function chatOf(part: Element): Element {
  const root = part.getRootNode()
  return root instanceof ShadowRoot ? root.host : part
}

/** The language of the words around an element. */
function languageAt(element: Element): string {
  const nearest = element.closest('[lang]')?.getAttribute('lang')
  if (nearest) return nearest
  const root = element.getRootNode()
  return root instanceof ShadowRoot ? languageAt(root.host) : navigator.language
}

/** The composer, as far as speaking goes. */
interface VoiceHost {
  readonly host: HTMLElement
  readonly words: ExtrasStrings
  draft: string
  say(what: unknown): void
}

/** Writes what the visitor says into the text field. It is never sent by itself. */
export class Dictation {
  readonly #extras: VoiceHost
  #recognition: Recognition | undefined
  /** What was written last. */
  #written = ''

  constructor(extras: VoiceHost) {
    this.#extras = extras
  }

  get isListening(): boolean {
    return this.#recognition !== undefined
  }

  toggle(): void {
    if (this.isListening) this.stop()
    else this.#start()
  }

  /** What was heard so far stays. */
  stop(): void {
    const recognition = this.#recognition
    if (!recognition) return
    recognition.onresult = null
    recognition.abort()
    this.#end()
  }

  #start(): void {
    const { voice } = this.#extras.words
    const recognition = makeRecognition()
    if (!recognition) return this.#extras.say(voice.failed)
    this.#recognition = recognition
    this.#written = this.#extras.draft
    const before = this.#written.replace(/(\S)$/, '$1 ')
    recognition.lang = languageAt(chatOf(this.#extras.host))
    recognition.continuous = true
    recognition.interimResults = true
    recognition.onresult = ({ results }) => {
      // Another conversation, or a command: what is said was not meant for that.
      if (this.#extras.draft !== this.#written) return this.stop()
      const heard = Array.from(results, (result) => result[0]?.transcript ?? '').join('')
      this.#written = before + heard.trimStart()
      this.#extras.draft = this.#written
    }
    recognition.onerror = ({ error }) => {
      const said = sentenceFor(error, voice)
      this.#end()
      if (said !== undefined) this.#extras.say(said)
    }
    recognition.onend = () => this.#end()
    recognition.start()
    this.#extras.say(`${voice.listening} ${voice.heardBy}`)
  }

  #end(): void {
    if (!this.#recognition) return
    this.#recognition.onerror = null
    this.#recognition.onend = null
    this.#recognition = undefined
    this.#extras.say(undefined)
  }
}
