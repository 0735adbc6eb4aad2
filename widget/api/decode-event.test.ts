import { describe, expect, it } from 'vitest'
import { decodeEvent } from './decode-event.ts'

const decode = (wire: unknown) => decodeEvent(JSON.stringify(wire))
describe('decodeEvent', () => {
  it('reads every event of the wire', () => {
    const start = { turn_id: 't', user_message_id: 'u', message_id: 'm' }
    expect(decode(start)).toEqual({ type: 'start', user_message_id: 'u', message_id: 'm' })
    expect(decode({ token: 'Sa', gpu: 0 })).toEqual({ type: 'token', text: 'Sa' })
    expect(decode({ error: 'No', code: 'inference_timeout', retryable: false })).toEqual({
      type: 'error',
      code: 'inference_timeout',
      retryable: false,
      detail: 'No',
    })
    expect(
      decode({
        done: true,
        message_id: 'm',
        finish_reason: 'length',
        token_count: 3,
        inference_time_ms: 12,
        usage: {},
      }),
    ).toEqual({
      type: 'done',
      finish_reason: 'length',
    })
  })

  it('reads what the sources are and what is proven of them, and leaves out what is broken', () => {
    const whole = {
      number: 1,
      title: 'Frying',
      url: 'https://example.org/a',
      creator: null,
      section: 'Oil',
      snippet: 'Hot oil.',
      score: 0.5,
      open_url: 'https://example.org/a#page=2',
      page: 2,
    }
    const bare = { number: 2, title: 'B' }
    const kept = { ...bare, url: null, creator: null, section: null, snippet: '', score: 0 }
    const broken = [null, 7, {}, { number: '3', title: 'C' }, { number: 3 }]
    expect(decode({ sources: [whole, { ...bare, open_url: 7, page: 'x' }, ...broken] })).toEqual({
      type: 'sources',
      sources: [whole, kept],
    })
    const unproven = ['1999', '“two years”']
    const unreadable = [null, 'x', [], {}, { number: '1' }, { unproven }]
    expect(
      decode({
        citations: [
          { number: 1, unproven },
          { number: 2 },
          { number: 3, unproven: ['1', 2, null] },
          { number: 4, unproven: 'none' },
          ...unreadable,
        ],
      }),
    ).toEqual({
      type: 'citations',
      citations: [
        { number: 1, unproven },
        { number: 2, unproven: [] },
        { number: 3, unproven: ['1'] },
        { number: 4, unproven: [] },
      ],
    })
    expect(decode({ citations: 'all' })).toBeUndefined()
  })

  it('hands what is for the page’s tools on as it is', () => {
    const wire = { tool_request: { call_id: 'c', tool: 'look', arguments: {} } }
    expect(decode(wire)).toEqual({ type: 'page_tool', wire })
    expect(decode({ tool_request: 'look' })).toBeUndefined()
  })

  it('reads what the server does and suggests, and leaves out what it cannot show', () => {
    const progress = { step: 'reading', name: 'a.csv', done: 1, total: 2 }
    expect(decode({ progress })).toEqual({ type: 'progress', ...progress })
    expect(decode({ progress: { step: 'searching', done: '1' } })).toEqual({
      type: 'progress',
      step: 'searching',
    })
    expect(decode({ progress: { step: 'dreaming' } })).toBeUndefined()
    const long = 'a'.repeat(241)
    expect(decode({ suggestions: [' How? ', 1, '', long, 'A', 'B', 'C', 'D'] })).toEqual({
      type: 'suggestions',
      suggestions: ['How?', 'A', 'B', 'C'],
    })
  })

  it('reads what a plain server sends, without our additions', () => {
    expect(decode({ error: 'boom' })).toMatchObject({ code: 'internal', retryable: true })
    expect(decode({ done: true })).toMatchObject({ type: 'done', finish_reason: 'stop' })
  })

  it('keeps an empty token, and a token with tags in it, as they are', () => {
    expect(decode({ token: '' })).toEqual({ type: 'token', text: '' })
    expect(decode({ token: '</think>' })).toEqual({ type: 'token', text: '</think>' })
  })

  it('leaves out sources that it cannot show, and fills in what is missing', () => {
    const whole = {
      number: 2,
      title: 'T',
      url: '/t',
      creator: 'c',
      section: 's',
      snippet: 'p',
      score: 1,
    }
    expect(
      decode({ sources: [whole, { number: 1, title: 'Bare' }, { title: 'x' }, null, 7] }),
    ).toEqual({
      type: 'sources',
      sources: [
        whole,
        {
          number: 1,
          title: 'Bare',
          url: null,
          creator: null,
          section: null,
          snippet: '',
          score: 0,
        },
      ],
    })
  })

  it.each([
    '',
    '[DONE]',
    'null',
    '[]',
    '"x"',
    '{"toke',
    '{}',
    '{"later":1}',
    '{"token":5}',
    '{"done":"yes"}',
    '{"turn_id":"t"}',
    '{"sources":{}}',
  ])('ignores %s', (data) => {
    expect(decodeEvent(data)).toBeUndefined()
  })

  it('takes a code or a reason that it does not know for the nearest that it does', () => {
    expect(decode({ error: 'x', code: 'quantum' })).toMatchObject({ code: 'internal' })
    expect(decode({ done: true, finish_reason: 'bored' })).toMatchObject({ finish_reason: 'stop' })
  })
})
