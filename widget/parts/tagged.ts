/** What reads tags, and what shows what stands in them: it is loaded with the first tag of an answer. */
export { createTagParser, parseTagged } from '../../server/protocol/tags.ts'
export { parts } from './index.ts'
export { partsArrived } from './late-part.ts'
export { withRequestView } from './tool-request.ts'
