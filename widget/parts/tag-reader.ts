/** Tagged text while it arrives: most answers have no tag, so what reads them comes with the first one. */
import { TAGS } from '../../server/protocol/tag-names.ts'
import type { SegmentChange, TagParser } from '../../server/protocol/tags.ts'
import { late } from '../markdown/late.ts'

/** What reads tags, and shows what they mark. */
export const tagCode = late(() => import('./tagged.ts'))

const TAGGED = /<(?:think|\|\w+_start\|)>.*?(?:<(?:\/think|\|\w+_end\|)>|$)/gs

/** What a message begins with that may be thinking in other words; the parser knows which. */
const MAY_THINK = /^\s{0,99}(?:[<[]?[rt]?$|[<[]th|<re)/i

/** An answer without its thinking and tools, as well as that can be told without what reads tags. */
export const withoutTagged = (text: string): string => text.replaceAll(TAGGED, '')

interface TagCode {
  loaded(): { createTagParser(): TagParser } | undefined
}

export interface TagReader extends TagParser {
  /** There is a tag, and what reads tags has not been there yet. */
  readonly waits: boolean
}

/** Where the first tag begins, or may begin. */
function tagAt(text: string): number {
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) {
    const rest = text.slice(at)
    if (TAGS.some((tag) => rest.startsWith(tag) || tag.startsWith(rest))) return at
  }
  return text.length
}

/** What changes behind so many characters of the first text. */
function behind(length: number, changes: readonly SegmentChange[]): readonly SegmentChange[] {
  let left = length
  return changes.flatMap((change) => {
    if (left === 0) return change
    if (change.type !== 'append') return []
    const text = change.text.slice(left)
    left -= change.text.length - text.length
    return text === '' ? [] : { ...change, text }
  })
}

/** Reads like `createTagParser`, and waits at the first tag for that; without it, only the words are left. */
export function createTagReader(code: TagCode = tagCode): TagReader {
  let parser: TagParser | undefined
  /** What was passed on as it is, and what waits behind it. */
  let passed = ''
  let pending = ''
  /** It begins with a tag, and is not looked at again. */
  let isHeld = false

  const pass = (text: string): readonly SegmentChange[] => {
    if (text === '') return []
    const isFirst = passed === ''
    passed += text
    const append = { type: 'append', index: 0, text } as const
    return isFirst ? [{ type: 'open', index: 0, kind: 'text' }, append] : [append]
  }

  const push = (text: string) => {
    if (parser) return parser.push(text)
    pending += text
    parser = code.loaded()?.createTagParser()
    if (parser) return behind(passed.length, parser.push(passed + pending))
    if (isHeld) return []
    if (passed === '' && MAY_THINK.test(pending)) {
      isHeld = pending.trim().length > 2
      return []
    }
    const at = tagAt(pending)
    const free = pending.slice(0, at)
    pending = pending.slice(at)
    isHeld = TAGS.some((tag) => pending.startsWith(tag))
    return pass(free)
  }

  return {
    get waits() {
      return !parser && isHeld
    },
    push,
    end() {
      const changes = push('')
      if (parser) return [...changes, ...parser.end()]
      const rest = pass(withoutTagged(pending))
      return passed === '' ? [] : [...changes, ...rest, { type: 'close', index: 0 }]
    },
  }
}
