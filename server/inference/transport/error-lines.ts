/**
 * Some servers report a failure in a line `error: …`, which is no field of server-sent events. The parser
 * passes over a line of an unknown field as soon as it sees its beginning, so that it has to get such
 * lines whole.
 */
const START = 'error:'
/** Characters of such a line; of a longer one it is known already what it is. */
const LONGEST_LINE = 65_536

const LF = 0x0a
const CR = 0x0d

/** Holds back the beginning of an error line. */
export class ErrorLineHolder {
  #held = ''
  #atLineStart = true

  /** What the parser is to get, now that this text has come. */
  pass(text: string): string {
    const end = text.charCodeAt(text.length - 1)
    // Nearly always: servers send whole lines.
    if (this.#held === '' && (end === LF || end === CR)) {
      this.#atLineStart = true
      return text
    }
    if (text === '') return text
    const whole = this.#held + text
    this.#held = ''
    const lineStart = Math.max(whole.lastIndexOf('\n'), whole.lastIndexOf('\r')) + 1
    const begins = lineStart > 0 || this.#atLineStart
    if (begins && lineStart < whole.length && startsErrorLine(whole, lineStart)) {
      if (whole.length - lineStart > LONGEST_LINE) return `${whole}\n`
      this.#held = whole.slice(lineStart)
      this.#atLineStart = true
      return whole.slice(0, lineStart)
    }
    this.#atLineStart = lineStart === whole.length
    return whole
  }
}

function startsErrorLine(text: string, at: number): boolean {
  return START.startsWith(text.slice(at, at + START.length))
}
