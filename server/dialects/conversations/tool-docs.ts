/** What the API's description says of the tools of the page. */
import type { RouteDoc } from '../route.ts'
import { conversationParameter } from './docs.ts'
import { claimSchema, resultSchema } from './tool-schemas.ts'

const parameters = { ...conversationParameter, callId: 'The call, as its `tool_request` names it.' }

const refusals = {
  404: { description: 'No such call is waiting in this conversation.' },
  409: { description: 'Another page has claimed the call.' },
}

export const toolDocs = {
  claim: {
    name: 'claimToolCall',
    chapter: 'Tools of the page',
    summary: 'Takes on a call of a tool of the page, before running it.',
    description: 'One page gets the call; the same page may claim it again.',
    parameters,
    body: claimSchema,
    responses: { 204: { description: 'The call is this page’s.' }, ...refusals },
  },
  result: {
    name: 'answerToolCall',
    chapter: 'Tools of the page',
    summary: 'Brings what a tool of the page gave; the answer goes on with it.',
    description:
      'Claims the call if nobody has. The same page may send the same again. An output over 20,000 characters of JSON is cut.',
    parameters,
    body: resultSchema,
    responses: { 204: { description: 'The result is taken.' }, ...refusals },
  },
} satisfies Readonly<Record<string, RouteDoc>>
