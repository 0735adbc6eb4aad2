import { expect, it } from 'vitest'
import { visitorKey } from './connection.ts'

const token = (claims: object) =>
  `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.signature`

it('is the same for every token of a user, and tells users apart', () => {
  const mira = visitorKey(token({ sub: 'mira', exp: 1 }))
  expect(visitorKey(token({ sub: 'mira', exp: 2 }))).toBe(mira)
  expect(visitorKey(token({ sub: 'noor', exp: 1 }))).not.toBe(mira)
  expect(visitorKey(token({ sub: 'míra 👍' }))).not.toBe(mira)
  expect(mira).not.toContain('mira')
})

it.each(['opaque', 'a.b.c', `e30.${btoa('[]')}.x`, token({}), '..'])(
  'is made of a token that names nobody: %s',
  (given) => {
    expect(visitorKey(given)).toMatch(/^[a-z\d]+$/)
    expect(visitorKey(given)).not.toBe(visitorKey(`${given}x`))
  },
)

it('is empty without a token', () => {
  expect([visitorKey(undefined), visitorKey('')]).toEqual(['', ''])
})
