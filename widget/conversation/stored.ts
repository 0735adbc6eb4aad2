/** What the server keeps of a conversation, and what waits to go there: loaded when one is opened again, or waits. */
export { loadEarlier } from './load-earlier.ts'
export { queueOf } from './queue.ts'
export { restore, showStored } from './show-stored.ts'
export { takeBack } from './take-back.ts'
