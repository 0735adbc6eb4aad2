import { answerStrings } from '../../words/en/answer.ts'
import { createMarkdownStream, longBlocks } from './stream.ts'

const assert = (condition: boolean, message: string) => {
  if (!condition) throw new Error(message)
}

const start = () => {
  const container = document.createElement('div')
  return { container, stream: createMarkdownStream(container, { strings: answerStrings.markdown }) }
}

const lines = (from: number, to: number, line: (index: number) => string) =>
  Array.from({ length: to - from }, (_, index) => `${line(from + index)}\n`)

describe('what draws long blocks', () => {
  const KINDS = [
    ['a list', '', (index: number) => `- item **${index}** and some words`, 'li'],
    ['a table', '| a | b |\n|---|---|\n', (index: number) => `| ${index} | *b* |`, 'tr'],
    ['code', '```js\n', (index: number) => `const line${index} = ${index}`, 'pre, code'],
  ] as const

  it('may come in the middle of one', async () => {
    assert(longBlocks.loaded() === undefined, 'it has not come')
    const begun = KINDS.map(([kind, head, line, parts]) => {
      const { container, stream } = start()
      const pieces = [head, ...lines(0, 80, line)]
      for (const piece of pieces) {
        stream.append(piece)
        stream.render()
      }
      const shown = [...container.querySelectorAll(parts)]
      return { kind, line, parts, container, stream, pieces, shown }
    })
    // The first of them has asked for it.
    await longBlocks.load()
    assert(longBlocks.loaded() !== undefined, 'it has come')
    for (const { kind, line, parts, container, stream, pieces, shown } of begun) {
      const more = lines(80, 120, line)
      for (const piece of more) {
        stream.append(piece)
        stream.render()
      }
      const now = [...container.querySelectorAll(parts)]
      assert(
        shown.slice(0, -1).every((element, index) => now[index] === element),
        `${kind} keeps what was shown`,
      )
      stream.end()
      const whole = start()
      whole.stream.append([...pieces, ...more].join(''))
      whole.stream.end()
      container.normalize()
      whole.container.normalize()
      assert(container.isEqualNode(whole.container), `${kind}: ${container.innerHTML}`)
    }
  })
})
