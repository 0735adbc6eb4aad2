import { describe, expect, it } from 'vitest'
import { exampleMessage } from '../stores/store-examples.ts'
import {
  awaitedPasswords,
  hidePasswords,
  MASK,
  passwordFieldsIn,
  readInterrupt,
} from './interrupts.ts'

const namesIn = (payload: unknown) => [...passwordFieldsIn(payload)].toSorted()

describe('fields for passwords', () => {
  it.each([
    ['properties', { properties: { pw: { format: 'password' } } }, ['pw']],
    ['a list', { fields: [{ name: 'api_key', format: 'PASSWORD' }, { name: 'user' }] }, ['apikey']],
    ['a map', { fields: { pin: { type: 'password' } } }, ['pin']],
    [
      'nested schemas',
      { schema: { properties: { a: { properties: { b: { format: 'password' } } } } } },
      ['b'],
    ],
    [
      'one of several',
      { properties: { pw: { anyOf: [{ format: 'password' }, { type: 'null' }] } } },
      ['pw'],
    ],
    ['items', { properties: { keys: { type: 'array', items: { format: 'password' } } } }, ['keys']],
    [
      'references to references',
      {
        properties: { pw: { $ref: '#/$defs/Outer' } },
        $defs: { Outer: { $ref: '#/$defs/Inner' }, Inner: { format: 'password' } },
      },
      ['inner', 'outer', 'pw'],
    ],
    ['none', { properties: { user: { type: 'string', default: 'password' } } }, []],
  ])('are found in %s', (_, payload, names) => {
    expect(namesIn(payload)).toEqual(names)
  })

  it('are found however deep they are, and what is deeper yet breaks nothing', () => {
    let deep: unknown = { properties: { pw: { format: 'password' } } }
    for (let level = 0; level < 900; level += 1) deep = { properties: { a: deep } }
    expect(namesIn(deep)).toEqual(['pw'])
    for (let level = 0; level < 90_000; level += 1) deep = [deep]
    expect(namesIn(deep)).toEqual([])
    expect(JSON.stringify(readInterrupt('i', { question: 'Q', deep }).payload)).toContain(MASK)
  })
})

describe('what an agent asks', () => {
  it('is kept as it came where there are no passwords', () => {
    const payload = { content: 'Which?', options: [1, null, { a: true }], data: { value: 'x' } }
    expect(readInterrupt(7, payload)).toEqual({
      id: '7',
      payload,
      question: 'Which?',
      passwords: [],
    })
  })

  it('may be a text alone', () => {
    expect(readInterrupt(undefined, 'Which?')).toMatchObject({ id: undefined, question: 'Which?' })
  })

  it('loses every value of a password, and nothing of the form', () => {
    const { payload } = readInterrupt('i', {
      properties: {
        pw: { format: 'password', title: 'Password', default: 'abcd1', examples: ['abcd2', 3_333] },
        user: { default: 'ann' },
      },
      values: { pw: { old: 'abcd4' }, user: 'ann' },
      hint: 'It was abcd1 before; a "3333" too.',
    })
    expect(payload).toEqual({
      properties: {
        pw: { format: 'password', title: 'Password', default: MASK, examples: [MASK, MASK] },
        user: { default: 'ann' },
      },
      values: { pw: { old: MASK }, user: 'ann' },
      hint: `It was ${MASK} before; a "${MASK}" too.`,
    })
  })
})

describe('a reply', () => {
  const fields = new Set(['pin'])

  it('stays as it is where no password was asked for', () => {
    const reply = { content: 'pin: 1', metadata: { pin: '1' } }
    expect(hidePasswords(reply, new Set())).toEqual({ kept: reply, secrets: [] })
  })

  it('hides a short secret as a word of its own alone', () => {
    const reply = { content: 'I take 7 of 17, not 7.5', metadata: { pin: 7 } }
    expect(hidePasswords(reply, fields).kept).toEqual({
      content: `I take ${MASK} of 17, not ${MASK}.5`,
      metadata: { pin: MASK },
    })
  })

  it.each([['PIN'], ['p_i-n']])('knows the field as %s', (name) => {
    const { kept } = hidePasswords({ content: 'ok', metadata: { [name]: 'secret' } }, fields)
    expect(kept.metadata).toEqual({ [name]: MASK })
  })

  it('is awaited until it is answered, whatever failed in between', () => {
    const asking = exampleMessage({
      role: 'assistant',
      metadata: { interrupt_payload: { fields: [{ name: 'pin', format: 'password' }] } },
    })
    const failed = exampleMessage({ role: 'user', status: 'error' })
    const answered = exampleMessage({ role: 'assistant' })
    expect([...awaitedPasswords([asking, failed])]).toEqual(['pin'])
    expect([...awaitedPasswords([asking, failed, answered])]).toEqual([])
  })
})
