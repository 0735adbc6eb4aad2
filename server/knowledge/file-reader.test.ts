import { afterAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  docxParagraph,
  docxParts,
  makePdf,
  makeZip,
  type PdfLine,
} from '../testing/office-files.ts'
import { createFileReader } from './file-reader.ts'
import { createDocument, parseDocument, type BinaryKind } from './parse-document.ts'
import { parseFile } from './read-directory.ts'

const files = createFileReader()
afterAll(() => files.close())

async function read(kind: BinaryKind, bytes: Uint8Array) {
  const { title, language, passages } = createDocument(`care${kind}`, await files.read(kind, bytes))
  return {
    title,
    language,
    passages: passages.map(({ section, page, text }) => [section, page, text]),
  }
}

/** Lines from above, 12 points apart; an empty one is a gap. */
const lines = (from: number, ...texts: readonly string[]): PdfLine[] =>
  texts.flatMap((text, index) => (text === '' ? [] : [{ text, y: from - 12 * index }]))

describe('a PDF', () => {
  it('is read by paragraphs, with its pages, headings and lists', async () => {
    const frame = (page: number): PdfLine[] => [
      { text: 'Our shop: care guide', size: 8, y: 760 },
      { text: `Page ${page} of 3`, size: 8, x: 280, y: 30 },
    ]
    const bytes = makePdf([
      [
        ...frame(1),
        { text: 'Care of linen', size: 20, y: 720 },
        ...lines(
          690,
          'Linen is a strong fibre that gets sof-',
          'ter with every wash. It is a well-',
          'known cloth.',
          '',
          'The second paragraph is on its own.',
        ),
        { text: 'Washing', size: 14, y: 600 },
        ...lines(
          580,
          'A well-known rule:',
          '\u0095 Wash it at forty',
          'degrees.',
          '\u0095 Never bleach it.',
          '1. Fill the tub.',
          '2) Wait.',
        ),
        ...lines(450, 'Then it goes on to the'),
      ],
      [...frame(2), ...lines(720, 'next page without a stop.', '', 'More text.')],
      [
        ...frame(3),
        { text: 'Drying', size: 14, y: 720 },
        ...lines(700, 'Dry it in the shade \\(always\\).'),
      ],
    ])
    expect(await read('.pdf', bytes)).toEqual({
      title: 'Care of linen',
      language: undefined,
      passages: [
        [
          null,
          1,
          'Linen is a strong fibre that gets softer with every wash. It is a well-known cloth.\n\nThe second paragraph is on its own.',
        ],
        [
          'Washing',
          1,
          'A well-known rule:\n- Wash it at forty degrees.\n- Never bleach it.\n1. Fill the tub.\n2. Wait.\n\nThen it goes on to the next page without a stop.\n\nMore text.',
        ],
        ['Drying', 3, String.raw`Dry it in the shade \(always\).`],
      ],
    })
  })

  it('is called by its own title, unless a program made that up', async () => {
    const page = [lines(700, 'Text.')]
    expect((await read('.pdf', makePdf(page, { info: '/Title (Care guide)' }))).title).toBe(
      'Care guide',
    )
    expect(
      (await read('.pdf', makePdf(page, { info: '/Title (Microsoft Word - care.docx)' }))).title,
    ).toBe('Care')
  })

  it.each([
    ['without text', makePdf([[], []]), /without text/],
    ['that is none', Buffer.from('Hello, I am a text.'), /damaged PDF/],
    [
      'that ends early',
      makePdf([lines(700, 'Text.')]).subarray(0, 200),
      /damaged PDF|without text/,
    ],
    [
      'that is locked',
      makePdf([lines(700, 'Text.')], {
        trailer: `/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <${'41'.repeat(32)}> /U <${'42'.repeat(32)}> >> /ID [<00><00>]`,
      }),
      /locked with a password/,
    ],
  ])('%s says why it cannot be read', async (_, bytes, reason) => {
    await expect(read('.pdf', bytes)).rejects.toThrow(reason)
  })
})

const cell = (text: string) => `<w:tc>${docxParagraph(text)}</w:tc>`
const row = (...texts: readonly string[]) => `<w:tr>${texts.map(cell).join('')}</w:tr>`

describe('a DOCX file', () => {
  it('is read with its headings, lists and tables', async () => {
    const body = [
      docxParagraph('Care of linen', { style: 'Title' }),
      docxParagraph('Linen &amp; wool last long.'),
      docxParagraph('Washing', { style: 'Heading2' }),
      docxParagraph('Fill the tub.', { list: 2 }),
      docxParagraph('Wait.', { list: 2 }),
      docxParagraph('An hour.', { list: 1, level: 1 }),
      `<w:tbl>${row('Cloth', 'Degrees')}${row('Linen', '40')}</w:tbl>`,
    ].join('')
    expect(await read('.docx', makeZip(docxParts(body)))).toEqual({
      title: 'Care of linen',
      language: undefined,
      passages: [
        [null, null, 'Linen & wool last long.'],
        [
          'Washing',
          null,
          '1. Fill the tub.\n2. Wait.\n   - An hour.\n\n| Cloth | Degrees |\n| --- | --- |\n| Linen | 40 |',
        ],
      ],
    })
  })

  it('is called by its own title where it has no heading', async () => {
    const bytes = makeZip(docxParts(docxParagraph('Text.'), 'Q&amp;A'))
    expect((await read('.docx', bytes)).title).toBe('Q&A')
  })

  const bomb = docxParts(docxParagraph('x'.repeat(100 * 1024 * 1024)))
  const name = 'word/document.xml'

  it.each([
    ['a bomb that says so', makeZip(bomb), /ZIP bomb/],
    ['a bomb that lies', makeZip(bomb, { [name]: 1_000 }), /ZIP bomb/],
    [
      'many small bombs',
      makeZip(
        Object.fromEntries(
          Array.from({ length: 90 }, (_, index) => [`${index}.xml`, ' '.repeat(1_000_000)]),
        ),
      ),
      /ZIP bomb/,
    ],
    ['a ZIP file of something else', makeZip({ 'a.txt': 'x' }), /no DOCX file/],
    ['a text', Buffer.from('Hello, I am a text.'), /no DOCX file/],
    ['Word’s old format', Buffer.from('d0cf11e0a1b11ae10000', 'hex'), /old format/],
    ['damaged', makeZip({ ...docxParts(''), [name]: '<w:document' }), /damaged DOCX/],
    ['cut off', makeZip(docxParts('')).subarray(0, 500), /no DOCX file/],
  ])('that is %s says why it cannot be read', async (_, bytes, reason) => {
    await expect(read('.docx', bytes)).rejects.toThrow(reason)
  })
})

describe('a file that hangs', () => {
  it('is given up, and the next one is read', async () => {
    const hasty = createFileReader({ patience: 1 })
    onTestFinished(() => hasty.close())
    const good = makePdf([lines(700, 'Text.')])
    await expect(hasty.read('.pdf', good)).rejects.toThrow(
      'takes longer than 0.001 seconds to read',
    )
    const both = [files.read('.pdf', Buffer.from('%PDF-1.4 nothing')), files.read('.pdf', good)]
    const [bad, fine] = await Promise.allSettled(both)
    expect([bad?.status, fine?.status]).toEqual(['rejected', 'fulfilled'])
  })
})

describe('a long text', () => {
  it('is parsed away from the thread that serves, to the same document', async () => {
    const text = `# Long\n\n${'## Part\n\nA sentence with *some* words and a [link](https://x.test). Another.\n\n'.repeat(4_000)}`
    const file = { name: 'long.md', defaults: {}, origin: {} }
    const direct = process.threadCpuUsage()
    const expected = parseDocument(file.name, text)
    const { user } = process.threadCpuUsage(direct)
    const before = process.threadCpuUsage()
    const document = await parseFile(file, Buffer.from(text), files)
    expect(process.threadCpuUsage(before).user).toBeLessThan(user / 2)
    expect(document).toEqual(expected)
  })
})
