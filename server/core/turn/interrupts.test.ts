import { describe, expect, it } from 'vitest'
import { exampleMessage } from '../../testing/stores/store-examples.ts'
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
    [
      'a list of items',
      { properties: { keys: { prefixItems: [{ format: 'password' }] } } },
      ['keys'],
    ],
    ['several formats', { fields: [{ name: 'pw', format: ['password'] }] }, ['pw']],
    ['a form that is a text', { form: JSON.stringify({ pin: { format: 'password' } }) }, ['pin']],
    ['what says how to show them', { ui: { pw: { 'ui:widget': 'password' } } }, ['pw']],
    ['the question itself, without a name', { content: 'Your PIN?', format: 'password' }, ['']],
    ['a list, without a name', { fields: [{ format: 'password' }] }, ['']],
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

describe('a field for a password', () => {
  const secret = 'hunter2secret'

  it.each([
    ['of another name', { name: 'pw', format: 'password', preset: secret }],
    ['in choices', { name: 'pw', format: 'password', options: [{ label: 'x', value: secret }] }],
    ['of a list', { name: 'pw', format: 'password', previous_values: [[secret]] }],
    ['of several formats', { name: 'pw', format: ['password'], value: secret }],
  ])('loses a value %s', (_, field) => {
    const kept = JSON.stringify(readInterrupt('i', { content: 'Q', fields: [field] }).payload)
    expect(kept).not.toContain(secret)
    expect(kept).toContain(MASK)
  })
})

describe('a reply', () => {
  const fields = new Set(['pin'])

  it('stays as it is where no password was asked for', () => {
    const reply = { content: 'pin: 1', metadata: { pin: '1' } }
    expect(hidePasswords(reply, new Set())).toEqual({ kept: reply, secrets: [] })
  })

  it.each([
    ['for the question itself', { content: 'Your PIN?', format: 'password' }],
    ['in a form that is a text', { form: JSON.stringify({ pin: { format: 'password' } }) }],
  ])('is hidden where a password was asked %s', (_, payload) => {
    const { kept } = hidePasswords({ content: 'hunter2' }, passwordFieldsIn(payload))
    expect(kept.content).toBe(MASK)
  })

  it.each(['interrupt_response', 'resumeData', 'form_values', 'answers', 'user-input'])(
    'that names no field is hidden in metadata too, under %s',
    (key) => {
      const metadata = { interrupt_id: 'i7', content_type: 'text', [key]: { other: 'hunter2' } }
      const { kept } = hidePasswords({ content: 'ok then', metadata }, fields)
      expect(kept.metadata).toEqual({ ...metadata, [key]: { other: MASK } })
    },
  )

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
