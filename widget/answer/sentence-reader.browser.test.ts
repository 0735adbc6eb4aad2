import { SAMPLES } from '../markdown/testing/samples.ts'
import { createMarkdownStream } from '../markdown/stream/stream.ts'
import { answerStrings } from '../words/en/answer.ts'
import { loadGrammars } from '../testing/scripted/load-grammars.ts'
import { createSentenceReader } from './sentence-reader.ts'

const { markdown: strings } = answerStrings

/** The letters and digits of what is shown, with what is seen of it and is no text. */
function shown(text: string): string {
  const container = document.createElement('div')
  const stream = createMarkdownStream(container, { strings })
  stream.append(text)
  stream.end()
  for (const extra of container.querySelectorAll('.code-header, .note')) extra.remove()
  for (const box of container.querySelectorAll('input')) {
    box.replaceWith(box.checked ? strings.taskDone : strings.taskOpen)
  }
  for (const list of container.querySelectorAll('ol')) {
    for (const [at, item] of [...list.children].entries()) item.prepend(`${list.start + at}`)
  }
  return lettersOf(container.textContent ?? '')
}

const lettersOf = (text: string) => text.replaceAll(/[^\p{L}\p{N}]/gu, '')

function said(text: string, length: number): string {
  const reader = createSentenceReader()
  let all = ''
  for (let at = 0; at < text.length; at += length) all += reader.read(text.slice(at, at + length))
  return all + reader.end()
}

describe('what is read out', () => {
  before(loadGrammars)

  it('is what stands in the answer, however it comes', () => {
    const wrong: string[] = []
    // How a formula is read is tested apart. What a link by name leads to is known at the end, and so is
    // whether a tag that is never closed is one.
    for (const text of SAMPLES.filter((sample) => !/[$\\]|\]:|<script>|<T>/.test(sample))) {
      const wanted = shown(text)
      for (const length of [1, 5, 23, text.length]) {
        const got = said(text, length)
        if (lettersOf(got) !== wanted) wrong.push(JSON.stringify([text, length, got, wanted]))
      }
    }
    if (wrong.length > 0) throw new Error(`${wrong.length}\n${wrong.join('\n')}`)
  })
})
