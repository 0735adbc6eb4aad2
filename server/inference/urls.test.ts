import { expect, it } from 'vitest'
import { openaiBase, urlBelow } from './urls.ts'

it.each([
  ['http://h', 'http://h/v1/models'],
  ['http://h/', 'http://h/v1/models'],
  ['http://h/v1', 'http://h/v1/models'],
  ['http://h/v1/', 'http://h/v1/models'],
  ['http://h/v1//', 'http://h/v1/models'],
  ['http://h/api/v1', 'http://h/api/v1/models'],
  ['http://h/api/', 'http://h/api/v1/models'],
  ['http://h/v4', 'http://h/v4/models'],
  ['http://h/v1/chat/completions', 'http://h/v1/models'],
  ['http://h/v1/embeddings', 'http://h/v1/models'],
  ['http://h/v1beta/openai/', 'http://h/v1beta/openai/models'],
  ['http://h/v1?api-version=2', 'http://h/v1/models?api-version=2'],
  ['http://v1.h:8000', 'http://v1.h:8000/v1/models'],
])('never doubles the version prefix: %s', (base, models) => {
  expect(urlBelow(openaiBase(base), '/models').href).toBe(models)
})
