/**
 * Dialect C: the same conversations as threads, whose messages carry metadata, for front ends and scripts
 * that read OpenAI's chunks. What a thread may do stands in core/threads.ts.
 */
import type { Attachments } from '../../core/attachments.ts'
import type { Threads } from '../../core/threads.ts'
import type { Route } from '../route.ts'
import { createMessageRoutes } from './message-routes.ts'
import { createThreadRoutes } from './thread-routes.ts'

export interface ThreadsDialectDependencies {
  readonly threads: Threads
  readonly attachments: Attachments
}

export function createThreadsDialect(dependencies: ThreadsDialectDependencies): readonly Route[] {
  return [...createThreadRoutes(dependencies.threads), ...createMessageRoutes(dependencies)]
}
