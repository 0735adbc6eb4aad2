import { createPainter } from './paint-code.ts'

const assert = (condition: boolean, message: string) => {
  if (!condition) throw new Error(message)
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => requestAnimationFrame(resolve))
}

const block = () => {
  const host = document.createElement('div')
  const root = host.attachShadow({ mode: 'open' })
  const pre = document.createElement('pre')
  const code = document.createElement('code')
  code.className = 'language-ts'
  pre.append(code)
  root.append(pre)
  document.body.append(host)
  return { host, code, root }
}

const painted = (kind: string) =>
  [...(CSS.highlights.get(`samosa-${kind}`) ?? [])].filter(
    ({ startContainer }) => startContainer.isConnected,
  )

describe('colours of code', () => {
  it('are painted over the text, whose nodes and selection stay', async () => {
    const { host, code, root } = block()
    code.append('const a', " = 'x", "y'\n")
    const nodes = [...code.childNodes]
    const range = document.createRange()
    range.selectNodeContents(code)
    const painter = createPainter(async () => [
      { kind: 'keyword', start: 0, end: 5 },
      { kind: 'string', start: 10, end: 14 },
    ])
    painter.watch(code)
    await until(() => painted('string').length > 0)
    assert(
      [...code.childNodes].every((node, index) => node === nodes[index]),
      'the nodes stay',
    )
    assert(range.toString() === "const a = 'xy'\n", range.toString())
    const [keyword] = painted('keyword')
    assert(keyword?.startOffset === 0 && keyword.endOffset === 5, 'the keyword')
    const strings = painted('string').map(({ startContainer, startOffset, endOffset }) =>
      startContainer.textContent?.slice(startOffset, endOffset),
    )
    assert(strings.join('|') === "'x|y'", `a mark over two text nodes: ${strings.join('|')}`)
    assert(root.adoptedStyleSheets.length === 1, 'the colours are where the text is')
    const colour = getComputedStyle(code, '::highlight(samosa-keyword)').color
    assert(colour === 'rgb(134, 48, 123)', colour)
    host.remove()
  })

  it('are there while the code is in sight', async () => {
    const { host, code } = block()
    code.append('const')
    host.style.setProperty('display', 'block')
    host.style.setProperty('margin-block-start', '5000px')
    let asked = 0
    createPainter(async () => {
      asked += 1
      return [{ kind: 'keyword', start: 0, end: 5 }]
    }).watch(code)
    for (const times of [1, 2]) {
      host.scrollIntoView()
      await until(() => painted('keyword').length === 1)
      window.scrollTo(0, 0)
      await until(() => painted('keyword').length === 0)
      assert(asked === 1, `read once, and painted ${times} times`)
    }
    host.remove()
  })

  it('stay away where a reader has chosen their own', async () => {
    const [usual, forced] = [block(), block()]
    for (const { code } of [usual, forced]) code.append('const')
    const marks = async () => [{ kind: 'keyword', start: 0, end: 5 } as const]
    createPainter(marks).watch(usual.code)
    const { matchMedia } = window
    window.matchMedia = (query) => matchMedia.call(window, query.replace(': active', ': none'))
    try {
      createPainter(marks).watch(forced.code)
    } finally {
      window.matchMedia = matchMedia
    }
    await until(() => painted('keyword').length > 0)
    const where = painted('keyword').map(({ startContainer }) => startContainer.parentNode)
    assert(where.length === 1 && where[0] === usual.code, 'only where colours are ours')
    usual.host.remove()
    forced.host.remove()
  })

  it('stay away where the grammar cannot be had', async () => {
    const { host, code } = block()
    code.append('x')
    let asked = false
    createPainter(async () => {
      asked = true
      throw new Error('no network')
    }).watch(code)
    await until(() => asked)
    await new Promise((resolve) => requestAnimationFrame(resolve))
    assert(code.textContent === 'x' && painted('keyword').length === 0, 'plain code')
    host.remove()
  })
})
