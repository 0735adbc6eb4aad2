/** Blocks that take lines as they are: code. */
import { fenceAt, fencesBehind, type Fence } from '../../../server/protocol/marks.ts'
import type { Line } from './line.ts'
import type { BlockToken } from './tokens.ts'

/**
 * What became of a line: it is part of the block, the last of it, part of it if more comes behind, or
 * none of it. Or it shows that all lines of the block are text: to be read anew, or a run of words.
 */
export type Taken = 'inside' | 'last' | 'maybe' | 'outside' | 'text' | 'words'

export interface Leaf {
  readonly token: BlockToken
  readonly take: (line: Line) => Taken
  /** Fences in it were closed, and it was not. */
  readonly isUnpaired?: boolean
}

export type Place = Pick<BlockToken, 'line' | 'end'>

/** Text behind so much white space is code. */
export const CODE_INDENT = 4

export function openIndented(first: Line, place: Place): Leaf {
  first.skip(CODE_INDENT)
  const token = { type: 'code' as const, text: first.rest, ...place }
  let held = ''
  return {
    token,
    take(line) {
      const { isBlank } = line
      if (!isBlank && line.indent < CODE_INDENT) return 'outside'
      line.skip(CODE_INDENT)
      held += `\n${line.rest}`
      if (isBlank) return 'maybe'
      token.text += held
      held = ''
      return 'inside'
    },
  }
}

/**
 * Code behind a fence, which stands behind so much white space. It `nests` when fences in it may be those
 * of code in it.
 */
export function openFence(
  opening: string,
  indent: number,
  place: Place,
  nests: boolean,
): Leaf | undefined {
  const fence = fenceAt(opening)
  if (!fence) return undefined
  let open: readonly Fence[] = [nests ? fence : { ...fence, info: '' }]
  let separator = ''
  let isUnpaired = false
  const token = { type: 'code' as const, info: fence.info, text: '', isClosed: false, ...place }
  return {
    token,
    get isUnpaired() {
      return isUnpaired
    },
    take(line) {
      const behind = line.indent < CODE_INDENT ? fencesBehind(open, line.rest) : open
      token.isClosed = behind.length === 0
      if (token.isClosed) return 'last'
      isUnpaired ||= behind.length < open.length
      open = behind
      line.skip(indent)
      token.text += separator + line.rest
      separator = '\n'
      return 'inside'
    },
  }
}
