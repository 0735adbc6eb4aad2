import { describe, expect, it } from 'vitest'
import { PageTools, type PageTool } from './page-tools.ts'

const tool = (changes: Partial<PageTool> = {}): PageTool => ({
  name: 'look',
  description: 'Looks.',
  parameters: { type: 'object' },
  execute: () => 'seen',
  ...changes,
})

describe('PageTools', () => {
  it('offers what is registered, until it is taken away', () => {
    const tools = new PageTools(() => {})
    expect(tools.offer).toEqual({})
    const unregister = tools.register(tool({ title: 'Look', readOnly: true }))
    const definition = { name: 'look', description: 'Looks.', parameters: { type: 'object' } }
    expect(tools.offer).toEqual({ client_tools: [definition] })
    unregister()
    expect(tools.offer).toEqual({})
  })

  it('takes away only what it registered', () => {
    const tools = new PageTools(() => {})
    const unregister = tools.register(tool())
    unregister()
    tools.register(tool())
    unregister()
    expect(tools.find('look')).toBeDefined()
  })

  it.each(['', 'two words', 'é', 'x'.repeat(65)])('refuses the name "%s"', (name) => {
    expect(() => new PageTools(() => {}).register(tool({ name }))).toThrow(/is no tool/)
  })

  it('refuses a second tool of the same name', () => {
    const tools = new PageTools(() => {})
    tools.register(tool())
    expect(() => tools.register(tool())).toThrow('A tool named "look" is registered already')
  })

  it('refuses what the server would refuse with the visitor’s message', () => {
    const tools = new PageTools(() => {})
    expect(() => tools.register(tool({ description: 'x'.repeat(1025) }))).toThrow(TypeError)
    for (let index = 0; index < 16; index += 1) tools.register(tool({ name: `look-${index}` }))
    expect(() => tools.register(tool())).toThrow(RangeError)
    const large = { type: 'object', description: 'x'.repeat(30_000) }
    expect(() => new PageTools(() => {}).register(tool({ parameters: large }))).toThrow(RangeError)
  })

  it.each([{ parameters: undefined }, { execute: 'x' }, { description: 1 }])(
    'refuses what is no tool: %j',
    (broken) => {
      const given = Object.assign(tool(), broken)
      expect(() => new PageTools(() => {}).register(given)).toThrow(TypeError)
    },
  )
})
