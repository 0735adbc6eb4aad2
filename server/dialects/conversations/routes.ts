/** Dialect A: conversations whose answers stream as JSON lines of tagged text. */
import type { ClientTools } from '../../core/page-tools.ts'
import type { Attachments } from '../../core/attachments.ts'
import type { ChatSearch } from '../../core/chat-search.ts'
import type { Conversations } from '../../core/conversations.ts'
import type { Inference, TurnLog } from '../../core/ports/index.ts'
import type { Turns } from '../../core/turn/turn.ts'
import type { Route } from '../route.ts'
import { createAttachmentRoutes } from './attachment-routes.ts'
import { createConversationRoutes } from './conversation-routes.ts'
import { createFeedbackRoutes } from './feedback-routes.ts'
import { createModelRoutes } from './model-routes.ts'
import { createToolRoutes } from './tool-routes.ts'
import { createTurnRoutes } from './turn-routes.ts'

export interface DialectDependencies {
  readonly conversations: Conversations
  readonly chatSearch: ChatSearch
  readonly turns: Turns
  readonly clientTools: ClientTools
  readonly log: TurnLog
  readonly inference: Inference
  readonly attachments: Attachments
}

export function createConversationsDialect(dependencies: DialectDependencies): readonly Route[] {
  return [
    ...createConversationRoutes(dependencies),
    ...createTurnRoutes(dependencies),
    ...createAttachmentRoutes(dependencies.attachments),
    ...createToolRoutes(dependencies),
    ...createFeedbackRoutes(dependencies.conversations),
    ...createModelRoutes(dependencies.inference),
  ]
}
