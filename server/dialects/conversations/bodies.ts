/**
 * What dialect A answers: each schema is the one description of its body, gives the type that wire.ts writes, and stands
 * in the API's description; a test holds real answers to them. Clients ignore keys that are not named here.
 */
import { z } from 'zod'
import {
  ANSWER_OUTCOMES,
  FINISH_REASONS,
  type Citation,
  type Source,
  ERROR_CODES,
  PROGRESS_STEPS,
} from '../../protocol/events.ts'
import type { RouteDoc } from '../route.ts'
import * as schemas from './schemas.ts'
import { getSchema, listSchema } from './schemas.ts'

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

export const conversationSchema = z.object(conversationFields).meta({ id: 'Conversation' })

export type ConversationBody = z.infer<typeof conversationSchema>

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
      .exactOptional(z.array(z.string()).readonly())
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
  .readonly()
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
})

export type AttachmentBody = z.infer<typeof attachmentSchema>

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
    sources: z.exactOptional(z.array(sourceSchema).readonly()),
    citations: z.exactOptional(z.array(citationSchema).readonly()),
    outcome: z.exactOptional(outcomeSchema),
    suggestions: z.exactOptional(suggestionsField),
    attachments: z.exactOptional(z.array(attachmentSchema)),
  })
  .meta({ id: 'Message' })

export type MessageBody = z.infer<typeof messageSchema>

export const conversationWithMessagesSchema = z
  .object({
    ...conversationFields,
    messages: z.array(messageSchema).describe('Oldest first.'),
    has_more: z.boolean().describe('Whether there are older messages than these.'),
    running_turn_id: z.exactOptional(id).describe('The turn that is running now, if one is.'),
  })
  .meta({ id: 'ConversationWithMessages' })

export type ConversationWithMessagesBody = z.infer<typeof conversationWithMessagesSchema>

const listedSchema = z
  .object({
    ...conversationFields,
    snippet: z
      .exactOptional(z.string().nullable())
      .describe('Of a search: the passage found; `null` when the title says it all.'),
  })
  .meta({ id: 'ListedConversation' })

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
  .meta({ id: 'ConversationList' })

export type ConversationListBody = z.infer<typeof conversationListSchema>

export const modelsSchema = z
  .looseObject({
    models: z.exactOptional(z.unknown()).describe('A list; whatever a nanochat server has here.'),
    cards: z.exactOptional(z.array(z.object({ id: z.string(), name: z.string() }))),
  })
  .meta({
    id: 'Models',
    description: 'A nanochat server’s answer is passed on, without places of files.',
  })

// The events of dialect A's answers, for the API's description: the JSON of each `data:` line.

const startSchema = z
  .object({
    turn_id: id,
    user_message_id: id,
    message_id: id.describe('The id that the answer gets.'),
  })
  .meta({ id: 'StartEvent', description: 'The first event.' })

const sourcesSchema = z
  .object({ sources: z.array(sourceSchema) })
  .meta({ id: 'SourcesEvent', description: 'Before the first token, when documents are used.' })

const citationsSchema = z.object({ citations: z.array(citationSchema) }).meta({
  id: 'CitationsEvent',
  description: 'What a model’s answer cites, in the order of its text.',
})

const titleSchema = z
  .object({ title: z.string() })
  .meta({ id: 'TitleEvent', description: 'The conversation got its title.' })

const tokenSchema = z.looseObject({ token: z.string() }).meta({
  id: 'TokenEvent',
  description: 'A piece of the answer. Further keys are the model server’s own.',
})

const toolRequestSchema = z
  .object({
    tool_request: z.object({
      call_id: id,
      tool: z.string(),
      arguments: z.record(z.string(), z.unknown()).describe('Parsed.'),
      timeout_ms: z.int().describe('How long the answer waits for the result.'),
    }),
  })
  .meta({ id: 'ToolRequestEvent', description: 'The model calls a tool of the page.' })

const toolProgressSchema = z
  .object({
    tool_progress: z.object({
      call_id: id,
      state: z.enum(['claimed', 'settled']),
      claimant: z.string().nullable().describe('The page that runs it.'),
    }),
  })
  .meta({ id: 'ToolProgressEvent', description: 'A page took a call on, or the call is over.' })

const progressSchema = z
  .object({
    progress: z.object({
      step: z.enum(PROGRESS_STEPS),
      name: z.exactOptional(z.string()).describe('Of the tool, or of the file that is read.'),
      done: z.exactOptional(z.int()),
      total: z.exactOptional(z.int()),
    }),
  })
  .meta({ id: 'ProgressEvent', description: 'What the server does before the model speaks.' })

const suggestionsSchema = z.object({ suggestions: suggestionsField }).meta({
  id: 'SuggestionsEvent',
  description: 'Questions that may follow; the stored message has them too.',
})

const errorSchema = z
  .object({
    error: z.string().describe('One sentence for a person.'),
    code: z.enum(ERROR_CODES),
    retryable: z.boolean().describe('Whether asking again may help.'),
    retry_after: z
      .int()
      .optional()
      .describe('Seconds after which it may, where the model server said so.'),
  })
  .meta({ id: 'ErrorEvent', description: 'The answer failed. `done` follows.' })

const doneSchema = z
  .object({
    done: z.literal(true),
    message_id: id,
    finish_reason: finishReasonSchema,
    token_count: z.int().describe('Token events.'),
    inference_time_ms: z.number(),
    usage: z
      .exactOptional(
        z.object({
          prompt_tokens: z.exactOptional(z.int()),
          completion_tokens: z.exactOptional(z.int()),
          total_tokens: z.exactOptional(z.int()),
        }),
      )
      .describe('Tokens that the model server counted.'),
    outcome: z.exactOptional(outcomeSchema),
  })
  .meta({ id: 'DoneEvent', description: 'The last event. What it says is stored.' })

export const answerEventSchema = z
  .union([
    startSchema,
    sourcesSchema,
    titleSchema,
    citationsSchema,
    tokenSchema,
    toolRequestSchema,
    toolProgressSchema,
    progressSchema,
    suggestionsSchema,
    errorSchema,
    doneSchema,
  ])
  .meta({ id: 'AnswerEvent', description: 'The JSON of one event’s `data`.' })

// What the API's description says of the conversations and of what stands beside them.

export const conversationParameter = { id: 'The conversation.' }

const updated = {
  chapter: 'Conversations',
  description: 'At least one of the fields is needed. A title that was chosen is never replaced.',
  parameters: conversationParameter,
  body: schemas.updateSchema,
  responses: { 200: { description: 'The conversation as it is now.', schema: conversationSchema } },
} satisfies Omit<RouteDoc, 'name' | 'summary'>

export const conversationDocs = {
  list: {
    name: 'listConversations',
    chapter: 'Conversations',
    summary: 'Lists or searches conversations.',
    description:
      'The last changed come first. With `q` only those that have its words, the best first, each with the passage that says so. A page is followed by asking again with its `next_cursor`.',
    query: listSchema,
    responses: {
      200: { description: 'A page of the list.', schema: conversationListSchema },
      503: { description: 'Searching conversations is switched off.' },
    },
  },
  create: {
    name: 'createConversation',
    chapter: 'Conversations',
    summary: 'Creates a conversation.',
    body: schemas.createSchema,
    bodyIsOptional: true,
    responses: { 201: { description: 'The new conversation.', schema: conversationSchema } },
  },
  get: {
    name: 'getConversation',
    chapter: 'Conversations',
    summary: 'Reads a conversation with its messages.',
    description:
      'All of them, unless `messages_limit` or `before` say less; `has_more` tells that there are older ones.',
    parameters: conversationParameter,
    query: getSchema,
    responses: {
      200: { description: 'The conversation.', schema: conversationWithMessagesSchema },
    },
  },
  update: { name: 'updateConversation', summary: 'Renames or favours a conversation.', ...updated },
  patch: { name: 'patchConversation', summary: 'The same as PUT.', ...updated },
  remove: {
    name: 'deleteConversation',
    chapter: 'Conversations',
    summary: 'Erases a conversation with all its messages.',
    description: 'An answer that is being written is stopped.',
    parameters: conversationParameter,
    responses: { 204: { description: 'It is gone.' } },
  },
  rate: {
    name: 'rateMessage',
    chapter: 'Conversations',
    summary: 'Says whether an answer was good.',
    description: 'A `rating` of `null` takes it back.',
    parameters: { ...conversationParameter, mid: 'The answer.' },
    body: schemas.feedbackSchema,
    responses: { 200: { description: 'The message as it is now.', schema: messageSchema } },
  },
} satisfies Readonly<Record<string, RouteDoc>>

// What the API's description says of sending, asking again, resuming and stopping.

const streamedAnswer = {
  description: 'The answer as it is written. The last event is always `done`.',
  schema: answerEventSchema,
  events: true,
}

const alreadyRunning = {
  description:
    'An answer is being written in this conversation, and somebody reads it; `turn_id` names it.',
}

const nothingMissing = {
  description: 'With `Last-Event-ID`: that was the last event of its answer.',
}

const unknownThing = {
  description:
    'There is no such thing, or it belongs to somebody else. With `Last-Event-ID`: the answer of that event is of another conversation, or is not kept to be read on any more. Nothing was asked.',
}

const repeated = {
  'Idempotency-Key':
    'The same key again, within 24 hours, gives the same answer: nothing is asked or stored twice.',
  'Last-Event-ID':
    'The last event that was seen of an answer of this conversation. The request is then taken for one that was sent before: what followed that event is read on, and nothing is asked or stored. An answer can be read on for some minutes after its end. Goes before `Idempotency-Key`.',
}

export const turnDocs = {
  send: {
    name: 'sendMessage',
    chapter: 'Answers',
    summary: 'Sends a message and streams the answer.',
    description:
      'The message and its files are stored before the model is asked. Closing the connection does not end the answer: read on with the stream, or stop it. An answer that nobody reads any more is stopped by the next message, as a client means it that stops by closing.',
    parameters: conversationParameter,
    headers: repeated,
    body: schemas.sendSchema,
    responses: {
      200: streamedAnswer,
      204: nothingMissing,
      400: { description: 'The body is not valid JSON, or `Last-Event-ID` is the id of no event.' },
      404: unknownThing,
      409: alreadyRunning,
      413: { description: 'The request is too large, or there is no room for its files.' },
      415: { description: 'The body is not JSON, or a file is of a kind that is not taken.' },
    },
  },
  regenerate: {
    name: 'regenerateAnswer',
    chapter: 'Answers',
    summary: 'Asks again, and replaces the last answer; or goes on with it.',
    description:
      'With `continue` the answer keeps its id and grows: the stream begins with what it has said so far, as one token, and the stored message, its `token_count` and its `inference_time_ms` are those of both parts together. When the new answer, or the rest of one, fails, the old one stays. One that is still being written and that nobody reads any more is stopped first.',
    parameters: conversationParameter,
    headers: repeated,
    body: schemas.regenerateSchema,
    bodyIsOptional: true,
    responses: {
      200: streamedAnswer,
      204: nothingMissing,
      400: {
        description:
          'There is no message to answer, or no answer to go on with, the body is not valid JSON, or `Last-Event-ID` is the id of no event.',
      },
      404: unknownThing,
      409: alreadyRunning,
    },
  },
  stream: {
    name: 'resumeAnswer',
    chapter: 'Answers',
    summary: 'Reads the running or just ended answer, from where a reader left it.',
    description:
      'Without the id of an event it starts at the beginning. Any number of readers may read along.',
    parameters: conversationParameter,
    headers: { 'Last-Event-ID': 'The last event that was seen; goes before `last_event_id`.' },
    query: schemas.streamSchema,
    responses: {
      200: { ...streamedAnswer, description: 'What was missed, byte for byte, then what comes.' },
      204: { description: 'There is nothing to read.' },
    },
  },
  stop: {
    name: 'stopAnswer',
    chapter: 'Answers',
    summary: 'Stops the answer that is being written.',
    description: 'What came so far is stored, with the finish reason `stopped`.',
    parameters: conversationParameter,
    responses: { 202: { description: 'It stops, or nothing was running.' } },
  },
} satisfies Readonly<Record<string, RouteDoc>>

// Models.

const modelServerErrors = {
  502: { description: 'The model server answered with an error.' },
  503: { description: 'The model server cannot be reached.' },
  504: { description: 'The model server did not answer in time.' },
}

export const modelDocs = {
  list: {
    name: 'listModels',
    chapter: 'Models',
    summary: 'Lists the models of the model server.',
    responses: {
      200: { description: 'The models.', schema: modelsSchema },
      ...modelServerErrors,
    },
  },
  swap: {
    name: 'swapModel',
    chapter: 'Models',
    summary: 'Has the model server load another model.',
    body: schemas.swapModelSchema,
    responses: {
      200: { description: 'What the model server said.', schema: z.unknown() },
      409: { description: 'This model server cannot do that.' },
      ...modelServerErrors,
    },
  },
} satisfies Readonly<Record<string, RouteDoc>>
