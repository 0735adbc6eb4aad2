/**
 * Tells whether a position in streamed Markdown is inside code, where tags are text. Follows CommonMark
 * for fences and code spans as far as a reader that never goes back can: a code span is certain only
 * when its closing run has come, so an open run answers "maybe".
 */
const BACKTICK = 96
const NEWLINE = 10
const BACKSLASH = 92

/** A line that starts a block of its own and so ends the paragraph before it. */
const BLOCK_START = /^[ \t]*(?:[-*+][ \t]|\d{1,9}[.)][ \t]|#{1,6}[ \t]|>|`{3,}[^`]*$|~{3,})/
const FENCE_OPEN = /^(?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*(`{3,}(?=[^`]*$)|~{3,})/
const FENCE_CLOSE = /^[ \t>]*(`{3,}|~{3,})[ \t\r]*$/
const BLANK = /^[ \t\r>]*$/
/** No fence line that matters is longer before its marks; keeps memory flat on endless lines. */
const LINE_LIMIT = 1_000

interface Opener {
  readonly length: number
  readonly line: number
}

export type CodeState = 'code' | 'maybe' | 'text'

export interface CodeTracker {
  read(text: string): void
  /** Whether a tag that stands here is code. Ends a run of backticks, so ask only where one can end. */
  state(): CodeState
  /** True between a fence's opening line and its closing one. */
  readonly inFence: boolean
  /** The open runs are known to be plain backticks. */
  forgetOpenRuns(): void
  /** A copy that reads on by itself. */
  fork(): CodeTracker
  /** How many code spans have closed and paragraphs have ended: a change settles a `maybe`. */
  readonly spansClosed: number
  readonly paragraphsEnded: number
}

interface Position {
  readonly fence: { readonly mark: string; readonly length: number } | undefined
  readonly line: string
  readonly lineNumber: number
  readonly blockStartSeen: boolean
  readonly openers: readonly Opener[]
  readonly run: number
  readonly runEscaped: boolean
  readonly backslashes: number
  readonly spansClosed: number
  readonly paragraphsEnded: number
}

const START: Position = {
  fence: undefined,
  line: '',
  lineNumber: 0,
  blockStartSeen: false,
  openers: [],
  run: 0,
  runEscaped: false,
  backslashes: 0,
  spansClosed: 0,
  paragraphsEnded: 0,
}

export function createCodeTracker(from: Position = START): CodeTracker {
  let { fence, line, lineNumber, blockStartSeen, run, runEscaped, backslashes } = from
  let { spansClosed, paragraphsEnded } = from
  let openers: Opener[] = [...from.openers]

  const endParagraph = (keepLine: number) => {
    const kept = openers.filter((opener) => opener.line >= keepLine)
    if (kept.length !== openers.length) paragraphsEnded += 1
    openers = kept
  }

  const noticeBlockStart = () => {
    if (blockStartSeen || !BLOCK_START.test(line)) return
    blockStartSeen = true
    endParagraph(lineNumber)
  }

  const finishRun = () => {
    if (run === 0) return
    const length = run
    run = 0
    if (fence) return
    noticeBlockStart()
    const opener = openers.findIndex((open) => open.length === length)
    if (opener >= 0) {
      openers.length = opener
      spansClosed += 1
      return
    }
    const opening = runEscaped ? length - 1 : length
    if (opening > 0) openers.push({ length: opening, line: lineNumber })
  }

  const finishLine = () => {
    finishRun()
    if (fence) {
      const close = FENCE_CLOSE.exec(line)?.[1]
      if (close?.startsWith(fence.mark) && close.length >= fence.length) fence = undefined
    } else {
      const open = FENCE_OPEN.exec(line)?.[1]
      if (open) {
        fence = { mark: open.charAt(0), length: open.length }
        endParagraph(Infinity)
      } else if (BLANK.test(line)) {
        endParagraph(Infinity)
      } else {
        noticeBlockStart()
      }
    }
    line = ''
    lineNumber += 1
    blockStartSeen = false
  }

  return {
    read(text) {
      for (let index = 0; index < text.length; index += 1) {
        const code = text.charCodeAt(index)
        if (code === BACKTICK) {
          if (run === 0) runEscaped = backslashes % 2 === 1
          run += 1
        } else if (run > 0) {
          finishRun()
        }
        backslashes = code === BACKSLASH ? backslashes + 1 : 0
        if (code === NEWLINE) finishLine()
        else if (line.length < LINE_LIMIT) line += text.charAt(index)
      }
    },
    state() {
      if (fence) return 'code'
      finishRun()
      noticeBlockStart()
      return openers.length > 0 ? 'maybe' : 'text'
    },
    get inFence() {
      return fence !== undefined
    },
    forgetOpenRuns() {
      finishRun()
      openers = []
    },
    fork: () =>
      createCodeTracker({
        fence,
        line,
        lineNumber,
        blockStartSeen,
        openers,
        run,
        runEscaped,
        backslashes,
        spansClosed,
        paragraphsEnded,
      }),
    get spansClosed() {
      return spansClosed
    },
    get paragraphsEnded() {
      return paragraphsEnded
    },
  }
}
