import { describe, expect, it } from 'vitest'
import { ReasoningMarks } from './reasoning.ts'

type Part = readonly [kind: 'thought' | 'prose', text: string]

/** What is told apart of pieces, neighbours of one kind joined; with what has been given before the end. */
function read(pieces: readonly string[]): {
  readonly parts: readonly Part[]
  readonly early: number
} {
  const parts: [Part[0], string][] = []
  const add = (kind: Part[0]) => (text: string) => {
    const last = parts.at(-1)
    if (last?.[0] === kind) last[1] += text
    else parts.push([kind, text])
  }
  const sink = { thought: add('thought'), prose: add('prose') }
  const marks = new ReasoningMarks()
  for (const piece of pieces) {
    if (marks.isOver) sink.prose(piece)
    else marks.read(piece, sink)
  }
  const early = parts.reduce((sum, [, text]) => sum + text.length, 0)
  marks.end(sink)
  return { parts, early }
}

const HARMONY =
  '<|channel|>analysis<|message|>First fry.<|end|><|start|>assistant<|channel|>final<|message|>Then eat.<|return|>'

describe('reasoning that is marked at the start of an answer', () => {
  it.each<[string, string, readonly Part[]]>([
    [
      'of Magistral',
      '[THINK]First fry.[/THINK]Then eat.',
      [
        ['thought', 'First fry.'],
        ['prose', 'Then eat.'],
      ],
    ],
    [
      'of prompts',
      '<thinking>First fry.</thinking>\n\nThen eat.',
      [
        ['thought', 'First fry.'],
        ['prose', '\n\nThen eat.'],
      ],
    ],
    [
      'of Gemini',
      '<thought>First fry.</thought>Then eat.',
      [
        ['thought', 'First fry.'],
        ['prose', 'Then eat.'],
      ],
    ],
    [
      'of Seed',
      '<seed:think>First fry.</seed:think>Then eat.',
      [
        ['thought', 'First fry.'],
        ['prose', 'Then eat.'],
      ],
    ],
    [
      'of Kimi',
      '◁think▷First fry.◁/think▷Then eat.',
      [
        ['thought', 'First fry.'],
        ['prose', 'Then eat.'],
      ],
    ],
    [
      'of Gemma',
      '<|channel>thought\nFirst fry.<channel|>Then eat.',
      [
        ['thought', 'First fry.'],
        ['prose', 'Then eat.'],
      ],
    ],
    [
      'of gpt-oss',
      HARMONY,
      [
        ['thought', 'First fry.'],
        ['prose', 'Then eat.'],
      ],
    ],
    [
      'of gpt-oss, in several messages',
      '<|start|>assistant<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>commentary to=functions.x <|constrain|>json<|message|>{}<|call|><|start|>assistant<|channel|>commentary<|message|>Wait. <|end|><|channel|>final<|message|>b',
      [
        ['thought', 'a{}'],
        ['prose', 'Wait. b'],
      ],
    ],
    [
      'behind blanks',
      ' \n<thinking>a</thinking>b',
      [
        ['prose', ' \n'],
        ['thought', 'a'],
        ['prose', 'b'],
      ],
    ],
    ['and empty', '[THINK][/THINK]b', [['prose', 'b']]],
    ['and never closed', '[THINK]a < b </THINK', [['thought', 'a < b </THINK']]],
    [
      'and like another mark inside',
      '<thought>a [/THINK] </thinking></thought>b',
      [
        ['thought', 'a [/THINK] </thinking>'],
        ['prose', 'b'],
      ],
    ],
  ])('is told apart, %s, wherever it is cut', (_, text, parts) => {
    expect(read([text]).parts).toEqual(parts)
    for (let cut = 0; cut <= text.length; cut += 1) {
      expect(read([text.slice(0, cut), text.slice(cut)]).parts).toEqual(parts)
    }
    expect(read([...text]).parts).toEqual(parts)
  })

  it.each([
    'The mark <thinking> begins it, [THINK] too.',
    '`<thinking>` is a tag.',
    '```\n<thinking>\n```',
    '> [THINK]a[/THINK]',
    '<Thinking>a</Thinking>',
    '<thinkings>',
    '[THINKER] is a word',
    '<think>a</think><thinking>b</thinking>',
    '<|channel|>analysis and no message',
    `<|channel|>${'long '.repeat(100)}<|message|>a`,
    '<|start|>user<|channel|>final<|message|>a',
    '<',
    '[',
    '',
  ])('is none elsewhere, or in another form: %j', (text) => {
    const whole = text === '' ? [] : [['prose', text]]
    expect(read([text]).parts).toEqual(whole)
    expect(read([...text]).parts).toEqual(whole)
  })

  it('holds back nothing that can be no mark', () => {
    for (const text of [
      'Hello',
      '[1] says',
      '<p>',
      '\n',
      '[THINK]a',
      `${HARMONY}\nso`,
      '[THINK]a[/THINK]b [',
    ]) {
      const { parts, early } = read([...text])
      expect(early).toBe(parts.reduce((sum, [, part]) => sum + part.length, 0))
    }
    expect(read(['[THIN']).early).toBe(0)
    expect(read(['[THINK]abc[/TH']).early).toBe(3)
  })
})
