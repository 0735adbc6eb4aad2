/** Whether the browser can write what is said: asked before what does it is loaded, see dictation.ts. */

/** Whether the page may listen at all, where the browser tells. */
function isAllowed(): boolean {
  const policy: unknown = Reflect.get(document, 'featurePolicy')
  if (typeof policy !== 'object' || policy === null) return true
  const ask: unknown = Reflect.get(policy, 'allowsFeature')
  return typeof ask !== 'function' || Reflect.apply(ask, policy, ['microphone']) !== false
}

/** The browser's maker of speech recognitions, where it has one. */
export const recognitionMaker = (): unknown =>
  Reflect.get(globalThis, 'SpeechRecognition') ?? Reflect.get(globalThis, 'webkitSpeechRecognition')

/** Whether the browser has speech recognition, and the page may use it. */
export const canListen = (): boolean =>
  typeof recognitionMaker() === 'function' && isSecureContext && isAllowed()
