/** Bodies that no client of ours sends. */
import { describe, expect, it } from 'vitest'
import { NAUGHTY_STRINGS } from '../testing/naughty-strings.ts'
import { openSocket, readAll, requestBytes } from '../testing/raw-request.ts'
import { abuseServer, expectProblem } from '../testing/abuse-suite.ts'

const server = abuseServer()
const PATH = '/api/conversations'

describe('a body', () => {
  it.each([
    ['cut off', '{"title": "a'],
    ['of nothing', ' '],
    ['of two values', '{}{}'],
    ['with a comma too many', '{"title":"a",}'],
    ['with a comment', '{} // {}'],
    ['with a raw control character', '{"title":"a\u0001"}'],
    ['with a number that is none', '{"title":NaN}'],
    ['with a byte order mark', '\ufeff{}'],
    ['of bytes that are no UTF-8', Buffer.from('7b2274223a22c3287d', 'hex')],
    ['of UTF-16', Buffer.from('\ufeff{"title":"a"}', 'utf16le')],
    ['of surrogates in UTF-8', Buffer.from('7b2274223a22eda080227d', 'hex')],
    ['of NULs', Buffer.alloc(1_000)],
    ['nested in a thousand lists', `${'['.repeat(1_000)}${']'.repeat(1_000)}`],
    ['nested in half a million objects', `${'{"a":'.repeat(150_000)}1${'}'.repeat(150_000)}`],
    ['nested deep in a field', `{"title":"a","b":${'['.repeat(70)}${']'.repeat(70)}}`],
  ])('%s is refused', async (_name, body) => {
    expectProblem(await server.post(PATH, body), 400)
  })

  it.each([
    ['that is a list', '[]'],
    ['that is a text', '"title"'],
    ['that is null', 'null'],
    ['that is a number', '1e999'],
    ['with a field of another type', '{"title":{"a":1}}'],
    ['with NUL in a text', '{"title":"a\\u0000b"}'],
    ['with half a character in a text', '{"title":"a\\ud83dz"}'],
    ['with the other half of a character', '{"title":"\\udd5f\\ud83d"}'],
    ['with half a character in a name', '{"\\uD83D":1}'],
    ['with NUL deep in what nobody reads', '{"a":[{"b":["\\u0000"]}]}'],
  ])('%s is refused with the place that is wrong', async (_name, body) => {
    const reply = await server.post(PATH, body)
    expectProblem(reply, 422)
    expect(JSON.parse(reply.body)).toMatchObject({ errors: [{ message: expect.any(String) }] })
  })

  it.each([
    ['brackets in texts', `{"title":"${'['.repeat(200)}\\"${'{'.repeat(200)}"}`],
    ['escaped pairs', '{"title":"\\ud83e\\udd5f \\u0007"}'],
    ['the same name twice', '{"title":"first","title":"second"}'],
    [
      'names of prototypes',
      '{"__proto__":{"title":1,"isAdmin":true},"constructor":{"prototype":1}}',
    ],
    ['sixty levels', `{"a":${'['.repeat(60)}${']'.repeat(60)}}`],
  ])('with %s is taken', async (_name, body) => {
    const reply = await server.post(PATH, body)
    expect(reply.status).toBe(201)
    expect(reply.body).not.toContain('isAdmin')
  })

  it.each([
    ['application/json; charset=utf-16', 415],
    ['application/json; charset=iso-8859-1', 415],
    ['application/json; charset="utf-8"', 201],
    ['APPLICATION/JSON;charset=UTF8', 201],
    ['application/vnd.samosa+json', 201],
    ['text/json', 415],
    ['application/json, text/plain', 415],
    ['multipart/form-data; boundary=x', 415],
    ['application/json\u00e9', 415],
    ['', 415],
  ])('of type %j is answered with %i', async (type, status) => {
    const reply = await server.post(PATH, '{}', [`Content-Type: ${type}`])
    expect(reply.status).toBe(status)
  })

  it.each(['gzip', 'br', 'deflate, gzip', 'x'])('compressed with %s is refused', async (coding) => {
    expectProblem(await server.post(PATH, '{}', [`Content-Encoding: ${coding}`]), 415)
  })

  it('of more than 1 MiB is refused, by chunks and by length', async () => {
    const body = Buffer.alloc(1024 * 1024 + 1, 0x20)
    expectProblem(await server.post(PATH, body), 413)
    const chunk = Buffer.concat([
      Buffer.from(`${body.length.toString(16)}\r\n`),
      body,
      Buffer.from('\r\n0\r\n\r\n'),
    ])
    expectProblem(await server.post(PATH, chunk, ['Transfer-Encoding: chunked']), 413)
  })

  it('that breaks off leaves nothing behind', async () => {
    const before = await server.visitor.request('GET', PATH)
    for (const ending of ['end', 'destroy', 'resetAndDestroy'] as const) {
      const socket = await openSocket(server.url)
      const closed = readAll(socket)
      socket.write(
        requestBytes(
          `POST ${PATH} HTTP/1.1`,
          [
            `Authorization: Bearer ${server.visitor.token}`,
            'Content-Type: application/json',
            'Content-Length: 100',
          ],
          '{"title":"half',
        ),
        () => socket[ending](),
      )
      await closed
    }
    const after = await server.visitor.request('GET', PATH)
    expect(after.body.items).toEqual(before.body.items)
  })

  it('on a request that takes none does no harm', async () => {
    expect((await server.send('GET /health HTTP/1.1', [], 'a body')).status).toBe(200)
    expect((await server.send('GET /page.html HTTP/1.1', [], '{}')).status).toBe(200)
    expect((await server.send('POST /api/session HTTP/1.1', [], 'no json')).status).toBe(201)
  })
})

describe('a naughty string', () => {
  it('comes back as it was, wherever texts are taken', async () => {
    const { visitor } = server
    for (const content of NAUGHTY_STRINGS) {
      const title = content.slice(0, 400)
      const modelTag = content.slice(0, 100)
      const created = await visitor.request('POST', PATH, { title, model_tag: modelTag })
      expect(created.status).toBe(201)
      expect(created.body).toMatchObject({ title, model_tag: modelTag })
      const renamed = await visitor.request('PUT', `${PATH}/${created.body.id}`, { title })
      expect(renamed.body.title).toBe(title)
    }
  })

  it('is a message like any other', async () => {
    const { visitor } = server
    for (const content of NAUGHTY_STRINGS) {
      const id = await visitor.conversation()
      const events = await visitor.send(id, content)
      expect(events.at(-1)?.data.done).toBe(true)
      const { body } = await visitor.request('GET', `${PATH}/${id}`)
      expect(body.messages[0]?.content).toBe(content)
    }
  })

  it('in a query is a query that is wrong, or one that is not looked at', async () => {
    for (const text of NAUGHTY_STRINGS.map((naughty) =>
      encodeURIComponent(naughty.slice(0, 500)),
    )) {
      const reply = await server.visitor.request('GET', `${PATH}?limit=${text}&${text}=${text}`)
      expect(reply.status).toBe(422)
      expect((await server.visitor.request('GET', `${PATH}?${text}`)).status).toBe(200)
    }
  })

  it('in the place of a number, a choice or an object is refused', async () => {
    const id = await server.visitor.conversation()
    for (const text of NAUGHTY_STRINGS) {
      for (const field of ['temperature', 'max_tokens', 'top_k', 'thinking_mode']) {
        const body = { content: 'x', [field]: text }
        const reply = await server.visitor.request('POST', `${PATH}/${id}/messages`, body)
        expect(reply.status).toBe(422)
      }
    }
  })
})
