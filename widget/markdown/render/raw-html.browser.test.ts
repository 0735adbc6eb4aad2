import { answerStrings } from '../../words/en/answer.ts'
import { markup } from '../grammar/index.ts'
import { sanitizer } from './raw-html.ts'
import { createMarkdownStream } from '../stream/stream.ts'

const assert = (condition: boolean, message: string) => {
  if (!condition) throw new Error(message)
}

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve))

const TEXT = [
  'Before.',
  'H<sub>2</sub>O &Dcaron; &amp;<!-- secret -->',
  '<details><summary>More</summary>\n\n- **item** <kbd>Esc</kbd>\n\n</details>',
  '<hr>',
  '| a |\n|---|\n| <i>x</i><br>y |',
  '- <b>bold</b>\n- plain',
  'After.',
].join('\n\n')

// A file of its own, as its page is the only one that has no sanitiser yet.
describe('raw HTML before the sanitiser is there', () => {
  it('shows as its text alone, and as itself once the sanitiser has been loaded', async () => {
    const container = document.createElement('div')
    const stream = createMarkdownStream(container, { strings: answerStrings.markdown })
    stream.append(TEXT)
    stream.render()
    const first = container.firstElementChild
    const plain = container.textContent ?? ''
    assert(container.querySelector('sub, details, hr, i, b') === null, container.innerHTML)
    assert(plain.includes('H2O &Dcaron; &') && plain.includes('More'), plain)
    assert(!plain.includes('secret') && !/<\/?\w/.test(plain), plain)
    assert(container.querySelector('br') !== null, 'a line break needs no sanitiser')

    stream.end()
    await markup.load()
    await sanitizer.load()
    await nextFrame()
    container.normalize()
    assert(container.firstElementChild === first, 'what has no HTML is left alone')
    assert((container.textContent ?? '').includes('Ď'), 'rare character references are known')
    const whole = document.createElement('div')
    const oneShot = createMarkdownStream(whole, { strings: answerStrings.markdown })
    oneShot.append(TEXT)
    oneShot.end()
    whole.normalize()
    assert(whole.querySelectorAll('sub, details li strong, hr, i, b').length === 5, whole.innerHTML)
    assert(container.isEqualNode(whole), `${container.innerHTML}\n${whole.innerHTML}`)
  })
})
