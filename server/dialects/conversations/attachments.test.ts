import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { NewAttachmentBody } from '../../protocol/api.ts'
import type { AttachmentBody } from './bodies.ts'
import {
  startFakeModelServer,
  type FakeModelServer,
  type FakeRequest,
  type Script,
} from '../../testing/fake-model-server.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import { makePdf } from '../../testing/office-files.ts'
import type { TestClient } from '../../testing/test-client.ts'

const PNG = Buffer.from('89504e470d0a1a0a00000000', 'hex')

const fileOf = (filename: string, content: string | Buffer, content_type = 'text/plain') => ({
  filename,
  content_type,
  data_base64: Buffer.from(content).toString('base64'),
})
const NOTES = fileOf('notes.md', '# Notes\n\n```js\nlet a\n```\n', 'text/markdown')
const PHOTO = fileOf('photo.png', PNG, 'image/png')

let model: FakeModelServer
let server: TestServer
let visitor: TestClient
let id: string
let respond: (request: FakeRequest) => Script = () => ['fine']

beforeAll(async () => {
  model = await startFakeModelServer({ protocol: 'openai', respond: (request) => respond(request) })
  server = await startTestServer({
    INFERENCE_SERVICE_URL: model.url,
    INFERENCE_API: 'openai',
    SYSTEM_PROMPT: 'Be brief.',
    ATTACHMENTS_PER_USER_MIB: '16',
  })
})
afterAll(async () => {
  await server.close()
  await model.close()
})
beforeEach(async () => {
  visitor = await server.visitor()
  id = await visitor.conversation()
})
afterEach(() => {
  respond = () => ['fine']
})

const path = () => `/api/conversations/${id}/messages`
const refusal = (attachments: unknown, more: object = {}) =>
  visitor.request('POST', path(), { content: 'Look.', attachments, ...more })

async function send(
  attachments: readonly NewAttachmentBody[] | null | undefined,
  { headers = {}, ...more }: { headers?: Record<string, string>; replaces?: string } = {},
) {
  const body = { content: 'Look.', attachments, ...more }
  const stream = await visitor.stream('POST', path(), body, headers)
  expect(stream.response.status).toBe(200)
  return await stream.rest()
}

async function attachmentsOf(): Promise<readonly (readonly AttachmentBody[] | undefined)[]> {
  const { body } = await visitor.request('GET', `/api/conversations/${id}`)
  const messages = body.messages as readonly { attachments?: readonly AttachmentBody[] }[]
  return messages.map(({ attachments }) => attachments)
}

const download = (url: string, client = visitor) =>
  fetch(server.url + url, { headers: { authorization: `Bearer ${client.token}` } })

const filesOnDisk = async () =>
  (await readdir(join(server.directory, 'data', 'attachments'), { recursive: true })).filter(
    (name) => /\.\d+$/.test(name),
  )

describe('files of a message', () => {
  it('are kept with it, and come back to their owner alone, also after a restart', async () => {
    await send([NOTES, PHOTO])
    const [files, ofAnswer] = await attachmentsOf()
    expect(ofAnswer).toBeUndefined()
    expect(files).toEqual([
      {
        id: expect.any(String),
        filename: 'notes.md',
        content_type: 'text/markdown',
        size_bytes: 25,
        download_url: `/api/attachments/${files![0]!.id}`,
      },
      expect.objectContaining({ content_type: 'image/png', size_bytes: 12 }),
    ])
    await server.restart()
    const [notes, photo] = files!
    const text = await download(notes!.download_url)
    expect(await text.text()).toBe('# Notes\n\n```js\nlet a\n```\n')
    const image = await download(photo!.download_url)
    expect(image.headers.get('content-type')).toBe('image/png')
    expect(Buffer.from(await image.arrayBuffer())).toEqual(PNG)
    expect((await download(photo!.download_url, await server.visitor())).status).toBe(404)
    expect((await fetch(server.url + photo!.download_url)).status).toBe(401)
    expect((await download(`/api/attachments/${id}`)).status).toBe(404)
    expect((await download('/api/attachments/..%2F..%2Fsecret')).status).toBe(404)
  })

  it('come to be saved under a harmless name, and never as a page of this server', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    await send([
      fileOf('../../ü "x"\u202e.svg', svg, 'image/svg+xml'),
      fileOf(`${'a'.repeat(10_000)}.html`, svg, 'text/html'),
    ])
    const [files] = await attachmentsOf()
    const [vector, page] = files!
    expect(vector!.filename).toBe('ü "x".svg')
    expect(Array.from(page!.filename)).toHaveLength(120)
    const { headers } = await download(vector!.download_url)
    expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(headers.get('content-disposition')).toBe(
      `attachment; filename="_ _x_.svg"; filename*=UTF-8''%C3%BC%20%22x%22.svg`,
    )
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain('sandbox')
    const saved = (await download(page!.download_url)).headers
    expect(saved.get('content-type')).toBe('text/plain; charset=utf-8')
  })

  it('stay through regenerating, repeating and editing, and go when nothing has them', async () => {
    const events = await send([NOTES], { headers: { 'idempotency-key': 'once' } })
    await send([NOTES], { headers: { 'idempotency-key': 'once' } })
    const first = await attachmentsOf()
    expect(first).toHaveLength(2)
    const [file] = first[0]!
    const again = await visitor.stream('POST', `/api/conversations/${id}/regenerate`)
    await again.rest()
    expect(JSON.stringify(model.requests.at(-1)?.messages)).toContain('let a')

    const replaces = events[0]!.data.user_message_id!
    const edited = await send(undefined, { replaces })
    expect((await attachmentsOf())[0]).toEqual([file])
    expect((await download(file!.download_url)).status).toBe(200)

    await send([], { replaces: edited[0]!.data.user_message_id! })
    expect((await attachmentsOf())[0]).toBeUndefined()
    expect((await download(file!.download_url)).status).toBe(404)
  })

  it('are gone with their conversation, and with everything of their visitor', async () => {
    const before = await filesOnDisk()
    await send([NOTES])
    const [kept] = await attachmentsOf()
    await visitor.request('DELETE', `/api/conversations/${id}`)
    expect((await download(kept![0]!.download_url)).status).toBe(404)
    expect(await filesOnDisk()).toEqual(before)
    id = await visitor.conversation()
    await send([NOTES])
    expect(await filesOnDisk()).toHaveLength(before.length + 1)
    await visitor.request('DELETE', '/api/session')
    expect(await filesOnDisk()).toEqual(before)
  })

  it('are taken up to five and 10 MiB, and as far as there is room, or nothing is stored', async () => {
    expect((await refusal(Array.from({ length: 6 }, () => NOTES))).status).toBe(422)
    const large = (mebibytes: number) => fileOf('a.txt', 'a'.repeat(mebibytes * 1024 * 1024))
    const tooMuch = await refusal([large(5), large(5), NOTES])
    expect(tooMuch.status).toBe(413)
    expect(tooMuch.body).toMatchObject({ detail: expect.stringContaining('10 MiB') })
    expect((await refusal([large(14)])).status).toBe(413)
    const over = { content: 'a'.repeat(2 * 1024 * 1024) }
    expect((await visitor.request('POST', '/api/conversations', over)).status).toBe(413)
    expect(await attachmentsOf()).toEqual([])
    await send([large(5), large(5)])
    const full = await refusal([large(7)])
    expect(full.status).toBe(413)
    expect(full.body).toMatchObject({ detail: expect.stringContaining('no room') })
    expect(await attachmentsOf()).toHaveLength(2)
  })

  it.each([
    ['a type that is not taken', [fileOf('a.zip', 'PK\u0003\u0004', 'application/zip')], 415],
    [
      'a real table of Excel',
      [fileOf('a.csv', Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'application/vnd.ms-excel')],
      415,
    ],
    ['bytes that are no text', [fileOf('a.txt', Buffer.from([0, 1, 2]))], 415],
    ['an image that is none', [fileOf('a.png', 'hello', 'image/png')], 415],
    ['what is no base64', [{ ...NOTES, data_base64: 'a*==' }], 422],
    ['base64 without its padding', [{ ...NOTES, data_base64: 'YQ' }], 422],
    ['a name that is missing', [{ content_type: 'text/plain', data_base64: '' }], 422],
    ['what is no list', {}, 422],
  ])('are refused for %s, with nothing stored', async (_name, attachments, status) => {
    const reply = await refusal(attachments)
    expect(reply.status).toBe(status)
    expect(await attachmentsOf()).toEqual([])
  })

  it('are taken as texts where name and bytes say so, whatever the sender’s system calls them', async () => {
    await send([
      fileOf('stock.csv', 'item,left\r\nfern,3\r\n', 'application/vnd.ms-excel'),
      fileOf('cart.ts', 'export const cart = []\n', 'video/mp2t'),
    ])
    const [asked] = await attachmentsOf()
    expect(asked?.map((file) => file.content_type)).toEqual(['text/plain', 'text/plain'])
  })

  it('may be none', async () => {
    await send([])
    await send(null)
    expect(await attachmentsOf()).toEqual([undefined, undefined, undefined, undefined])
  })
})

describe('files that go to a model', () => {
  it('are images as parts and texts in fences that nothing in them ends', async () => {
    await send([NOTES, PHOTO])
    expect(model.requests.at(-1)?.messages).toEqual([
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          {
            type: 'text',
            text: 'Look.\n\nAttached file: notes.md\n````md\n# Notes\n\n```js\nlet a\n```\n````\n\nAttached image: photo.png',
          },
          {
            type: 'image_url',
            image_url: { url: `data:image/png;base64,${PNG.toString('base64')}` },
          },
        ],
      },
    ])
  })

  it('are told of while they are read', async () => {
    const events = await send([NOTES, PHOTO])
    const steps = events.flatMap(({ data }) => ('progress' in data ? [data] : []))
    expect(steps).toEqual([
      { progress: { step: 'reading', name: 'notes.md', done: 0, total: 2 } },
      { progress: { step: 'reading', name: 'photo.png', done: 1, total: 2 } },
    ])
    const later = await visitor.send(id, 'And now?')
    expect(later.some(({ data }) => 'progress' in data)).toBe(false)
    expect(JSON.stringify(model.requests.at(-1)?.messages)).toContain('let a')
  })

  it('are cut to the budget, and say so', async () => {
    await send([fileOf('long.csv', 'abc,'.repeat(20_000))])
    const content = String(model.requests.at(-1)?.messages.at(-1)?.content)
    expect(content.length).toBeGreaterThan(4_000)
    expect(content.length).toBeLessThan(6_000)
    expect(content).toContain('[cut here; the whole file has 80000 bytes]')
  })

  it('leave their images out where the model refuses them, and the text says so', async () => {
    const message = 'Invalid content type. image_url is only supported by certain models.'
    const refusing: Script = [{ status: 400, body: JSON.stringify({ error: { message } }) }]
    respond = ({ messages }) => (Array.isArray(messages.at(-1)?.content) ? refusing : ['blind'])
    const events = await send([PHOTO])
    expect(events.at(-1)?.data.finish_reason).toBe('stop')
    expect(model.requests.at(-1)?.messages.at(-1)?.content).toBe(
      'Look.\n\nAttached file: photo.png (an image, which you cannot see)',
    )
  })
})

describe('a server', () => {
  const start = async (environment: Record<string, string>) => {
    const other = await startTestServer(environment)
    const client = await other.visitor()
    const conversation = await client.conversation()
    const config = (await (await fetch(`${other.url}/api/widget-config`)).json()) as object
    const sending = (file: NewAttachmentBody) =>
      client.request('POST', `/api/conversations/${conversation}/messages`, {
        content: 'Look.',
        attachments: [file],
      })
    return { other, client, conversation, config, sending }
  }

  it('whose models take only texts says so beforehand, and refuses images', async () => {
    const nanochat = await startFakeModelServer({ protocol: 'nanochat' })
    const { other, client, conversation, config, sending } = await start({
      INFERENCE_SERVICE_URL: nanochat.url,
      INFERENCE_API: 'nanochat',
    })
    expect(config).toMatchObject({ attachments: { images: false, text: true, max_files: 5 } })
    const refused = await sending(PHOTO)
    expect(refused.status).toBe(415)
    expect(refused.body).toMatchObject({ detail: 'photo.png: images are not taken here.' })
    const stream = await client.stream('POST', `/api/conversations/${conversation}/messages`, {
      content: 'Look.',
      attachments: [NOTES],
    })
    await stream.rest()
    const sent = nanochat.requests.at(-1)?.messages.at(-1)?.content
    expect(sent).toMatch(/Look\.\n\nAttached file: notes\.md\n````md/)
    await other.close()
    await nanochat.close()
  })

  it('that is told of models without eyes refuses images as well', async () => {
    const { other, config, sending } = await start({
      INFERENCE_SERVICE_URL: model.url,
      INFERENCE_API: 'openai',
      INFERENCE_IMAGES: 'false',
    })
    expect(config).toMatchObject({ attachments: { images: false } })
    expect((await sending(PHOTO)).status).toBe(415)
    await other.close()
  })

  it('that takes no files says so, refuses them, and takes no larger bodies', async () => {
    const { other, config, sending } = await start({ ATTACHMENTS_PER_USER_MIB: '0' })
    expect(config).toMatchObject({ attachments: null, features: { attachments: false } })
    expect((await sending(NOTES)).status).toBe(415)
    expect((await sending(fileOf('a.txt', 'a'.repeat(1024 * 1024)))).status).toBe(413)
    await other.close()
  })
})

describe('a PDF', () => {
  const pdfOf = (name: string, ...args: Parameters<typeof makePdf>) =>
    fileOf(name, Buffer.from(makePdf(...args)), 'application/pdf')
  const WARRANTY = pdfOf('warranty.pdf', [
    [
      { text: 'Warranty', size: 20, y: 700 },
      { text: 'Lamps are repaired for three years.', y: 660 },
    ],
    [{ text: 'Bulbs are not.', y: 700 }],
  ])
  const LOCK = `/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <${'41'.repeat(32)}> /U <${'42'.repeat(32)}> >> /ID [<00><00>]`

  it('goes to the model as its text, and stays as it came', async () => {
    let asked = ''
    respond = ({ messages }) => {
      asked = String(messages.at(-1)?.content)
      return ['fine']
    }
    await send([WARRANTY])
    const text =
      'Attached file: warranty.pdf\n```\n# Warranty\n\nLamps are repaired for three years.\n\nBulbs are not.\n```'
    expect(asked).toBe(`Look.\n\n${text}`)
    const [files] = await attachmentsOf()
    const file = await download(files![0]!.download_url)
    expect(file.headers.get('content-type')).toBe('application/pdf')
    expect(Buffer.from(await file.arrayBuffer()).toString('base64')).toBe(WARRANTY.data_base64)
    // What was read is in the memory of a server that has gone.
    await server.restart()
    const stream = await visitor.stream('POST', `/api/conversations/${id}/regenerate`, {})
    await stream.rest()
    expect(asked).toContain(text)
  })

  it('is known by its bytes, whatever it is called', async () => {
    await send([{ ...WARRANTY, filename: 'scan', content_type: '' }])
    const [files] = await attachmentsOf()
    expect(files).toMatchObject([{ filename: 'scan', content_type: 'application/pdf' }])
  })

  it.each([
    ['is locked', pdfOf('a.pdf', [[]], { trailer: LOCK }), /^a\.pdf is locked with a password\.$/],
    ['has pictures alone', pdfOf('a.pdf', [[], []]), /^a\.pdf has no text/],
    [
      'is broken',
      fileOf('a.pdf', '%PDF-1.7', 'application/pdf'),
      /^a\.pdf is damaged, or no PDF\.$/,
    ],
    [
      'has too many pages',
      pdfOf(
        'a.pdf',
        Array.from({ length: 501 }, () => []),
      ),
      /^a\.pdf has 501 pages; up to 500 can be read\.$/,
    ],
  ])('that %s is refused with a sentence and the field', async (_name, pdf, detail) => {
    const { status, body } = await refusal([NOTES, pdf])
    expect([status, body.errors[0]?.path]).toEqual([422, 'attachments.1'])
    expect(body).toMatchObject({ code: 'unreadable_file' })
    expect(body.detail).toMatch(detail)
    expect(await attachmentsOf()).toEqual([])
  })

  it('is said to be taken', async () => {
    const { body } = await visitor.request('GET', '/api/widget-config')
    expect(body.attachments).toMatchObject({ pdf: true, text: true })
  })
})
