/** Tagged text while it arrives: most answers have no tag, so what reads them comes with the first one. */
import { TAGS } from '../../server/protocol/marks.ts'
import type { SegmentChange, TagParser } from '../../server/protocol/tags.ts'
import { lazy } from '../ui/lazy.ts'

/** What reads tags, and shows what they mark. */
export const tagCode = lazy(() => import('./part-registry.ts'))

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

/** Reads like `createTagParser`, and waits at the first tag for that; without it, only the words are left. */
export function createTagReader(code: TagCode = tagCode): TagReader {
  let parser: TagParser | undefined
  /** What was passed on as it is, and what waits behind it. */
  let passed = ''
  let pending = ''
  /** Characters that were passed on and that the parser, which holds back what may be a mark, has not come to. */
  let ahead = 0
  /** It begins with a tag, and is not looked at again. */
  let isHeld = false

  const pass = (text: string): readonly SegmentChange[] => {
    if (text === '') return []
    const isFirst = passed === ''
    passed += text
    const append = { type: 'append', index: 0, text } as const
    return isFirst ? [{ type: 'open', index: 0, kind: 'text' }, append] : [append]
  }

  /** What changes behind that. */
  const behind = (changes: readonly SegmentChange[]): readonly SegmentChange[] =>
    changes.flatMap((change) => {
      if (ahead === 0) return change
      if (change.type !== 'append') return []
      const text = change.text.slice(ahead)
      ahead -= change.text.length - text.length
      return text === '' ? [] : { ...change, text }
    })

  const push = (text: string) => {
    if (parser) return behind(parser.push(text))
    pending += text
    parser = code.loaded()?.createTagParser()
    if (parser) {
      ahead = passed.length
      return behind(parser.push(passed + pending))
    }
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
      if (parser) return [...changes, ...behind(parser.end())]
      const rest = pass(withoutTagged(pending))
      return passed === '' ? [] : [...changes, ...rest, { type: 'close', index: 0 }]
    },
  }
}
