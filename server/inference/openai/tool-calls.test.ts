import { describe, expect, it } from 'vitest'
import { readDelta } from './chunk.ts'
import { createToolCallGatherer } from './tool-calls.ts'

const TOOLS = ['calculator', 'calc_help', 'search', 'tool']

/** The calls that some deltas make, as name and arguments. */
function gather(deltas: readonly unknown[], tools: readonly string[] = TOOLS) {
  const gatherer = createToolCallGatherer(new Set(tools))
  const ignore = () => {}
  const sink = {
    ...{
      text: ignore,
      refusal: ignore,
      textOfThought: ignore,
      reasoning: ignore,
      reasoningDetails: ignore,
    },
    toolCall: gatherer.add,
  }
  for (const tool_calls of deltas) readDelta({ tool_calls }, sink)
  return gatherer.take().map(({ name, arguments: given }) => `${name} ${given}`)
}

const piece = (index: unknown, id: unknown, name: unknown, args: unknown) => [
  { index, id, type: 'function', function: { name, arguments: args } },
]
const SUM = 'calculator {"expression":"1+1"}'
const ARGS = ['{"expr', 'ession":"1', '+1"}'] as const
const soFar = ARGS.map((_, at) => ARGS.slice(0, at + 1).join(''))

describe('a call in pieces', () => {
  it.each<[string, readonly unknown[]]>([
    [
      'with its name in two',
      [
        piece(0, 'a', 'calc', ''),
        piece(0, 'a', 'ulator', ''),
        piece(0, 'a', null, '{"expression":"1+1"}'),
      ],
    ],
    [
      'with its name in two and its id in one',
      [piece(0, 'a', 'calc', ''), piece(0, null, 'ulator', '{"expression":"1+1"}')],
    ],
    [
      'with its name in two and no id',
      [piece(0, null, 'calc', null), piece(0, null, 'ulator', '{"expression":"1+1"}')],
    ],
    [
      'with its name in two and no index',
      [piece(undefined, 'a', 'calc', ''), piece(undefined, 'a', 'ulator', '{"expression":"1+1"}')],
    ],
    [
      'with its name in two and a new id for each',
      [
        piece(0, 'a', 'calc', ''),
        piece(0, 'b', 'ulator', ''),
        piece(0, 'c', null, '{"expression":"1+1"}'),
      ],
    ],
    [
      'with more of its name each time',
      [piece(0, 'a', 'calc', ''), piece(0, 'a', 'calculator', '{"expression":"1+1"}')],
    ],
    [
      'with its name before it is declared',
      [piece(0, 'a', 'functions.', ''), piece(0, 'a', 'calculator', '{"expression":"1+1"}')],
    ],
    ['with its name and id in each', ARGS.map((args) => piece(0, 'a', 'calculator', args))],
    ['with its name alone in each', ARGS.map((args) => piece(0, null, 'calculator', args))],
    [
      'with its name in each and a new id',
      ARGS.map((args, at) => piece(0, `a${at}`, 'calculator', args)),
    ],
    [
      'with a new id in each',
      ARGS.map((args, at) => piece(0, `a${at}`, at === 0 ? 'calculator' : null, args)),
    ],
    [
      'with an index in the first',
      ARGS.map((args, at) =>
        piece(at === 0 ? 0 : null, null, at === 0 ? 'calculator' : null, args),
      ),
    ],
    [
      'with an index in all but the first',
      ARGS.map((args, at) =>
        piece(at === 0 ? null : 0, null, at === 0 ? 'calculator' : null, args),
      ),
    ],
    [
      'with an empty object first',
      [piece(0, 'a', 'calculator', '{}'), ...ARGS.map((args) => piece(0, null, null, args))],
    ],
    [
      'with an empty object first and its name in each',
      [
        piece(0, null, 'calculator', '{}'),
        ...ARGS.map((args) => piece(0, null, 'calculator', args)),
      ],
    ],
    [
      'with all that came before',
      soFar.map((args, at) =>
        piece(0, at === 0 ? 'a' : null, at === 0 ? 'calculator' : null, args),
      ),
    ],
    [
      'with all that came before and its name',
      [...soFar, ...soFar.slice(-1)].map((args) => piece(0, null, 'calculator', args)),
    ],
    [
      'as objects',
      [piece(0, 'a', 'calculator', {}), piece(0, 'a', 'calculator', { expression: '1+1' })],
    ],
    ['as a single one and no list', [piece(0, 'a', 'calculator', { expression: '1+1' })[0]]],
    [
      'with nothing around name and arguments',
      [[{ index: 0, id: 'a', name: 'calculator', arguments: '{"expression":"1+1"}' }]],
    ],
    [
      'with fields that are null',
      [
        piece(0, 'a', 'calculator', null),
        [{ index: 0, id: null, type: null, function: null }],
        piece(0, null, null, '{"expression":"1+1"}'),
      ],
    ],
  ])('is one: %s', (_, deltas) => {
    expect(gather(deltas)).toEqual([SUM])
  })

  it('keeps its pieces when their indexes are texts', () => {
    const deltas = [
      [...piece('0', 'a', 'calculator', ''), ...piece('1', 'b', 'search', '')],
      piece('0', null, null, '{"expression":"1+1"}'),
      piece('1', null, null, '{"q":"2"}'),
    ]
    expect(gather(deltas)).toEqual([SUM, 'search {"q":"2"}'])
  })

  it.each<[string, readonly unknown[]]>([
    [
      'by id, at one index',
      [piece(0, 'a', 'search', '{"q":1}'), piece(0, 'b', 'search', '{"q":1}')],
    ],
    [
      'by id, at one index, in pieces',
      [
        piece(0, 'a', 'search', ''),
        piece(0, null, null, '{"q":1}'),
        piece(0, 'b', 'search', ''),
        piece(0, null, null, '{"q":1}'),
      ],
    ],
    [
      'by id, without an index',
      [piece(null, 'a', 'search', '{"q":1}'), piece(null, 'b', 'search', '{"q":1}')],
    ],
    [
      'by index, with one id for all',
      [piece(0, 'a', 'search', '{"q":1}'), piece(1, 'a', 'search', '{"q":1}')],
    ],
    ['by index alone', [piece(0, null, 'search', '{"q":1}'), piece(1, null, 'search', '{"q":1}')]],
    [
      'by index alone, mixed',
      [
        piece('0', null, 'search', '{"q"'),
        piece('1', null, 'search', '{"q"'),
        piece('0', null, null, ':1}'),
        piece('1', null, null, ':1}'),
      ],
    ],
  ])('is told from another of the same tool %s', (_, deltas) => {
    expect(gather(deltas)).toEqual(['search {"q":1}', 'search {"q":1}'])
  })

  it('is told from another tool without ids, also before it has arguments', () => {
    const deltas = [piece(0, null, 'search', ''), piece(0, null, 'tool', '{}')]
    expect(gather(deltas)).toEqual(['search ', 'tool {}'])
    const ids = [piece(0, 'a', 'unknown', ''), piece(0, 'b', 'other', '')]
    expect(gather(ids)).toEqual(['unknown ', 'other '])
    expect(gather(ids, [])).toEqual(['unknown ', 'other '])
  })
})

describe('the name of a call', () => {
  it.each([
    ...[
      'functions.calculator',
      'default_api.calculator',
      'default_api:calculator',
      'tool.calculator',
    ],
    ...['functions.calculator:0', 'calculator<|channel|>commentary', 'calculator<|constrain|>json'],
    ...[
      'functions.calculator<|channel|>commentary json',
      'commentary to=functions.calculator',
      ' calculator\n',
    ],
    ...['calculator()', 'a/calculator'],
  ])('is that of the tool which was offered: %j', (name) => {
    expect(gather([piece(0, 'a', name, '{}')])).toEqual(['calculator {}'])
  })

  it('stays as it is where no such tool was offered', () => {
    for (const name of ['functions.weather', 'calculators', 'my.tool.x']) {
      expect(gather([piece(0, 'a', name, '{}')])).toEqual([`${name} {}`])
    }
    expect(gather([piece(0, 'a', 'my.tool', '{}')], ['my.tool', 'tool'])).toEqual(['my.tool {}'])
  })
})
