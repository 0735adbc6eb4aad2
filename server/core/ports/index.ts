/**
 * core/ports: what the core needs from outside, as types. Adapters implement these; the core never names one. Begin at
 * inference.ts for whoever answers, at conversations.ts for what is kept.
 */
export type * from './conversations.ts'
export type * from './inference.ts'
export type * from './knowledge.ts'
export type * from './people.ts'
export type * from './system.ts'
export type * from './turns.ts'
