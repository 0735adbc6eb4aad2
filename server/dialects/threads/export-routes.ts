/** A thread as a file to keep. */
import { z } from 'zod'
import { cleanFileName } from '../../core/attachment-name.ts'
import type { Conversation, Exporter } from '../../core/ports/index.ts'
import { DOCUMENT_FORMATS } from '../../core/ports/exports.ts'
import type { ThreadMessages, Threads } from '../../core/threads.ts'
import type { FileReply, Route, RouteDoc } from '../route.ts'
import { threadBody, threadMessageBody } from './wire.ts'

const FORMATS = [...DOCUMENT_FORMATS, 'json'] as const
type Format = (typeof FORMATS)[number]

const FILES: Readonly<Record<Format, { readonly ending: string; readonly contentType: string }>> = {
  markdown: { ending: 'md', contentType: 'text/markdown; charset=utf-8' },
  json: { ending: 'json', contentType: 'application/json' },
  pdf: { ending: 'pdf', contentType: 'application/pdf' },
  docx: {
    ending: 'docx',
    contentType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  },
}

const querySchema = z.object({
  format: z
    .enum(FORMATS, 'must be markdown, json, pdf or docx')
    .default('markdown')
    .describe('What the file is to be.'),
})

const doc: RouteDoc = {
  name: 'exportThread',
  chapter: 'Threads',
  summary: 'Reads a thread as a file to keep.',
  description:
    'Title, id, times and metadata, and then every message with its time and its sender, the oldest first. Files that were sent stand there as links, which need the token. Thinking and tools are left out. `json` holds the thread and `messages`, each as the API gives it, with the `sources` of an answer.',
  parameters: { id: 'The thread.' },
  query: querySchema,
  responses: {
    200: { description: 'The file, with a name made of the title.', contentType: '*/*' },
    413: { description: 'The thread is too long for this format.' },
    429: { description: 'Too many files are being made just now.' },
  },
}

export function createExportRoutes(
  threads: Pick<Threads, 'read'>,
  exporter: Pick<Exporter, 'write'>,
): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/threads/:id/export',
      doc,
      async handle(exchange): Promise<FileReply> {
        const { format } = exchange.query(querySchema)
        const thread = await threads.read(exchange.identity.userId, exchange.id('id'))
        const { conversation, messages } = thread
        const { ending, contentType } = FILES[format]
        const base = (exchange.origin ?? '') + exchange.basePath
        const content =
          format === 'json'
            ? jsonOf(thread, exchange.basePath)
            : await exporter.write(format, { conversation, messages, base })
        return { kind: 'file', filename: fileName(conversation, ending), contentType, content }
      },
    },
  ]
}

/** The thread with all its messages, written one by one. */
function* jsonOf(
  { conversation, messages, askingId }: ThreadMessages,
  basePath: string,
): Generator<string> {
  const { ownerId } = conversation
  yield `${JSON.stringify(threadBody(conversation), null, 2).slice(0, -2)},\n  "messages": [`
  for (const [index, message] of messages.entries()) {
    const isRunning = message.id === askingId
    const body = threadMessageBody(message, { ownerId, isRunning, basePath })
    const { sources } = message
    const whole = { ...body, ...(sources.length > 0 && { sources }) }
    yield `${index === 0 ? '' : ','}\n${JSON.stringify(whole, null, 2)}`
  }
  yield `\n  ]\n}\n`
}

/** A name that every system takes, made of the title; no mark of punctuation is left over at its end. */
function fileName({ title }: Conversation, ending: string): string {
  const plain = (title ?? '')
    .replaceAll(/[?"]/g, '')
    .replaceAll(/[/\\:*<>|]+/g, '-')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .replaceAll(/^[ .-]+|[ .-]+$/g, '')
  return cleanFileName(`${plain === '' ? 'Conversation' : plain}.${ending}`)
}
