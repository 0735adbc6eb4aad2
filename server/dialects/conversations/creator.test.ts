import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startFakeModelServer, type FakeModelServer } from '../../testing/fake-model-server.ts'
import { startTestServer, type TestServer } from '../../testing/start-test-server.ts'
import type { TestClient } from '../../testing/test-client.ts'

const by = (creator: string, hours: string) =>
  `---\ncreator: ${creator}\n---\n\n# ${creator}\n\n## Opening hours\n\nThe shop of ${creator} is open ${hours}.`

let directory: string
let model: FakeModelServer
/** Answers from the documents itself. */
let engine: TestServer
let server: TestServer
let visitor: TestClient

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'creator-'))
  await mkdir(join(directory, 'asha'))
  await writeFile(join(directory, 'asha', 'hours.md'), by('Asha', 'from eight to noon'))
  await writeFile(join(directory, 'carl.md'), by('Carl', 'from two to six'))
  await writeFile(
    join(directory, 'care.md'),
    '---\ncreator: Carl\n---\n\n# Linen\n\nWash linen at forty degrees.',
  )
  model = await startFakeModelServer({ protocol: 'openai' })
  ;[engine, server] = await Promise.all([
    startTestServer({ KNOWLEDGE_DIR: directory }),
    startTestServer({
      KNOWLEDGE_DIR: directory,
      INFERENCE_SERVICE_URL: model.url,
      INFERENCE_API: 'openai',
    }),
  ])
  visitor = await engine.visitor()
})
afterAll(async () => {
  await Promise.all([engine.close(), server.close()])
  await model.close()
  await rm(directory, { recursive: true })
})

const HOURS = 'When is the shop open?'

/** The creators of the sources of an answer. */
async function creatorsOf(body: object, path = 'messages', id?: string) {
  const conversation = id ?? (await visitor.conversation())
  const url = `/api/conversations/${conversation}/${path}`
  const events = await (await visitor.stream('POST', url, body)).rest()
  const sources = events.find(({ data }) => data.sources)?.data.sources ?? []
  return sources.map(({ creator }) => creator)
}

describe('a message that names a creator', () => {
  it.each(['Asha', 'Carl', 'asha'])('is answered from the documents of %s', async (creator) => {
    const creators = await creatorsOf({ content: HOURS, creator })
    expect(new Set(creators)).toEqual(new Set([creator === 'Carl' ? 'Carl' : 'Asha']))
  })

  it.each([undefined, null, '', '  ', 'nobody'])('is answered from all for %j', async (creator) => {
    const creators = await creatorsOf({ content: HOURS, creator })
    expect(new Set(creators)).toEqual(new Set(['Asha', 'Carl']))
  })

  it('is answered from others where the creator has nothing on it', async () => {
    expect(await creatorsOf({ content: 'How hot is linen washed?', creator: 'Asha' })).toEqual([
      'Carl',
    ])
  })

  it('may be asked again with another one', async () => {
    const id = await visitor.conversation()
    await creatorsOf({ content: HOURS, creator: 'Asha' }, 'messages', id)
    expect(await creatorsOf({ creator: 'Carl' }, 'regenerate', id)).toEqual(['Carl'])
  })

  it('is answered from its own files first all the same', async () => {
    const data = Buffer.from('The market is open at midnight.').toString('base64')
    const file = { filename: 'market.txt', content_type: 'text/plain', data_base64: data }
    const id = await visitor.conversation()
    const url = `/api/conversations/${id}/messages`
    const body = { content: 'When is the market open?', creator: 'Asha', attachments: [file] }
    const events = await (await visitor.stream('POST', url, body)).rest()
    expect(events.map(({ data: { token = '' } }) => token).join('')).toMatch(/at midnight/)
  })

  it('is refused where that is no text', async () => {
    const id = await visitor.conversation()
    const body = { content: HOURS, creator: 5 }
    const reply = await visitor.request('POST', `/api/conversations/${id}/messages`, body)
    expect(reply.status).toBe(422)
    expect(reply.body.errors).toEqual([{ path: 'creator', message: 'must be a text' }])
  })

  it('gives a model the passages of that creator', async () => {
    const guest = await server.visitor()
    const id = await guest.conversation()
    const url = `/api/conversations/${id}/messages`
    await (await guest.stream('POST', url, { content: HOURS, creator: 'Asha' })).rest()
    const prompt = String(model.requests.at(-1)?.messages[0]?.content)
    expect(prompt).toMatch(/shop of Asha is open/)
    expect(prompt).not.toMatch(/shop of Carl/)
  })
})
