import { z } from 'zod'
import type { Knowledge, Tool, ToolOptions, ToolResult } from '../core/ports/index.ts'

const DEFAULT_LIMIT = 5

const Arguments = z.object({
  query: z.string().trim().min(1).max(1_000),
  limit: z.int().min(1).max(10).default(DEFAULT_LIMIT),
})

async function run(
  knowledge: Knowledge,
  args: unknown,
  { cite, creator }: ToolOptions,
): Promise<ToolResult> {
  const parsed = Arguments.safeParse(args)
  if (!parsed.success) {
    return { success: false, error: 'query must be a text, limit a whole number from 1 to 10' }
  }
  const { query, limit } = parsed.data
  const own = creator === undefined ? [] : await knowledge.search(query, { limit, creator })
  const all = await knowledge.search(query, { limit })
  const known = new Set(own.map(({ passage }) => passage.id))
  const hits = [...own, ...all.filter(({ passage }) => !known.has(passage.id))].slice(0, limit)
  const numbers = cite(hits)
  const results = hits.map(({ passage, score }, index) => ({
    number: numbers[index],
    title: passage.documentTitle,
    section: passage.section,
    url: passage.url,
    text: passage.text,
    score: Math.round(score * 1_000) / 1_000,
  }))
  return { success: true, output: { query, results } }
}

/** Lets a model look into the site's own documents. */
export function createKnowledgeSearch(knowledge: Knowledge): Tool {
  return {
    name: 'knowledge_search',
    step: 'searching',
    readsDocuments: true,
    description:
      "Searches this site's own documents and returns the best passages with their titles and links. " +
      'Use it before answering anything about the site, its product or its rules. ' +
      'Cite a passage by its number behind each sentence that rests on it, as in [1].',
    parameters: {
      type: 'object',
      properties: {
        query: { type: 'string', description: 'What to look for, in a few words' },
        limit: { type: 'integer', minimum: 1, maximum: 10, default: DEFAULT_LIMIT },
      },
      required: ['query'],
      additionalProperties: false,
    },
    run: (args, options) => run(knowledge, args, options),
  }
}
