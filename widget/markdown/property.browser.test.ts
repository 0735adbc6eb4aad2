import * as fc from 'fast-check'
import { answerStrings } from '../words/en/answer.ts'
import { answers, cut, pieceLengths } from './testing/generated.ts'
import { createMarkdownStream, longBlocks } from './stream/stream.ts'

const assert = (condition: boolean, message: string) => {
  if (!condition) throw new Error(message)
}

/** Tries the property on many answers; a failure tells what was seen on the smallest of them. */
function holds(property: fc.IProperty<[string, number[]]>): void {
  const { failed, counterexample, errorInstance, seed } = fc.check(property, { numRuns: 60 })
  const seen = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
  assert(!failed, `${seen}\nwith ${JSON.stringify(counterexample)}, seed ${seed}`)
}

function follow(
  pieces: Iterable<string>,
  look: (container: HTMLElement, written: string) => void = () => {},
): HTMLElement {
  const container = document.createElement('div')
  const stream = createMarkdownStream(container, { strings: answerStrings.markdown })
  let written = ''
  for (const piece of pieces) {
    written += piece
    stream.append(piece)
    stream.render()
    look(container, written)
  }
  stream.end()
  return container
}

const normal = (container: HTMLElement) => {
  container.normalize()
  return container
}

/** What a reader sees outside of code. */
function proseOf(container: HTMLElement): string {
  const copy = container.cloneNode(true)
  if (!(copy instanceof Element)) return ''
  for (const block of copy.querySelectorAll('.code-block')) block.remove()
  for (const part of copy.querySelectorAll('p, li, th, td, h1, h2, h3')) part.append('\n')
  return copy.textContent ?? ''
}

describe('any answer, cut anywhere', () => {
  const endsInOneShot = () => {
    holds(
      fc.property(answers, pieceLengths, (text, lengths) => {
        const whole = normal(follow([text]))
        const shown = normal(follow(cut(text, lengths)))
        assert(shown.isEqualNode(whole), `${shown.outerHTML}\n${whole.outerHTML}`)
      }),
    )
  }

  it('ends in the DOM of a one-shot rendering', endsInOneShot)

  it('ends in it too when what draws long blocks is there', async () => {
    await longBlocks.load()
    endsInOneShot()
  })

  it('never shows the marks of Markdown', () => {
    holds(
      fc.property(answers, pieceLengths, (text, lengths) => {
        follow(cut(text, lengths), (container, written) => {
          const prose = proseOf(container)
          const mark = /[*`~|[\]()#>_]|https?:|^[-+=]|^\d+\.|example/m.exec(prose)?.[0]
          assert(mark === undefined, `${mark} in ${JSON.stringify(prose)} of ${written}`)
        })
      }),
    )
  })

  it('never replaces or changes a finished block, and keeps what a reader has selected in it', () => {
    holds(
      fc.property(answers, pieceLengths, (text, lengths) => {
        const finished: Element[] = []
        const selections: { readonly range: Range; readonly text: string }[] = []
        const observer = new MutationObserver(() => {})
        follow(cut(text, lengths), (container, written) => {
          for (const { target } of observer.takeRecords()) {
            const touched = finished.findIndex((block) => block.contains(target))
            assert(touched < 0, `block ${touched} was changed at ${JSON.stringify(written)}`)
          }
          if (finished.length === 0) {
            observer.observe(container, { subtree: true, childList: true, characterData: true })
          }
          const blocks = [...container.children]
          for (const [index, block] of finished.entries()) {
            assert(blocks[index] === block, `block ${index} was replaced at ${written}`)
          }
          for (const block of blocks.slice(finished.length, -1)) {
            const range = document.createRange()
            range.selectNodeContents(block)
            finished.push(block)
            selections.push({ range, text: block.textContent ?? '' })
          }
        })
        observer.disconnect()
        for (const { range, text: selected } of selections) {
          assert(range.toString() === selected, `${range.toString()} was ${selected}`)
        }
      }),
    )
  })
})
