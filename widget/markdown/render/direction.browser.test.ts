import '../../answer/answer.ts'
import { sanitizer } from './raw-html.ts'
import { longBlocks } from '../stream/stream.ts'
import { loadGrammars } from '../../testing/scripted/load-grammars.ts'

const assert = (condition: boolean, message: string) => {
  if (!condition) throw new Error(message)
}

const equal = (actual: unknown, expected: unknown, what: string) =>
  assert(actual === expected, `${what}: ${String(actual)}, expected ${String(expected)}`)

const shown: HTMLElement[] = []

async function show(text: string): Promise<ShadowRoot> {
  const answer = document.createElement('samosa-answer')
  Object.assign(answer, { chunks: [text] })
  document.body.append(answer)
  shown.push(answer)
  await answer.updateComplete
  const { shadowRoot } = answer
  if (!shadowRoot) throw new Error('nothing is shown')
  return shadowRoot
}

const directions = (root: ParentNode, selector: string) =>
  Array.from(root.querySelectorAll(selector), (block) => getComputedStyle(block).direction).join()

/** Where a character of the first text of an element stands on the screen. */
function placeOf(element: Element, at: number): number {
  const range = document.createRange()
  const text = document.createTreeWalker(element, NodeFilter.SHOW_TEXT).nextNode()
  if (!text) throw new Error('there is no text')
  range.setStart(text, at)
  range.setEnd(text, at + 1)
  return range.getBoundingClientRect().x
}

function assertInOrder(element: Element): void {
  const { length } = element.textContent ?? ''
  const places = Array.from({ length }, (_, at) => placeOf(element, at))
  const isSorted = places.every((place, at) => at === 0 || place > (places[at - 1] ?? 0))
  assert(isSorted, `${element.textContent} is at ${places.join()}`)
}

describe('text that runs from the right', () => {
  before(async () => {
    await Promise.all([sanitizer.load(), loadGrammars(), longBlocks.load()])
  })

  afterEach(() => {
    for (const answer of shown.splice(0)) answer.remove()
  })

  it('turns every block that begins with code, a link or a Latin word', async () => {
    const root = await show(
      [
        '`make test` يشغّل الاختبارات.',
        '# `git log` لعرض السجل',
        '[Vue](https://vue.example) إطار عمل لبناء الواجهات.',
        '> `yield` תיאור של המילה',
        'Rust היא שפת תכנות מהירה ובטוחה',
        '$x^2$ هو مربع العدد',
      ].join('\n\n'),
    )
    equal(directions(root, 'p'), 'rtl,rtl,rtl,rtl,rtl', 'paragraphs')
    equal(directions(root, 'h1, blockquote'), 'rtl,rtl', 'heading and quote')
  })

  it('turns each item and each cell by itself, lists and quotes as the first of them, tables with their heads', async () => {
    const root = await show(
      [
        '- `ls -l` يعرض الملفات\n- `cd` يغيّر المجلد\n- Only English here\n- `pwd`',
        '1. Redis: قاعدة بيانات سريعة\n2. ثانيا\n   - nested in English\n   - and more',
        '- English\n- أيضا\n- More English',
        '| `id` | الاسم | القيمة |\n|---|---|---|\n| `key` مفتاح | Latin | 42 |',
        '| Name | Word |\n|---|---|\n| peace | שלום |',
      ].join('\n\n'),
    )
    equal(directions(root, '.text > ul:first-child > li'), 'rtl,rtl,ltr,rtl', 'items')
    equal(directions(root, '.text > :is(ul, ol)'), 'rtl,rtl,ltr', 'lists')
    equal(directions(root, 'ol > li'), 'rtl,rtl', 'items that are numbered')
    equal(directions(root, 'ol ul, ol ul > li'), 'ltr,ltr,ltr', 'a list in a list')
    equal(directions(root, 'table'), 'rtl,ltr', 'tables')
    equal(directions(root, 'td'), 'rtl,ltr,rtl,ltr,rtl', 'cells')
  })

  it('keeps code, keys and addresses in their order', async () => {
    const codes = ['C#', '--out=', 'y = 7;', './go.sh -x!', '[3, 4]', '$PATH/', '<p>', '.env', '-v']
    const root = await show(
      `${codes.map((code) => `نكتب \`${code}\` هنا.`).join('\n\n')}

اضغط <kbd>Ctrl++</kbd> ثم https://example.org/a/ والسلام`,
    )
    equal(root.querySelectorAll('code').length, codes.length, 'pieces of code')
    for (const element of root.querySelectorAll('code, kbd, a')) assertInOrder(element)
    const link = root.querySelector('a')
    equal(link?.textContent, 'https://example.org/a/', 'the address')
  })

  it('has the bullet of each item on the side where it begins, inside of the answer', async () => {
    const root = await show('- English\n- بالعربية\n- More')
    const list = root.querySelector('ul')?.getBoundingClientRect()
    const [left, right] = Array.from(root.querySelectorAll('li'), (item) =>
      item.getBoundingClientRect(),
    )
    if (!list || !left || !right) throw new Error('there is no list')
    assert(left.left - list.left > 12 && left.right === list.right, 'room at the left')
    assert(list.right - right.right > 12 && right.left === list.left, 'room at the right')
  })

  it('turns a long list with its items while they come', async () => {
    const answer = document.createElement('samosa-answer')
    const chunks = ['- `x`\n']
    Object.assign(answer, { chunks, streaming: true })
    document.body.append(answer)
    shown.push(answer)
    for (let version = 1; version < 80; version += 1) {
      chunks.push(`- Kafka ${version} نظام لنقل الرسائل\n`)
      Object.assign(answer, { version })
      await answer.updateComplete
    }
    const list = answer.shadowRoot?.querySelector('ul')
    equal(list?.dir, 'rtl', 'while it comes')
    Object.assign(answer, { streaming: false })
    await answer.updateComplete
    equal(list?.dir, 'rtl', 'at its end')
    equal(list?.children.length, 80, 'items')
  })

  it('leaves an answer without such words as it is, whatever is around it', async () => {
    document.documentElement.dir = 'rtl'
    const root = await show('Words\n\n- an item\n\n> a quote\n\n| a |\n|---|\n| b |\n\n5 + 3 = 8')
    const seen = directions(root, 'p, ul, li, blockquote, table, th, td')
    document.documentElement.dir = ''
    assert(!seen.includes('rtl'), seen)
  })
})

describe('emphasis', () => {
  it('is upright in scripts that have no italics', async () => {
    const root = await show('*a*, *café*, *слово*, *مهم*, *大事*, *ज़रूरी*')
    const styles = Array.from(root.querySelectorAll('em'), (em) => getComputedStyle(em).fontStyle)
    equal(styles.join(), 'italic,italic,italic,normal,normal,normal', 'the styles')
  })
})
