/** What the bench asks its model server to say. It travels as the visitor's message. */
import { z } from 'zod'

export const scriptSchema = z.object({
  /** How many tokens the answer has. */
  tokens: z.number(),
  /** Milliseconds between two tokens; 0: as fast as they are taken. */
  interval: z.number(),
})

export type Script = z.infer<typeof scriptSchema>

const MARK = 'bench-script:'

export const writeScript = (script: Script) => MARK + JSON.stringify(script)

/** Reads the newest script of a request to the model server. */
export function readScript(body: string): Script {
  // The message stands inside a JSON string; a script holds nothing that looks different there but quotes.
  const at = body.lastIndexOf(MARK)
  const text = body.slice(at + MARK.length, body.indexOf('}', at) + 1)
  return scriptSchema.parse(JSON.parse(text.replaceAll('\\"', '"')))
}

/** What stands before a token's text: in nanochat's events and in those of dialect A; in OpenAI's chunks and in dialect C. */
export const TOKEN_MARK = '"token":"'
export const CONTENT_MARK = '"content":"'
/** Digits of a token's text: the microsecond at which it was due. */
export const TOKEN_DIGITS = 15
