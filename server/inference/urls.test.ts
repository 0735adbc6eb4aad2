import { expect, it } from 'vitest'
import { createOpenaiRoutes, openaiBases, urlBelow } from './urls.ts'

const modelsOf = (url: string) =>
  openaiBases(url).map((base) => urlBelow(base, '/models').href.replace('http://h', ''))

it.each([
  ['', '/v1/models', '/models'],
  ['/', '/v1/models', '/models'],
  ['?key=1', '/v1/models?key=1', '/models?key=1'],
  ['/v1', '/v1/models', '/models'],
  ['/v1//', '/v1/models', '/models'],
  ['/V1/', '/V1/models', '/models'],
  ['/v4', '/v4/models', '/models'],
  ['/api/v1', '/api/v1/models', '/api/models'],
  ['/api/', '/api/models', '/api/v1/models'],
  ['/v1beta/openai/', '/v1beta/openai/models', '/v1beta/openai/v1/models'],
  ['/v1/openai', '/v1/openai/models', '/v1/openai/v1/models'],
  ['/inference', '/inference/models', '/inference/v1/models'],
  ['/Serving-Endpoints/', '/Serving-Endpoints/models', '/Serving-Endpoints/v1/models'],
  ['/my%20shop/compat', '/my%20shop/compat/models', '/my%20shop/compat/v1/models'],
  ['/v1/chat/completions', '/v1/models', '/models'],
  ['/v1/embeddings', '/v1/models', '/models'],
  ['/v1/models', '/v1/models', '/v1/models/models'],
  ['/models?api-version=3', '/models/models?api-version=3', '/v1/models?api-version=3'],
  ['/chat/completions', '/models', '/v1/models'],
  ['/Chat/Completions/', '/models', '/v1/models'],
  ['/api/chat/completions', '/api/models', '/api/v1/models'],
  [
    '/openai/deployments/tea/chat/completions?api-version=2',
    '/openai/deployments/tea/models?api-version=2',
    '/openai/deployments/tea/v1/models?api-version=2',
  ],
])('a base is taken as it stands, and only a bare origin gets a version: "%s"', (path, ...urls) => {
  expect(modelsOf(`http://h${path}`)).toEqual(urls)
})

it('a version in the host is none', () => {
  expect(openaiBases('http://v1.h:8000')[0].href).toBe('http://v1.h:8000/v1')
})

it('a missing route is looked for once at the other base, which is remembered', async () => {
  const askBelow = createOpenaiRoutes('http://h/shop')
  const asked: string[] = []
  const ask = (has: RegExp) =>
    askBelow(
      '/x',
      async ({ pathname }) => {
        asked.push(pathname)
        return has.test(pathname) ? 'found' : `none at ${pathname}`
      },
      (answer) => answer.startsWith('none'),
    )
  expect(await ask(/never/)).toBe('none at /shop/x')
  expect(await ask(/v1/)).toBe('found')
  expect(await ask(/v1/)).toBe('found')
  // A server may move back.
  expect(await ask(/^\/shop\/x/)).toBe('found')
  expect(asked).toEqual([
    '/shop/x',
    '/shop/v1/x',
    '/shop/x',
    '/shop/v1/x',
    '/shop/v1/x',
    '/shop/v1/x',
    '/shop/x',
  ])
})
