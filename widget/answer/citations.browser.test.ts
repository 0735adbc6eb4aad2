import 'axe-core/axe.min.js'
import type { Citation, Source } from '../../server/protocol/events.ts'
import { de } from '../words/de.ts'
import { createMarkdownStream } from '../markdown/stream/stream.ts'
import { loadGrammars } from '../testing/scripted/load-grammars.ts'
import { assertAccessible } from '../testing/scripted/visitor.ts'
import { until } from '../testing/scripted/until.ts'
import './answer.ts'
import type { SamosaAnswer } from './answer.ts'
import { citeSources } from './citations.ts'
import { answerStrings } from '../words/en/answer.ts'

const assert = (condition: boolean, message: string) => {
  if (!condition) throw new Error(message)
}

const source = (number: number, rest: Partial<Source> = {}): Source => ({
  number,
  title: `Title ${number}`,
  url: null,
  creator: null,
  section: null,
  snippet: `Passage ${number}.`,
  score: 1,
  ...rest,
})

const SOURCES = [1, 2, 3, 12].map((number) => source(number))

const rendered = (pieces: readonly string[], sources = SOURCES) => {
  const container = document.createElement('div')
  const stream = createMarkdownStream(container, {
    strings: answerStrings.markdown,
    enrich: (root) => citeSources(root, sources, answerStrings),
  })
  for (const piece of pieces) {
    stream.append(piece)
    stream.render()
  }
  stream.end()
  container.normalize()
  return container
}

/** The text, with citations as `(1)`. */
const said = (root: Element) => {
  const copy = root.cloneNode(true)
  if (!(copy instanceof Element)) throw new Error('not an element')
  for (const mark of copy.querySelectorAll('.citation')) mark.replaceWith(`(${mark.textContent})`)
  return (copy.textContent ?? '').replaceAll('\u00a0', ' ').trim()
}

describe('numbers of sources in a text', () => {
  before(loadGrammars)

  const CASES: readonly (readonly [string, string])[] = [
    ['It is so [1].', 'It is so (1).'],
    ['It is so [1][2].', 'It is so (1)(2).'],
    ['It is so [1], [2] and [12].', 'It is so (1), (2) and (12).'],
    ['It is so [1, 2].', 'It is so (1)(2).'],
    ['It is so [1,2;3].', 'It is so (1)(2)(3).'],
    ['It is so [1-3].', 'It is so (1)(2)(3).'],
    ['It is so [1–3], [ 2 ].', 'It is so (1)(2)(3), (2).'],
    ['It is so [1, 2–3].', 'It is so (1)(2)(3).'],
    ['そうです【1】。', 'そうです(1)。'],
    ['そうです【1、2】［3］。', 'そうです(1)(2)(3)。'],
    ['It is so【1†source】【2†L3-L5】.', 'It is so(1)(2).'],
    ['It is so 【1†source】 and 【4†source】 so.', 'It is so (1) and [4] so.'],
    ['It is so[^1][^2].', 'It is so(1)(2).'],
    ['As it says [1]: so.', 'As it says (1): so.'],
    ['## Heading [1]', 'Heading (1)'],
    ['- an item [1]\n- another [2]', 'an item (1)another (2)'],
    ['1. an item **[1]**', 'an item (1)'],
    ['**bold [1]** and *both* ***[2]***', 'bold (1) and both (2)'],
    ['> quoted [1]', 'quoted (1)'],
    ['| a | b |\n| - | - |\n| x [1] | y [2, 3] |', 'abx (1)y (2)(3)'],
  ]
  it('are citations, in the forms in which models write them', () => {
    for (const [text, expected] of CASES) {
      const actual = said(rendered([text])).replaceAll(/\s*\n\s*/g, '\n')
      assert(actual === expected, `${text}: ${actual}`)
    }
  })

  const NONE: readonly string[] = [
    'No source [4] has this.',
    'Nor has one [0].',
    'Nor these [4, 5] or [4-6].',
    'An interval [0, 1] is none.',
    'Backwards [3-1] is none.',
    'All of them [1-999]?',
    'Years [1999], [2019-2020].',
    '`[1]` and ``a [2, 3]``',
    '```\n[1]\n```',
    '    [1]',
    '[a link [1]](https://example.org)',
    '[1](https://example.org)',
    'Not a source’s footnote [^4]',
    '[^1]: A footnote',
    '[1a] [a1] [1.5] [-1] [] [ ]',
    '$a[1]$ and \\(b[2]\\)',
  ]
  it('are text where no source has them, in code, in links and in formulas', () => {
    for (const text of NONE) {
      assert(rendered([text]).querySelector('.citation') === null, text)
    }
  })

  it('that no source has stay beside those that one has', () => {
    assert(said(rendered(['So [1, 4].'])) === 'So (1)[4].', said(rendered(['So [1, 4].'])))
    assert(said(rendered(['So [3-5].'])) === 'So (3)[4][5].', said(rendered(['So [3-5].'])))
    assert(said(rendered(['So [1][4].'])) === 'So (1)[4].', said(rendered(['So [1][4].'])))
  })

  it('are the same wherever the text is cut', () => {
    for (const text of [...CASES.map(([one]) => one), ...NONE, 'So [1, 4] and [3-5].']) {
      const whole = rendered([text])
      for (let cut = 1; cut < text.length; cut += 1) {
        const twice = rendered([text.slice(0, cut), text.slice(cut)])
        assert(
          twice.isEqualNode(whole),
          `${JSON.stringify(text)} cut at ${cut}: ${twice.innerHTML}`,
        )
      }
      assert(rendered([...text]).isEqualNode(whole), `${JSON.stringify(text)} by characters`)
    }
  })

  it('are not shown half', () => {
    const container = document.createElement('div')
    const stream = createMarkdownStream(container, {
      strings: answerStrings.markdown,
      enrich: (root) => citeSources(root, SOURCES, answerStrings),
    })
    for (const character of 'So it is [12], [1, 2-3].') {
      stream.append(character)
      stream.render()
      assert(!/[[\]]/.test(container.textContent ?? ''), container.textContent ?? '')
    }
    stream.end()
  })

  it('lead to the passage, else to the document, and nowhere that is not safe', () => {
    const evil = ['java', 'script:alert(1)'].join('')
    const at = (rest: Partial<Source>) =>
      rendered(['So [1].'], [source(1, rest)]).querySelector('.citation')
    const url = 'https://example.org/a'
    const link = at({ url, open_url: `${url}#b` })
    assert(link?.getAttribute('href') === `${url}#b`, 'the place')
    assert(link?.getAttribute('target') === '_blank', 'a tab of its own')
    assert(link?.getAttribute('rel')?.includes('noopener') === true, 'rel')
    assert(at({ url })?.getAttribute('href') === url, 'the document')
    assert(at({ url, open_url: evil })?.getAttribute('href') === url, 'not what is unsafe')
    assert(at({ url: evil, open_url: evil })?.localName === 'button', 'nowhere')
    assert(at({})?.getAttribute('aria-label') === 'Source 1: Title 1', 'its name')
    assert(link?.getAttribute('aria-label') === 'Source 1: Title 1', 'its name')
  })
})

describe('an answer with citations', () => {
  const shown: SamosaAnswer[] = []
  afterEach(() => {
    for (const answer of shown.splice(0)) answer.remove()
  })

  type Settings = Partial<Pick<SamosaAnswer, 'sources' | 'citations' | 'strings' | 'streaming'>>

  const show = async (chunks: readonly string[], settings: Settings = {}) => {
    const answer = document.createElement('samosa-answer')
    Object.assign(answer, { chunks, sources: SOURCES, ...settings })
    document.body.append(answer)
    shown.push(answer)
    await answer.updateComplete
    return answer
  }

  const all = (answer: SamosaAnswer, selector: string) => [
    ...(answer.shadowRoot?.querySelectorAll<HTMLElement>(selector) ?? []),
  ]
  const find = (answer: SamosaAnswer, selector: string) => {
    const [first] = all(answer, selector)
    if (!first) throw new Error(`there is no ${selector}`)
    return first
  }
  const words = (element: Element) => (element.textContent ?? '').replaceAll(/\s+/g, ' ').trim()
  const numbers = (answer: SamosaAnswer, selector: string) =>
    all(answer, `${selector} .source-number`).map(words).join()
  const unproven = (answer: SamosaAnswer) =>
    all(answer, '.citation').map((mark) => mark.hasAttribute('data-unproven'))
  const isOpen = (answer: SamosaAnswer) => find(answer, '.source-card').matches(':popover-open')
  const point = (target: Element, type: string, pointerType = 'mouse') =>
    target.dispatchEvent(new PointerEvent(type, { bubbles: true, composed: true, pointerType }))
  const hover = async (answer: SamosaAnswer, mark: Element) => {
    point(mark, 'pointerover')
    await until(() => isOpen(answer))
    return find(answer, '.source-card')
  }

  it('leaves no number alone on a line, and goes over the edge with none', async () => {
    const answer = await show([
      `${'Words. '.repeat(9)}${'[1] '.repeat(3)}[1-3, 1-3, 1-3, 1-3, 1-3]`,
    ])
    const text = find(answer, '.text')
    for (let width = 80; width < 400; width += 7) {
      text.style.width = `${width}px`
      assert(text.scrollWidth <= width, `${text.scrollWidth} px in ${width}`)
    }
    for (const url of [null, 'https://example.org']) {
      const sources = [source(1, { url })]
      const last = await show(['A sentence that ends here. [1]'], { sources })
      const paragraph = find(last, 'p')
      const mark = find(last, '.citation')
      for (let width = 120; width < 300; width += 3) {
        paragraph.style.width = `${width}px`
        const left = mark.getBoundingClientRect().left - paragraph.getBoundingClientRect().left
        assert(left > 10, `alone at ${width} px`)
      }
    }
  })

  it('lists what it cites first, and apart from it what was only found', async () => {
    const answer = await show(['So [3], and <think>[2]</think> so [1].'])
    assert(numbers(answer, '.used') === '1,3', numbers(answer, '.used'))
    assert(numbers(answer, '.unused') === '2,12', numbers(answer, '.unused'))
    const headings = all(answer, '.sources-heading').map(words).join()
    assert(headings === 'Sources,Also found', headings)
    assert(find(answer, '.unused').getAttribute('aria-label') === 'Also found', 'for all')
    await assertAccessible(answer)
  })

  it('rests on all of its sources when it cites none', async () => {
    const answer = await show(['So it is.'])
    assert(numbers(answer, '.used') === '1,2,3,12', numbers(answer, '.used'))
    assert(all(answer, '.unused').length === 0, 'nothing apart')
  })

  it('shows by a sign and in words which citation is unproven', async () => {
    const citations: readonly Citation[] = [
      { number: 1 },
      { number: 2, unproven: [] },
      { number: 1, unproven: ['1999', '“two years”'] },
    ]
    const answer = await show(['One [1]. Two [2]. Since 1999, for “two years” [1].'], { citations })
    assert(unproven(answer).join() === 'false,false,true', unproven(answer).join())
    const [proven, , mark] = all(answer, '.citation')
    if (!proven || !mark) throw new Error('no marks')
    const sign = getComputedStyle(mark, '::after').content
    assert(sign.includes('?'), `the sign ${sign}`)
    assert(getComputedStyle(proven, '::after').content === 'none', 'none on the others')
    const name = mark.getAttribute('aria-label') ?? ''
    assert(name === 'Source 1: Title 1. Not found in this source: 1999, “two years”', name)
    const card = await hover(answer, mark)
    assert(words(card).includes('Not found in this source: 1999“two years”'), words(card))
    await assertAccessible(answer)
    point(proven, 'pointerover')
    await until(() => !words(card).includes('Not found'))
  })

  it('takes what the server says of it while it ends, and keeps it in another language', async () => {
    const chunks = ['Since 1999 [1].']
    const answer = await show(chunks, { streaming: true })
    answer.citations = [{ number: 1, unproven: ['1999'] }]
    answer.streaming = false
    await answer.updateComplete
    assert(unproven(answer).join() === 'true', 'marked')
    answer.strings = de.answer
    await answer.updateComplete
    await until(() => unproven(answer).join() === 'true')
    const name = find(answer, '.citation').getAttribute('aria-label') ?? ''
    assert(name === 'Quelle 1: Title 1. Nicht in dieser Quelle gefunden: 1999', name)
  })

  it('finds by its words what is unproven, where the server counts otherwise', async () => {
    const citations = [{ number: 1, unproven: ['1999'] }, { number: 1 }, { number: 1 }]
    const answer = await show(['One [1].\n\nSince 1999 [1].'], { citations })
    assert(unproven(answer).join() === 'false,true', unproven(answer).join())
  })

  it('opens the card of one source at a time, and not for a pointer that passes by', async () => {
    const answer = await show(['So [1] and [2].'])
    const [first, second] = all(answer, '.citation')
    if (!first || !second) throw new Error('no marks')
    point(first, 'pointerover')
    assert(!isOpen(answer), 'not at once')
    const card = await hover(answer, first)
    assert(words(card).includes('Passage 1.'), words(card))
    assert(first.getAttribute('aria-describedby') === 'source-card-text', 'described by it')
    assert(first.getAttribute('aria-expanded') === 'true', 'expanded')
    point(second, 'pointerover')
    await until(() => words(card).includes('Passage 2.'))
    assert(!first.hasAttribute('aria-describedby'), 'one at a time')
    await assertAccessible(answer)
    point(card, 'pointerover')
    card.dispatchEvent(new PointerEvent('pointerenter', { pointerType: 'mouse' }))
    assert(isOpen(answer), 'it can be pointed at itself')
    point(find(answer, 'p'), 'pointerover')
    await until(() => !isOpen(answer))
    assert(second.getAttribute('aria-expanded') === 'false', 'collapsed')
  })

  it('shows title, section, page and passage, and opens them at the place', async () => {
    const open_url = 'https://docs.example.org/a#page=12'
    const [one] = [source(1, { section: 'Frying', page: 12, url: 'https://x.example', open_url })]
    const answer = await show(['So [1].'], { sources: one ? [one] : [] })
    const card = await hover(answer, find(answer, '.citation'))
    const expected = '1 Title 1 › Frying Page 12 Passage 1. Open docs.example.org'
    assert(words(card).replace('Opendocs', 'Open docs') === expected, words(card))
    assert(card.querySelector('a')?.href === open_url, 'the place')
    assert(find(answer, '.source a').getAttribute('href') === open_url, 'in the list too')
    await assertAccessible(answer)
  })

  it('shows the card when a key reaches the citation, until Escape or another place', async () => {
    const answer = await show(['So [1].'])
    const mark = find(answer, '.citation')
    mark.focus()
    await until(() => isOpen(answer))
    let heard = 0
    const listen = () => (heard += 1)
    addEventListener('keydown', listen)
    mark.dispatchEvent(
      new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, composed: true }),
    )
    removeEventListener('keydown', listen)
    assert(!isOpen(answer) && heard === 0, 'closed, and nothing else is')
    mark.blur()
    mark.focus()
    await until(() => isOpen(answer))
    mark.blur()
    assert(!isOpen(answer), 'gone with the focus')
  })

  it('shows the card to a finger first, which opens the source from there', async () => {
    const answer = await show(['So [1].'], { sources: [source(1, { url: 'https://a.example/b' })] })
    const mark = find(answer, '.citation')
    const click = (detail: number) => {
      const event = new MouseEvent('click', {
        bubbles: true,
        cancelable: true,
        composed: true,
        detail,
      })
      // It would open a tab.
      addEventListener('click', (last) => last.preventDefault(), { once: true })
      let isPrevented = false
      answer.addEventListener('click', (at) => (isPrevented = at.defaultPrevented), { once: true })
      mark.dispatchEvent(event)
      return isPrevented
    }
    point(mark, 'pointerdown', 'touch')
    assert(click(1) && isOpen(answer), 'the card')
    assert(find(answer, '.card-open').checkVisibility(), 'with a way to the source')
    point(mark, 'pointerdown', 'touch')
    assert(click(1) && !isOpen(answer), 'closed by another tap')
    point(mark, 'pointerdown', 'touch')
    click(1)
    point(document.body, 'pointerdown', 'touch')
    assert(!isOpen(answer), 'closed by a tap elsewhere')
    point(mark, 'pointerdown')
    assert(!click(1), 'a mouse follows the link')
    assert(!click(0), 'and so does a key')
  })

  it('opens the card by a press where there is nothing to follow', async () => {
    const answer = await show(['So [1].'])
    find(answer, '.citation').click()
    assert(isOpen(answer), 'open')
    find(answer, '.citation').click()
    assert(!isOpen(answer), 'closed')
  })
})
