import { describe, expect, it } from 'vitest'
import { cleanFileName, typeOfFile } from './attachments.ts'

const PNG = Buffer.from('89504e470d0a1a0a0000', 'hex')
const text = (content: string) => Buffer.from(content)

describe('typeOfFile', () => {
  it('knows the images that models take by their bytes, whatever their sender says', () => {
    const image = (contentType: string) => ({ kind: 'image', contentType })
    expect(typeOfFile('image/png', PNG)).toEqual(image('image/png'))
    expect(typeOfFile('text/plain', PNG)).toEqual(image('image/png'))
    expect(typeOfFile('', Buffer.from('ffd8ffe0', 'hex'))).toEqual(image('image/jpeg'))
    expect(typeOfFile('image/png', text('GIF89a…'))).toEqual(image('image/gif'))
    expect(typeOfFile('image/webp', text('RIFF1234WEBPVP8 '))).toEqual(image('image/webp'))
  })

  it.each([
    ['text/csv', 'text/csv'],
    ['TEXT/Markdown; charset=utf-8', 'text/markdown'],
    ['application/json', 'application/json'],
    ['application/ld+json', 'application/ld+json'],
    ['application/javascript', 'application/javascript'],
    ['image/svg+xml', 'image/svg+xml'],
    ['application/octet-stream', 'text/plain'],
    ['', 'text/plain'],
  ])('takes a text that is said to be "%s"', (declared, contentType) => {
    const bytes = text('<svg>नमस्ते</svg>\r\n\t')
    expect(typeOfFile(declared, bytes)).toEqual({ kind: 'text', contentType })
  })

  it.each([
    ['application/pdf', text('no PDF')],
    ['image/tiff', text('II*')],
    ['image/png', text('no image')],
    ['application/zip', text('PK')],
    ['text/plain', Buffer.from([0x50, 0x4b, 0x03, 0x04])],
    ['text/plain', Buffer.from('fffe6100', 'hex')],
    ['text/plain', Buffer.from('caf\xe9', 'latin1')],
    ['text/html/evil', text('x')],
    [`text/${'a'.repeat(81)}`, text('x')],
  ])('does not take what is said to be %s and is something else', (declared, bytes) => {
    expect(typeOfFile(declared, bytes)).toBeUndefined()
  })
})

describe('a text whose system calls it something else', () => {
  it.each([
    ['Umsatz 2025.csv', 'application/vnd.ms-excel'],
    ['LISTE.CSV', 'application/vnd.ms-excel'],
    ['index.ts', 'video/mp2t'],
    ['store.mts', 'video/vnd.dlna.mpeg-tts'],
    ['old.js', 'application/x-msdownload'],
    ['main.dart', 'application/vnd.dart'],
    ['letter.rtf', 'application/msword'],
    ['go.mod', 'audio/x-mod'],
    ['notes.org', 'application/vnd.lotus-organizer'],
    ['run.bat', 'application/x-msdos-program'],
    ['ten.gpx', 'application/gpx'],
  ])('is taken by its name and its bytes: %s as %s', (name, declared) => {
    const plain = { kind: 'text', contentType: 'text/plain' }
    expect(typeOfFile(declared, text('Äpfel;3\r\nBirnen;4\r\n'), name)).toEqual(plain)
  })

  it.each([
    ['is an old table of Excel', 'table.xls', Buffer.from('d0cf11e0a1b11ae1', 'hex')],
    ['is a table of Excel under another name', 'table.csv', Buffer.from('504b0304', 'hex')],
    ['is a film', 'holiday.ts', Buffer.from('474000100000b00d0001c1', 'hex')],
    ['says so by its name too', 'report.xls', text('a\tb')],
  ])('is refused where it %s', (_, name, bytes) => {
    expect(typeOfFile('application/vnd.ms-excel', bytes, name)).toBeUndefined()
  })
})

describe('cleanFileName', () => {
  it.each([
    ['report.csv', 'report.csv'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\ann\\notes.md', 'notes.md'],
    ['a\u0000b\nc\u0085.txt', 'abc.txt'],
    ['invoice\u202efdp.exe', 'invoicefdp.exe'],
    ['  two   spaces .txt ', 'two spaces .txt'],
    ['‏تقرير.txt', 'تقرير.txt'],
    ['he said "hi".txt', 'he said "hi".txt'],
    ['', 'file'],
    ['..', 'file'],
    ['photos/', 'file'],
    ['half \ud83d.txt', 'half \ufffd.txt'],
  ])('makes a bare name of %j', (given, name) => {
    expect(cleanFileName(given)).toBe(name)
  })

  it('cuts a long name and keeps its ending', () => {
    const name = cleanFileName(`${'😀'.repeat(10_000)}.csv`)
    expect(Array.from(name)).toHaveLength(120)
    expect(name).toMatch(/😀\.csv$/u)
    expect(Array.from(cleanFileName(`a.${'b'.repeat(10_000)}`))).toHaveLength(120)
  })
})
