import { expect, it } from 'vitest'
import { acceptOf, isText, kindOf, textTypeOf } from './file-card.ts'

it('tells pictures, texts and the rest apart by what the browser calls them', () => {
  const kind = (type: string) => kindOf({ name: 'file', type })
  for (const type of ['image/png', 'image/webp']) expect(kind(type)).toBe('image')
  for (const type of ['text/csv', '', 'image/svg+xml', 'application/octet-stream'])
    expect(kind(type)).toBe('text')
  for (const type of ['image/heic', 'video/mp4', 'application/zip'])
    expect(kind(type)).toBeUndefined()
  expect(kind('application/pdf')).toBe('pdf')
  expect(kindOf({ name: 'scan.PDF', type: '' })).toBe('pdf')
})

it('takes a text by its name where a system calls it something else', () => {
  for (const [name, type] of [
    ['prices.CSV', 'application/vnd.ms-excel'],
    ['cart.ts', 'video/mp2t'],
    ['cart.ts', 'video/vnd.dlna.mpeg-tts'],
    ['letter.rtf', 'application/msword'],
    ['go.mod', 'audio/x-mod'],
  ] as const)
    expect(kindOf({ name, type })).toBe('text')
  for (const [name, type] of [
    ['prices.xls', 'application/vnd.ms-excel'],
    ['film.mpg', 'video/mpeg'],
    ['csv', 'application/zip'],
  ] as const)
    expect(kindOf({ name, type })).toBeUndefined()
})

it('sends a text as what it says it is, if that is a text', () => {
  expect(textTypeOf('text/csv')).toBe('text/csv')
  expect(textTypeOf('application/json')).toBe('application/json')
  for (const type of ['', 'video/mp2t', 'application/x-httpd-php', 'text/plain;charset=utf-8'])
    expect(textTypeOf(type)).toBe('text/plain')
})

it('knows a text by its bytes, also when its last character is cut', () => {
  const bytes = new TextEncoder().encode('Grüße 🥟')
  for (let end = 1; end <= bytes.length; end += 1) expect(isText(bytes.slice(0, end))).toBe(true)
  expect(isText(new Uint8Array([0xff, 0xfe, 0x41]))).toBe(false)
  expect(isText(new Uint8Array([0x41, 0]))).toBe(false)
})

it('lets the file chooser offer only what is taken', () => {
  expect(acceptOf({ images: true, text: false, pdf: false })).toBe(
    'image/png,image/jpeg,image/gif,image/webp',
  )
  expect(acceptOf({ images: false, text: true, pdf: false })).not.toMatch(/image|pdf/)
  expect(acceptOf({ images: false, text: false, pdf: true })).toBe('application/pdf,.pdf')
})
