import { describe, expect, it } from 'vitest'
import { errorMessageOf, isOperatorsTrouble, sanitizeErrorMessage } from './error-body.ts'
import { growthOf } from '../testing/growth.ts'

describe("a model server's error message", () => {
  it('stays as it is when it holds nothing secret', () => {
    for (const message of [
      'This model’s maximum context length is 4097 tokens.',
      'Rate limit reached for gpt-4o-mini in organization: 3 requests per minute.',
      'The model `meta-llama-3.1-405b-instruct-turbo-preview` does not exist',
      'temperature must be <= 2',
      'Expected text/event-stream and/or application/json',
      'Invalid value for max_tokens: 9000, 1/2 allowed.',
    ]) {
      expect(sanitizeErrorMessage(message)).toBe(message)
    }
  })

  it('loses keys, whatever they look like', () => {
    for (const [message, secret] of [
      ['Incorrect API key provided: sk-proj-abc123DEF456. Look it up.', 'abc123'],
      ['Incorrect API key provided: sk-pr***********cdef.', 'cdef'],
      ['bad header Authorization: Bearer abc.def-ghi', 'abc.def'],
      ['token=hunter2 is wrong', 'hunter2'],
      ['api_key=hunter2&x=1 refused', 'hunter2'],
      ['config {"apiKey": "hunter2"} refused', 'hunter2'],
      ['password: hunter2', 'hunter2'],
      ['session eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl expired', 'eyJ'],
      ['unknown value 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b', '9f86d081'],
      ['use hf_AbCdEfGhIjKl instead', 'AbCdEf'],
    ] as const) {
      expect(sanitizeErrorMessage(message)).not.toContain(secret)
      expect(sanitizeErrorMessage(message)).toMatch(/\[key\]/)
    }
  })

  it('loses addresses and file paths', () => {
    for (const [message, secret] of [
      ['cannot connect to postgres://app:hunter2@db.internal:5432/chat today', 'hunter2'],
      ['proxy http://10.0.0.7:8000/generate?key=1 failed', '10.0.0.7'],
      ['No such file: /srv/models/llama/weights.bin', '/srv'],
      ['cannot open ~/models/weights.bin', 'models'],
      ['cannot open ../models/weights.bin', 'models'],
      ['cannot open C:\\models\\weights.bin', 'models'],
      ["[Errno 2] No such file: '/etc/passwd'", '/etc'],
    ] as const) {
      expect(sanitizeErrorMessage(message)).not.toContain(secret)
    }
  })

  it('is one line without invisible characters, and not longer than 300 characters', () => {
    expect(sanitizeErrorMessage('Out of memory\n  File "x.py", line 1\n  at y')).toBe(
      'Out of memory',
    )
    expect(sanitizeErrorMessage('Out\u0000 of\u202e memory')).toBe('Out of memory')
    expect(Array.from(sanitizeErrorMessage('🥟 no '.repeat(500)) ?? '')).toHaveLength(300)
  })

  it('is nothing when only a trace, a page or a secret was said', () => {
    expect(sanitizeErrorMessage('Traceback (most recent call last):\n  File')).toBeUndefined()
    expect(sanitizeErrorMessage('<html><h1>502</h1></html>')).toBeUndefined()
    expect(sanitizeErrorMessage('sk-proj-abc123DEF456')).toBeUndefined()
    expect(sanitizeErrorMessage('  ')).toBeUndefined()
    expect(sanitizeErrorMessage('<!-- gateway --><p>502</p>')).toBeUndefined()
  })

  it('is no page for a number in angle brackets', () => {
    expect(sanitizeErrorMessage('<429> Busy: come back later')).toBe('<429> Busy: come back later')
  })

  it('is taken from where servers and frameworks put it, and cleaned', () => {
    for (const body of [
      { error: { message: 'No room for sk-proj-abc123DEF456' } },
      [{ error: { message: 'No room for sk-proj-abc123DEF456' } }],
      { error: 'No room for sk-proj-abc123DEF456' },
      { message: 'No room for sk-proj-abc123DEF456' },
      { detail: 'No room for sk-proj-abc123DEF456' },
      { detail: { message: 'No room for sk-proj-abc123DEF456' } },
      { detail: { error: { message: 'No room for sk-proj-abc123DEF456' } } },
      { error: {}, message: 'No room for sk-proj-abc123DEF456' },
      { error: '', detail: 'No room for sk-proj-abc123DEF456', message: 'Bad Request' },
    ]) {
      expect(errorMessageOf(body)).toBe('No room for [key]')
    }
  })

  it('of FastAPI says what is wrong where', () => {
    const detail = [
      { type: 'less_than', loc: ['body', 'temperature'], msg: 'must be below 2', input: 'secret' },
      { type: 'string', loc: ['body', 'messages', 0, 'content'], msg: 'must be a text' },
      { loc: ['query', 'n'], msg: 'is unknown' },
      { msg: 'and more' },
      'as text',
      7,
    ]
    expect(errorMessageOf({ detail })).toBe(
      'temperature: must be below 2; messages.0.content: must be a text; query.n: is unknown; and more; as text',
    )
  })

  it('is nothing where nothing is said in words', () => {
    for (const body of [
      { error: { message: { text: 'No' } } },
      { error: true },
      { detail: [] },
      { detail: [{ loc: ['body'] }] },
      { detail: 5 },
      { message: ['No'] },
      { reason: 'No' },
      'No room',
      null,
      [],
      undefined,
    ]) {
      expect(errorMessageOf(body)).toBeUndefined()
    }
  })

  it('is found quickly in hostile text', () => {
    for (const unit of ['a/', '-', 'key ', 'a-', 'a1', 'eyJ.', './', 'secret=']) {
      const growth = growthOf(sanitizeErrorMessage, (size) => unit.repeat(size), 5_000)
      expect(growth, unit).toBeLessThan(8)
    }
  })
})

describe('what only the operator can mend', () => {
  it.each([
    [401, undefined],
    [401, { detail: 'Missing API key' }],
    [402, { error: { message: 'Payment required' } }],
    [403, { detail: 'invalid internal api key' }],
    [404, { error: { message: 'The model `x` does not exist' } }],
    [404, undefined],
    [429, { error: { message: 'You exceeded your quota', code: 'insufficient_quota' } }],
    [
      400,
      { error: { message: 'API key not valid. Please pass one.', status: 'INVALID_ARGUMENT' } },
    ],
    [400, { error: { type: 'billing_hard_limit_reached', message: 'Hard limit reached' } }],
    [400, { error: { message: 'Your credit balance is too low' } }],
    [500, { error: { message: 'AuthenticationError: Incorrect API key provided' } }],
    [400, { error: { message: 'It is no longer served', code: 'model_decommissioned' } }],
    [400, { message: 'Invalid model: m1', type: 'invalid_model' }],
    [400, { error: { message: 'm1 is not a valid model ID', code: 400 } }],
    [400, { error: { message: 'Failed to load model "m1". Error: Model does not exist.' } }],
    [400, { error: { message: 'Access denied: see to your account', code: 'Arrearage' } }],
    [undefined, { error: { code: 402, message: 'Insufficient credits' } }],
    [undefined, [{ error: { type: 'authentication_error', message: 'no' } }]],
    [undefined, { code: 'model_not_found', message: 'no' }],
  ])('is told by %s %j', (status, body) => {
    expect(isOperatorsTrouble(body, status)).toBe(true)
  })

  it.each([
    [400, { error: { message: 'temperature must be at most 2', code: 'invalid_value' } }],
    [403, { error: { message: 'Your input was flagged by moderation' } }],
    [408, undefined],
    [400, { error: { message: 'The model takes no images', code: 'invalid_value' } }],
    [422, { detail: [{ loc: ['body', 'key'], msg: 'Field required' }] }],
    [
      429,
      { error: { message: 'Rate limit reached', type: 'tokens', code: 'rate_limit_exceeded' } },
    ],
    [429, { error: { code: 429, message: 'Quota exceeded, retry in 20 s' } }],
    [500, { error: { code: 500, message: 'out of memory' } }],
    [503, { detail: 'No model is currently loaded' }],
    [undefined, { error: { message: 'overloaded', type: 'overloaded_error' } }],
    [undefined, { error: true }],
    [undefined, undefined],
  ])('is not told by %s %j', (status, body) => {
    expect(isOperatorsTrouble(body, status)).toBe(false)
  })
})
