import { describe, expect, it } from 'vitest'
import { isKnownByAddress, thinkingParameters } from './extra-fields.ts'

const of = (url: string, model: string, owner?: string) =>
  [true, false].map((on) => thinkingParameters({ url: new URL(url), owner, model }, on))
const effort = (...values: readonly string[]) =>
  values.map((reasoning_effort) => ({ reasoning_effort }))
const NOTHING = [{}, {}]
const ANY = 'http://10.0.0.5:8000/v1'

describe('thinking on and off', () => {
  it.each([
    ['gpt-5.1', effort('medium', 'none')],
    ['gpt-5-mini', effort('medium', 'minimal')],
    ['o4-mini', effort('medium', 'low')],
    ['gpt-5-chat-latest', NOTHING],
    ['o1-mini', NOTHING],
    ['gpt-4o', NOTHING],
  ])('is an effort for OpenAI’s %s where it can be one', (model, expected) => {
    expect(of('https://api.openai.com/v1', model)).toEqual(expected)
    expect(of('https://us.openai.azure.com/openai/v1', model)).toEqual(expected)
    expect(of(ANY, `openai/${model}`, 'openai')).toEqual(expected)
  })

  it('is an effort in other words for Groq', () => {
    const groq = (model: string) => of('https://api.groq.com/openai/v1', model)
    expect(groq('qwen/qwen3-32b')).toEqual(effort('default', 'none'))
    expect(groq('openai/gpt-oss-20b')).toEqual(effort('medium', 'low'))
    expect(groq('llama-3.3-70b-versatile')).toEqual(NOTHING)
  })

  it.each(['vllm', 'sglang', 'llamacpp'])('is a variable of the template for %s', (owner) => {
    const template = (name: string) =>
      [true, false].map((on) => ({ chat_template_kwargs: { [name]: on } }))
    expect(of(ANY, 'Qwen/Qwen3-8B', owner)).toEqual(template('enable_thinking'))
    expect(of(ANY, 'deepseek-ai/DeepSeek-V3.1', owner)).toEqual(template('thinking'))
  })

  it('is less thinking for a model that always thinks', () => {
    expect(of(ANY, 'openai/gpt-oss-20b', 'vllm')).toEqual(effort('medium', 'low'))
    expect(of(ANY, 'gpt-oss-20b', 'llamacpp')).toEqual(
      effort('medium', 'low').map((chat_template_kwargs) => ({ chat_template_kwargs })),
    )
    expect(of(ANY, 'gpt-oss:20b', 'library')).toEqual(effort('medium', 'low'))
  })

  it('is an effort for Ollama, known by its port, its name or its list', () => {
    expect(of('http://localhost:11434/v1', 'qwen3:8b')).toEqual(effort('medium', 'none'))
    expect(of('https://ollama.com/v1', 'qwen3:8b')).toEqual(effort('medium', 'none'))
    expect(of(ANY, 'qwen3:8b', 'library')).toEqual(effort('medium', 'none'))
  })

  it('is a switch for OpenRouter and DeepSeek', () => {
    expect(of('https://openrouter.ai/api/v1', 'openai/gpt-oss-20b')).toEqual([
      { reasoning: { enabled: true } },
      { reasoning: { enabled: false } },
    ])
    expect(of('https://api.deepseek.com', 'deepseek-v4')).toEqual([
      { thinking: { type: 'enabled' } },
      { thinking: { type: 'disabled' } },
    ])
  })

  it('is nothing for a server that nobody knows, or that only looks like one', () => {
    expect(of(ANY, 'o3')).toEqual(NOTHING)
    expect(of(ANY, 'qwen3', 'somebody')).toEqual(NOTHING)
    expect(of('https://api.openai.com.evil.example/v1', 'o3')).toEqual(NOTHING)
    expect(isKnownByAddress(new URL(ANY))).toBe(false)
    expect(isKnownByAddress(new URL('https://openrouter.ai/api/v1'))).toBe(true)
  })
})
