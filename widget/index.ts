export type { ApiErrorCode } from './words/strings.ts'
export { createClient, type ChatClient, type ClientOptions } from './api/client.ts'
export type { Dialect } from './api/client.ts'
export type {
  AccountUser,
  ChatEventDetails,
  ContactDetail,
  FeedbackDetail,
  LinkDetail,
  MessageDetail,
} from './api/chat-events.ts'
export type { ChatEventMap } from './element-types.ts'
export type { SamosaConfig, SamosaItem, SamosaLoader } from './embed/page-api.ts'
export { SamosaChat, type Mode, type Position, type Theme } from './samosa-chat.ts'
export type { PageTool } from './conversation/page-tool.ts'
export type { Think } from './conversation/memory.ts'
