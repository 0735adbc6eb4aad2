/** The element's module, which the server puts beside the pages of the demo. */
export * from '../widget/index.ts'
