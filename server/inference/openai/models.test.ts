import { describe, expect, it } from 'vitest'
import { chatModels, createModelList, readModelList } from './models.ts'

const cancellable = { signal: new AbortController().signal }

const firstOf = (...data: readonly object[]) => chatModels(readModelList({ data }) ?? [])[0]?.id

describe('the first model that is listed', () => {
  it.each([
    'text-embedding-saffron-embed-text-v2',
    'nomic-embed-text:latest',
    'models/embedding-004',
    'bge-m3',
    'intfloat/e5-mistral-7b-instruct',
    'gte-Qwen2-7B-instruct',
    'all-minilm:l6-v2',
    'mxbai-embed-large',
    'snowflake-arctic-embed2',
    'BAAI/bge-reranker-v2-m3',
    'voyage-3',
    'whisper-large-v3-turbo',
    'tts-1-hd',
    'gpt-4o-mini-tts',
    'gpt-4o-transcribe',
    'gpt-4o-realtime-preview',
    'playai-tts',
    'kokoro',
    'dall-e-3',
    'gpt-image-1',
    'stabilityai/stable-diffusion-3',
    'black-forest-labs/FLUX.1-schnell',
    'imagen-4.0',
    'veo-3',
    'omni-moderation-latest',
    'meta-llama/llama-guard-4-12b',
    'text-davinci-003',
    'babbage-002',
    'gpt-3.5-turbo-instruct',
    'clip-vit-large',
  ])('is passed over when its name says that it answers no questions: %s', (id) => {
    expect(firstOf({ id }, { id: 'oolong-7b-instruct' })).toBe('oolong-7b-instruct')
  })

  it.each([
    'qwen2.5-7b-instruct',
    'gpt-4o-mini',
    'gpt-4o-search-preview',
    'o3',
    'claude-sonnet-4',
    'llama-3.2-11b-vision-instruct',
    'gemini-2.5-flash',
    'deepseek-r1:8b',
    'mistral-small',
    'phi4-reasoning',
    'command-r',
    'gpt-oss:20b',
    'glm-4.5',
    'SmolLM2-1.7B-Instruct',
    'gemma-3-4b-it',
    'codestral',
    'kimi-k2',
    'dolphin-mixtral',
    'default',
  ])('is taken when nothing speaks against it: %s', (id) => {
    expect(firstOf({ id }, { id: 'other' })).toBe(id)
  })

  it.each<[string, object]>([
    ['a type (LM Studio)', { type: 'embeddings' }],
    ['a type (together.ai)', { type: 'rerank' }],
    ['a type of images', { type: 'image' }],
    ['a kind of model (Xinference)', { model_type: 'audio' }],
    ['a task (Workers AI)', { task: { name: 'Text Embeddings' } }],
    ['a task (pages of models)', { task: 'Automatic Speech Recognition' }],
    ['a task of sounds', { task: { name: 'Text-to-Speech' } }],
    ['what comes out (OpenRouter)', { architecture: { modality: 'text->image' } }],
    ['what comes out, as a list', { architecture: { output_modalities: ['embeddings'] } }],
    ['what it can (Azure)', { capabilities: { embeddings: true, chat_completion: false } }],
    ['what it can, as a list', { capabilities: ['embedding'] }],
    ['its endpoints (Cohere)', { endpoints: ['rerank'] }],
    ['its methods (Gemini)', { supportedGenerationMethods: ['embedContent'] }],
  ])('is passed over by %s', (_, says) => {
    expect(firstOf({ id: 'one', ...says }, { id: 'two' })).toBe('two')
  })

  it.each<[string, object]>([
    ['a type (LM Studio)', { type: 'llm' }],
    ['a type of what sees', { type: 'vlm' }],
    ['a type (together.ai)', { type: 'chat' }],
    ['a task', { task: { name: 'Text Generation' } }],
    ['what comes out', { architecture: { modality: 'text+image->text' } }],
    [
      'what it can (Mistral)',
      { type: 'base', capabilities: { completion_chat: true, vision: true } },
    ],
    ['what it can, as a list', { capabilities: ['completion', 'tools'] }],
    ['its endpoints', { endpoints: ['chat', 'generate', 'summarize', 'embed'] }],
  ])('is taken by %s', (_, says) => {
    expect(firstOf({ id: 'one', ...says }, { id: 'two' })).toBe('one')
  })

  it('is taken for what the list says, not for its name', () => {
    expect(firstOf({ id: 'embed-and-chat', type: 'llm' }, { id: 'two' })).toBe('embed-and-chat')
  })

  it('is taken all the same when none seems to chat', () => {
    expect(firstOf({ id: 'whisper-1' }, { id: 'bge-m3' })).toBe('whisper-1')
  })
})

it('a list that lacks a model is believed for a while, and one that has it for good', async () => {
  let asked = 0
  const list = createModelList(async () => {
    asked += 1
    return { data: [{ id: 'a' }, { id: 'text-embedding-b' }] }
  })
  expect(await list.has('a', cancellable)).toBe(true)
  expect(await list.has('a', cancellable)).toBe(true)
  expect(await list.has('gpt-5-pro', cancellable)).toBe(false)
  expect(await list.has('text-embedding-b', cancellable)).toBe(false)
  expect(await list.first(cancellable)).toBe('a')
  expect(asked).toBe(1)
  list.forget()
  expect(await list.has('a', cancellable)).toBe(true)
  expect(asked).toBe(2)
  list.close()
})
