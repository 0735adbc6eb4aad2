import { parseEnv } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseEnvText } from './env-file.ts'

const valuesOf = (text: string) =>
  Object.fromEntries(parseEnvText(text).assignments.map(({ name, value }) => [name, value]))

/** Lines that both are to understand, as people write them. */
const blanks = fc.stringMatching(/^[ \t]{0,2}$/)
const name = fc.stringMatching(/^[A-Za-z_][\w.-]{0,9}$/)
const comment = fc.stringMatching(/^#[ -~äß]{0,9}$/)
const bare = fc
  .stringMatching(/^[!-~äß🙂][ -~\täß🙂]{0,11}$/u)
  .filter((text) => !/^["'`]/.test(text))
const quoted = fc
  .tuple(fc.constantFrom('"', "'", '`'), fc.stringMatching(/^[ -~\t\n\\nä🙂]{0,14}$/u))
  .map(([quote, text]) => `${quote}${text.replaceAll(quote, '')}${quote}`)
const value = fc.oneof(bare, quoted, fc.constant(''))
const assignment = fc
  .record({
    before: blanks,
    prefix: fc.constantFrom('', 'export '),
    name,
    left: blanks,
    right: blanks,
    value,
    after: blanks,
    note: fc.option(comment, { nil: '' }),
  })
  .map(({ before, prefix, name: key, left, right, value: text, after, note }) =>
    // Before a line's end Node takes blanks for nothing, the next line for the value, and keeps the prefix.
    text === ''
      ? `${before}${key}${left}=`
      : `${before}${prefix}${key}${left}=${right}${text}${after}${note}`,
  )
const file = fc
  .array(fc.oneof({ weight: 4, arbitrary: assignment }, comment, blanks), { maxLength: 8 })
  .map((lines) => lines.join('\n'))

describe('the text of .env', () => {
  it('is read as Node reads it, where every line is an assignment', () => {
    fc.assert(
      fc.property(file, (text) => {
        expect(parseEnvText(text).problems).toEqual([])
        expect(valuesOf(text)).toEqual({ ...parseEnv(text) })
      }),
      { numRuns: 2_000 },
    )
  })

  it('keeps what stands below an empty value, with blanks behind it, for itself', () => {
    expect(valuesOf('WIDGET_TITLE= \nAUTH_MODE=jwt')).toEqual({
      WIDGET_TITLE: '',
      AUTH_MODE: 'jwt',
    })
  })

  it('never throws, and speaks of every line that is no assignment, whatever the text', () => {
    const piece = fc.constantFrom(
      ...['A', 'AUTH_MODE', '=', ':', ' ', '\t', '\n', '"', "'", '`', '#', '\\n', '“', '\u00a0'],
      ...['export ', 'é', '-', '.', '1'],
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
        const text = pieces.join('')
        const { assignments, problems } = parseEnvText(text)
        const spoken = new Set(problems.map(({ line }) => line))
        for (const { line, value: read } of assignments) {
          // A value's own lines, and at least the first.
          for (let below = 0; below < read.split('\n').length; below += 1) spoken.add(line + below)
        }
        for (const [index, line] of text.split('\n').entries()) {
          const isNothing = /^[\s\u200b\u2060]*$/.test(line) || /^[ \t]*#/.test(line)
          if (!isNothing) expect(spoken).toContain(index + 1)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  const NOT_UNDERSTOOD: readonly [string, RegExp][] = [
    ['AUTH_MODE', /is no assignment/],
    ['AUTH_MODE jwt', /is no assignment/],
    ['export AUTH_MODE', /is no assignment/],
    ['=jwt', /is no assignment/],
    ['// a comment', /is no assignment/],
    ['AUTH_MODE: jwt', /has a colon where an = belongs/],
    ['"AUTH_MODE": "jwt",', /has a colon where an = belongs/],
    ['AUTH_MODE: a=b', /holds :/],
    ['AUTH_MODE := jwt', /holds a space/],
    ['AUTH MODE=jwt', /holds a space/],
    ['set AUTH_MODE=jwt', /holds a space/],
    ['; AUTH_MODE=jwt', /begins with ;/],
    ['$env:AUTH_MODE=jwt', /begins with \$/],
    ['- AUTH_MODE=jwt', /begins with|holds a space/],
    ['2AUTH_MODE=jwt', /begins with 2/],
    ['AUTH_MODE\u00a0=jwt', /holds the character U\+00A0/],
    ['\u00a0AUTH_MODE=jwt', /begins with the character U\+00A0/],
    ['AUTH\u200b_MODE=jwt', /holds the character U\+200B/],
    ['\ufeffAUTH_MODE=jwt', /begins with the character U\+FEFF/],
    ['АUTH_MODE=jwt', /begins with the character U\+0410/],
    ['AUTH＿MODE=jwt', /holds the character U\+FF3F/],
    ['AUTH_MODE＝jwt', /is no assignment/],
    ['AUTH_MODE="jwt', /quote " is never closed/],
    ["AUTH_MODE='jwt", /quote ' is never closed/],
    ['AUTH_MODE=`jwt', /quote ` is never closed/],
    ['AUTH_MODE="jwt”', /quote " is never closed/],
    ['AUTH_MODE=“jwt”', /begins with the quote “/],
    ['AUTH_MODE=‘jwt’', /begins with the quote ‘/],
    ['AUTH_MODE="jwt" yes', /closed before the end of the line/],
    ['KEY="{\\"a\\":1}"', /closed before the end of the line/],
    ['AUTH_MODE=jwt\u200b', /begins or ends with the character U\+200B/],
    ['AUTH_MODE=\u00a0jwt', /begins or ends with the character U\+00A0/],
    ['TITLE=a\u2028AUTH_MODE=jwt', /goes on after the character U\+2028/],
    ['TITLE=a\u2029AUTH_MODE=jwt', /goes on after the character U\+2029/],
    ['TITLE=a\u0085 export AUTH_MODE=jwt', /goes on after the character U\+0085/],
    ['# a comment\u2028AUTH_MODE=jwt', /goes on after the character U\+2028/],
    ['TITLE="a"#\vAUTH_MODE=jwt', /goes on after the character U\+000B/],
    ['\fAUTH_MODE=jwt', /goes on after the character U\+000C/],
  ]
  it.each(NOT_UNDERSTOOD)(
    'is not understood where it says %j, and no value is told',
    (text, what) => {
      const { problems } = parseEnvText(`# first\nPORT=1\n${text}\nHOST=h`)
      expect(problems).toEqual([{ line: 3, text: expect.stringMatching(what) }])
      expect(problems[0]?.text).not.toContain('jwt')
      expect(valuesOf(`PORT=1\n${text}\nHOST=h`)).toMatchObject({ PORT: '1', HOST: 'h' })
    },
  )

  it('names the line where a quote opens, when it closes in the middle of another', () => {
    const { problems } = parseEnvText('TITLE="Shop\nAUTH_MODE="jwt"\nPORT=1')
    expect(problems).toEqual([{ line: 1, text: expect.stringContaining('end of a line below') }])
  })

  it('takes what only some editors end a line at for a part of the value, where no name follows', () => {
    const { problems } = parseEnvText('A=one\u2028two\nB="one\u2029two"\n# one\u0085two\nC=one\f')
    expect(problems).toEqual([])
  })

  it('warns of a # that touches a value', () => {
    const { warnings } = parseEnvText('A=b #c\nKEY=abc#def\nB= # c\nKEY2=#abc\nC="x"#c')
    expect(warnings.map(({ line }) => line)).toEqual([2, 4])
  })
})
