import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openSocket, readAll, requestBytes } from '../../testing/raw-request.ts'
import { startFakeModelServer, type FakeModelServer } from '../../testing/fake-model-server.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import type { TestClient } from '../../testing/test-client.ts'

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const GIF = Buffer.from('474946383961010001000000003b', 'hex')
const PNG = Buffer.from('89504e470d0a1a0a00000000', 'hex')
const PDF = Buffer.from('%PDF-1.7\n\u0000\u0001', 'latin1')
const PAGE = '<!doctype html><script>alert(document.domain)</script>'
const UNKNOWN_TYPE = 'application/octet-stream'

let model: FakeModelServer
let server: TestServer
let visitor: TestClient
let id: string
beforeAll(async () => {
  model = await startFakeModelServer({ protocol: 'openai' })
  server = await startTestServer({
    INFERENCE_SERVICE_URL: model.url,
    INFERENCE_API: 'openai',
    ATTACHMENTS_PER_USER_MIB: '16',
  })
})
afterAll(async () => {
  await server.close()
  await model.close()
})
beforeEach(async () => {
  visitor = await server.visitor()
  id = (await visitor.request('POST', '/api/threads')).body.id
})

const fileOf = (filename: unknown, content: string | Buffer, content_type: unknown) => ({
  filename,
  content_type,
  data_base64: Buffer.from(content).toString('base64'),
})
const post = (attachments: unknown) =>
  visitor.request('POST', `/api/threads/${id}/messages`, {
    text: 'Look.',
    sender_type: 'system',
    attachments,
  })
const kept = async (attachments: unknown) => {
  const reply = await post(attachments)
  expect(reply.status).toBe(201)
  return reply.body.attachments
}
const download = (url: string, client = visitor) =>
  fetch(server.url + url, { headers: { authorization: `Bearer ${client.token}` } })
const stored = async () => (await visitor.request('GET', `/api/threads/${id}/messages`)).body.items

describe('files of a thread', () => {
  it('may be of any type, and come back to their owner alone, byte for byte', async () => {
    const every = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))
    const [file] = await kept([fileOf('data.bin', every, 'application/x-own')])
    expect(file).toEqual({
      id: expect.any(String),
      filename: 'data.bin',
      content_type: 'application/x-own',
      size_bytes: 256,
      download_url: `/api/attachments/${file!.id}`,
      data_base64: null,
      created_at: expect.stringMatching(TIME),
    })
    await server.restart()
    expect((await stored())[0]).toMatchObject({ attachments: [file] })
    const response = await download(file!.download_url)
    expect(Buffer.from(await response.arrayBuffer())).toEqual(every)
    expect((await download(file!.download_url, await server.visitor())).status).toBe(404)
    expect((await fetch(server.url + file!.download_url)).status).toBe(401)
  })

  it('may leave out what they are called and what they are', async () => {
    const nulls = { id: null, size_bytes: null, download_url: null, created_at: null }
    const files = await kept([
      { ...fileOf(null, 'text', null), ...nulls },
      { data_base64: PDF.toString('base64') },
      { ...fileOf('', '', '') },
    ])
    expect(files).toMatchObject([
      { filename: 'file', content_type: 'text/plain', size_bytes: 4 },
      { filename: 'file', content_type: UNKNOWN_TYPE },
      { filename: 'file', size_bytes: 0 },
    ])
  })

  it.each([
    ['a page', PAGE, 'text/html', 'text/html', 'text/plain; charset=utf-8'],
    [
      'a page of another kind',
      PAGE,
      'application/xhtml+xml',
      'application/xhtml+xml',
      'text/plain; charset=utf-8',
    ],
    [
      'a drawing',
      '<svg onload="x"/>',
      'image/svg+xml',
      'image/svg+xml',
      'text/plain; charset=utf-8',
    ],
    ['a script', 'alert(1)', 'text/javascript', 'text/javascript', 'text/plain; charset=utf-8'],
    ['a page that says it is an image', PAGE, 'image/png', UNKNOWN_TYPE, UNKNOWN_TYPE],
    [
      'a page by its parameter',
      PAGE,
      'application/pdf; a=text/html',
      'application/pdf',
      'application/pdf',
    ],
    ['no type at all', PAGE, 'text/html\r\nX-Own: 1', UNKNOWN_TYPE, UNKNOWN_TYPE],
    ['a GIF that says it is text', GIF, 'text/plain', 'image/gif', 'image/gif'],
    ['a GIF that says it is a page', GIF, 'text/html', 'image/gif', 'image/gif'],
    [
      'a program',
      Buffer.from([0, 97, 115, 109]),
      'application/wasm',
      'application/wasm',
      UNKNOWN_TYPE,
    ],
    [
      'bytes that say they are a page',
      Buffer.from([0, 255]),
      'text/html',
      'text/html',
      'text/plain; charset=utf-8',
    ],
    ['a PDF', PDF, 'Application/PDF', 'application/pdf', 'application/pdf'],
    ['a sound', Buffer.from([0, 1]), 'audio/ogg', 'audio/ogg', 'audio/ogg'],
  ])(
    'are sent to be saved, and never as what a browser runs: %s',
    async (_name, content, type, keptAs, sentAs) => {
      const [file] = await kept([fileOf('x', content, type)])
      expect(file!.content_type).toBe(keptAs)
      const { headers } = await download(file!.download_url)
      expect(headers.get('content-type')).toBe(sentAs)
      expect(headers.get('content-disposition')).toMatch(/^attachment; /)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('content-security-policy')).toContain('sandbox')
    },
  )

  it.each([
    ['../../x', 'x'],
    ['..\\..\\x.exe', 'x.exe'],
    ['/etc/passwd', 'passwd'],
    ['a\r\nSet-Cookie: b=c.txt', 'aSet-Cookie: b=c.txt'],
    ['', 'file'],
    ['..', 'file'],
    ['\u202etxt.exe', 'txt.exe'],
    ['a\u0007b', 'ab'],
    [`${'n'.repeat(1_000)}.pdf`, `${'n'.repeat(116)}.pdf`],
    ['日本語 🥟.txt', '日本語 🥟.txt'],
  ])('are called without tricks: %j', async (given, name) => {
    const [file] = await kept([fileOf(given, 'x', 'text/plain')])
    expect(file!.filename).toBe(name)
    const disposition = (await download(file!.download_url)).headers.get('content-disposition')
    expect(disposition).toBe(
      `attachment; filename="${name.replaceAll(/[^\w .()+,=@-]/g, '_')}"; filename*=UTF-8''${encodeURIComponent(name)}`,
    )
  })

  it.each(['YQ', 'YQ=', '====', 'a b=', 'data:text/plain;base64,YQ==', '\n', 'ÿ'])(
    'are refused when they are no base64: %j',
    async (data_base64) => {
      const reply = await post([{ filename: 'x', content_type: 'text/plain', data_base64 }])
      expect(reply.status).toBe(400)
      expect(reply.body.detail).toBe('attachments.0.data_base64 must be base64 with its padding.')
      expect(await stored()).toEqual([])
    },
  )

  it.each([
    [[{ filename: 5, data_base64: '' }], 'attachments.0.filename'],
    [[{ content_type: ['a'], data_base64: '' }], 'attachments.0.content_type'],
    [[{ content_type: 't'.repeat(256), data_base64: '' }], 'attachments.0.content_type'],
    [[{ filename: 'x' }], 'attachments.0.data_base64'],
    [[{ data_base64: null }], 'attachments.0.data_base64'],
    [[{ data_base64: '' }, { data_base64: 1 }], 'attachments.1.data_base64'],
    [['x'], 'attachments.0'],
    [Array.from({ length: 6 }, () => ({ data_base64: '' })), 'attachments'],
  ])('are refused by the name of what is wrong (%#)', async (attachments, path) => {
    const reply = await post(attachments)
    expect(reply.status).toBe(422)
    expect(reply.body.errors.map((error) => error.path)).toEqual([path])
  })

  it('are taken up to 10 MiB, and as far as there is room, or nothing is stored', async () => {
    const large = (mebibytes: number) => fileOf('a', Buffer.alloc(mebibytes * 1024 * 1024), 'a/b')
    const tooMuch = await post([large(5), large(5), fileOf('b', 'b', 'text/plain')])
    expect(tooMuch.status).toBe(413)
    expect(tooMuch.body.detail).toContain('10 MiB')
    await kept([large(10)])
    const noRoom = await post([large(7)])
    expect(noRoom.status).toBe(413)
    expect(noRoom.body.detail).toContain('no room')
    expect(await stored()).toHaveLength(1)
    await visitor.request('DELETE', `/api/threads/${id}`)
    id = (await visitor.request('POST', '/api/threads')).body.id
    await kept([large(7)])
  })

  it('of 50 MB are refused before they have come', async () => {
    const socket = await openSocket(server.url)
    const reply = readAll(socket)
    const head = requestBytes(
      `POST /api/threads/${id}/messages HTTP/1.1`,
      [
        `Authorization: Bearer ${visitor.token}`,
        'Content-Type: application/json',
        'Content-Length: 66666666',
      ],
      '{"text":"Look.","attachments":[{"data_base64":"',
    )
    socket.write(head)
    expect((await reply).text).toMatch(/^HTTP\/1.1 413 /)
  })

  it('are no files for dialect A unless it takes them, and are named to its models', async () => {
    const whole = { text: 'What is in them?', sender_type: 'user' }
    const files = [
      fileOf('report.pdf', PDF, 'application/pdf'),
      fileOf('bytes.txt', Buffer.from([1, 2, 0xff]), 'text/plain'),
      fileOf('photo.png', PNG, 'image/png'),
      fileOf('notes.txt', 'remember the milk', 'text/plain'),
    ]
    const path = `/api/threads/${id}/messages`
    expect((await visitor.request('POST', path, { ...whole, attachments: files })).status).toBe(201)
    const refused = await visitor.request('POST', `/api/conversations/${id}/messages`, {
      content: 'And this?',
      attachments: files.slice(0, 1),
    })
    expect(refused.status).toBe(422)
    await visitor.send(id, 'Well?')
    const asked = JSON.stringify(model.requests.at(-1)?.messages)
    expect(asked).toContain('Attached file: report.pdf (which could not be read)')
    expect(asked).toContain('Attached file: bytes.txt (a file, which you cannot read)')
    expect(asked).toContain('remember the milk')
    const { messages } = (await visitor.request('GET', `/api/conversations/${id}`)).body
    expect(messages[0]).toMatchObject({
      attachments: files.map(({ filename }) => ({ filename })),
    })
  })
})

it('a server that takes no files says so', async () => {
  const none = await startTestServer({ ATTACHMENTS_PER_USER_MIB: '0' })
  try {
    const client = await none.visitor()
    const { body } = await client.request('POST', '/api/threads')
    const reply = await client.request('POST', `/api/threads/${body.id}/messages`, {
      text: 'Look.',
      sender_type: 'system',
      attachments: [fileOf('x', 'x', 'text/plain')],
    })
    expect(reply.status).toBe(415)
    expect(reply.body.detail).toContain('not taken here')
  } finally {
    await none.close()
  }
})
