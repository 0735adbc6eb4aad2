import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { slowTexts } from '../testing/growth.ts'
import { HARD_TEXTS } from '../testing/hard-texts.ts'
import { createTagParser, parseTagged, withoutThinking, type Segment } from './tags.ts'

/** Feeds the pieces one by one and builds the segments from the reported changes. */
function parsePieces(pieces: readonly string[]): Segment[] {
  const segments: { kind: Segment['kind']; content: string; closed: boolean }[] = []
  const parser = createTagParser()
  const apply = (changes: ReturnType<typeof parser.push>) => {
    for (const change of changes) {
      if (change.type === 'open') {
        expect(change.index).toBe(segments.length)
        segments.push({ kind: change.kind, content: '', closed: false })
      } else if (change.type === 'append') segments[change.index]!.content += change.text
      else if (change.type === 'close') segments[change.index]!.closed = true
      else segments[change.index]!.kind = change.kind
    }
  }
  for (const piece of pieces) apply(parser.push(piece))
  apply(parser.end())
  return segments
}

const short = (text: string) =>
  parseTagged(text).map(({ kind, content, closed }) => [kind, content, closed])

const CASES: Readonly<Record<string, [string, [Segment['kind'], string, boolean][]]>> = {
  'plain text': ['a < b and c', [['text', 'a < b and c', true]]],
  'thinking, then the answer': [
    '<think>hm</think>yes',
    [
      ['think', 'hm', true],
      ['text', 'yes', true],
    ],
  ],
  'a tool call and its result': [
    'x<|python_start|>{"tool":"calculator"}<|python_end|><|output_start|>{}<|output_end|>y',
    [
      ['text', 'x', true],
      ['tool_call', '{"tool":"calculator"}', true],
      ['tool_result', '{}', true],
      ['text', 'y', true],
    ],
  ],
  'thinking that never closes runs to the end': [
    'a<think>b <|python_start|> c',
    [
      ['text', 'a', true],
      ['think', 'b <|python_start|> c', false],
    ],
  ],
  'a closing think tag that closes nothing makes what came before thinking': [
    'reasons</think>answer',
    [
      ['think', 'reasons', true],
      ['text', 'answer', true],
    ],
  ],
  'tool markers that close nothing are dropped': [
    'a<|python_end|>b<|output_end|>c',
    [['text', 'abc', true]],
  ],
  'tags are case-sensitive': ['a <Think>b</Think>', [['text', 'a <Think>b</Think>', true]]],
  'the end of thinking is case-sensitive': ['<think>a</Think>b', [['think', 'a</Think>b', false]]],
  'thinking without a word is none': ['<think>\n \n</think>\n\nyes', [['text', '\n\nyes', true]]],
  'thinking that is empty is none': ['<think></think>yes', [['text', 'yes', true]]],
  'nothing but empty thinking is nothing': ['<think>\n</think>', []],
  'thinking of which no word has come is none': ['a<think> ', [['text', 'a', true]]],
  'space in front of a closing think tag is no thinking': [
    '\n</think>yes',
    [
      ['text', '\n', true],
      ['text', 'yes', true],
    ],
  ],
  'space in front of the first word of thinking is part of it': [
    '<think>\n hm</think>',
    [['think', '\n hm', true]],
  ],
  'empty thinking between tools is none': [
    '<|output_start|>{}<|output_end|><think>\n</think>b',
    [
      ['tool_result', '{}', true],
      ['text', 'b', true],
    ],
  ],
  'a message may begin with thinking in other words': [
    '<thinking>hm [1] <b></thinking>yes',
    [
      ['think', 'hm [1] <b>', true],
      ['text', 'yes', true],
    ],
  ],
  'thinking in other words may be spelled anyhow, and end as thinking does': [
    '\n <Think>\nhm</think>yes</Think>',
    [
      ['think', '\nhm', true],
      ['text', 'yes</Think>', true],
    ],
  ],
  'thinking may stand between square brackets': [
    '[THINK]a [THIN] b[/THINK]yes [THINK]',
    [
      ['think', 'a [THIN] b', true],
      ['text', 'yes [THINK]', true],
    ],
  ],
  'a thought is thinking, and without a word it is none': [
    '<thought>\n</thought>yes',
    [['text', 'yes', true]],
  ],
  'code in thinking in other words hides its end': [
    '<reasoning>the `</reasoning>` tag</reasoning>yes',
    [
      ['think', 'the `</reasoning>` tag', true],
      ['text', 'yes', true],
    ],
  ],
  'thinking in other words that never closes runs to the end': [
    '[think]a',
    [['think', 'a', false]],
  ],
  'thinking in other words may follow what a tool gave': [
    'a<|output_start|>{}<|output_end|>\n<thinking>b</thinking>c',
    [
      ['text', 'a', true],
      ['tool_result', '{}', true],
      ['think', 'b', true],
      ['text', 'c', true],
    ],
  ],
  'other words are text elsewhere, and in code': [
    'use <thinking>, [THINK] or `<thought>`',
    [['text', 'use <thinking>, [THINK] or `<thought>`', true]],
  ],
  'what only begins like other words is text': [
    '[thinker] <thinks>',
    [['text', '[thinker] <thinks>', true]],
  ],
  'tags in a code span are text': ['use `<think>` here', [['text', 'use `<think>` here', true]]],
  'tags in a fence are text': [
    '```html\n<think>\n```\n<think>t',
    [
      ['text', '```html\n<think>\n```\n', true],
      ['think', 't', false],
    ],
  ],
  'tags in a fence that stays open are text': [
    '~~~\n<think>a</think>',
    [['text', '~~~\n<think>a</think>', true]],
  ],
  'a tag in the info string of a fence is text': [
    '```<think>\nx',
    [['text', '```<think>\nx', true]],
  ],
  'a tag behind code in code of Markdown is one': [
    '<think>```md\n```js\n</think>\n```\n</think>\n```\n</think>a',
    [
      ['think', '```md\n```js\n</think>\n```\n</think>\n```\n', true],
      ['text', 'a', true],
    ],
  ],
  'a fence is closed by no quote in it, and by nothing behind it but blanks': [
    '```\n> ```\n```\u00a0\n<think>\n``` \t\n<think>a',
    [
      ['text', '```\n> ```\n```\u00a0\n<think>\n``` \t\n', true],
      ['think', 'a', false],
    ],
  ],
  'a lone backtick hides no tag': [
    'the ` key<think>a</think>\n\nb',
    [
      ['text', 'the ` key', true],
      ['think', 'a', true],
      ['text', '\n\nb', true],
    ],
  ],
  'a backtick in an earlier paragraph hides no tag': [
    'the ` key\n\n<think>a</think>`b',
    [
      ['text', 'the ` key\n\n', true],
      ['think', 'a', true],
      ['text', '`b', true],
    ],
  ],
  'an escaped backtick opens no code': [
    'the \\` key<think>`a`</think>',
    [
      ['text', 'the \\` key', true],
      ['think', '`a`', true],
    ],
  ],
  'code inside thinking hides the closing tag': [
    '<think>the `</think>` tag</think>done',
    [
      ['think', 'the `</think>` tag', true],
      ['text', 'done', true],
    ],
  ],
  'double backticks match only double backticks': [
    '`` ` <think> `` <think>t',
    [
      ['text', '`` ` <think> `` ', true],
      ['think', 't', false],
    ],
  ],
  'a dropped marker after a lone backtick leaves the rest as it is': [
    'a ` b<|python_end|>c\n\n<think>d',
    [
      ['text', 'a ` bc\n\n', true],
      ['think', 'd', false],
    ],
  ],
}

describe('tagged text', () => {
  for (const [name, [text, expected]] of Object.entries(CASES)) {
    it(name, () => {
      expect(short(text)).toEqual(expected)
    })
    it(`${name}, cut at every position and into single characters`, () => {
      const whole = parseTagged(text)
      for (let cut = 0; cut <= text.length; cut += 1) {
        expect(parsePieces([text.slice(0, cut), text.slice(cut)])).toEqual(whole)
      }
      expect(parsePieces([...text])).toEqual(whole)
    })
  }

  it('gives the same segments however any mix of tags, code and text is cut', () => {
    const piece = fc.constantFrom(
      ...['<think>', '</think>', '<|python_start|>', '<|python_end|>', '<|output_start|>'],
      ...['<thinking>', '</thinking>', '[THINK]', '[/THINK]', '<Thought>', '```md\n', '```js\n'],
      ...[
        '<|output_end|>',
        '`',
        '``',
        '```',
        '\n',
        '\n\n',
        '~~~\n',
        '\\',
        'a',
        ' b ',
        '<',
        '- ',
        '> ',
      ],
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 24 }), fc.array(fc.nat(80)), (pieces, cuts) => {
        const text = pieces.join('')
        const at = [...new Set([0, ...cuts, text.length])]
          .filter((cut) => cut <= text.length)
          .toSorted((a, b) => a - b)
        const parts = at.map((cut, index) => text.slice(cut, at[index + 1]))
        expect(parsePieces(parts)).toEqual(parseTagged(text))
      }),
      { numRuns: 2_000 },
    )
  })

  it('holds a tag behind an open backtick back for a while, and not for ever', () => {
    const text = `a \` b<think>${'x'.repeat(5_000)}\` c`
    expect(parseTagged(text).map((segment) => segment.kind)).toEqual(['text', 'think'])
    const parser = createTagParser()
    const held = parser.push(text.slice(0, 1_000))
    expect(held.some((change) => change.type === 'open' && change.kind === 'think')).toBe(false)
    const settled = parser.push(text.slice(1_000))
    expect(settled.some((change) => change.type === 'open' && change.kind === 'think')).toBe(true)
  })

  it('stays linear when a hostile text repeats markers behind an open backtick', () => {
    const text = `\`${'<|python_end|> '.repeat(20_000)}`
    expect(parseTagged(text)).toEqual([
      { kind: 'text', content: `\`${' '.repeat(20_000)}`, closed: true },
    ])
  })
})

describe('withoutThinking', () => {
  it('removes thinking and keeps tools and text', () => {
    expect(withoutThinking('<think>a</think> b<|python_start|>{}<|python_end|>')).toBe(
      'b<|python_start|>{}<|python_end|>',
    )
  })
})

describe('withoutThinking, in other words', () => {
  it('removes that too', () => {
    expect(withoutThinking('<Thinking>a</Thinking> b')).toBe('b')
    expect(withoutThinking('[THINK]a[/THINK]b [THINK]')).toBe('b [THINK]')
    expect(withoutThinking('<think>\n</think>\n\nb')).toBe('b')
  })
})

describe('any text', () => {
  it('is read without slowing down, also while it comes', { timeout: 600_000 }, () => {
    const growing = (text: string) => {
      const parser = createTagParser()
      for (let at = 0; at < text.length; at += 3) parser.push(text.slice(at, at + 3))
      parser.end()
    }
    expect(slowTexts(parseTagged, HARD_TEXTS, 1_500)).toEqual([])
    expect(slowTexts(growing, HARD_TEXTS, 1_500)).toEqual([])
  })
})
