import type { Knowledge, Tool } from '../core/ports.ts'
import { createCalculator } from './calculator.ts'
import { createKnowledgeSearch } from './knowledge-search.ts'

/** What tools are made of. */
export interface ToolDependencies {
  readonly knowledge: Knowledge
}

/** Every tool that this server runs; a new one is one file and one line here. */
export function createTools({ knowledge }: ToolDependencies): readonly Tool[] {
  return [createCalculator(), createKnowledgeSearch(knowledge)]
}
