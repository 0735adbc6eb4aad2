import { beforeAll, expect, it } from 'vitest'
import { slowTexts } from '../../server/testing/growth.ts'
import { HARD_TEXTS } from '../../server/testing/hard-texts.ts'
import { tagCode } from '../parts/tag-reader.ts'
import { createSentenceReader } from './sentence-reader.ts'

beforeAll(() => tagCode.load())

it('reads a sentence when it is complete, and the rest at the end', () => {
  const reader = createSentenceReader()
  expect(reader.read('A samosa is ')).toBe('')
  expect(reader.read('a pastry. It has')).toBe('A samosa is a pastry.')
  expect(reader.read(' corners')).toBe('')
  expect(reader.end()).toBe('It has corners')
})

it.each([
  ['هل هذا صحيح؟ نعم', 'هل هذا صحيح؟'],
  ['کیا یہ درست ہے۔ ہاں', 'کیا یہ درست ہے۔'],
  ['यह समोसा है। हाँ', 'यह समोसा है।'],
  ['これはサモサです。はい', 'これはサモサです。'],
  ['彼は「はい。」と', '彼は「はい。」'],
  ['你好吗？很好', '你好吗？'],
])('knows where sentences end in other scripts: %s', (text, sentence) => {
  expect(createSentenceReader().read(text)).toBe(sentence)
})

it('does not stop at a point within a number', () => {
  const reader = createSentenceReader()
  expect(reader.read('It costs 3.50 today. Yes')).toBe('It costs 3.50 today.')
})

it.each([
  '2*3 and 4*5 are 6 and 20',
  '2**3 is 8, 3**2 is 9',
  'about ~5, or ~6',
  'set snake_case_name and _private',
  'see https://example.com/a_b_c/~me?x=*',
  'a | b',
  '5. is next',
])('eats no character of the text: %s', (text) => {
  const reader = createSentenceReader()
  reader.read('It is so. ')
  expect(`${reader.read(text)} ${reader.end()}`.trim()).toBe(text)
})

it('takes away the marks of emphasis, code and tables', () => {
  const reader = createSentenceReader()
  const said = reader.read(
    '**Very** *nice*, ~~not~~ ***so*** _good_ `a*b*c`: __yes__!\n\n| a | b |\n|---|---|\n| 1 | 2 |',
  )
  expect(said).toBe('Very nice, not so good a*b*c: yes!')
  expect(reader.end()).toBe('a b 1 2')
})

it('leaves out thinking, tools, and the marks of Markdown', () => {
  const reader = createSentenceReader()
  const text =
    '<think>Hm. Well.</think>## **Yes**, see [the manual](/m).\n\n<|python_start|>{}<|python_end|>- `one`\n\n'
  expect(reader.read(text)).toBe('Yes, see the manual. one')
})

it('leaves out the numbers of notes, and citations that only another page can follow', () => {
  const reader = createSentenceReader()
  const text = 'So it is[^1]\ue200cite\ue202turn0search1\ue201.\n\n[^1]: A note 【4:0†source】.\n\n'
  expect(reader.read(text)).toBe('So it is. A note.')
})

it('does not slow down on any text while it comes', { timeout: 600_000 }, () => {
  const growing = (text: string) => {
    const reader = createSentenceReader()
    for (let at = 0; at < text.length; at += 20) reader.read(text.slice(at, at + 20))
    reader.end()
  }
  expect(slowTexts(growing, HARD_TEXTS, 1_000)).toEqual([])
})
