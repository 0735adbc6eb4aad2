/**
 * tools: what runs on this server when a model calls it. Begin here: a new tool is one file and one line in
 * `createTools`; how calls go through a turn is told in core/turn/tools.ts.
 */
import type { Knowledge, Tool } from '../core/ports/index.ts'
import { createCalculator } from './calculator.ts'
import { createKnowledgeSearch } from './knowledge-search.ts'
import { createWebSearch } from './web-search.ts'

/** What tools are made of. */
export interface ToolDependencies {
  readonly knowledge: Knowledge
  /** Without a key there is no search of the web. */
  readonly webSearch?: {
    readonly url: string
    readonly apiKey: string | undefined
    readonly proxy?: string | undefined
  }
  /** How this server names itself to others. */
  readonly userAgent?: string
}

/** Every tool that this server runs; a new one is one file and one line here. */
export function createTools({
  knowledge,
  webSearch,
  userAgent,
}: ToolDependencies): readonly Tool[] {
  return [
    createCalculator(),
    createKnowledgeSearch(knowledge),
    ...(webSearch?.apiKey === undefined
      ? []
      : [createWebSearch({ ...webSearch, apiKey: webSearch.apiKey, userAgent })]),
  ]
}
