import { answerStrings } from '../parts/strings.ts'
import { createMarkdownStream } from './stream.ts'

const assert = (condition: boolean, message: string) => {
  if (!condition) throw new Error(message)
}

const TEXT =
  'Before.\n\nSo $x^2$ and $\\notatex{$ and $5 and $10.\n\n$$\n\\frac{a}{b}\n$$\n\n- \\(\\href{javascript:x}{y}\\)\n'

const show = (container: HTMLElement, pieces: Iterable<string>) => {
  const stream = createMarkdownStream(container, { strings: answerStrings.markdown })
  for (const piece of pieces) {
    stream.append(piece)
    stream.render()
  }
  stream.end()
}

describe('formulas', () => {
  it('stand as TeX until they are typeset, and what cannot be read stays TeX', async () => {
    const container = document.createElement('div')
    show(container, TEXT)
    const [first] = container.children
    const plain = container.textContent ?? ''
    assert(plain.includes('$x^2$') && plain.includes('\\frac{a}{b}'), plain)
    while (!container.querySelector('math')) {
      await new Promise((resolve) => requestAnimationFrame(resolve))
    }
    assert(container.firstElementChild === first, 'what has no formula is left alone')
    assert(container.querySelectorAll('math').length === 3, `${container.childElementCount}`)
    assert(container.querySelector('math mfrac') !== null, 'a fraction')
    assert(container.querySelector('math[display=block]') !== null, 'on a line of its own')
    const shown = container.textContent ?? ''
    assert(shown.includes('$\\notatex{$') && shown.includes('$5 and $10.'), shown)
    assert(container.querySelector('[href]') === null, 'TeX makes no links')

    const whole = document.createElement('div')
    show(whole, [TEXT])
    assert(whole.isEqualNode(container), 'the same as in one go')
  })
})
