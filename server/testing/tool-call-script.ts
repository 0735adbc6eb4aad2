import type { Script } from './fake-model-server.ts'

export interface ScriptedCall {
  readonly name: string
  /** Written as JSON; a text is sent as it stands, to be as broken as a model can be. */
  readonly arguments: object | string
}

const chunk = (delta: object, finishReason: string | null) =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'fake-model',
    choices: [{ index: 0, delta, finish_reason: finishReason }],
  })}\n\n`

/** For the fake model server with `openai`: an answer that calls tools, behind the text given. */
export function callTools(calls: readonly ScriptedCall[], text?: string): Script {
  const written = calls.map((call, index) => ({
    index,
    id: `call_${crypto.randomUUID()}`,
    type: 'function',
    function: {
      name: call.name,
      arguments:
        typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments),
    },
  }))
  return [
    ...(text === undefined ? [] : [text]),
    { raw: `${chunk({ tool_calls: written }, null)}${chunk({}, 'tool_calls')}data: [DONE]\n\n` },
    { end: true },
  ]
}
