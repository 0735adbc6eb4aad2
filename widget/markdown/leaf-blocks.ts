/** Blocks that take lines as they are: code and HTML. */
import type { Line } from './line.ts'
import { htmlCloser, openSilence } from './markup.ts'
import type { BlockToken } from './tokens.ts'

/**
 * What became of a line: it is part of the block, the last of it, part of it if more comes behind, or
 * none of it.
 */
export type Taken = 'inside' | 'last' | 'maybe' | 'outside'

export interface Leaf {
  readonly token: BlockToken
  readonly take: (line: Line) => Taken
}

type Place = Pick<BlockToken, 'line' | 'end'>

const FENCE = /^(?:(`{3,})([^`]*)|(~{3,})(.*))$/
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

/** Code behind a fence, which stands behind so much white space. */
export function openFence(opening: string, indent: number, place: Place): Leaf | undefined {
  const found = FENCE.exec(opening)
  if (!found) return undefined
  const [, ticks, tickInfo = '', tildes = '', tildeInfo = ''] = found
  const marks = ticks ?? tildes
  const closing = new RegExp(`^\\s*${marks}${marks.charAt(0)}*\\s*$`)
  const token = { type: 'code' as const, info: (tickInfo || tildeInfo).trim(), text: '', ...place }
  let separator = ''
  return {
    token,
    take(line) {
      if (line.indent < CODE_INDENT && closing.test(line.rest)) return 'last'
      line.skip(indent)
      token.text += separator + line.rest
      separator = '\n'
      return 'inside'
    },
  }
}

/** HTML; `take` tells of its first line too whether it is the last. */
export function openHtml(opening: string, inParagraph: boolean, place: Place): Leaf | undefined {
  const closer = htmlCloser(opening, inParagraph)
  if (!closer) return undefined
  const token = { type: 'html' as const, text: '', ...place }
  const endsBlank = closer.test('')
  let silence: RegExp | undefined
  return {
    token,
    take({ isBlank, rest }) {
      const isLast = !silence && closer.test(rest)
      if (isLast && isBlank) return 'outside'
      token.text += `${rest}\n`
      // A script goes on behind a blank line.
      if (endsBlank && (!silence || rest.search(silence) >= 0)) silence = openSilence(rest)
      return isLast ? 'last' : 'inside'
    },
  }
}
