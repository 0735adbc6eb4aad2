import { describe, expect, it } from 'vitest'
import { readConfig } from './index.ts'

const read = (environment: Record<string, string>) =>
  readConfig(environment, { directory: '/nowhere', demoKnowledge: '/demo' }).inference

describe('INFERENCE_EXTRA_BODY', () => {
  it('is unset by default', () => {
    expect(read({})).toMatchObject({ extraBody: undefined, thinkBody: undefined })
  })

  it('keeps the fields of every model and of some apart, the most specific last', () => {
    const value = {
      'model:qwen3-8b': { c: 3 },
      top_p: 0.9,
      'model:qwen3*': { b: 2 },
      'model:*': { a: 1 },
    }
    expect(read({ INFERENCE_EXTRA_BODY: JSON.stringify(value) }).extraBody).toEqual({
      all: { top_p: 0.9 },
      models: [
        { name: '*', body: { a: 1 } },
        { name: 'qwen3*', body: { b: 2 } },
        { name: 'qwen3-8b', body: { c: 3 } },
      ],
    })
  })

  it.each([
    'top_p=0.9',
    '[]',
    '"x"',
    'null',
    '{"stream":false}',
    '{"messages":[]}',
    '{"model":"x"}',
    '{"n":2}',
    '{"model:x":{"tools":[]}}',
    '{"model:x":5}',
    '{"model:a*b":{}}',
    '{"model:":{}}',
  ])('refuses %s and says what it takes', (value) => {
    expect(() => read({ INFERENCE_EXTRA_BODY: value })).toThrow(
      /^INFERENCE_EXTRA_BODY takes a JSON object .* without model, messages, stream.*; it got "/,
    )
    expect(() => read({ INFERENCE_THINK_BODY: value })).toThrow(/^INFERENCE_THINK_BODY takes/)
  })
})

describe('INFERENCE_THINK_BODY', () => {
  const think = (value: object) => read({ INFERENCE_THINK_BODY: JSON.stringify(value) }).thinkBody

  it('is for thinking that is switched on', () => {
    expect(think({ think: true, 'model:x': { deep: 1 } })).toEqual({
      on: { all: { think: true }, models: [{ name: 'x', body: { deep: 1 } }] },
      off: { all: {}, models: [] },
    })
  })

  it('is for both when it says on and off', () => {
    expect(think({ off: { 'model:x': { think: false } }, on: { think: true } })).toEqual({
      on: { all: { think: true }, models: [] },
      off: { all: {}, models: [{ name: 'x', body: { think: false } }] },
    })
  })

  it.each([{ on: {} }, { off: {} }, { on: {}, off: {}, more: 1 }, { on: 1, off: {} }])(
    'refuses the half of it: %j',
    (value) => {
      expect(() => think(value)).toThrow(/INFERENCE_THINK_BODY takes/)
    },
  )
})

describe('the search of the web', () => {
  const search = (environment: Record<string, string>) =>
    readConfig(environment, { directory: '/nowhere', demoKnowledge: '/demo' }).webSearch

  it('has no key by default, and an address that can be changed', () => {
    expect(search({})).toEqual({ apiKey: undefined, url: 'https://api.tavily.com' })
    expect(search({ TAVILY_API_KEY: 'k', TAVILY_API_URL: 'http://127.0.0.1:9/' })).toEqual({
      apiKey: 'k',
      url: 'http://127.0.0.1:9',
    })
    expect(() => search({ TAVILY_API_URL: 'tavily' })).toThrow(/^TAVILY_API_URL takes/)
  })
})
