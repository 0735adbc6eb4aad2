/**
 * Markdown while it is being written: text in, tokens out; the only entrance, but for what `markup.ts`
 * tells the sanitiser late. Begin with `readBlocks`, then `readInline`; `open-tail.ts` is for texts that grow.
 */
export { formulas, LATE_GRAMMARS, markup } from './grammars.ts'
export { definitionsIn, flatLabel, labelsIn, safeUrl } from './links.ts'
export type { KeptTags } from './markup.ts'
export { CODE_INDENT, Line } from './open-blocks.ts'
export {
  blocksOf,
  countSettled,
  isFence,
  lineStarts,
  markOpen,
  preview,
  type Block,
} from './open-tail.ts'
export { readBlocks } from './read-blocks.ts'
export { readInline } from './read-inline.ts'
export type {
  BlockToken,
  CodeToken,
  InlineToken,
  ItemToken,
  Links,
  ListToken,
  Open,
  TableToken,
  Target,
} from './tokens.ts'
