import { describe, expect, it } from 'vitest'
import { decodeWays, isEmail, letterTo, waysBeside } from './ways.ts'

const ALL = {
  email: 'help@shop.example',
  url: 'https://shop.example/contact',
  phone: '+49 (30) 123-456',
  hours: 'Mon–Fri 9–17 h',
  form: true,
}
const NONE = { email: null, url: null, phone: null, hours: null, form: false }

const decoded = (body: object) => {
  const { url, phone, ...ways } = decodeWays({ ...NONE, form: true, ...body }) ?? {}
  return { ...ways, url: url?.href, phone: phone?.href }
}

describe('decodeWays', () => {
  it('takes what the owner has set', () => {
    expect(decoded(ALL)).toEqual({
      ...ALL,
      url: 'https://shop.example/contact',
      phone: 'tel:+4930123456',
    })
    expect(decodeWays(ALL)?.phone?.number).toBe('+49 (30) 123-456')
    expect(decoded({ phone: '\u2066 0800\n123\u00a0456 \u2069' }).phone).toBe('tel:0800123456')
  })

  it.each([
    null,
    undefined,
    'help@shop.example',
    [],
    {},
    NONE,
    { ...NONE, hours: 'always' },
    { ...NONE, form: 'true' },
    { ...NONE, email: '', url: ' ', phone: '\u200b', form: 1 },
  ])('finds no way in %j', (body) => {
    expect(decodeWays(body)).toBeUndefined()
  })

  it.each([
    'javascript:alert(1)',
    'JavaScript://x.example/%0aalert(1)',
    'http://shop.example/contact',
    'http://localhost.shop.example/contact',
    'http://127.0.0.1.shop.example/contact',
    'http://192.168.0.7/contact',
    'ftp://localhost/contact',
    'http://me:secret@localhost/contact',
    'https://:secret@shop.example/',
    'data:text/html,x',
    '//shop.example',
    '/contact',
    'https://',
    'https://shop.example@evil.example/',
    'https://user:secret@shop.example/',
    `https://shop.example/${'x'.repeat(5_000)}`,
    7,
    { href: 'https://shop.example' },
  ])('does not lead to %j', (url) => {
    expect(decoded({ url }).url).toBeUndefined()
  })

  it.each([
    'http://localhost:8000/contact',
    'http://shop.localhost/contact',
    'http://127.0.0.1:8000/contact',
    'http://[::1]:8000/contact',
  ])('leads to %j on this machine', (url) => {
    expect(decoded({ url }).url).toBe(url)
  })

  it.each([
    '',
    'help',
    'help@shop',
    'a@b.example,c@d.example',
    'a@b.example\r\nBcc: c@d.example',
    'a@b.example?bcc=c@d.example',
    'a@b.example&cc=c@d.example',
    '<a@b.example>',
    'javascript:alert(1)@b.example',
    `${'a'.repeat(300)}@b.example`,
    ['a@b.example'],
  ])('writes no letter to %j', (email) => {
    expect(decoded({ email }).email).toBeUndefined()
  })

  it.each(['12', 'call us', '0800-FLOWERS', 'tel:123', '+1;ext=5', '1'.repeat(100), 12345])(
    'does not call %j',
    (phone) => {
      expect(decoded({ phone }).phone).toBeUndefined()
    },
  )

  it('shows hours as one line, and none that would fill the window', () => {
    expect(decoded({ hours: ' Mon\n\u202eFri ' }).hours).toBe('Mon Fri')
    expect(decoded({ hours: 'x'.repeat(5_000) }).hours).toBeUndefined()
  })
})

describe('an e-mail address', () => {
  it.each([
    'a@b.example',
    'ada.byron+shop@mail.b.example',
    'अदा@डाक.भारत',
    "o'neil@b.example",
    'a-.-b@c--d.example',
    `${'a'.repeat(64)}@${'b'.repeat(63)}.example`,
  ])('may be %s', (email) => expect(isEmail(email)).toBe(true))
  it.each([
    '',
    'a',
    'a@b',
    'a b@c.example',
    'a@b.example\n',
    'a@b.example x',
    '@b.example',
    'a@.b',
    '.a@b.example',
    'a.@b.example',
    'a..b@c.example',
    'a@b..example',
    'a@-b.example',
    'a@b-.example',
    'a@b.example-',
    `${'a'.repeat(65)}@b.example`,
    `a@${'b'.repeat(64)}.example`,
  ])('is not %j', (email) => expect(isEmail(email)).toBe(false))
})

describe('letterTo', () => {
  const fieldsOf = (href: string) => new URL(href).searchParams

  it('begins with the question, as it was written', () => {
    const href = letterTo('help@shop.example', 'Ask us', 'Is 1 + 1 & more\n= 2? 100 % ?')
    expect(href).toMatch(/^mailto:help@shop\.example\?subject=/)
    expect(href).not.toContain('+')
    expect(fieldsOf(href).get('subject')).toBe('Ask us: Is 1 + 1 & more = 2? 100 % ?')
    expect(fieldsOf(href).get('body')).toBe('Is 1 + 1 & more\r\n= 2? 100 % ?\r\n\r\n')
    expect([...fieldsOf(href).keys()]).toEqual(['subject', 'body'])
  })

  it('stays short enough for mail programs, and whole where it is cut', () => {
    const href = letterTo('help@shop.example', 'Ask us', '😀'.repeat(4_000))
    const subject = fieldsOf(href).get('subject') ?? ''
    expect(subject.length).toBeLessThanOrEqual(81)
    expect(href).not.toContain('%EF%BF%BD')
    expect(fieldsOf(letterTo('a@b.example', 'Ask us', ' ')).get('subject')).toBe('Ask us')
  })

  it('takes half a character in a question for one that is missing', () => {
    expect(() => letterTo('a@b.example', 'Ask us', 'x\ud83d')).not.toThrow()
  })
})

describe('waysBeside', () => {
  const ways = decodeWays(ALL)!

  it('leaves out what the answer has named', () => {
    const said = 'Write to help@shop.example or call +49 (30) 123-456 (Mon–Fri 9–17 h).'
    expect(waysBeside(ways, said)).toEqual({
      ...ways,
      email: undefined,
      phone: undefined,
      hours: undefined,
    })
    expect(waysBeside(ways, 'I do not know.')).toEqual(ways)
  })

  it('is nothing where the answer has named all', () => {
    const all = 'help@shop.example, +49 (30) 123-456, [here](https://shop.example/contact)'
    expect(waysBeside({ ...ways, form: false }, all)).toBeUndefined()
  })
})
