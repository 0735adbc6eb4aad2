import '../../answer/answer.ts'
import { textToCopy } from '../../answer/message-actions.ts'
import { tagCode } from '../../answer/tag-reader.ts'
import { answerStrings } from '../../words/en/answer.ts'
import { markupAnswers } from '../testing/generated.ts'
import { sanitizer } from '../render/raw-html.ts'
import { createMarkdownStream, longBlocks } from '../stream/stream.ts'
import * as fc from 'fast-check'
import { loadGrammars } from '../../testing/scripted/load-grammars.ts'

const assert = (condition: boolean, message: string) => {
  if (!condition) throw new Error(message)
}

/** Shows a text that comes in pieces, and looks at the page after each. */
function show(
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
  container.normalize()
  return container
}

const textOf = (container: HTMLElement) => (container.textContent ?? '').replaceAll(/\s+/g, ' ')

/** Tags as they are written in sentences, each of which must be read as it stands. */
const WRITTEN = [
  ...['<repo-url>', '<String>', '<T>', '<customer>', '<Enter>', '<iostream>', '<First Name>'],
  ...['<MyComponent prop={x} />', '<Suspense fallback="*x*">', '</dir>', '</Foo>', '<exact lines>'],
  ...['<your answer here>', '<std::string, int>', '<std::string>', '<int>', '<x-element a="b">'],
  ...['<input>', '<output>', '<form action="/x">', '<iframe src="/x">', '<object data="/x">'],
  ...['<meta charset="utf-8">', '<base href="/x">', '<link rel="x">', '<svg viewBox="0 0 1 1">'],
  ...['<math>', '<title>', '<textarea>', '<template>', '<noscript>', '<xmp>', '<section>'],
  ...['<!DOCTYPE html>', '<?xml version="1.0"?>', '<![CDATA[x]]>', '<thought>', '<Think>', '<a>'],
  ...[
    '<irc://a.b>',
    '<b and c>',
    '<xs:element name="y"/>',
    '<script>',
    '<div>',
    '</span>',
    '<img>',
  ],
]

/** Texts of what only looks like a tag, whole and in pieces. */
const sentences = fc
  .array(
    fc.constantFrom(
      ...[
        '<T>',
        '</T>',
        '<a b>',
        '<b c>',
        '<i n>',
        '<a>',
        '<answer>',
        '<x-y>',
        '<x y="1">',
        '<?x ?>',
      ],
      ...['<!D>', '<std::x>', '<section>', '</section>', '<', '</', '<k', 'q>', '="x"', '"', '，'],
      ...['word', '日本', ' ', ' ', '\n', '\n\n', '\n<note>\n'],
    ),
    { minLength: 1, maxLength: 14 },
  )
  .map((pieces) => `x ${pieces.join('')}`)

/** The places of an answer that text stands in. */
const PLACES: readonly ((tag: string) => string)[] = [
  (tag) => `Before ${tag} after.`,
  (tag) => `a${tag}b`,
  (tag) => `${tag} starts a line`,
  (tag) => `It ends with ${tag}\n\nnext`,
  (tag) => `## Heading ${tag}`,
  (tag) => `- item ${tag}\n- ${tag} item`,
  (tag) => `1. cd ${tag}`,
  (tag) => `> quoted ${tag}`,
  (tag) => `| ${tag} |\n|---|\n| ${tag} |`,
  (tag) => `**bold ${tag}** and *${tag}*`,
  (tag) => `[a ${tag} link](https://example.org/)`,
]

describe('what looks like a tag and is none', () => {
  before(async () => {
    await Promise.all([sanitizer.load(), loadGrammars(), longBlocks.load(), tagCode.load()])
  })

  it('is shown as it is written, in every place of an answer', () => {
    for (const tag of WRITTEN) {
      for (const place of PLACES) {
        const text = place(tag)
        const container = show([text])
        const times = text.split(tag).length
        const shown = textOf(container).split(tag).length
        assert(shown === times, `${JSON.stringify(text)} as ${container.innerHTML}`)
      }
    }
  })

  it('is shown on a line of its own, and Markdown around it is Markdown', () => {
    for (const name of ['answer', 'section', 'Note', 'my-element', 'output', 'body']) {
      const container = show([`<${name}>\n**42**\n</${name}>\n\nDone.`])
      assert(container.querySelector('strong')?.textContent === '42', container.innerHTML)
      assert(textOf(container).includes(`<${name}> 42 </${name}>`), container.innerHTML)
    }
  })

  it('is shown with its end tags when it is the source of a component', () => {
    for (const source of [
      '<div onClick={() => go(a > b)}>\n  text\n</div>',
      '<div {...rest}>\n\ntext\n\n</div>',
      '<div\n  className={a}\n>\n\ntext\n\n</div>',
      '<div className={a}>\n<p key={1}>text</p>\n</div>',
      '<li *ngFor="let x of xs" [class.on]="x.on" (click)="go(x)">{{x}}</li>',
      '<p @click="go">text</p>',
      '<tr v-for="x in xs" :key="x.id">{{ x }}</tr>',
      'return (\n  <div onClick={() => go(a)}>\n    text\n  </div>\n)',
      'Add this:\n\n<script src="https://example.org/x.js" async></script>',
    ]) {
      const container = show([source])
      const bare = (text: string) => text.replaceAll(/\s+/g, '')
      assert(bare(container.textContent ?? '') === bare(source), container.innerHTML)
    }
  })

  it('is shown in thinking, and is copied', async () => {
    const answer = document.createElement('samosa-answer')
    answer.chunks = ['<think>Maybe use List<String> here</think>', 'Dear <customer>.']
    document.body.append(answer)
    await answer.updateComplete
    const shown = answer.shadowRoot?.querySelector('.segments')?.textContent ?? ''
    answer.remove()
    assert(shown.includes('List<String>') && shown.includes('Dear <customer>.'), shown)
    assert(textToCopy(answer.chunks.join('')) === 'Dear <customer>.', 'copied')
  })

  it('is never HTML on its way to the page', () => {
    for (const tag of ['<svg onload=x>', '<x><style><img src onerror=x>', '<math><mtext></form>']) {
      const container = show([`<div>${tag}</div> **${tag}** <b>${tag}</b>`])
      const elements = [...container.querySelectorAll('*')].map(({ localName }) => localName)
      assert(!/svg|style|img|math|x/.test(elements.join()), container.innerHTML)
    }
  })

  it('leaves HTML alone that is shown, and out what is no text', () => {
    const container = show([
      'H<sub>2</sub>O <kbd>Esc</kbd> a<br>b <a href="https://example.org">c</a>',
      '\n\n<details><summary>d</summary>\n\n- **e**\n\n</details>\n\n',
      '<table><tr><td>f</td></tr></table>\n\n- [ ] <input type="checkbox" checked> g\n\n',
      'h<script>secret()</script>i<style>secret {}</style>j<!-- secret -->k\n\n',
      '<script>\nsecret\n\nsecret\n</script>\n\n<!--\nsecret\n\n-->\n\nl',
    ])
    const found = container.querySelectorAll('sub, kbd, br, a[href], details li strong, td, input')
    assert(found.length === 8, container.innerHTML)
    assert(!/[<>]|secret/.test(textOf(container)), textOf(container))
    assert(textOf(container).includes('hijk'), textOf(container))
  })
})

describe('HTML in an item of a list and in a quote', () => {
  it('holds the blocks up to its end tag, as anywhere else', () => {
    for (const [text, found] of [
      ['- <details><summary>a</summary>\n\n  b **c**\n\n  </details>\n- d', 'li > details strong'],
      ['1. e\n\n   <div>\n\n   - f\n\n   </div> g', 'li > div li'],
      [
        '> <details>\n> <summary>h</summary>\n>\n> i `j`\n>\n> </details>',
        'blockquote > details code',
      ],
      ['> - <ul><li>\n>\n>   **k**\n>\n>   </li></ul>', 'blockquote li > ul strong'],
    ] as const) {
      for (const pieces of [[text], text]) {
        const container = show(pieces)
        assert(container.querySelector(found) !== null, container.innerHTML)
        assert(!/[<>]/.test(textOf(container)), container.innerHTML)
      }
    }
  })

  it('is text where it has no end tag or no start tag', () => {
    const container = show(['- a </div>\n\n  b\n- </details>\n\n> </div>\n>\n> c'])
    assert(textOf(container).split('</').length === 4, container.innerHTML)
  })
})

describe('what looks like a tag, while it is written', () => {
  it('holds back nothing behind a < that starts none', () => {
    for (const text of [
      'If n <k then the loop runs again and again until the list is empty.',
      'Compare a <b, c and d, while e stays what it was before; then go on > stop.',
      'If a<b and c stay what they are then all the words appear one by one.',
      'I <3 you and <- this and <= that and < those, for as long as it takes.',
    ]) {
      show(text, (container, written) => {
        const missing = written.trimEnd().length - textOf(container).trimEnd().length
        assert(missing < 12, `${container.innerHTML} of ${JSON.stringify(written)}`)
      })
    }
  })

  it('holds back no sentence about a script or a style', () => {
    for (const text of [
      'Put it in a <script> tag, or a <style>, and all the words still appear one by one.',
      'It goes between <script>, <style> and the rest, however long that takes to be told.',
      '请把它放在 <script> 标签里 ，然后所有的文字仍然会一个一个地出现，一直到最后。',
    ]) {
      show(text, (container, written) => {
        const missing = written.trimEnd().length - textOf(container).trimEnd().length
        assert(missing < 16, `${container.innerHTML} of ${JSON.stringify(written)}`)
      })
    }
  })

  it('loses nothing, and shows nothing that it takes back', () => {
    const inkOf = (text: string | null) => (text ?? '').replaceAll(/\s+/g, '')
    const { failed, counterexample, errorInstance } = fc.check(
      fc.property(sentences, (text) => {
        const whole = show(text, (container, written) => {
          const [shown, all] = [container.textContent, written].map(inkOf)
          assert(all?.startsWith(shown ?? '') ?? false, `${shown} of ${JSON.stringify(written)}`)
        })
        assert(inkOf(whole.textContent) === inkOf(text), whole.innerHTML)
      }),
      { numRuns: 200 },
    )
    const seen = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
    assert(!failed, `${seen}\nwith ${JSON.stringify(counterexample)}`)
  })

  it('never shows the source of HTML that is shown', () => {
    const text = [
      'H<sub>2</sub>O <kbd class="x" title=\'a > b\'>Esc</kbd> a<br />b',
      '<a href="https://example.org/?a=b&c" title="d">e</a> <img src="/x.png" alt="f">',
      '<details open>\n<summary>g</summary>\n\n- <b>h</b>\n\n</details>',
      '<p align="center">\ni <input type="checkbox" checked disabled>\n</p>',
      '| <i>j</i> |\n|---|\n| k<br>l |',
      'm <!-- n --> o <script>p()</script> q <https://example.org/r> <me@example.org>',
    ].join('\n\n')
    show(text, (container, written) => {
      assert(
        !/[<>]/.test(textOf(container)),
        `${container.innerHTML} of ${JSON.stringify(written)}`,
      )
    })
  })

  it('ends in the DOM of a one-shot rendering wherever it is cut', function () {
    this.timeout(60_000)
    const { failed, counterexample, errorInstance } = fc.check(
      fc.property(markupAnswers, (text) => {
        const whole = show([text])
        for (let at = 0; at < text.length; at += 1) {
          const pieces = at === 0 ? text : [text.slice(0, at), text.slice(at)]
          const shown = show(pieces)
          assert(shown.isEqualNode(whole), `cut at ${at}\n${shown.innerHTML}\n${whole.innerHTML}`)
        }
      }),
      { numRuns: 60 },
    )
    const seen = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
    assert(!failed, `${seen}\nwith ${JSON.stringify(counterexample)}`)
  })
})
