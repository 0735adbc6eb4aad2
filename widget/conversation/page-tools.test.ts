import { describe, expect, it } from 'vitest'
import { createKeyValueStore } from '../api/key-value-store.ts'
import type { PageTool } from './page-tool.ts'
import { PageTools } from './page-tools.ts'

const tool = (changes: Partial<PageTool> = {}): PageTool => ({
  name: 'look',
  description: 'Looks.',
  parameters: { type: 'object' },
  execute: () => 'seen',
  ...changes,
})

const pageTools = () =>
  new PageTools({
    tabStore: createKeyValueStore('', undefined),
    wait: async () => {},
    onAsk() {},
    onChange() {},
  })

const nested = (levels: number): object => (levels === 0 ? {} : { in: nested(levels - 1) })

function cycle(): object {
  const round: Record<string, unknown> = {}
  round['round'] = round
  return round
}

describe('PageTools', () => {
  it('offers what is registered, until it is taken away', () => {
    const tools = pageTools()
    expect(tools.offer).toEqual({})
    const unregister = tools.register(tool({ title: 'Look', readOnly: true }))
    const definition = { name: 'look', description: 'Looks.', parameters: { type: 'object' } }
    expect(tools.offer).toEqual({ client_tools: [definition] })
    unregister()
    expect(tools.offer).toEqual({})
  })

  it('takes away only what it registered', () => {
    const tools = pageTools()
    const unregister = tools.register(tool())
    unregister()
    tools.register(tool())
    unregister()
    expect(tools.find('look')).toBeDefined()
  })

  it.each(['', 'two words', 'é', 'x'.repeat(65)])('refuses the name "%s"', (name) => {
    expect(() => pageTools().register(tool({ name }))).toThrow(/is no tool/)
  })

  it('refuses a second tool of the same name', () => {
    const tools = pageTools()
    tools.register(tool())
    expect(() => tools.register(tool())).toThrow('A tool named "look" is registered already')
  })

  it('refuses what the server would refuse with the visitor’s message', () => {
    const tools = pageTools()
    expect(() => tools.register(tool({ description: 'x'.repeat(1025) }))).toThrow(TypeError)
    for (let index = 0; index < 16; index += 1) tools.register(tool({ name: `look-${index}` }))
    expect(() => tools.register(tool())).toThrow(RangeError)
    const large = { type: 'object', description: 'x'.repeat(33_000) }
    expect(() => pageTools().register(tool({ parameters: large }))).toThrow(RangeError)
  })

  it('counts bytes, as the server does', () => {
    const large = { type: 'object', description: 'é'.repeat(17_000) }
    expect(() => pageTools().register(tool({ parameters: large }))).toThrow(RangeError)
  })

  it.each([
    ['a list', { parameters: ['x'] }],
    ['a schema that is too deep', { parameters: nested(61) }],
    ['a cycle', { parameters: cycle() }],
    ['half a character in the description', { description: 'x\ud83d' }],
    ['half a character in the schema', { parameters: { title: '\ud83d' } }],
    ['NUL in the schema', { parameters: { title: 'a\0b' } }],
    ['a title that is no text', { title: 1 }],
  ])('refuses %s, which would take the message with it', (_, broken) => {
    const given = Object.assign(tool(), broken)
    expect(() => pageTools().register(given)).toThrow(TypeError)
  })

  it('offers what was registered, whatever the page does to its object afterwards', () => {
    const tools = pageTools()
    const parameters: Record<string, unknown> = { type: 'object' }
    const given = { ...tool({ parameters }) }
    tools.register(given)
    parameters['self'] = parameters
    Object.assign(given, { name: 'other', description: 1 })
    const definition = { name: 'look', description: 'Looks.', parameters: { type: 'object' } }
    expect(tools.offer).toEqual({ client_tools: [definition] })
  })

  it.each([{ parameters: undefined }, { execute: 'x' }, { description: 1 }])(
    'refuses what is no tool: %j',
    (broken) => {
      const given = Object.assign(tool(), broken)
      expect(() => pageTools().register(given)).toThrow(TypeError)
    },
  )
})
