/** What the API's description says of sending, asking again, resuming and stopping. */
import type { RouteDoc } from '../route.ts'
import { conversationParameter } from './docs.ts'
import { answerEventSchema } from './event-bodies.ts'
import * as schemas from './schemas.ts'

const answer = {
  description: 'The answer as it is written. The last event is always `done`.',
  schema: answerEventSchema,
  events: true,
}

const running = {
  description:
    'An answer is being written in this conversation, and somebody reads it; `turn_id` names it.',
}

const nothingMissing = {
  description: 'With `Last-Event-ID`: that was the last event of its answer.',
}

const unknown = {
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
      200: answer,
      204: nothingMissing,
      400: { description: 'The body is not valid JSON, or `Last-Event-ID` is the id of no event.' },
      404: unknown,
      409: running,
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
      200: answer,
      204: nothingMissing,
      400: {
        description:
          'There is no message to answer, or no answer to go on with, the body is not valid JSON, or `Last-Event-ID` is the id of no event.',
      },
      404: unknown,
      409: running,
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
      200: { ...answer, description: 'What was missed, byte for byte, then what comes.' },
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
