import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const repeated = z.object({ repeat: z.string(), times: z.number().int() })
const text = z
  .union([z.string(), repeated])
  .transform((value) => (typeof value === 'string' ? value : value.repeat.repeat(value.times)))

const schema = z.object({
  id: z.string(),
  dialect: z.string(),
  status: z.number().int(),
  contentType: z.string(),
  expected: z.object({
    text,
    reasoning: text,
    refusal: z.string().nullish(),
    acceptReasoning: z.array(z.string()).optional(),
    toolCalls: z.array(
      z.object({ id: z.string().optional(), name: z.string(), arguments: z.string() }),
    ),
    finishReason: z.string().nullable(),
    error: z.unknown(),
    incomplete: z.boolean().optional(),
    errorAcceptable: z.boolean().optional(),
    ignoreToolCalls: z.boolean().optional(),
  }),
  generate: z.object({ unit: z.string(), times: z.number().int() }).optional(),
})

/** A recorded answer, and what a client must make of it. */
export interface StreamCase extends z.infer<typeof schema> {
  readonly body: Buffer
}

/** @throws Error in words when a file is missing or not what it should be. */
export async function loadStreamCases(folder: string): Promise<readonly StreamCase[]> {
  const names = (await readdir(folder)).filter(
    (name) => name.endsWith('.json') && name !== 'index.json',
  )
  return await Promise.all(names.toSorted().map(async (name) => await loadCase(join(folder, name))))
}

async function loadCase(file: string): Promise<StreamCase> {
  const parsed = schema.safeParse(JSON.parse(await readFile(file, 'utf8')))
  if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`)
  const { generate } = parsed.data
  const body = generate
    ? generatedBody(generate.unit.repeat(generate.times))
    : await readFile(file.replace(/\.json$/, '.sse'))
  return { ...parsed.data, body }
}

/** A stream whose one delta is the whole text. */
function generatedBody(content: string): Buffer {
  const chunk = (delta: object, finish_reason: string | null) =>
    `data: ${JSON.stringify({
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, finish_reason }],
    })}\n\n`
  return Buffer.from(`${chunk({ content }, null)}${chunk({}, 'stop')}data: [DONE]\n\n`)
}
