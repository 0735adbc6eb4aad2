/** What a page sends of its tools: which there are, who runs a call, and what that gave. */
import { z } from 'zod'
import { object, text } from '../fields.ts'

const MOST_TOOLS = 16
/** Bytes of JSON that all tools of a request take together. */
const MOST_BYTES = 32 * 1024

const clientTool = object({
  name: z
    .string('must be a text')
    .regex(/^[a-zA-Z0-9_-]{1,64}$/, 'must be 1 to 64 letters, digits, _ or -'),
  description: text(0, 1_024),
  parameters: z
    .record(z.string(), z.unknown(), 'must be an object')
    .describe('JSON Schema of the arguments.'),
})

export const clientToolsSchema = z
  .array(clientTool, 'must be a list')
  .max(MOST_TOOLS, `must be at most ${MOST_TOOLS} tools`)
  .refine((tools) => jsonBytes(tools) <= MOST_BYTES, 'must be at most 32 KiB of JSON together')
  .check(({ value: tools, issues }) => {
    const seen = new Set<string>()
    for (const [index, { name }] of tools.entries()) {
      if (seen.has(name)) {
        const path = [index, 'name']
        issues.push({ code: 'custom', message: 'must differ from the others', path, input: name })
      }
      seen.add(name)
    }
  })
  .describe('Tools of the page that the model may call in this turn.')

function jsonBytes(value: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(value))
  } catch {
    // Nested too deeply to be written.
    return Infinity
  }
}

const claimant = text(1, 128).describe('Names the page; the same page may claim again.')

export const claimSchema = object({ claimant })

export const resultSchema = z.discriminatedUnion(
  'success',
  [
    object({ claimant, success: z.literal(true), output: z.unknown().default(null) }),
    object({ claimant, success: z.literal(false), error: text(0, 2_000) }),
  ],
  'must be an object whose success is true or false',
)
