/** The events of dialect A's answers, for the API's description: the JSON of each `data:` line. */
import { z } from 'zod'
import { ERROR_CODES, PROGRESS_STEPS } from '../../protocol/events.ts'
import {
  citationSchema,
  finishReasonSchema,
  id,
  outcomeSchema,
  sourceSchema,
  suggestionsField,
} from './bodies.ts'

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
