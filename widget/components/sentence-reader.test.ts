import { expect, it } from 'vitest'
import { createSentenceReader } from './sentence-reader.ts'

it('reads a sentence when it is complete, and the rest at the end', () => {
  const reader = createSentenceReader()
  expect(reader.read('A samosa is ')).toBe('')
  expect(reader.read('a pastry. It has')).toBe('A samosa is a pastry.')
  expect(reader.read(' corners')).toBe('')
  expect(reader.end()).toBe('It has corners')
})

it('does not stop at a point within a number', () => {
  const reader = createSentenceReader()
  expect(reader.read('It costs 3.50 today. Yes')).toBe('It costs 3.50 today.')
})

it('leaves out thinking, tools, and the marks of Markdown', () => {
  const reader = createSentenceReader()
  const text =
    '<think>Hm. Well.</think>## **Yes**, see [the manual](/m).\n\n<|python_start|>{}<|python_end|>- `one`\n\n'
  expect(reader.read(text)).toBe('Yes, see the manual. one')
})
