import { answerStrings } from '../words/en/answer.ts'
import '../answer/answer.ts'
import { allowImagesFrom } from './image-origins.ts'
import { sanitizer } from '../markdown/render/raw-html.ts'
import { createMarkdownStream } from '../markdown/stream/stream.ts'
import { loadGrammars } from '../testing/scripted/load-grammars.ts'

const assert = (condition: boolean, message: string) => {
  if (!condition) throw new Error(message)
}

const shown = (text: string, origins: string) => {
  const container = document.createElement('div')
  const stream = createMarkdownStream(container, {
    strings: answerStrings.markdown,
    allowsImage: allowImagesFrom(origins),
  })
  for (const piece of text) {
    stream.append(piece)
    stream.render()
  }
  stream.end()
  return container
}

describe('images', () => {
  before(() => Promise.all([sanitizer.load(), loadGrammars()]))

  it('are shown from the origins that the page names', () => {
    const text =
      '![a **b**](https://cdn.example.org/p.png "t") and <img src="https://cdn.example.org/q.png" alt="q">'
    const container = shown(text, 'https://cdn.example.org/any/path, https://other.example')
    const images = [...container.querySelectorAll('img')]
    assert(images.map(({ alt }) => alt).join() === 'a b,q', container.innerHTML)
    assert(images[0]?.src === 'https://cdn.example.org/p.png', 'its address')
    assert(images[0]?.title === 't' && images[0].loading === 'lazy', 'its title')
    assert(images[0]?.referrerPolicy === 'no-referrer', 'the page is not named')
    assert(!container.innerHTML.includes('data-image'), container.innerHTML)
  })

  it('from anywhere else are links', () => {
    for (const address of [
      'https://example.org/p.png',
      'https://cdn.example.org.evil.example/p.png',
      'https://cdn.example.org@evil.example/p.png',
      'http://cdn.example.org/p.png',
      '//evil.example/p.png',
      '/p.png',
    ]) {
      const container = shown(`![x](${address}) <img src="${address}">`, 'https://cdn.example.org')
      assert(container.querySelector('img') === null, `${address}: ${container.innerHTML}`)
      assert(container.querySelectorAll('a').length === 2, `${address}: ${container.innerHTML}`)
    }
  })

  it('are links that say that they are images', async () => {
    const answer = document.createElement('samosa-answer')
    Object.assign(answer, { chunks: ['![A fern](https://example.org/p.png)'] })
    document.body.append(answer)
    await answer.updateComplete
    const said = answer.shadowRoot?.querySelector('p')?.textContent
    answer.remove()
    assert(said === 'Image: A fern', `it says ${said}`)
  })

  it('without an address of the web are text, whatever the page names', () => {
    const container = shown(
      '![x](data:image/png;base64,AA) ![y](blob:null/1)',
      'null data: * blob:',
    )
    assert(container.querySelector('img, a') === null, container.innerHTML)
  })

  it('may come from the page itself where it says so', () => {
    assert(shown('![x](/p.png)', 'self').querySelector('img') !== null, 'an image')
  })
})
