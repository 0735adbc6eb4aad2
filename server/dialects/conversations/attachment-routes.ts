/** Files of messages, for their owners. */
import type { Attachments } from '../../core/attachments.ts'
import { safeTypeOf } from '../../core/attachment-type.ts'
import type { Route, RouteDoc } from '../route.ts'

const doc: RouteDoc = {
  name: 'readAttachment',
  chapter: 'Conversations',
  summary: 'Reads a file that was sent with a message.',
  description:
    'It comes to be saved: texts as plain text, and nothing as a type that a browser runs.',
  parameters: { fileId: 'The file.' },
  responses: { 200: { description: 'The file.', contentType: '*/*' } },
}

export function createAttachmentRoutes(attachments: Attachments): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/attachments/:fileId',
      doc,
      async handle(exchange) {
        const { userId } = exchange.identity
        const { attachment, bytes } = await attachments.read(userId, exchange.id('fileId'))
        const { filename, contentType } = attachment
        return { kind: 'file', filename, contentType: safeTypeOf(contentType), content: bytes }
      },
    },
  ]
}
