/**
 * Dialect C: the same conversations as threads, whose messages carry metadata, for front ends and scripts
 * that read OpenAI's chunks. What a thread may do stands in core/threads.ts.
 */
import type { ChatSearch } from '../../core/chat-search.ts'
import type { Exporter } from '../../core/ports/index.ts'
import type { Route } from '../route.ts'
import { createExportRoutes } from './export-routes.ts'
import { createMessageRoutes } from './message-routes.ts'
import { createSearchRoutes } from './search-routes.ts'
import { createThreadRoutes } from './thread-routes.ts'
import { createThreadTurnRoutes, type ThreadTurnDependencies } from './turn-routes.ts'

export interface ThreadsDialectDependencies extends ThreadTurnDependencies {
  readonly exporter: Exporter
  readonly chatSearch: ChatSearch
}

export function createThreadsDialect(dependencies: ThreadsDialectDependencies): readonly Route[] {
  const { threads, exporter, chatSearch } = dependencies
  return [
    ...createThreadRoutes(threads),
    // Its `messages/stream` is no message's id.
    ...createThreadTurnRoutes(dependencies),
    ...createMessageRoutes(threads),
    ...createExportRoutes(threads, exporter),
    ...createSearchRoutes(chatSearch),
  ]
}
