import { chmod, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makePdf, makeZip } from '../testing/office-files.ts'
import { loadKnowledge } from './index.ts'
import { readDirectory } from './library.ts'

let directory: string
let warnings: { readonly fields: object; readonly message: string }[]
const silent = () => undefined
const logger = {
  debug: silent,
  info: silent,
  error: silent,
  warn: (fields: object, message: string) => void warnings.push({ fields, message }),
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'knowledge-'))
  warnings = []
})
afterEach(() => rm(directory, { recursive: true }))

const put = (name: string, content: string | Uint8Array = 'Text.') =>
  writeFile(join(directory, name), content)
const ids = async () => (await readDirectory(directory, { logger })).documents.map(({ id }) => id)

describe('the knowledge folder', () => {
  it('is read with its subfolders, in order, documents only', async () => {
    await mkdir(join(directory, 'b', 'deep'), { recursive: true })
    await Promise.all([
      put('c.TXT'),
      put('a.md'),
      put('b/one.html'),
      put('b/deep/two.markdown'),
      put('image.png'),
      put('noextension'),
    ])
    expect(await ids()).toEqual(['a.md', 'b/deep/two.markdown', 'b/one.html', 'c.TXT'])
    expect(warnings).toEqual([])
  })

  it('leaves out hidden files and personalities', async () => {
    await mkdir(join(directory, '.git'))
    await mkdir(join(directory, 'asha'))
    await Promise.all([
      put('.hidden.md'),
      put('.git/a.md'),
      put('personality.md'),
      put('asha/Personality.md'),
      put('asha/recipes.md'),
    ])
    expect(await ids()).toEqual(['asha/recipes.md'])
  })

  it('has the personalities of creators, named by folder or by front matter', async () => {
    await mkdir(join(directory, 'asha-rao', 'deep'), { recursive: true })
    await mkdir(join(directory, 'voices'))
    await Promise.all([
      put('asha-rao/personality.md', 'Warm and brief.\n'),
      put('asha-rao/deep/personality.md', 'Whose?'),
      put('voices/personality.md', '---\ncreator: Ben\n---\n\nDry humour.'),
      put('personality.md', `---\ncreator: Cem\n---\n${'A long story. '.repeat(200)}`),
      symlink('voices/personality.md', join(directory, 'document.md')),
    ])
    const { documents, personalities } = await readDirectory(directory, { logger })
    expect(documents).toEqual([])
    const [asha, ben, cem] = personalities
    expect(asha).toEqual({ creator: 'asha-rao', text: 'Warm and brief.' })
    expect(ben).toEqual({ creator: 'Ben', text: 'Dry humour.' })
    expect(cem?.text).toMatch(/^A long story\. .* story\.$/)
    expect(cem?.text.length).toBeLessThanOrEqual(2_000)
    expect(warnings.map(({ fields }) => fields)).toEqual([
      { document: 'asha-rao/deep/personality.md', reason: 'names no creator' },
      {
        document: 'personality.md',
        reason: 'only its first 2000 characters are used',
      },
    ])
  })

  it('takes from _meta.yml what holds for all below it; the nearest word counts', async () => {
    await mkdir(join(directory, 'a', 'b'), { recursive: true })
    await Promise.all([
      put('_meta.yml', 'creator: Asha\ndomain: garden\ntags: [plants]\n'),
      put('a/_meta.yaml', 'domain: kitchen\nlanguage: de\n'),
      put('a/b/deep.md', '---\ncreator: Ben\n---\nText.'),
      put('top.txt'),
    ])
    const { documents } = await readDirectory(directory, { logger })
    const [deep, top] = documents
    expect(deep).toMatchObject({ language: 'de' })
    expect(deep?.passages[0]).toMatchObject({ creator: 'Ben', domain: 'kitchen', tags: ['plants'] })
    expect(top?.passages[0]).toMatchObject({ creator: 'Asha', domain: 'garden', tags: ['plants'] })
    expect(warnings).toEqual([])
  })

  it('names front matter that is broken, and reads the text', async () => {
    await mkdir(join(directory, 'a'))
    await Promise.all([
      put('broken.md', '---\ntitle: "Care\n---\nText.'),
      put('a/_meta.yml', 'tags: [a\n'),
      put('a/fine.md'),
    ])
    expect(await ids()).toEqual(['a/fine.md', 'broken.md'])
    expect(warnings.map(({ fields }) => fields)).toEqual([
      { document: 'a/_meta.yml', reason: expect.stringMatching(/^line \d: /) },
      { document: 'broken.md', reason: expect.stringMatching(/^line 2: Missing closing/) },
    ])
  })

  it('follows links inside, once, and none that lead outside', async () => {
    const outside = await mkdtemp(join(tmpdir(), 'outside-'))
    await writeFile(join(outside, 'secret.md'), 'Secret.')
    await mkdir(join(directory, 'sub'))
    await put('sub/real.md')
    await symlink(outside, join(directory, 'out'))
    await symlink(join(outside, 'secret.md'), join(directory, 'secret.md'))
    await symlink(directory, join(directory, 'sub', 'loop'))
    await symlink(join(directory, 'sub', 'real.md'), join(directory, 'again.md'))
    await symlink(join(directory, 'nowhere.md'), join(directory, 'broken.md'))
    expect(await ids()).toEqual(['again.md'])
    expect(warnings.map(({ fields }) => fields)).toEqual([
      { document: 'broken.md', reason: 'there is no such file or folder' },
      { document: 'out', reason: 'leads outside the folder' },
      { document: 'secret.md', reason: 'leads outside the folder' },
    ])
    await rm(outside, { recursive: true })
  })

  it('names what is too large or no text, and goes on', async () => {
    await put('big.md', 'x'.repeat(2 * 1024 * 1024 + 1))
    await put('binary.md', Uint8Array.from([0xff, 0xfe, 0x00, 0xd8]))
    await put('limit.md', 'word '.repeat(400_000))
    await put('dump.txt')
    await truncate(join(directory, 'dump.txt'), 200_000_000)
    await put('locked.pdf', '%PDF-1.4 not really')
    await put('letter.docx', makeZip({ 'word/document.xml': 'x'.repeat(70_000_000) }))
    await put('program.md', 'ELF\0\0\0')
    await put('report.md', makePdf([[]]))
    await put('scan.pdf', makePdf([[]]))
    await put('guide.pdf', makePdf([[{ text: 'Wash it at forty degrees.', y: 700 }]]))
    await put('good.md')
    expect(await ids()).toEqual(['good.md', 'guide.pdf', 'limit.md'])
    expect(warnings.map(({ fields }) => fields)).toEqual([
      { document: 'big.md', reason: 'larger than 2 MiB' },
      { document: 'binary.md', reason: 'not UTF-8 text' },
      { document: 'dump.txt', reason: 'larger than 2 MiB' },
      { document: 'letter.docx', reason: expect.stringContaining('ZIP bomb') },
      { document: 'locked.pdf', reason: 'a damaged PDF' },
      { document: 'program.md', reason: 'not text' },
      { document: 'report.md', reason: 'not text' },
      { document: 'scan.pdf', reason: expect.stringContaining('without text') },
    ])
  })

  it('reads texts as they are written', async () => {
    const utf16 = (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le')
    const text = 'Möhren für 2 €.'
    await Promise.all([
      put('a.md', utf16(text)),
      put('b.txt', utf16(text).swap16()),
      put('c.md', `\uFEFF${text}`),
      put(
        'd.html',
        Buffer.from('<meta charset="windows-1252"><p>M\u00f6hren f\u00fcr 2 \u0080.', 'latin1'),
      ),
      put(
        'e.htm',
        Buffer.from(
          '<meta http-equiv=Content-Type content="text/html; charset=iso-8859-15"><p>M\u00f6hren f\u00fcr 2 \u00a4.',
          'latin1',
        ),
      ),
      put('f.html', Buffer.from('<meta charset="klingon"><p>x')),
      put('g.html', Buffer.from('<p>M\u00f6hren', 'latin1')),
    ])
    const { documents } = await readDirectory(directory, { logger })
    expect(documents.map(({ passages }) => passages[0]?.text)).toEqual(
      Array.from({ length: 5 }, () => text),
    )
    expect(warnings.map(({ fields }) => fields)).toEqual([
      { document: 'f.html', reason: 'written in klingon, which is not known' },
      { document: 'g.html', reason: 'not UTF-8 text' },
    ])
  })

  it('reports a folder that is no folder or does not exist, and is empty then', async () => {
    await put('file.md')
    expect((await readDirectory(join(directory, 'file.md'), { logger })).documents).toEqual([])
    expect((await readDirectory(join(directory, 'nowhere'), { logger })).documents).toEqual([])
    expect(warnings.map(({ message }) => message)).toEqual(
      Array.from({ length: 2 }, () => 'The knowledge folder cannot be read'),
    )
    const knowledge = await loadKnowledge(join(directory, 'nowhere'), { logger })
    expect(knowledge.size).toEqual({ documents: 0, passages: 0 })
    expect(await knowledge.search('anything', { limit: 5 })).toEqual([])
  })

  it('reads what it may read when other files are closed to it', async () => {
    await put('closed.md')
    await put('open.md')
    await chmod(join(directory, 'closed.md'), 0o000)
    // The superuser may read everything; for anybody else the file is named and left out.
    const mayRead = process.getuid?.() === 0
    expect(await ids()).toEqual(mayRead ? ['closed.md', 'open.md'] : ['open.md'])
  })
})
