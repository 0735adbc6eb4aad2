import { answerStrings } from '../../words/en/answer.ts'
import { loadGrammars } from '../../testing/scripted/load-grammars.ts'
import { sanitizer } from '../render/raw-html.ts'
import { createMarkdownStream } from '../stream/stream.ts'

const assert = (condition: boolean, message: string) => {
  if (!condition) throw new Error(message)
}

const TEXT =
  'Before.\n\nSo $x^2$ and $\\notatex{$ and $5 and $10.\n\n$$\n\\frac{a}{b}\n$$\n\n- \\(\\href{javascript:x}{y}\\)\n\n$$\n- u\n- v\n$$\n'

const show = (container: HTMLElement, pieces: Iterable<string>) => {
  const stream = createMarkdownStream(container, { strings: answerStrings.markdown })
  for (const piece of pieces) {
    stream.append(piece)
    stream.render()
  }
  stream.end()
}

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve))

/** Waits until what is shown has as many formulas that are set. */
const areSet = async (container: HTMLElement, count: number) => {
  while (container.querySelectorAll('math').length < count) await frame()
}

const sheetsOf = (...styles: readonly { readonly styleSheet?: CSSStyleSheet | undefined }[]) =>
  styles.flatMap(({ styleSheet }) => styleSheet ?? [])

describe('formulas', () => {
  // The first of the page: nothing has been loaded for any.
  it('stand as TeX until they are typeset, and what cannot be read stays TeX', async () => {
    const container = document.createElement('div')
    show(container, TEXT)
    const [first] = container.children
    const plain = container.textContent ?? ''
    assert(plain.includes('$x^2$') && plain.includes('\\frac{a}{b}'), plain)
    assert(container.querySelectorAll('ul').length === 2, 'what no one has read yet is a list')
    await areSet(container, 4)
    assert(container.querySelectorAll('ul').length === 1, 'a formula is no list')
    assert(container.firstElementChild === first, 'what has no formula is left alone')
    assert(container.querySelectorAll('math').length === 4, `${container.childElementCount}`)
    assert(container.querySelector('math mfrac') !== null, 'a fraction')
    assert(container.querySelector('math[display=block]') !== null, 'on a line of its own')
    const shown = container.textContent ?? ''
    assert(shown.includes('$\\notatex{$') && shown.includes('$5 and $10.'), shown)
    assert(container.querySelector('[href]') === null, 'TeX makes no links')

    const whole = document.createElement('div')
    show(whole, [TEXT])
    assert(whole.isEqualNode(container), 'the same as in one go')
  })

  it('are set with signs of chemistry, in fences and with the full stop behind them', async () => {
    const container = document.createElement('div')
    show(container, [
      'So $\\ce{CO2}$.\n\n$$\nx = 1\n$$.\n\n```math\ny^2\n```\n\n\\begin{aligned} z &= 1 \\end{aligned}',
    ])
    await areSet(container, 4)
    const [gas, equation, fence] = [...container.querySelectorAll('math')]
    assert(gas?.querySelector('msub') !== null, 'the index of a formula of chemistry')
    assert(equation?.querySelector('annotation')?.textContent?.trim() === 'x = 1', 'what is copied')
    assert(equation?.textContent?.includes('1.') === true, 'the full stop stands behind it')
    assert(fence?.querySelector('msup') !== null && !container.querySelector('pre'), 'a fence')
  })

  it('stand in columns as they are written', async () => {
    const container = document.createElement('div')
    document.body.append(container)
    show(container, [
      '\\begin{aligned} a &= b + c + d \\\\ e + f &= g \\end{aligned}\n\n' +
        '$$\n\\begin{array}{l|r} 1 & 2 \\\\ 1 + 1 & 2 + 2 \\end{array}\n$$\n\n' +
        '$$\n\\begin{pmatrix} 1 & 2 \\\\ 1 + 1 & 2 + 2 \\end{pmatrix}\n$$',
    ])
    await areSet(container, 3)
    const [aligned, lines, matrix] = container.querySelectorAll('mtable')
    if (!aligned || !lines || !matrix) throw new Error(container.innerHTML)
    /** The sides of what stands in the cells of a column, in pixels. */
    const sidesIn = (table: Element, column: number) =>
      [...table.querySelectorAll(`mtd:nth-child(${column})`)].map((cell) => {
        const range = document.createRange()
        range.selectNodeContents(cell)
        return range.getBoundingClientRect()
      })
    const isEven = (values: readonly number[]) => Math.max(...values) - Math.min(...values) < 1.5
    const [left, right] = [sidesIn(aligned, 1), sidesIn(aligned, 2)]
    assert(isEven(left.map((box) => box.right)), 'the left sides end at the sign')
    assert(isEven(right.map((box) => box.left)), 'the signs stand below one another')
    const gap = (right[0]?.left ?? 0) - (left[0]?.right ?? 0)
    assert(gap < 8, `${gap} px in front of the sign`)
    assert(isEven(sidesIn(lines, 1).map((box) => box.left)), 'a column from the left')
    assert(isEven(sidesIn(lines, 2).map((box) => box.right)), 'a column from the right')
    const cell = lines.querySelector('mtd')
    assert(cell !== null && getComputedStyle(cell).borderRightStyle === 'solid', 'the line')
    const middles = sidesIn(matrix, 1).map((box) => box.left + box.width / 2)
    assert(isEven(middles), 'a matrix is centred')
    container.remove()
  })

  it('are boxed and struck out in every browser', async () => {
    const container = document.createElement('div')
    document.body.append(container)
    show(container, [
      'So $\\boxed{x = 1}$ and $\\cancel{y}$.\n\n' +
        '$$\n\\begin{array}{|c|c} \\hline p & q \\\\ \\hline 1 & 0 \\end{array}\n$$',
    ])
    await areSet(container, 3)
    const [boxed, struck, table] = [...container.querySelectorAll('math')].map((math) =>
      [...math.querySelectorAll('*')].map((element) => getComputedStyle(element)),
    )
    const isLine = (value: string) => value === 'solid'
    assert(boxed?.some((style) => isLine(style.borderStyle)) === true, 'a box')
    assert(struck?.some((style) => style.backgroundImage !== 'none') === true, 'a strike')
    const edge = table?.find((style) => isLine(style.borderTopStyle))
    assert(edge !== undefined && isLine(edge.borderLeftStyle), 'lines above and on the left')
    assert(edge?.borderBottomStyle === 'none' && edge.borderRightStyle === 'none', 'no others')
    assert(container.querySelector('menclose') === null, 'nothing is drawn twice')
    container.remove()
  })

  it('are set beside HTML and in it, but for what is written as code', async () => {
    await Promise.all([loadGrammars(), sanitizer.load()])
    const text =
      'A<sub>1</sub> is $x^2$.\n\n<details>\n<summary>See</summary>\n\n$$\nz = 1\n$$\n\n- \\(w\\) <b>so</b>\n\n</details>\n\n<code>$v$ and $u$</code>'
    for (const pieces of [[text], text]) {
      const container = document.createElement('div')
      show(container, pieces)
      await areSet(container, 3)
      const places = ['p > .math', 'details > div.math', 'details li .math']
      for (const place of places) {
        assert(container.querySelector(`${place} > math`) !== null, container.innerHTML)
      }
      const code = container.querySelector('code')
      assert(code?.childNodes.length === 1 && code.textContent === '$v$ and $u$', 'code is code')
    }
  })

  it('leave a fence that never closes as it is', () => {
    const container = document.createElement('div')
    show(container, ['```math\ny^2'])
    assert(container.querySelector('pre')?.textContent === 'y^2', container.innerHTML)
  })

  it('are shown whole where they are but the index of a word', async () => {
    const { markdownStyles } = await import('../../answer/markdown.styles.ts')
    const { rareStyles } = await import('../../answer/rare.styles.ts')
    const host = document.createElement('div')
    const root = host.attachShadow({ mode: 'open' })
    root.adoptedStyleSheets = sheetsOf(markdownStyles, rareStyles)
    const container = document.createElement('div')
    container.className = 'text'
    root.append(container)
    document.body.append(host)
    show(container, ['CO$_2$, m$^{-3}$'])
    await areSet(container, 2)
    for (const formula of container.querySelectorAll('.math')) {
      const box = formula.getBoundingClientRect()
      const index = formula.querySelector('mn')?.getBoundingClientRect()
      const isWhole = index && index.bottom <= box.bottom + 1 && index.top >= box.top - 1
      assert(isWhole ?? false, `${index?.top}–${index?.bottom} in ${box.top}–${box.bottom}`)
    }
    host.remove()
  })

  it('can be reached to their end on a phone, in text, lists and tables', async () => {
    const { markdownStyles } = await import('../../answer/markdown.styles.ts')
    const { rareStyles } = await import('../../answer/rare.styles.ts')
    const host = document.createElement('div')
    const root = host.attachShadow({ mode: 'open' })
    root.adoptedStyleSheets = sheetsOf(markdownStyles, rareStyles)
    const container = document.createElement('div')
    container.className = 'text'
    container.style.inlineSize = '320px'
    root.append(container)
    document.body.append(host)
    const sum = `$S = ${Array.from({ length: 40 }, (_, index) => `a_{${index}}`).join(' + ')}$`
    show(container, [`So ${sum}.\n\n- is ${sum}\n  - ${sum}\n\n| a |\n|-|\n| ${sum} |\n\n> ${sum}`])
    await areSet(container, 5)
    for (const formula of container.querySelectorAll('.math')) {
      const math = formula.querySelector('math')
      let box: Element | null = formula
      const scrolls = (element: Element) =>
        element.scrollWidth > element.clientWidth &&
        /auto|scroll/.test(getComputedStyle(element).overflowX)
      while (box && !scrolls(box)) box = box.parentElement
      if (!box || !math) throw new Error(`Nothing scrolls: ${formula.parentElement?.localName}`)
      const { width } = box.getBoundingClientRect()
      assert(width <= 321, `${width} px of ${formula.parentElement?.localName} scroll`)
      box.scrollLeft = box.scrollWidth
      const { right } = math.getBoundingClientRect()
      assert(right <= box.getBoundingClientRect().right + 1, `${right} is out of reach`)
    }
    host.remove()
  })
})
