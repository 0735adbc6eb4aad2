/** Answers of the server that are no streams, reduced to what the element needs. */
import type { AttachmentLimitsBody, AuthMode, WidgetConfigBody } from '../../server/protocol/api.ts'
import { ApiError } from './api-error.ts'
import { isObject, listIn, numberIn, oneOf, textIn, type JsonObject } from './check.ts'

export interface ConversationSummary {
  readonly id: string
  readonly title: string
  /** ISO 8601, UTC. */
  readonly updatedAt: string
}

export interface Session {
  readonly token: string
  /** Seconds. */
  readonly expiresIn: number
}

const AUTH_MODES = ['visitor', 'local', 'service', 'jwt'] satisfies readonly AuthMode[]

const required = <T>(value: T | undefined): T => {
  if (value === undefined) throw new ApiError('internal')
  return value
}

/** @throws ApiError when it is none */
export const objectOf = (body: unknown): JsonObject => required(isObject(body) ? body : undefined)

export function decodeSession(body: unknown): Session {
  const session = objectOf(body)
  return {
    token: required(textIn(session, 'token')),
    expiresIn: numberIn(session, 'expires_in') ?? 0,
  }
}

export function decodeSummary(body: unknown): ConversationSummary {
  const summary = objectOf(body)
  return {
    id: required(textIn(summary, 'id')),
    title: textIn(summary, 'title') ?? '',
    updatedAt: textIn(summary, 'updated_at') ?? '',
  }
}

function decodeLimits(limits: unknown): AttachmentLimitsBody | null {
  if (!isObject(limits)) return null
  return {
    images: limits['images'] === true,
    text: limits['text'] === true,
    max_files: numberIn(limits, 'max_files') ?? 5,
    max_bytes: numberIn(limits, 'max_bytes') ?? 10 * 1024 ** 2,
  }
}

export function decodeConfig(body: unknown): WidgetConfigBody {
  const config = objectOf(body)
  const features = config['features']
  const limit = numberIn(config, 'max_message_length') ?? 0
  const has = (name: string) => isObject(features) && features[name] === true
  return {
    title: textIn(config, 'title') ?? '',
    greeting: textIn(config, 'greeting') ?? '',
    starters: listIn(config, 'starters').filter((starter) => typeof starter === 'string'),
    features: {
      think: has('think'),
      search: has('search'),
      attachments: has('attachments'),
      feedback: has('feedback'),
      accounts: has('accounts'),
      knowledge: has('knowledge'),
    },
    attachments: decodeLimits(config['attachments']),
    auth_mode: oneOf(AUTH_MODES, config['auth_mode']) ?? 'visitor',
    // Where nothing may be sent there is no chat.
    max_message_length: limit > 0 ? limit : 8000,
    locale: textIn(config, 'locale') ?? '',
  }
}
