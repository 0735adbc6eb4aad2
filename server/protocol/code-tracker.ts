/**
 * Tells whether a position in streamed Markdown is inside code, where tags are text: by the rules of code.ts,
 * as far as a reader that never goes back can. A code span is certain only when its closing run has come,
 * so an open run answers "maybe".
 */
import { fenceAt, fencesBehind, type Fence } from './code.ts'

const BACKTICK = 96
const NEWLINE = 10
const BACKSLASH = 92

/** A line that starts a block of its own and so ends the paragraph before it. */
const BLOCK_START = /^[ \t]*(?:[-*+][ \t]|\d{1,9}[.)][ \t]|#{1,6}[ \t]|>)/
/** What stands in front of a line of code, in the quotes and items that are around it. */
const CONTAINERS = /^(?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*/
const QUOTES = /^[ \t>]*/
const BLANK = /^[ \t\r>]*$/
/** No fence line that matters is longer before its marks; keeps memory flat on endless lines. */
const LINE_LIMIT = 1_000

type CodeState = 'code' | 'maybe' | 'text'

/** Follows one text. */
export class CodeTracker {
  /** Of a fork: what the place is where it was made, once a run that was open there has closed or cannot any more. */
  settled: 'code' | 'text' | undefined
  /** What is open, the outermost first, and whether it stands in a quote. */
  private fences: readonly Fence[] = []
  private isQuoted = false
  private line = ''
  private lineNumber = 0
  private startsBlock = false
  /** Runs of backticks that have not met one of their length, and the lines they stand in. */
  private openers: readonly { readonly length: number; readonly line: number }[] = []
  /** How many of them were open where the fork was made. */
  private openAtFork = 0
  /** The run that is being read: its length, and whether its first backtick is escaped. */
  private run = 0
  private isEscaped = false
  private backslashes = 0

  read(text: string): void {
    for (let index = 0; index < text.length; index += 1) {
      const code = text.charCodeAt(index)
      if (code === BACKTICK) {
        if (this.run === 0) this.isEscaped = this.backslashes % 2 === 1
        this.run += 1
      } else if (this.run > 0) {
        this.finishRun()
      }
      this.backslashes = code === BACKSLASH ? this.backslashes + 1 : 0
      if (code === NEWLINE) this.finishLine()
      else if (this.line.length < LINE_LIMIT) this.line += text.charAt(index)
    }
  }

  /** Whether a tag that stands here is code. Ends a run of backticks, so ask only where one can end. */
  state(): CodeState {
    if (this.inFence) return 'code'
    this.finishRun()
    this.noticeBlockStart()
    return this.openers.length > 0 ? 'maybe' : 'text'
  }

  /** True between a fence's opening line and its closing one. */
  get inFence(): boolean {
    return this.fences.length > 0
  }

  /** What ends the code that is open here, empty when none is. */
  closing(): string {
    if (this.state() === 'text') return ''
    const behind = this.fork()
    behind.read('\n')
    if (!behind.inFence) return '\n\n'
    return `\n${behind.fences
      .map(({ marks }) => `${marks}\n`)
      .toReversed()
      .join('')}`
  }

  /** The open runs are known to be plain backticks. */
  forgetOpenRuns(): void {
    this.finishRun()
    this.openers = []
  }

  /** A copy that reads on by itself: it takes all fields, which `#names` would hide. */
  fork(): CodeTracker {
    return Object.assign(new CodeTracker(), this, {
      settled: undefined,
      openAtFork: this.openers.length,
    })
  }

  private endParagraph(keepLine: number): void {
    const kept = this.openers.filter(({ line }) => line >= keepLine)
    if (kept.length < this.openers.length) this.settled ??= 'text'
    this.openers = kept
  }

  private noticeBlockStart(): void {
    if (this.startsBlock || !(BLOCK_START.test(this.line) || fenceAt(this.line))) return
    this.startsBlock = true
    this.endParagraph(this.lineNumber)
  }

  private finishRun(): void {
    const length = this.run
    this.run = 0
    if (length === 0 || this.inFence) return
    this.noticeBlockStart()
    const opener = this.openers.findIndex((open) => open.length === length)
    const opening = this.isEscaped ? length - 1 : length
    if (opener >= 0) {
      this.openers = this.openers.slice(0, opener)
      if (opener < this.openAtFork) this.settled ??= 'code'
    } else if (opening > 0) {
      this.openers = [...this.openers, { length: opening, line: this.lineNumber }]
    }
  }

  private finishLine(): void {
    this.finishRun()
    if (this.inFence) {
      const line = this.isQuoted ? this.line.replace(QUOTES, '') : this.line
      this.fences = fencesBehind(this.fences, line)
    } else {
      const [front = ''] = CONTAINERS.exec(this.line) ?? []
      const fence = fenceAt(this.line.slice(front.length))
      this.fences = fence ? [fence] : []
      this.isQuoted = front.includes('>')
      if (this.inFence || BLANK.test(this.line)) this.endParagraph(Infinity)
      else this.noticeBlockStart()
    }
    this.line = ''
    this.lineNumber += 1
    this.startsBlock = false
  }
}
