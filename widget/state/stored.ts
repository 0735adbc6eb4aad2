/** What the server keeps of a conversation, and what waits to go there: loaded when one is opened again, or waits. */
export { storedHintStrings } from './hint-strings.ts'
export { loadEarlier } from './load-earlier.ts'
export { Queue } from './queue.ts'
export { restoreUnsent } from './restore-unsent.ts'
export { showStored } from './show-stored.ts'
export { takeBack } from './take-back.ts'
