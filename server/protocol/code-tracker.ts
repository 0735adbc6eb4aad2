/**
 * Tells whether a position in streamed Markdown is inside code, where tags are text. Follows CommonMark
 * for fences and code spans as far as a reader that never goes back can: a code span is certain only
 * when its closing run has come, so an open run answers "maybe".
 */
import { fenceAt, fencesBehind, type Fence } from './marks.ts'

const BACKTICK = 96
const NEWLINE = 10
const BACKSLASH = 92

/** A line that starts a block of its own and so ends the paragraph before it. */
const BLOCK_START = /^[ \t]*(?:[-*+][ \t]|\d{1,9}[.)][ \t]|#{1,6}[ \t]|>|`{3,}[^`]*$|~{3,})/
/** What stands in front of a line of code, in the quotes and items that are around it. */
const CONTAINERS = /^(?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*/
const QUOTES = /^[ \t>]*/
const BLANK = /^[ \t\r>]*$/
/** No fence line that matters is longer before its marks; keeps memory flat on endless lines. */
const LINE_LIMIT = 1_000

interface Opener {
  readonly length: number
  readonly line: number
}

export type CodeState = 'code' | 'maybe' | 'text'

/** Follows one text. */
export class CodeTracker {
  /** Code spans that have closed, and paragraphs that have ended: a change settles a `maybe`. */
  spansClosed = 0
  paragraphsEnded = 0
  /** What is open, the outermost first, and whether it stands in a quote. */
  #fences: readonly Fence[] = []
  #isQuoted = false
  #line = ''
  #lineNumber = 0
  #blockStartSeen = false
  #openers: readonly Opener[] = []
  #run = 0
  #runEscaped = false
  #backslashes = 0

  read(text: string): void {
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index)
      if (code === BACKTICK) {
        if (this.#run === 0) this.#runEscaped = this.#backslashes % 2 === 1
        this.#run += 1
      } else if (this.#run > 0) {
        this.#finishRun()
      }
      this.#backslashes = code === BACKSLASH ? this.#backslashes + 1 : 0
      if (code === NEWLINE) this.#finishLine()
      else if (this.#line.length < LINE_LIMIT) this.#line += text.charAt(index)
    }
  }

  /** Whether a tag that stands here is code. Ends a run of backticks, so ask only where one can end. */
  state(): CodeState {
    if (this.inFence) return 'code'
    this.#finishRun()
    this.#noticeBlockStart()
    return this.#openers.length > 0 ? 'maybe' : 'text'
  }

  /** True between a fence's opening line and its closing one. */
  get inFence(): boolean {
    return this.#fences.length > 0
  }

  /** The open runs are known to be plain backticks. */
  forgetOpenRuns(): void {
    this.#finishRun()
    this.#openers = []
  }

  /** A copy that reads on by itself. */
  fork(): CodeTracker {
    const copy = new CodeTracker()
    copy.spansClosed = this.spansClosed
    copy.paragraphsEnded = this.paragraphsEnded
    copy.#fences = this.#fences
    copy.#isQuoted = this.#isQuoted
    copy.#line = this.#line
    copy.#lineNumber = this.#lineNumber
    copy.#blockStartSeen = this.#blockStartSeen
    copy.#openers = this.#openers
    copy.#run = this.#run
    copy.#runEscaped = this.#runEscaped
    copy.#backslashes = this.#backslashes
    return copy
  }

  #endParagraph(keepLine: number): void {
    const kept = this.#openers.filter(({ line }) => line >= keepLine)
    if (kept.length !== this.#openers.length) this.paragraphsEnded += 1
    this.#openers = kept
  }

  #noticeBlockStart(): void {
    if (this.#blockStartSeen || !BLOCK_START.test(this.#line)) return
    this.#blockStartSeen = true
    this.#endParagraph(this.#lineNumber)
  }

  #finishRun(): void {
    const length = this.#run
    this.#run = 0
    if (length === 0 || this.inFence) return
    this.#noticeBlockStart()
    const opener = this.#openers.findIndex((open) => open.length === length)
    const opening = this.#runEscaped ? length - 1 : length
    if (opener >= 0) {
      this.#openers = this.#openers.slice(0, opener)
      this.spansClosed += 1
    } else if (opening > 0) {
      this.#openers = [...this.#openers, { length: opening, line: this.#lineNumber }]
    }
  }

  #finishLine(): void {
    this.#finishRun()
    if (this.inFence) {
      const line = this.#isQuoted ? this.#line.replace(QUOTES, '') : this.#line
      this.#fences = fencesBehind(this.#fences, line)
    } else {
      const [front = ''] = CONTAINERS.exec(this.#line) ?? []
      const fence = fenceAt(this.#line.slice(front.length))
      this.#fences = fence ? [fence] : []
      this.#isQuoted = front.includes('>')
      if (this.inFence || BLANK.test(this.#line)) this.#endParagraph(Infinity)
      else this.#noticeBlockStart()
    }
    this.#line = ''
    this.#lineNumber += 1
    this.#blockStartSeen = false
  }
}
