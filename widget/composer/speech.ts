import { canListen, recognitionMaker } from './can-listen.ts'

/** What we use of the browser's speech recognition (Web Speech API, section 4). */
export interface Recognition {
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
export function makeRecognition(): Recognition | undefined {
  const found = recognitionMaker()
  if (typeof found !== 'function' || !canListen()) return undefined
  const made: unknown = Reflect.construct(found, [])
  return isRecognition(made) ? made : undefined
}
