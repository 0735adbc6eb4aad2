/** Conversations, messages and accounts for the tests of stores. */
import { randomUUID } from 'node:crypto'
import type { Account, Conversation, Message, TurnKey } from '../../core/ports/index.ts'

/** The time at which the examples were made, in milliseconds. */
export const EXAMPLE_TIME = Date.parse('2025-03-01T12:00:00.000Z')

const exampleTime = new Date(EXAMPLE_TIME).toISOString()

/** So that a conversation is long with some messages already. */
export const SMALL_LONG_CONVERSATIONS = { above: 10, newest: 2, loaded: 5, chunk: 4096 }

export function exampleConversation(parts: Partial<Conversation> = {}): Conversation {
  return {
    id: randomUUID(),
    ownerId: 'visitor-1',
    title: null,
    renamed: false,
    modelTag: 'default',
    isFavorited: false,
    createdAt: exampleTime,
    updatedAt: exampleTime,
    ...parts,
  }
}

export function exampleMessage(parts: Partial<Message> = {}): Message {
  return {
    id: randomUUID(),
    conversationId: 'any',
    role: 'user',
    content: 'How long do samosas keep?',
    tokenCount: null,
    modelTag: null,
    inferenceTimeMs: null,
    finishReason: null,
    feedback: null,
    sources: [],
    createdAt: exampleTime,
    ...parts,
  }
}

export function exampleTurnKey(parts: Partial<TurnKey> = {}): TurnKey {
  return {
    key: 'key-1',
    turnId: randomUUID(),
    userMessageId: randomUUID(),
    messageId: randomUUID(),
    createdAt: exampleTime,
    ...parts,
  }
}

export function exampleAccount(parts: Partial<Account> = {}): Account {
  const id = randomUUID()
  return {
    id,
    username: `user ${id}`,
    email: null,
    fullName: null,
    roles: [],
    allowedProducts: [],
    allowedAgents: [],
    isActive: true,
    tokenVersion: 0,
    passwordHash: 'a hash',
    knownPlaces: [],
    createdAt: exampleTime,
    updatedAt: exampleTime,
    lastLoginAt: null,
    ...parts,
  }
}
