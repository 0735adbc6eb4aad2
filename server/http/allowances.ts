/** What callers may take: messages and contacts by user and by address, sessions by address, tokens by the day. */
import type { IncomingMessage } from 'node:http'
import { ChatError } from '../core/errors.ts'
import type { Quota, RateLimiter, TokenBudget } from '../core/ports/index.ts'
import type { Allowance } from '../dialects/route.ts'
import { networkOf, type AddressReader } from './address.ts'
import { rateLimitHeaders } from './responses.ts'

/** People share addresses; but a fresh session must not be a fresh allowance. */
const USERS_PER_ADDRESS = 3
/** At least; a server that allows more messages has more visitors. */
const SESSIONS_PER_ADDRESS = 30
/** In a window of their own, which is longer: somebody reads all of it. */
const CONTACTS_PER_USER = 5

const SENTENCES: Readonly<Record<Allowance, string>> = {
  messages: 'That is too many messages in a short time.',
  sessions: 'That is too many new sessions in a short time.',
  contacts: 'That is too many messages to the team in a short time.',
}

export interface AllowanceDependencies {
  /** 0: no limits by the minute. */
  readonly messagesPerMinute: number
  readonly limiter: RateLimiter
  /** Of what visitors write to the owner. */
  readonly contactLimiter: RateLimiter
  readonly budget: TokenBudget
  readonly addresses: AddressReader
}

export interface AllowanceRequest {
  readonly takes: Allowance
  /** `undefined` for a caller whom nobody knows: the address stands for one. */
  readonly userId: string | undefined
  /** Whose day's tokens an answer costs, where that is not the user. */
  readonly payer?: string | undefined
  /** Of the request. */
  readonly traceId: string
  readonly incoming: IncomingMessage
}

export interface Allowances {
  /**
   * Takes what the request costs. `tell` gets the headers that say what is left.
   * @throws ChatError `rate_limited`
   */
  take(
    request: AllowanceRequest,
    tell: (headers: Readonly<Record<string, string>>) => void,
  ): Promise<void>
}

export function createAllowances(dependencies: AllowanceDependencies): Allowances {
  const { messagesPerMinute, budget, addresses } = dependencies

  const quotasOf = (
    takes: Allowance,
    userId: string | undefined,
    network: string,
  ): readonly Quota[] => {
    switch (takes) {
      case 'sessions':
        return [
          {
            key: `sessions ${network}`,
            limit: Math.max(SESSIONS_PER_ADDRESS, messagesPerMinute * USERS_PER_ADDRESS),
          },
        ]
      case 'messages':
        return [
          {
            key:
              userId === undefined ? `messages of nobody from ${network}` : `messages of ${userId}`,
            limit: messagesPerMinute,
          },
          { key: `messages from ${network}`, limit: messagesPerMinute * USERS_PER_ADDRESS },
        ]
      case 'contacts':
        return [
          { key: `contacts of ${userId}`, limit: CONTACTS_PER_USER },
          { key: `contacts from ${network}`, limit: CONTACTS_PER_USER * USERS_PER_ADDRESS },
        ]
    }
  }

  return {
    async take({ takes, userId, payer, traceId, incoming }, tell) {
      const network = networkOf(addresses.address(incoming, traceId))
      if (takes === 'messages') {
        await budget.check({ userId: payer ?? userId ?? '', address: network })
      }
      const isContact = takes === 'contacts'
      const limiter = isContact ? dependencies.contactLimiter : dependencies.limiter
      const isLimited = isContact || messagesPerMinute > 0
      const quotas = isLimited ? quotasOf(takes, userId, network) : []
      const state = await limiter.take(quotas)
      if (!state) return
      const { limit, remaining, resetSeconds } = state
      const { windowSeconds } = limiter
      const allowance = { name: takes, limit, windowSeconds, remaining, resetSeconds }
      if (state.allowed) {
        tell(rateLimitHeaders(allowance))
        return
      }
      throw new ChatError(
        'rate_limited',
        `${SENTENCES[takes]} Please wait ${inWords(resetSeconds)}.`,
        { retryAfter: resetSeconds, allowance },
      )
    },
  }
}

function inWords(seconds: number): string {
  if (seconds === 1) return 'a second'
  return seconds <= 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`
}
