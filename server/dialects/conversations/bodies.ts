/**
 * What dialect A answers, for the API's description. Each schema is held to the type that the routes write,
 * and tests hold real answers to the schemas. Clients ignore keys that are not named here.
 */
import { z } from 'zod'
import type {
  AttachmentBody,
  ConversationBody,
  ConversationListBody,
  ConversationWithMessagesBody,
  ListedConversationBody,
  MessageBody,
} from '../../protocol/api.ts'
import {
  ANSWER_OUTCOMES,
  FINISH_REASONS,
  type Citation,
  type Source,
} from '../../protocol/events.ts'

export const id = z.uuid()
export const time = z.iso.datetime().describe('UTC.')

const conversationFields = {
  id,
  user_id: z.string().describe('Whose it is.'),
  title: z.string().describe('The first message, cut, unless one was chosen.'),
  model_tag: z.string(),
  is_favorited: z.boolean(),
  created_at: time,
  updated_at: z.iso.datetime().describe('UTC. Rises with every message and every change.'),
}

export const conversationSchema = z
  .object(conversationFields)
  .meta({ id: 'Conversation' }) satisfies z.ZodType<ConversationBody>

export const sourceSchema = z
  .object({
    number: z.int().describe('What the text cites, as `[1]`.'),
    title: z.string(),
    url: z.string().nullable(),
    creator: z.string().nullable(),
    section: z.string().nullable().describe('Heading path within the document.'),
    snippet: z.string().describe('The passage.'),
    score: z.number().min(0).max(1),
    open_url: z
      .exactOptional(z.string())
      .describe('`url` at the passage: with an anchor, a page, or words to find.'),
    page: z.exactOptional(z.int()).describe('Of a PDF, counted from 1.'),
  })
  .meta({
    id: 'Source',
    description: 'A passage that an answer rests on.',
  }) satisfies z.ZodType<Source>

export const citationSchema = z
  .object({
    number: z.int().describe('Of the source.'),
    unproven: z
      .exactOptional(z.array(z.string()))
      .describe('Numbers, names and quoted words of the sentence that the source does not have.'),
  })
  .meta({
    id: 'Citation',
    description: 'One number of a `[n]` in the text. Numbers without a source have none.',
  }) satisfies z.ZodType<Citation>

export const finishReasonSchema = z.enum(FINISH_REASONS).meta({
  id: 'FinishReason',
  description:
    'Why an answer ended. `stopped`: somebody stopped it; `interrupted`: the server went down under it.',
})

export const outcomeSchema = z.enum(ANSWER_OUTCOMES).meta({
  id: 'AnswerOutcome',
  description:
    'Where the visitor needs a way on. `unanswered`: the answer says that there is none, or was withheld; `wants_person`: the visitor asks for a human, whatever was answered.',
})

export const suggestionsField = z
  .array(z.string())
  .max(4)
  .describe('Questions that may follow the answer.')

export const attachmentFields = {
  id,
  filename: z.string(),
  content_type: z.string(),
  size_bytes: z.int(),
  download_url: z.string().describe('A path on this server.'),
}

const attachmentSchema = z.object(attachmentFields).meta({
  id: 'Attachment',
  description: 'A file that was sent with a message.',
}) satisfies z.ZodType<AttachmentBody>

export const messageSchema = z
  .object({
    id,
    conversation_id: id,
    role: z.enum(['user', 'assistant']),
    content: z
      .string()
      .describe('Markdown, with reasoning and tools as tags: see the chapter on answers.'),
    token_count: z.int().nullable().describe('Token events of the answer; of a question 0.'),
    model_tag: z.string().nullable().describe('Of a question, the conversation’s.'),
    inference_time_ms: z
      .number()
      .nullable()
      .describe('From the request to the end; of a question 0.'),
    finish_reason: finishReasonSchema.nullable(),
    feedback: z
      .object({ rating: z.enum(['up', 'down']), comment: z.string().nullable() })
      .nullable()
      .describe('What the visitor thinks of the answer.'),
    created_at: time,
    sources: z.exactOptional(z.array(sourceSchema)),
    citations: z.exactOptional(z.array(citationSchema)),
    outcome: z.exactOptional(outcomeSchema),
    suggestions: z.exactOptional(suggestionsField),
    attachments: z.exactOptional(z.array(attachmentSchema)),
  })
  .meta({ id: 'Message' }) satisfies z.ZodType<MessageBody>

export const conversationWithMessagesSchema = z
  .object({
    ...conversationFields,
    messages: z.array(messageSchema).describe('Oldest first.'),
    has_more: z.boolean().describe('Whether there are older messages than these.'),
    running_turn_id: z.exactOptional(id).describe('The turn that is running now, if one is.'),
  })
  .meta({ id: 'ConversationWithMessages' }) satisfies z.ZodType<ConversationWithMessagesBody>

const listedSchema = z
  .object({
    ...conversationFields,
    snippet: z
      .exactOptional(z.string().nullable())
      .describe('Of a search: the passage found; `null` when the title says it all.'),
  })
  .meta({ id: 'ListedConversation' }) satisfies z.ZodType<ListedConversationBody>

export const conversationListSchema = z
  .object({
    items: z.array(listedSchema).describe('The last changed first; found ones: the best first.'),
    grouped: z
      .record(z.string(), z.array(listedSchema))
      .describe('The same by UTC day of the last change, as `2026-01-31`.'),
    limit: z.int(),
    offset: z.int(),
    next_cursor: z
      .string()
      .nullable()
      .describe('Asks for the page that follows; `null` when this is the last one.'),
  })
  .meta({ id: 'ConversationList' }) satisfies z.ZodType<ConversationListBody>

export const modelsSchema = z
  .looseObject({
    models: z.exactOptional(z.unknown()).describe('A list; whatever a nanochat server has here.'),
    cards: z.exactOptional(z.array(z.object({ id: z.string(), name: z.string() }))),
  })
  .meta({
    id: 'Models',
    description: 'A nanochat server’s answer is passed on, without places of files.',
  })
