import { expect, it } from 'vitest'
import { exampleConversation, exampleMessage } from '../../testing/stores/store-examples.ts'
import { threadBody, threadMessageBody } from './wire.ts'

const shown = { ownerId: 'visitor-1', isRunning: false, basePath: '' }

it('writes a thread that was begun as a conversation', () => {
  const conversation = exampleConversation({ title: 'Keeping samosas' })
  expect(threadBody(conversation)).toEqual({
    id: conversation.id,
    owner_id: 'visitor-1',
    title: 'Keeping samosas',
    summary: null,
    metadata: {},
    is_deleted: false,
    created_at: conversation.createdAt,
    updated_at: conversation.updatedAt,
    deleted_at: null,
  })
})

it('shows the text of an answer without thinking and tools', () => {
  const content =
    '<think>Hm.</think>\n\nThree days<|python_start|>{"tool":"x"}<|python_end|>, a < b.\n'
  const answer = exampleMessage({ role: 'assistant', content })
  expect(threadMessageBody(answer, shown)).toMatchObject({
    sender_id: 'assistant',
    sender_type: 'assistant',
    status: 'ready',
    text: 'Three days, a < b.',
  })
})

it('says processing of what is being answered, and error of what was cut off', () => {
  const message = exampleMessage({ status: 'ready' })
  expect(threadMessageBody(message, { ...shown, isRunning: true }).status).toBe('processing')
  const cutOff = exampleMessage({ role: 'assistant', finishReason: 'error' })
  expect(threadMessageBody(cutOff, shown).status).toBe('error')
})

it('names files with where they are, and never their bytes', () => {
  const attachments = [{ id: 'f', filename: 'a.bin', contentType: 'x/y', sizeBytes: 3 }]
  const message = exampleMessage({ attachments })
  expect(threadMessageBody(message, shown).attachments).toEqual([
    {
      id: 'f',
      filename: 'a.bin',
      content_type: 'x/y',
      size_bytes: 3,
      download_url: '/api/attachments/f',
      data_base64: null,
      created_at: message.createdAt,
    },
  ])
  const below = threadMessageBody(message, { ...shown, basePath: '/chat' })
  expect(below.attachments[0]?.download_url).toBe('/chat/api/attachments/f')
})
