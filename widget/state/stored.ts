/** What the server keeps of a conversation: the code is loaded when one is opened again. */
export { storedHintStrings } from './hint-strings.ts'
export { loadEarlier } from './load-earlier.ts'
export { restoreUnsent, waitsForAnother } from './restore-unsent.ts'
export { showStored } from './show-stored.ts'
export { takeBack } from './take-back.ts'
