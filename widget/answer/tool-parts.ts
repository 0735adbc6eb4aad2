/** What shows tools, in one piece: it is loaded with the first call. */
export { createToolCallPart } from './tool-call.ts'
export { createToolResultPart } from './tool-result.ts'
