/**
 * What is used of bidi-js. Its own types tell of an ES module; Node loads the package as CommonJS, where the
 * function is all there is.
 */
declare module 'bidi-js' {
  interface EmbeddingLevels {
    /** One for each UTF-16 unit. */
    readonly levels: Uint8Array
    readonly paragraphs: readonly { readonly level: number }[]
  }
  export default function createBidi(): {
    getEmbeddingLevels(text: string, direction?: 'ltr' | 'rtl'): EmbeddingLevels
  }
}
