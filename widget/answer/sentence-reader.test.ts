import { beforeAll, expect, it } from 'vitest'
import { slowTexts } from '../../server/testing/growth.ts'
import { HARD_TEXTS } from '../../server/testing/hard-texts.ts'
import { formulas, markup } from '../markdown/grammar/index.ts'
import { tagCode } from './tag-reader.ts'
import { answerStrings } from '../words/en/answer.ts'
import { createSentenceReader, type SentenceReaderOptions } from './sentence-reader.ts'

beforeAll(() => Promise.all([tagCode.load(), formulas.load(), markup.load()]))

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

/** All that is said of a text, wherever it is cut. */
function saidOf(text: string, options?: SentenceReaderOptions): string {
  const said = [1, 3, 7, 40, text.length].map((length) => {
    const reader = createSentenceReader(options)
    const parts: string[] = []
    for (let at = 0; at < text.length; at += length)
      parts.push(reader.read(text.slice(at, at + length)))
    return [...parts, reader.end()]
      .filter((part) => part !== '')
      .join(' ')
      .replaceAll('。 ', '。')
  })
  expect(new Set(said).size, said.join('\n')).toBe(1)
  return said[0] ?? ''
}

it.each([
  ['- [x] Water it.\n- [ ] Feed it.\n', 'Done: Water it. Not done: Feed it.'],
  ['* [X] one\n  * [ ] two', 'Done: one Not done: two'],
  ['1. [ ] Dig. And plant.\n2. [x] Rest.', '1. Not done: Dig. And plant. 2. Done: Rest.'],
  ['Choose [x] there.', 'Choose [x] there.'],
  ['It is so.\n\n---\n\nAnd so.', 'It is so. And so.'],
  ['Heading\n---\nIt is so.\n\n***\n\n* * *\n\nYes.', 'Heading It is so. Yes.'],
  [
    'Write to <me@example.org>. Or see <https://example.org/a_b>.',
    'Write to me@example.org. Or see https://example.org/a_b.',
  ],
  ['A <b>bold</b> word.<br>And <span class="x">more</span>.', 'A bold word. And more.'],
  [
    '<details><summary>More</summary>\n\nIt is **so**.\n\n</details>\n\nYes.',
    'More It is so. Yes.',
  ],
  ['<!-- hidden. -->\nIt is seen.', 'It is seen.'],
  ['3 < 5, and <5 is less.', '3 < 5, and <5 is less.'],
  [
    'So[^1] it is[^note].\n\n[^1]: One. And two.\n[^note]: Three.',
    'So it is. One. And two. Three.',
  ],
  ['The area is $\\pi r^2$. So be it.', 'The area is π r^2. So be it.'],
  ['Half: $\\frac{1}{2}$, root \\(\\sqrt{x+1}\\).', 'Half: 1/2, root √(x+1).'],
  ['$$\n\\sum_{i=1}^{n} x_i \\leq \\infty\n$$\n\nYes.', '∑_(i=1)^n x_i ≤ ∞ Yes.'],
  ['It costs $5. And $6 more.', 'It costs $5. And $6 more.'],
  ['| A | B |\n|:--|--:|\n| It is. | so |\n| 1 | 2. No. |\n\nYes.', 'A B It is. so 1 2. No. Yes.'],
  ['A | B\n--|--\n`a\\|b` | **c**\nd. | e\n\nYes.', 'A B a|b c d. e Yes.'],
  ['> It is. So.\n> Yes.\n\nNo.', 'It is. So. Yes. No.'],
  ['```js\n// # It is. - so\nlet a = `**b**`\n```\nYes.', '// # It is. - so let a = `**b**` Yes.'],
  ['~~~\na. b\n\n# c. d\n~~~\n\nYes.', 'a. b # c. d Yes.'],
  ['    indented. *code*\n\nYes.', 'indented. *code* Yes.'],
  [
    '![A plant. In a pot](https://example.org/a.png) is shown.',
    'Image: A plant. In a pot is shown.',
  ],
  [
    'See [the page. It helps](https://example.org/a.b). Or [this][ref].\n\n[ref]: https://example.org',
    'See the page. It helps. Or this.',
  ],
  ['[![Alt](/a.png)](/b) and [`code`](/c).', 'Image: Alt and code.'],
  ['**It is so. Very.** Yes.', 'It is so. Very. Yes.'],
  ['_It is so._ **Yes.** ~~No.~~ So.', 'It is so. Yes. No. So.'],
  ['1. One.\n2. Two.\n10. Ten.', '1. One. 2. Two. 3. Ten.'],
  ['- One\n- Two\n\n  More.\n- Three', 'One Two More. Three'],
  ['# **Title** #\nText.', 'Title Text.'],
  ['A &amp; B &lt;3 &copy.', 'A & B <3 &copy.'],
  ['A \\*star\\* and \\_line\\_.', 'A *star* and _line_.'],
  ['Line one  \nline two\\\nline three.', 'Line one line two line three.'],
  [
    'Visit https://example.org/a_b. Then www.example.org/c.',
    'Visit https://example.org/a_b. Then www.example.org/c.',
  ],
  ['1. A\n   1. B. C\n   2. D\n2. E', '1. A 1. B. C 2. D 2. E'],
  ['- a\n\n  ```js\n  b. c\n\n  # d\n  ```\n- e. f', 'a b. c # d e. f'],
  ['Version 1.2.3 is out! Is it? Yes… So.', 'Version 1.2.3 is out! Is it? Yes… So.'],
  ['これは**「設定」**です。はい。', 'これは「設定」です。はい。'],
  ['هذا **مهم**. [هنا](/a) نعم؟ لا.', 'هذا مهم. هنا نعم؟ لا.'],
])('says what a person reads: %j', (text, said) => {
  expect(saidOf(text)).toBe(said)
})

it('says it in the language of the chat', () => {
  const strings = () => ({
    ...answerStrings,
    markdown: { ...answerStrings.markdown, taskDone: 'Erledigt', taskOpen: 'Offen' },
  })
  expect(saidOf('- [x] Gießen\n- [ ] Düngen', { strings })).toBe('Erledigt: Gießen Offen: Düngen')
})

it('says what a tool does, and what came of it, in its place', () => {
  const reader = createSentenceReader({
    tool: (call, result) => `(${call}${result === undefined ? '' : ` = ${result}`})`,
  })
  expect(reader.read('I look. And count<|python_start|>1 + 1')).toBe('I look. And count')
  expect(reader.read('<|python_end|>')).toBe('(1 + 1)')
  expect(reader.read('')).toBe('')
  expect(reader.read('<|output_start|>2<|output_end|>It is two. ')).toBe('(1 + 1 = 2) It is two.')
  // What is over before it could be said is said once.
  expect(reader.read('<|python_start|>3<|python_end|><|output_start|>4<|output_end|>')).toBe(
    '(3 = 4)',
  )
})

it('does not slow down on any text while it comes', { timeout: 600_000 }, () => {
  const growing = (text: string) => {
    const reader = createSentenceReader()
    for (let at = 0; at < text.length; at += 20) reader.read(text.slice(at, at + 20))
    reader.end()
  }
  expect(slowTexts(growing, HARD_TEXTS, 1_000)).toEqual([])
})
