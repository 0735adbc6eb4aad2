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

/** Whether the page may listen at all, where the browser tells. */
function isAllowed(): boolean {
  const policy: unknown = Reflect.get(document, 'featurePolicy')
  if (typeof policy !== 'object' || policy === null) return true
  const ask: unknown = Reflect.get(policy, 'allowsFeature')
  return typeof ask !== 'function' || Reflect.apply(ask, policy, ['microphone']) !== false
}

/** How to make a recognition, where the browser has one and the page may use it. */
export function findRecognition(): (() => Recognition | undefined) | undefined {
  const found: unknown =
    Reflect.get(globalThis, 'SpeechRecognition') ??
    Reflect.get(globalThis, 'webkitSpeechRecognition')
  if (typeof found !== 'function' || !isSecureContext || !isAllowed()) return undefined
  return () => {
    const made: unknown = Reflect.construct(found, [])
    return isRecognition(made) ? made : undefined
  }
}
