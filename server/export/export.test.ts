import mammoth from 'mammoth'
import { extractText, getDocumentProxy } from 'unpdf'
import { describe, expect, it } from 'vitest'
import type { ExportedConversation, Message } from '../core/ports/index.ts'
import { exampleConversation, exampleMessage } from '../testing/stores/store-examples.ts'
import { createExporter, markdownOf } from './index.ts'
import { docxOf } from './docx.ts'

import { pdfOf } from './pdf.ts'

const conversation = exampleConversation({
  title: 'Keeping *samosas*',
  summary: 'How long?',
  metadata: { product: 'shop' },
  createdAt: '2026-03-01T09:05:07.123Z',
})

const said = (role: Message['role'], content: string, more: Partial<Message> = {}) =>
  exampleMessage({ role, content, conversationId: conversation.id, ...more })

const of = (...messages: readonly Message[]): ExportedConversation => ({
  conversation,
  messages,
  base: 'https://chat.example',
})

const photo = { id: 'f1', filename: 'my photo.png', contentType: 'image/png', sizeBytes: 23_456 }
const source = {
  ...{ number: 1, title: 'Keeping food', url: 'https://shop.example/keep', creator: null },
  ...{ section: null, snippet: '', score: 1 },
}

const LAID_OUT = `# Days

They keep **three** *days*, \`airtight\`; see [the manual](https://shop.example/manual).

1. Fry
2. Cool
   - on a rack

| Filling | Days |
|---|---|
| Potato | 3 |

\`\`\`js
keep(3) // **days**
\`\`\``

const markdown = (...messages: readonly Message[]) => [...markdownOf(of(...messages))].join('')

describe('a Markdown file', () => {
  it('tells title, id, times and metadata, and then who said what when', () => {
    const text = markdown(
      said('user', 'How long?', { createdAt: '2026-03-01T09:05:08.000Z', attachments: [photo] }),
      said('assistant', '<think>Hm.</think>Three days [1].', { sources: [source] }),
      said('system', 'Be brief.'),
    )
    expect(text).toContain(String.raw`# Keeping \*samosas\*`)
    expect(text).toContain(`- **Thread:** ${conversation.id}`)
    expect(text).toContain('- **Created:** 2026-03-01 09:05:07 UTC')
    expect(text).toContain('"product": "shop"')
    expect(text).toContain('## User · 2026-03-01 09:05:08 UTC\n\nHow long?\n')
    expect(text).toContain('[my photo.png (23 kB)](<https://chat.example/api/attachments/f1>)')
    expect(text).toContain('\n\nThree days [1].\n')
    expect(text).toContain(String.raw`[\[1\] Keeping food](<https://shop.example/keep>)`)
    expect(text).toContain('## System')
    expect(text).not.toContain('Hm.')
    expect(text.indexOf('How long?')).toBeLessThan(text.indexOf('Three days'))
  })

  it.each(['```js\nlet a', '~~~~\n```\n', '<!-- a', '<pre>\n\n**a**', 'a\n```\nb\n```\n```'])(
    'lets a message that leaves something open swallow nothing: %j',
    async (open) => {
      const { marked } = await import('marked')
      const html = marked.parse(markdown(said('assistant', open), said('user', 'Next.')), {
        async: false,
      })
      expect(html).toMatch(/<h2>User · [^<]*<\/h2>\s*<p>Next\.<\/p>/)
    },
  )

  it('links to the place in this server’s own documents that a source is', () => {
    const own = {
      ...{ ...source, section: 'In the fridge', url: '/knowledge/keep.html' },
      open_url: '/knowledge/keep.html#fridge',
    }
    const answer = said('assistant', 'Three days [1].', { sources: [own, { ...own, number: 2 }] })
    expect(markdown(answer)).toContain(
      String.raw`[\[1\] Keeping food › In the fridge](<https://chat.example/knowledge/keep.html#fridge>)`,
    )
    const nowhere = { ...of(answer), base: '' }
    expect([...markdownOf(nowhere)].join('')).toContain(
      String.raw`- \[1\] Keeping food › In the fridge`,
    )
    const none = said('assistant', 'a', { sources: [{ ...source, url: null }] })
    expect(markdown(none)).toMatch(/^- \\\[1\\\] Keeping food$/m)
  })

  it('says why there is no more of an answer', () => {
    const failed = said('user', 'Well?', { status: 'error', errorCode: 'inference [1] down' })
    const stopped = said('assistant', 'Thr', { finishReason: 'stopped' })
    expect(markdown(failed)).toContain('got no answer: inference \\[1\\] down')
    expect(markdown(stopped)).toContain('*This answer was stopped.*')
  })

  it('writes the path of a file where nobody knows the address of the server', () => {
    const exported = { ...of(said('user', '', { attachments: [photo] })), base: '' }
    expect([...markdownOf(exported)].join('')).toContain('(</api/attachments/f1>)')
  })
})

async function readPdf(bytes: Uint8Array) {
  const document = await getDocumentProxy(new Uint8Array(bytes))
  const { text, totalPages } = await extractText(document, { mergePages: true })
  const annotations = await (await document.getPage(1)).getAnnotations()
  const { info } = (await document.getMetadata()) as { info: { Title?: string } }
  return {
    text: text.replaceAll(/\s+/g, ' '),
    totalPages,
    title: info.Title,
    links: annotations.map(({ url }) => String(url)),
  }
}

/** Where the words of the first page stand, in points from its left. */
async function placesIn(bytes: Uint8Array) {
  const page = await (await getDocumentProxy(new Uint8Array(bytes))).getPage(1)
  const { items } = await page.getTextContent()
  return (words: string) => {
    const item = items.find((one) => 'str' in one && one.str === words)
    if (!item || !('transform' in item)) throw new Error(`${words} is not there`)
    const left = Number(item.transform[4])
    return { left, right: left + item.width }
  }
}

describe('a PDF file', () => {
  it('has the words laid out, not the marks of Markdown, and links that lead somewhere', async () => {
    const { text, title, links } = await readPdf(
      await pdfOf(
        of(
          said('user', 'How *long*?', { attachments: [photo] }),
          said('assistant', LAID_OUT, { sources: [source] }),
        ),
      ),
    )
    expect(title).toBe('Keeping *samosas*')
    for (const words of [conversation.id, 'Days', 'three days, airtight; see the manual.']) {
      expect(text).toContain(words)
    }
    expect(text).toMatch(/1\. Fry\s+2\. Cool\s+\u2022 on a rack\s+Filling Days\s+Potato 3/)
    expect(text).toContain('keep(3) // **days**')
    // A visitor's words are shown as they were typed.
    expect(text).toContain('How *long*?')
    expect(text).not.toContain('|---')
    expect(links).toEqual(
      expect.arrayContaining([
        'https://chat.example/api/attachments/f1',
        'https://shop.example/manual',
        'https://shop.example/keep',
      ]),
    )
  })

  it.each([
    ['Arabic', 'تحفظ السمبوسة ثلاثة أيام'],
    ['Hindi', 'समोसा तीन दिन'],
    ['Japanese', 'サモサは三日間保存できます。'],
    ['Russian', 'Три дня'],
    ['Vietnamese', 'Giữ được ba ngày'],
    ['an emoji', 'Done ✅ 🚀'],
  ])('has glyphs for %s', async (_, words) => {
    const { text } = await readPdf(await pdfOf(of(said('assistant', words))))
    const plain = (given: string) => given.normalize('NFKC').replaceAll(/[\s\u2060]/g, '')
    expect(plain(text)).toContain(plain(words))
    expect(text).not.toContain('Boxes stand for')
  })

  it('writes Arabic from the right, and numbers and Latin words in it from the left', async () => {
    const bytes = await pdfOf(of(said('assistant', 'ثلاثة 250 chat أيام')))
    const page = await (await getDocumentProxy(new Uint8Array(bytes))).getPage(1)
    const { items } = await page.getTextContent()
    const placeOf = (word: string) => {
      const item = items.find((one) => 'str' in one && one.str.includes(word))
      if (!item || !('transform' in item)) throw new Error(`${word} is not there`)
      return Number(item.transform[4])
    }
    expect(placeOf('ثلاثة')).toBeGreaterThan(placeOf('250'))
    expect(placeOf('250')).toBeGreaterThan(placeOf('chat'))
    expect(placeOf('chat')).toBeGreaterThan(placeOf('أيام'))
  })

  it('draws a box for what no font has, says so, and goes on', async () => {
    const { text } = await readPdf(await pdfOf(of(said('assistant', 'a \u{16a40} b'))))
    expect(text).toContain('Boxes stand for characters')
    expect(text).toContain('U+16A40')
  })

  it.each([
    ['one word that is wider than a page', 'x'.repeat(3_000)],
    ['lists in lists', Array.from({ length: 60 }, (_, i) => `${'  '.repeat(i)}- a`).join('\n')],
    ['a table of many columns', `|${'a|'.repeat(40)}\n|${'-|'.repeat(40)}\n|${'b|'.repeat(40)}`],
    ['quotes in quotes', `${'>'.repeat(90)} a`],
    ['nothing', ''],
    ['half a character', 'a\ud800b\u0000\u0007'],
    ['directions turned around', '\u202eabc\u202c \u2067abc \u2066'],
    [
      'an address that is none',
      '[a](https://[) [b](javascript:alert(1)) [c](https://a.b/%zz(x\\))',
    ],
  ])('takes %s', async (_, text) => {
    const exported = of(said('assistant', text), said('user', 'Next.'))
    expect((await readPdf(await pdfOf(exported))).text).toContain('Next.')
    const { value } = await mammoth.extractRawText({ buffer: Buffer.from(await docxOf(exported)) })
    expect(value).toContain('Next.')
  })

  it('sets the columns of a table as the answer says', async () => {
    const table =
      '|Plant|Pots|Price|\n|:--|:-:|--:|\n|A fern in a large pot|7|5|\n|Moss|100 pots or more|1,250.00|'
    const place = await placesIn(await pdfOf(of(said('assistant', table))))
    const middle = (word: string) => (place(word).left + place(word).right) / 2
    expect(place('Moss').left).toBeCloseTo(place('Plant').left, 0)
    expect(middle('7')).toBeCloseTo(middle('100 pots or more'), 0)
    expect(place('5').right).toBeCloseTo(place('1,250.00').right, 0)
    expect(place('Price').right).toBeCloseTo(place('1,250.00').right, 0)
  })

  it('leaves the heads of a table not alone, and repeats them on each page', async () => {
    const rows = Array.from({ length: 90 }, (_, index) => `|Row ${index}|`).join('\n')
    for (const before of [0, 20, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34]) {
      const lines = Array.from({ length: before }, (_, index) => `a${index}  `).join('\n')
      const bytes = await pdfOf(of(said('assistant', `${lines}\n\n|Heads|\n|--|\n${rows}`)))
      const document = await getDocumentProxy(new Uint8Array(bytes))
      const { text } = await extractText(document)
      const withRows = text.filter((page) => page.includes('Row'))
      expect(withRows.length).toBeGreaterThan(1)
      for (const page of text)
        expect(page.split('Heads').length - 1).toBe(page.includes('Row') ? 1 : 0)
    }
  })

  it('goes on with what does not fit on a page on the next', async () => {
    const lines = Array.from({ length: 200 }, (_, index) => `Line ${index}.`).join('\n')
    const { text, totalPages } = await readPdf(await pdfOf(of(said('user', lines))))
    expect(totalPages).toBeGreaterThan(3)
    expect(text).toMatch(/Line 0\.[^]*Line 199\./)
  })
})

describe('a Word file', () => {
  it('has headings, lists, tables and links of its own', async () => {
    const bytes = await docxOf(
      of(
        said('user', 'How *long*?\nAnd why?', { attachments: [photo] }),
        said('assistant', LAID_OUT, { sources: [source] }),
      ),
    )
    const { value: html } = await mammoth.convertToHtml({ buffer: Buffer.from(bytes) })
    expect(html).toContain('Keeping *samosas*')
    expect(html).toContain(conversation.id)
    expect(html).toContain('<h3>Days</h3>')
    expect(html).toContain('<strong>three</strong> <em>days</em>, airtight;')
    expect(html).toContain('<a href="https://shop.example/manual">the manual</a>')
    expect(html).toContain('<ol><li>Fry</li><li>Cool<ul><li>on a rack</li></ul></li></ol>')
    expect(html).toMatch(/<th><p><strong>Filling<\/strong><\/p><\/th>/)
    expect(html).toContain('keep(3) // **days**')
    expect(html).toContain('How *long*?<br />And why?')
    expect(html).toContain('<a href="https://chat.example/api/attachments/f1">')
    expect(html).toContain('<a href="https://shop.example/keep">[1] Keeping food</a>')
  })

  it('counts each list with numbers for itself, from its own first', async () => {
    const lists = '1. a\n\nThen:\n\n7. b\n8. c'
    const bytes = await docxOf(of(said('assistant', lists)))
    const { default: JsZip } = await import('jszip')
    const numbering = await (await JsZip.loadAsync(bytes)).file('word/numbering.xml')?.async('text')
    expect(numbering).toMatch(
      /w:numId="2".*startOverride w:val="1".*w:numId="3".*startOverride w:val="7"/,
    )
  })

  it('sets the columns of a table as the answer says, also from right to left', async () => {
    const table = '|a|b|c|d|\n|--|:--|:-:|--:|\n|1|2|3|4|\n|أ|ب|ت|ث|'
    const bytes = await docxOf(of(said('assistant', table)))
    const { default: JsZip } = await import('jszip')
    const text = await (await JsZip.loadAsync(bytes)).file('word/document.xml')?.async('text')
    const rows = text?.match(/<w:tr>.*?<\/w:tr>/g) ?? []
    const placesOf = (row = '') =>
      (row.match(/<w:tc>.*?<\/w:tc>/g) ?? []).map((cell) => /<w:jc w:val="(\w+)"/.exec(cell)?.[1])
    expect(placesOf(rows[1])).toEqual([undefined, 'left', 'center', 'right'])
    // There, "left" is where a line begins.
    expect(placesOf(rows[2])).toEqual([undefined, 'right', 'center', 'left'])
  })

  it('marks what runs from right to left', async () => {
    const bytes = await docxOf(of(said('assistant', 'ثلاثة أيام')))
    const { default: JsZip } = await import('jszip')
    const text = await (await JsZip.loadAsync(bytes)).file('word/document.xml')?.async('text')
    expect(text).toMatch(/<w:pPr><w:bidi\/><\/w:pPr><w:r><w:rPr><w:rtl\/><\/w:rPr>/)
  })
})

describe('the exporter', () => {
  const long = of(
    ...Array.from({ length: 1_500 }, (_, index) => said('assistant', `${index} ${LAID_OUT}`)),
  )

  it('goes on with everything else while it writes', async () => {
    const exporter = createExporter()
    let turns = 0
    let isDone = false
    const count = () => {
      turns += 1
      if (!isDone) setImmediate(count)
    }
    setImmediate(count)
    const bytes = await exporter.write('docx', long)
    isDone = true
    await exporter.close()
    expect(bytes).toBeInstanceOf(Uint8Array)
    expect(turns).toBeGreaterThan(100)
  })

  it('gives up what takes too long, and says what to do instead', async () => {
    const exporter = createExporter({ patience: 1 })
    await expect(exporter.write('pdf', long)).rejects.toMatchObject({
      code: 'too_large',
      message: expect.stringContaining('Markdown or JSON') as unknown,
    })
    // The next one is none the worse for it.
    await expect(exporter.write('markdown', of(said('user', 'a')))).resolves.toBeDefined()
    await exporter.close()
  })

  it('writes a few at a time, and sends away whoever asks for many', async () => {
    const exporter = createExporter()
    const files = Array.from({ length: 4 }, () => exporter.write('docx', of(said('user', 'a'))))
    const done = await Promise.allSettled(files)
    await exporter.close()
    expect(done.map(({ status }) => status)).toEqual([
      ...['fulfilled', 'fulfilled', 'fulfilled', 'rejected'],
    ])
    expect(done[3]).toMatchObject({ reason: { code: 'rate_limited', retryAfter: 10 } })
  })

  it('ends what it is writing when the server stops', async () => {
    const exporter = createExporter()
    const file = exporter.write('pdf', long)
    const [outcome] = await Promise.all([Promise.allSettled([file]), exporter.close()])
    expect(outcome).toMatchObject([{ status: 'rejected' }])
  })
})
