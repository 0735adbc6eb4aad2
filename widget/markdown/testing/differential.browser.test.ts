/**
 * An answer is the same whether it was watched while it came, came at once, or is opened again from where
 * it is stored: for every construct, alone and with others, wherever it is cut.
 */
import * as fc from 'fast-check'
import { createSegmentList } from '../../answer/segment-list.ts'
import { answerStrings } from '../../words/en/answer.ts'
import { createTagReader, tagCode } from '../../answer/tag-reader.ts'
import { cut, mixedAnswers, pieceLengths } from './generated.ts'
import { sanitizer } from '../render/raw-html.ts'
import { CONSTRUCTS } from './samples.ts'
import { longBlocks } from '../stream/stream.ts'
import { loadGrammars } from '../../testing/scripted/load-grammars.ts'

/** One seed, so that a failure is there again the next time. */
const CHECKS = { seed: 20_261_130, numRuns: 250 }

/** An answer as it is drawn, piece by piece. */
function show(pieces: Iterable<string>): HTMLElement {
  const container = document.createElement('div')
  const segments = createSegmentList(container, {
    strings: () => answerStrings,
    now: () => 0,
    nextThink: () => ({}),
    cite: () => {},
    titleOf: () => undefined,
    allowsImage: () => false,
    waitingCalls: [],
    callCards: [],
  })
  const reader = createTagReader()
  for (const piece of pieces) {
    segments.apply(reader.push(piece))
    segments.render()
  }
  segments.apply(reader.end())
  segments.end()
  // How long it thought is known to those alone who were there.
  for (const head of container.querySelectorAll('.think-head')) head.replaceChildren()
  container.normalize()
  return container
}

/** An answer as it is opened again: it is stored as one text. */
const reopen = (text: string) => show(text === '' ? [] : [text])

function assertSame(pieces: readonly string[]): void {
  const text = pieces.join('')
  const shown = show(pieces)
  const opened = reopen(text)
  if (shown.isEqualNode(opened)) return
  throw new Error(
    `${JSON.stringify(pieces)}\nshown  ${shown.innerHTML}\nopened ${opened.innerHTML}`,
  )
}

function holds(property: fc.IProperty<[string, number[]]>): void {
  const { failed, counterexample, errorInstance } = fc.check(property, CHECKS)
  const seen = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
  if (failed) throw new Error(`${seen}\nwith ${JSON.stringify(counterexample)}`)
}

const LONG_CODE = 'const value = compute(0) // and so on\n'.repeat(40)

describe('an answer that is watched, and the same when it is opened again', () => {
  before(async () => {
    await Promise.all([sanitizer.load(), loadGrammars(), longBlocks.load(), tagCode.load()])
  })

  for (const [kind, texts] of Object.entries(CONSTRUCTS)) {
    it(`is one of ${kind}, cut at every position`, () => {
      for (const text of texts) {
        for (let at = 1; at < text.length; at += 1) assertSame([text.slice(0, at), text.slice(at)])
        assertSame([...text])
      }
    })

    it(`is one of ${kind} behind another paragraph, in a list and in a quote`, () => {
      for (const text of texts) {
        for (const around of [`a\n\n${text}`, `- a\n\n  ${text.replaceAll('\n', '\n  ')}\n- b`]) {
          assertSame(around.match(/[^]{1,3}/g) ?? [])
        }
        assertSame(`> a\n>\n${text.replaceAll(/^/gm, '> ')}`.match(/[^]{1,3}/g) ?? [])
      }
    })
  }

  it('mixes constructs of every kind', () => {
    holds(
      fc.property(mixedAnswers, pieceLengths, (text, lengths) => {
        assertSame(cut(text, lengths))
      }),
    )
  })

  it('has long code, behind every fence, with every end, and a short block behind it', () => {
    const FENCES = [
      ['```js', '```'],
      ['  ~~~js', '  ~~~'],
      ['   ````', '  ````` \t'],
      ['```', '```\t'],
      ['~~~ `x`', '~~~~'],
      ['```md\n```js', '```\nmore\n```'],
      ['~~~markdown\n~~~sh', '~~~'],
      ['```', '```\u00a0\n\n```'],
      ['```', ''],
    ]
    for (const [opening = '', closing = ''] of FENCES) {
      for (const indent of ['', '  ', '\t']) {
        const code = LONG_CODE.replaceAll(/^(?=.)/gm, indent)
        const text = `a\n${opening}\n${code}${closing}\n\n**b**\n\n   ~~~\n   c\n   ~~~\n\nd\n`
        assertSame(text.match(/[^]{1,7}/g) ?? [])
        assertSame(text.replaceAll('\n', '\r\n').match(/[^]{1,7}/g) ?? [])
        assertSame([...text.slice(0, 40), ...(text.slice(40).match(/[^]{1,400}/g) ?? [])])
      }
    }
  })
})
