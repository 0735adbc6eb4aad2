import { expect, it } from 'vitest'
import type { Identity } from './ports/people.ts'
import { checkAllowed, isKeepable, MOST_METADATA_BYTES } from './metadata.ts'

const caller = (parts: Partial<Identity> = {}): Identity => ({
  userId: 'u',
  roles: [],
  products: ['p1', '7'],
  agents: ['a1'],
  ...parts,
})
const refusal = expect.objectContaining({ code: 'forbidden' })

const SPELLINGS = [
  ['product_id', 'p1'],
  ['productId', 'p1'],
  ['product', 'p1'],
  ['agent_id', 'a1'],
  ['agentId', 'a1'],
  ['agent', 'a1'],
] as const

it.each(SPELLINGS)('lets a caller ask by %s what the list has, and nothing else', (name, id) => {
  expect(() => checkAllowed(caller(), { [name]: id })).not.toThrow()
  expect(() => checkAllowed(caller(), { [name]: { id, more: 1 } })).not.toThrow()
  for (const other of [
    'other',
    ` ${id}`,
    id.toUpperCase(),
    5,
    true,
    [id],
    { name: id },
    { id: [id] },
  ]) {
    expect(() => checkAllowed(caller(), { [name]: other })).toThrow(refusal)
    expect(() => checkAllowed(caller(), { [name]: { id: other } })).toThrow(refusal)
  }
})

it.each(SPELLINGS)('takes %s for nothing where it names nothing', (name) => {
  for (const nothing of [null, '', undefined]) {
    expect(() => checkAllowed(caller(), { [name]: nothing })).not.toThrow()
  }
})

it('looks at every spelling, and at numbers as texts', () => {
  expect(() => checkAllowed(caller(), { product_id: 'p1', product: 'p2' })).toThrow(refusal)
  expect(() => checkAllowed(caller(), { agent: 'a1', agentId: { id: 'a2' } })).toThrow(refusal)
  expect(() => checkAllowed(caller(), { product_id: 7 })).not.toThrow()
})

it('restricts nobody without a list, and no admin', () => {
  const metadata = { product: 'secret', agent: { id: 'secret' } }
  for (const free of [
    { products: [], agents: [] },
    { products: undefined, agents: undefined },
    { roles: ['admin'] },
  ]) {
    expect(() => checkAllowed(caller(free), metadata)).not.toThrow()
  }
  expect(() => checkAllowed(caller({ products: [] }), metadata)).toThrow(refusal)
})

it('keeps what is as large as may be, and no byte more', () => {
  const text = 'é'.repeat((MOST_METADATA_BYTES - '{"t":""}'.length) / 2)
  expect(isKeepable({ t: text })).toBe(true)
  expect(isKeepable({ t: `${text}a` })).toBe(false)
})

it.each([
  ['lists', '[', ']'],
  ['objects', '{"a":', '}'],
])('keeps %s as deep as may be, and none deeper, however deep', (_name, open, close) => {
  const nested = (levels: number): unknown =>
    JSON.parse(`${open.repeat(levels)}${open === '[' ? '' : '1'}${close.repeat(levels)}`)
  expect(isKeepable(nested(64))).toBe(true)
  expect(isKeepable(nested(65))).toBe(false)
  expect(isKeepable(nested(200_000))).toBe(false)
})
