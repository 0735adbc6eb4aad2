import { describe, expect, it } from 'vitest'
import { readConfig } from './index.ts'

const read = (text: string) =>
  readConfig(
    { INFERENCE_HEADERS: text },
    { directory: import.meta.dirname, demoKnowledge: import.meta.dirname },
  ).inference.headers

describe('INFERENCE_HEADERS', () => {
  it('takes names in any case and gives them in lower case', () => {
    expect(
      read('{"X-Team":"docs","api-key":"a b","Authorization":"Token t","x-empty":""}'),
    ).toEqual({ 'x-team': 'docs', 'api-key': 'a b', authorization: 'Token t', 'x-empty': '' })
  })

  it.each([
    'x-team: hush-hush',
    '["x-team","hush-hush"]',
    '"hush-hush"',
    'null',
    '{"x-team":1234}',
    '{"x-team":["hush-hush"]}',
    '{"x team":"hush-hush"}',
    '{"":"hush-hush"}',
    '{"x-team":"hush\\r\\nhost: hush-hush"}',
    '{"x-team":"hush-hüsh"}',
    '{"x-team":" hush-hush"}',
    '{"X-Team":"hush-hush","x-team":"hush-hush"}',
    ...['Host', 'Content-Length', 'transfer-encoding', 'Connection', 'keep-alive', 'upgrade'].map(
      (name) => JSON.stringify({ [name]: 'hush-hush' }),
    ),
    ...['te', 'trailer', 'expect', 'proxy-authorization', 'proxy-connection'].map((name) =>
      JSON.stringify({ [name]: 'hush-hush' }),
    ),
  ])('refuses %s, and shows nothing of it', (text) => {
    expect(() => read(text)).toThrow(/^INFERENCE_HEADERS takes a JSON object of header names/)
    expect(() => read(text)).not.toThrow(/hush|1234/)
  })
})
