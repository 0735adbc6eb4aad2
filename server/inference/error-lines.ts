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

/** What the parser is to get of a text, now that this has come. Holds back the beginning of an error line. */
export function createErrorLineHolder(): (text: string) => string {
  let held = ''
  let atLineStart = true

  return (text) => {
    const end = text.charCodeAt(text.length - 1)
    // Nearly always: servers send whole lines.
    if (held === '' && (end === LF || end === CR)) {
      atLineStart = true
      return text
    }
    if (text === '') return text
    const whole = held + text
    held = ''
    const lineStart = Math.max(whole.lastIndexOf('\n'), whole.lastIndexOf('\r')) + 1
    const begins = lineStart > 0 || atLineStart
    if (begins && lineStart < whole.length && startsErrorLine(whole, lineStart)) {
      if (whole.length - lineStart > LONGEST_LINE) return `${whole}\n`
      held = whole.slice(lineStart)
      atLineStart = true
      return whole.slice(0, lineStart)
    }
    atLineStart = lineStart === whole.length
    return whole
  }
}

function startsErrorLine(text: string, at: number): boolean {
  return START.startsWith(text.slice(at, at + START.length))
}
