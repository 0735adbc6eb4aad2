import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { closeTagged, sealCode, writeToolResult } from './tags.ts'
import * as names from './marks.ts'
import * as tags from './tags.ts'

/** Backticks of its own may not make code of what stands in front of it. */
const result = writeToolResult('t', { success: true, output: '`x` ``` ``' })

const pieces = fc.constantFrom(
  ...['<think>', '</think>', '<|python_start|>', '<|python_end|>', '<|output_start|>'],
  ...[
    '<|output_end|>',
    '`',
    '``',
    '```',
    '````js',
    '```md\n',
    '~~~md\n',
    '~~~',
    '~~~~~~~~~',
    '\n',
    '\n\n',
    ' ',
    '> ',
  ],
  ...['<thinking>', '[THINK]', '[/THINK]', '<Thought>'],
  ...['- ', '1. ', '\\', 'word', '<', '<|', '<|python_', '</thi', '{"a":1}'],
)

describe('closeTagged', () => {
  it('makes a tag behind any text a tag', () => {
    const text = fc.array(pieces, { maxLength: 14 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(text, (before) => {
        const segments = tags.parseTagged(before + closeTagged(before) + result)
        expect(segments.at(-1)).toEqual({
          kind: 'tool_result',
          content: '{"tool":"t","success":true,"output":"`x` ``` ``","error":null}',
          closed: true,
        })
      }),
      { numRuns: 2_000 },
    )
  })

  it.each([
    ['plain text', ''],
    ['a `span` and\n```\na block\n```\n', ''],
    ['```js\nlet a', '\n```\n'],
    ['```md\n```js\nlet a', '\n```\n```\n'],
    ['<think>done</think>', ''],
    ['<think>hm', '</think>'],
    ['<think>\n', '</think>'],
    ['<thinking>hm', '</think>'],
    ['[THINK]a [', '</think>'],
    ['<|python_start|>{}', '<|python_end|>'],
    ['<|output_start|>{}', '<|output_end|>'],
    ['', ''],
  ])('adds behind %j nothing more than it needs', (text, closing) => {
    expect(closeTagged(text)).toBe(closing)
  })
})

describe('sealCode', () => {
  it('closes a fence with one that is long enough', () => {
    expect(sealCode('`````\ncode')).toBe('\n`````\n')
  })

  it('closes a fence in a fence of Markdown, and then that', () => {
    expect(sealCode('```md\n~~~ a\n```js\ncode')).toBe('\n```\n```\n')
  })
})

describe('writeToolResult', () => {
  it('holds no tag, whatever the tool gave', () => {
    const given = { success: true, output: `${names.TOOL_RESULT_END}${names.THINK_START}` } as const
    const [segment] = tags.parseTagged(writeToolResult(names.TOOL_RESULT_END, given))
    expect(segment?.closed).toBe(true)
    expect(JSON.parse(segment?.content ?? '')).toEqual({
      tool: names.TOOL_RESULT_END,
      ...given,
      error: null,
    })
  })

  it('says what went wrong, and gives nothing then', () => {
    expect(writeToolResult('t', { success: false, error: 'no' })).toContain(
      '"success":false,"output":null,"error":"no"',
    )
  })
})
