import { answerStrings } from '../../words/en/answer.ts'
import { sanitizer } from '../render/raw-html.ts'
import { SAMPLES } from '../testing/samples.ts'
import { createMarkdownStream, longBlocks, type MarkdownStream } from './stream.ts'
import { loadGrammars } from '../../testing/scripted/load-grammars.ts'

const assert = (condition: boolean, message: string) => {
  if (!condition) throw new Error(message)
}

const start = (): { readonly container: HTMLElement; readonly stream: MarkdownStream } => {
  const container = document.createElement('div')
  return { container, stream: createMarkdownStream(container, { strings: answerStrings.markdown }) }
}

const streamed = (pieces: Iterable<string>) => {
  const { container, stream } = start()
  for (const piece of pieces) {
    stream.append(piece)
    stream.render()
  }
  stream.end()
  container.normalize()
  return container
}

const assertSame = (actual: HTMLElement, expected: HTMLElement, what: string) => {
  const message = `${what}\nexpected ${expected.innerHTML}\nactual   ${actual.innerHTML}`
  assert(actual.isEqualNode(expected), message)
}

/** Streams `pieces`, characters of a text as a rule, and looks at the page after each. */
const watch = (
  pieces: Iterable<string>,
  look: (container: HTMLElement, written: string) => void,
) => {
  const { container, stream } = start()
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

describe('a Markdown stream', () => {
  before(async () => {
    await sanitizer.load()
    await longBlocks.load()
    await loadGrammars()
  })

  it('ends in the DOM of a one-shot rendering wherever the text is cut in two', () => {
    for (const text of SAMPLES) {
      const whole = streamed([text])
      for (let cut = 1; cut < text.length; cut += 1) {
        const html = streamed([text.slice(0, cut), text.slice(cut)])
        assertSame(html, whole, `${JSON.stringify(text)} cut at ${cut}`)
      }
    }
  })

  it('ends in the DOM of a one-shot rendering when every character comes by itself', () => {
    for (const text of SAMPLES) assertSame(streamed(text), streamed([text]), JSON.stringify(text))
  })

  it('ends in that DOM too when all the samples are one text', () => {
    const text = SAMPLES.filter((sample) => !/never closed|Never closed|^```$/m.test(sample)).join(
      '\n\n',
    )
    const pieces = text.match(/[\s\S]{1,5}/g) ?? []
    assertSame(streamed(pieces), streamed([text]), 'joined samples')
  })

  it('never touches a block again that is finished', () => {
    const paragraphs = Array.from({ length: 12 }, (_, index) => `Paragraph **${index}** \`x\`.`)
    const seen: Element[] = []
    let mutated = 0
    const observer = new MutationObserver(() => {})
    watch(paragraphs.join('\n\n'), (container) => {
      if (seen.length === 0) observer.observe(container, { subtree: true, childList: true })
      const children = [...container.children]
      for (const [index, child] of seen.entries()) {
        assert(children[index] === child, `block ${index} is still the same`)
      }
      for (const record of observer.takeRecords()) {
        if (seen.some((element) => element.contains(record.target))) mutated += 1
      }
      const finished = children.slice(0, -1)
      seen.push(...finished.slice(seen.length))
    })
    observer.disconnect()
    assert(seen.length === 11 && mutated === 0, `${seen.length} blocks, ${mutated} changes`)
  })

  it('renders only the last item of a list, and the last row of a table', () => {
    const list = Array.from({ length: 40 }, (_, index) => `- item **${index}**\n`).join('')
    const rows = Array.from({ length: 40 }, (_, index) => `| ${index} | *b* |\n`).join('')
    // As models cut it: a line break comes with the mark that starts the next line.
    const cut = (text: string) => text.match(/\s*\S{1,4}/g) ?? []
    for (const [pieces, parts] of [
      [list, 'li'],
      [cut(list), 'li'],
      [`| a | b |\n|---|---|\n${rows}`, 'tbody tr'],
      [cut(`| a | b |\n|---|---|\n${rows}`), 'tbody tr'],
    ] as const) {
      const seen: Element[] = []
      watch(pieces, (container) => {
        const elements = [...container.querySelectorAll(parts)]
        for (const [index, element] of seen.entries()) {
          assert(elements[index] === element, `${parts} ${index} is still the same`)
        }
        seen.push(...elements.slice(seen.length, -2))
      })
      assert(seen.length === 38, `${seen.length} ${parts}`)
    }
  })

  it('does no more for the last item of a long list than for the second', () => {
    const { container, stream } = start()
    const observer = new MutationObserver(() => {})
    observer.observe(container, { subtree: true, childList: true, characterData: true })
    let most = 0
    for (let index = 0; index < 300; index += 1) {
      stream.append(`- item **${index}** and\n-`)
      stream.render()
      stream.append(' more\n')
      stream.render()
      const changed = observer
        .takeRecords()
        .reduce(
          (sum, { addedNodes, removedNodes }) => sum + addedNodes.length + removedNodes.length + 1,
          0,
        )
      if (index > 1) most = Math.max(most, changed)
    }
    observer.disconnect()
    assert(most < 30, `${most} changes for one item`)
  })

  it('appends to the one text node of an open code block', () => {
    let text: Node | null | undefined
    const code = Array.from({ length: 30 }, (_, index) => `line ${index}`).join('\n')
    const container = watch(`\`\`\`js\n${code}\n\`\`\`\n`, (shown, written) => {
      const node = shown.querySelector('code')?.firstChild
      if (written.length > 12) assert(node === (text ??= node), 'the text node stays')
    })
    assert(container.querySelector('code')?.textContent === code, 'the code is whole')
  })

  it('keeps what a reader has selected in a text that goes on', () => {
    const { container, stream } = start()
    document.body.append(container)
    stream.append('Some words and')
    stream.render()
    const text = container.querySelector('p')?.firstChild
    if (text) getSelection()?.setBaseAndExtent(text, 5, text, 10)
    stream.append(' more **of them**.')
    stream.render()
    assert(getSelection()?.toString() === 'words', String(getSelection()))
    container.remove()
  })

  it('shows no raw marks while they are being written', () => {
    const text = [
      'Some **bold text**, *italic*, `code` and ~~gone~~ [a link](https://example.org/x) here.',
      '- **Item one**: text\n- [x] a task\n- *two*',
      '| Head | **Two** |\n|------|:---:|\n| `cell` | **x** |',
      '## Heading **two**',
      '```ts\nconst a = 1\n```',
      '![a picture](https://example.org/p.png) end',
    ].join('\n\n')
    watch(text, (container, written) => {
      const shown = container.textContent ?? ''
      assert(!/[*`~|[\]#]|\]\(|https?:|^- /.test(shown), `${JSON.stringify(written)}: ${shown}`)
    })
  })

  it('never makes a heading of a text whose next line may become a list', () => {
    watch('Some text\n- item\n\nMore\n\n1. x\n- y', (container, written) => {
      assert(container.querySelector('h1, h2') === null, JSON.stringify(written))
    })
  })

  it('turns references into links when their definition comes, and touches nothing else', () => {
    const { container, stream } = start()
    stream.append(
      'See [the manual][m] and [m].\n\n- [m] in a list\n- other\n\nPlain.\n\n| [m] |\n|--|\n| [m] |\n\nLast.\n',
    )
    stream.render()
    const plain = container.children[2]
    const other = container.querySelectorAll('li')[1]
    assert(container.querySelector('a') === null, 'no definition yet')
    stream.append('\n[m]: https://example.org/m\n\nEnd.\n')
    stream.render()
    stream.end()
    const links = [...container.querySelectorAll('a')].map((anchor) => anchor.href)
    assert(links.length === 5, `${links.length} links`)
    assert(
      links.every((href) => href === 'https://example.org/m'),
      links.join(),
    )
    assert(container.children[2] === plain, 'the paragraph without a reference stays')
    assert(container.querySelectorAll('li')[1] === other, 'the item without a reference stays')
  })

  it('keeps what a reader has opened while more text comes', () => {
    const { container, stream } = start()
    stream.append('<details><summary>More</summary>\n\nHidden')
    stream.render()
    const details = container.querySelector('details')
    if (details) details.open = true
    stream.append(' text\n\n- a list\n')
    stream.render()
    assert(container.querySelector('details') === details && details?.open === true, 'still open')
    stream.append('\n</details>\n')
    stream.end()
    assert(container.querySelector('details')?.open === true, 'open at the end')
  })
})
