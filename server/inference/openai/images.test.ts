import { afterEach, describe, expect, it } from 'vitest'
import type { HistoryFile, HistoryMessage } from '../../core/ports/index.ts'
import { startFakeModelServer, type FakeRequest } from '../../testing/fake-model-server.ts'
import { gather, generateRequest } from '../../testing/inference-requests.ts'
import { openaiMessages, loadFiles } from './messages.ts'

import { createOpenai } from './index.ts'

const PHOTO: HistoryFile = {
  kind: 'image',
  name: 'photo.png',
  contentType: 'image/png',
  read: async () => Buffer.from('iVBORw0K', 'base64'),
}
const asked = (content: string, ...files: readonly HistoryFile[]): HistoryMessage => ({
  role: 'user',
  content,
  ...(files.length > 0 && { files }),
})
const part = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0K' } }
const text = (content: string) => ({ type: 'text', text: content })

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(closers.splice(0).map(async (close) => await close()))
})

const hasImage = ({ messages }: FakeRequest) => JSON.stringify(messages).includes('image_url')

/** A server that answers images with this. */
async function start(status: number, refusal: object) {
  const server = await startFakeModelServer({
    protocol: 'openai',
    respond: (request) =>
      hasImage(request) ? [{ status, body: JSON.stringify(refusal) }] : ['Hi'],
  })
  const inference = createOpenai({
    url: server.url,
    apiKey: undefined,
    model: 'm',
    timeoutSeconds: 5,
  })
  closers.push(inference.close, server.close)
  const ask = (...messages: readonly HistoryMessage[]) =>
    gather(inference, generateRequest({ messages }))
  return { server, ask }
}

describe('images for an OpenAI-compatible server', () => {
  it('are parts behind the text, also of questions that are asked together', async () => {
    const messages = [asked('Look.', PHOTO), asked('And?')]
    expect(
      openaiMessages('', messages, { urls: await loadFiles(messages), asInput: false }),
    ).toEqual([
      {
        role: 'user',
        content: [text('Look.\n\nAttached image: photo.png'), part, text('And?')],
      },
    ])
    expect(openaiMessages('', [asked('One.'), asked('Two.')])).toEqual([
      { role: 'user', content: 'One.\n\nTwo.' },
    ])
  })

  it.each<[string, number, object | string]>([
    ['OpenAI', 400, 'Invalid content type. image_url is only supported by certain models.'],
    ['vLLM', 400, 'm is not a multimodal model'],
    ['vLLM, counting', 400, 'At most 0 image(s) may be provided in one prompt.'],
    [
      'llama.cpp',
      500,
      'image input is not supported - hint: if this is unexpected, you may need to provide the mmproj',
    ],
    ['Ollama', 400, 'this model is missing data required for image input'],
    [
      'DeepSeek',
      400,
      'Failed to deserialize the JSON body: messages[0]: unknown variant `image_url`, expected `text`',
    ],
    ['OpenRouter', 404, 'No endpoints found that support image input'],
    [
      'Groq',
      400,
      "'messages.0' : for 'role:user' the following must be satisfied[('messages.0.content' : value must be a string)]",
    ],
    ['Mistral', 400, 'Image input is not enabled for this model'],
    [
      'a validator',
      422,
      {
        detail: [
          { loc: ['body', 'messages', 0, 'content'], msg: 'Input should be a valid string' },
        ],
      },
    ],
    ['one image that is broken', 400, 'Could not process image'],
  ])('are left out, and the text says so, when %s refuses them', async (_, status, said) => {
    const refusal = typeof said === 'string' ? { error: { message: said } } : said
    const { server, ask } = await start(status, refusal)
    expect(await ask(asked('Look.', PHOTO))).toMatchObject({ text: 'Hi', error: undefined })
    expect(server.requests).toHaveLength(2)
    expect(server.requests[1]?.messages.at(-1)?.content).toBe(
      'Look.\n\nAttached file: photo.png (an image, which you cannot see)',
    )
  })

  it('are left out when they cannot be read any more', async () => {
    const { server, ask } = await start(400, {})
    await ask(asked('Look.', { ...PHOTO, read: async () => undefined }))
    expect(server.requests[0]?.messages.at(-1)?.content).toContain('which you cannot see')
  })

  it('are tried again with the next message: it may have been this one image', async () => {
    const { server, ask } = await start(400, { error: { message: 'Could not process image' } })
    await ask(asked('Look.', PHOTO))
    await ask(asked('And this.', PHOTO))
    expect(server.requests.map(hasImage)).toEqual([true, false, true, false])
  })

  it('are kept where something else is wrong', async () => {
    const { server, ask } = await start(401, { error: { message: 'No images without a key' } })
    expect(await ask(asked('Look.', PHOTO))).toMatchObject({
      error: { code: 'inference_misconfigured' },
    })
    expect(server.requests).toHaveLength(1)
  })
})
