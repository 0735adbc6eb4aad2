import { answerStrings } from '../words/en/answer.ts'
import { sanitizer } from './render/raw-html.ts'
import { createMarkdownStream } from './stream/stream.ts'
import { loadGrammars } from '../testing/scripted/load-grammars.ts'

const assert = (condition: boolean, message: string) => {
  if (!condition) throw new Error(message)
}

const show = (container: HTMLElement, pieces: Iterable<string>) => {
  const stream = createMarkdownStream(container, { strings: answerStrings.markdown })
  for (const piece of pieces) {
    stream.append(piece)
    stream.render()
  }
  stream.end()
  return container
}

const rendered = (text: string) => show(document.createElement('div'), [text])

const script = ['java', 'script:window.attacked=1'].join('')

/** One payload for each way in. */
const ATTACKS = [
  '<script>window.attacked=1</script>',
  '<img src=/attack.png onerror="window.attacked=1">',
  '<svg onload="window.attacked=1"><script>window.attacked=1</script></svg>',
  '<math><mi xlink:href="/attack"></mi></math>',
  '<iframe src="/attack.html"></iframe><object data="/attack"></object><embed src="/attack">',
  `<iframe srcdoc="<script>parent.attacked=1</script>"></iframe>`,
  `<a href="${script}">x</a> [x](${script}) <${script}>`,
  `[x](&#106;avascript:window.attacked=1) [y]\n\n[y]: ${script}`,
  '[x](data:text/html,<script>parent.attacked=1</script>) [y](vbscript:x) [z](file:///etc)',
  '<p style="background:url(/attack.png)" class="segments" id="x" name="y">styled</p>',
  '<style>*{background:url(/attack.png)}</style><link rel="stylesheet" href="/attack.css">',
  '<form action="/attack"><input name="a"><button>x</button><textarea></textarea></form>',
  '<input type="image" src="/attack.png"><input type="checkbox" onclick="window.attacked=1">',
  '<video src="/attack.mp4" autoplay></video><audio src="/attack.mp3"></audio>',
  '<picture><source srcset="/attack.png"><img srcset="/attack.png"></picture>',
  '![x](/attack.png) ![y](data:image/svg+xml,<svg/>) <img src="/attack.png">',
  '<base href="/attack/"><meta http-equiv="refresh" content="0;url=/attack">',
  '<details open ontoggle="window.attacked=1"><summary>s</summary></details>',
  '<div data-source="1" aria-label="x" role="alert" tabindex="1" contenteditable>d</div>',
  '<template><script>window.attacked=1</script></template><noscript><p title="</noscript><img src=/attack.png onerror=window.attacked=1>">',
  '<a href="https://example.org" target="_self" rel="opener" download ping="/attack">a</a>',
  '| <img src=/attack.png onerror=window.attacked=1> |\n|---|\n| <script>window.attacked=1</script> |',
  '- <img src=/attack.png onerror=window.attacked=1>\n- `x`<script>window.attacked=1</script>',
  '```<img src=/attack.png onerror=window.attacked=1>\n</code></pre><script>window.attacked=1</script>\n```',
  '<b <script>window.attacked=1</script>>x</b><!--><img src=/attack.png onerror=window.attacked=1>-->',
]
const ALLOWED =
  /^(?:a|b|blockquote|br|button|code|del|details|div|em|h[1-6]|hr|i|input|ins|kbd|li|mark|ol|p|pre|s|span|strong|sub|summary|sup|table|tbody|td|tfoot|th|thead|tr|ul)$/
const FORBIDDEN_ATTRIBUTE =
  /^(?:on.*|style|id|name|src|srcset|srcdoc|action|data-.*|ping|download|contenteditable)$/

const assertHarmless = (container: HTMLElement, what: string) => {
  for (const element of container.querySelectorAll('*')) {
    assert(ALLOWED.test(element.localName), `<${element.localName}> from ${what}`)
    for (const { name } of element.attributes) {
      assert(!FORBIDDEN_ATTRIBUTE.test(name), `${name} from ${what}`)
    }
  }
  for (const anchor of container.querySelectorAll('a')) {
    if (!anchor.hasAttribute('href')) continue
    assert(/^(?:https?|mailto|tel):/.test(anchor.href), `${anchor.href} from ${what}`)
    assert(anchor.target === '_blank', `target from ${what}`)
    assert(anchor.rel === 'noopener noreferrer nofollow', `rel from ${what}`)
  }
}

describe('Markdown from a stranger', () => {
  before(() => Promise.all([sanitizer.load(), loadGrammars()]))

  it('runs nothing, loads nothing and brings no forbidden element, whole or in pieces', async () => {
    const host = document.createElement('div')
    document.body.append(host)
    for (const attack of ATTACKS) {
      for (const pieces of [[attack], attack, [`text ${attack}`, ` **${attack}**`]]) {
        const container = document.createElement('div')
        host.append(container)
        show(container, pieces)
        assertHarmless(container, attack)
      }
    }
    await new Promise((resolve) => requestAnimationFrame(resolve))
    await new Promise((resolve) => requestAnimationFrame(resolve))
    host.remove()
    assert(!('attacked' in window), 'no script ran')
    const asked = performance
      .getEntriesByType('resource')
      .filter(({ name }) => name.includes('attack'))
    assert(asked.length === 0, `asked for ${asked.map(({ name }) => name).join()}`)
  })

  it('shows what is nested deeper than anybody can see', () => {
    const many = 5_000
    for (const text of [
      `${'> '.repeat(many)}deep`,
      `${'- '.repeat(many)}deep`,
      `${'*a **b '.repeat(many)}deep${' c* d**'.repeat(many)}`,
      `${'*'.repeat(many)}deep${'*'.repeat(many)}`,
      `${'![a'.repeat(many)}deep${'](/x)'.repeat(many)}`,
      `${'[a '.repeat(many)}deep${'](/x)'.repeat(many)}`,
    ]) {
      const container = rendered(text)
      assert(container.textContent.includes('deep'), `the text of ${text.slice(0, 20)}`)
      container.cloneNode(true)
    }
  })

  it('shows an image as a link that nothing follows by itself', () => {
    const [anchor] = rendered('![a picture](https://example.org/p.png)').querySelectorAll('a')
    assert(anchor?.textContent === 'a picture', 'named by its alternative text')
    assert(anchor?.href === 'https://example.org/p.png', 'leads to the image')
  })

  it('shows a link to nowhere safe as its text', () => {
    const container = rendered(`[text](${script})`)
    assert(container.querySelector('a') === null, 'no anchor')
    assert(container.textContent === 'text', container.innerHTML)
  })

  it('keeps harmless HTML', () => {
    const html = rendered('H<sub>2</sub>O <kbd>Esc</kbd> <mark>m</mark>').innerHTML
    assert(html === '<p dir="ltr">H<sub>2</sub>O <kbd>Esc</kbd> <mark>m</mark></p>', html)
  })

  it('gives code, tables and tasks what a keyboard and a screen reader need', () => {
    const container = rendered('```js\nx\n```\n\n| a |\n|--|\n| b |\n\n- [x] done\n- [ ] open')
    const pre = container.querySelector('pre')
    assert(pre?.tabIndex === 0 && pre.getAttribute('aria-label') === 'Code, js', 'code region')
    const scroll = container.querySelector('.table-scroll')
    assert(scroll?.getAttribute('role') === 'group', 'table group')
    const boxes = [...container.querySelectorAll('input')]
    assert(
      boxes.every((box) => box.disabled),
      'boxes are disabled',
    )
    assert(boxes.map((box) => box.ariaLabel).join() === 'Done,Not done', 'boxes have names')
  })
})
