import { expect, it } from 'vitest'
import { exampleConversation, exampleMessage } from '../testing/stores/store-examples.ts'
import { openingOf } from './metadata.ts'

const thread = exampleConversation()

it('begins a title with what a person calls the model, else with its name, else with Product', () => {
  const titleOf = (message: { model?: string; modelLabel?: string }, conversation = thread) =>
    openingOf(conversation, [], { text: 'Hello', ...message })?.title
  expect(titleOf({ model: 'm', modelLabel: 'Label' })).toBe('Label: Hello')
  expect(titleOf({ model: 'm' })).toBe('m: Hello')
  expect(titleOf({})).toBe('Product: Hello')
  const known = exampleConversation({ metadata: { model: 'kept', model_label: 'Kept' } })
  expect(titleOf({}, known)).toBe('Kept: Hello')
  expect(titleOf({ model: 'm' }, known)).toBe('m: Hello')
  expect(titleOf({}, exampleConversation({ modelTag: 'd20' }))).toBe('d20: Hello')
})

it('takes the first 32 characters of the text, without brackets', () => {
  const titleOf = (text: string, modelLabel = 'L') =>
    openingOf(thread, [], { text, modelLabel })?.title
  expect(titleOf('a'.repeat(32))).toBe(`L: ${'a'.repeat(32)}`)
  expect(titleOf('a'.repeat(33))).toBe(`L: ${'a'.repeat(32)}`)
  expect(titleOf('🥟'.repeat(40))).toBe(`L: ${'🥟'.repeat(32)}`)
  expect(titleOf('  [note] [[x]] ')).toBe('L: note x')
  expect(titleOf(`${'a'.repeat(31)} b`)).toBe(`L: ${'a'.repeat(31)}`)
  expect(titleOf('Hi', '[beta] Fast')).toBe('beta Fast: Hi')
  expect(titleOf('Hi', '[]')).toBe('Product: Hi')
  expect(titleOf(' [] ')).toBe('L')
  expect(titleOf('Hi', 'm'.repeat(255))).toBe('m'.repeat(255))
})

it('keeps the model in the metadata, beside what is there', () => {
  const known = exampleConversation({ metadata: { a: 1, model: 'old', provider: 'own' } })
  expect(openingOf(known, [], { text: 'x', model: 'm', modelLabel: 'M' })?.metadata).toEqual({
    a: 1,
    model: 'm',
    model_label: 'M',
    provider: 'own',
  })
  expect(openingOf(thread, [], { text: 'x' })?.metadata).toEqual({ provider: 'openai-compatible' })
})

it('makes nothing of any later message', () => {
  expect(openingOf(thread, [exampleMessage()], { text: 'x', model: 'm' })).toBeUndefined()
})
