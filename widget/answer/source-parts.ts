/** What shows sources, in one piece: it is loaded with the first of them. */
export { sourceStyles } from './source.styles.ts'
export { citeSources } from './citations.ts'
export { createSourcePointer } from './source-pointer.ts'
