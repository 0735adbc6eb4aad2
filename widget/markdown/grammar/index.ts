/**
 * Markdown while it is being written: the only entrance, but for what `markup.ts` tells the sanitiser late.
 *
 * It takes text whose lines end in line feeds. `readBlocks` gives its blocks, `readInline` the tokens of a
 * block's text; `open-tail.ts` is for texts that grow. It costs the same for each letter, however long the text
 * is, and never throws. README.md has an example, what is read otherwise than in CommonMark, and figures.
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
