/** Answers of the server that are no streams, reduced to what the element needs. */
import type { AttachmentLimitsBody, Switch, WidgetConfigBody } from '../../server/protocol/api.ts'
import { ApiError, toApiError } from './api-error.ts'
import { isObject, numberIn, textIn, textsIn, type JsonObject } from './check.ts'

/** What may be switched; an older server does not know of everything. */
export type Switches = { readonly [Name in Switch | 'accounts']?: boolean }

type PlainTexts =
  | 'title'
  | 'greeting'
  | 'starters'
  | 'locale'
  | 'attachments'
  | 'logo'
  | 'max_message_length'

/** What a server says of itself. */
export interface WidgetConfig extends Pick<WidgetConfigBody, PlainTexts> {
  readonly features: Switches
  /** Ways to a person, as the server wrote them: see contact/ways.ts. */
  readonly contact?: unknown
  readonly privacy_url?: string | null
  /** All of it, where it says more than most do: see owner/owner.ts. */
  readonly more?: JsonObject | undefined
  /** It takes a question and no more: nothing is edited, answered again, or asked with options. */
  readonly questionsOnly?: boolean
  /** It gives everybody a session. */
  readonly takesVisitors: boolean
  /** It knows its users by name and password. */
  readonly hasAccounts: boolean
}

export interface Session {
  readonly token: string
  /** Seconds. */
  readonly expiresIn: number
}

/** The JSON of an answer. @throws ApiError when it is none or breaks off, or the abort's reason */
export async function readJson(
  response: Response,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<unknown> {
  try {
    return await response.json()
  } catch (error) {
    signal?.throwIfAborted()
    throw error instanceof SyntaxError ? new ApiError('misconfigured') : toApiError(error)
  }
}

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

/** The id of what the server has made. */
export const decodeId = (body: unknown): string => required(textIn(objectOf(body), 'id'))

function decodeLimits(limits: unknown): AttachmentLimitsBody | null {
  if (!isObject(limits)) return null
  return {
    images: limits['images'] === true,
    text: limits['text'] === true,
    pdf: limits['pdf'] === true,
    max_files: numberIn(limits, 'max_files') ?? 5,
    max_bytes: numberIn(limits, 'max_bytes') ?? 10 * 1024 ** 2,
  }
}

const areSwitches = (value: unknown): value is Switches =>
  isObject(value) && Object.values(value).every((each) => typeof each === 'boolean')

export function decodeConfig(body: unknown): WidgetConfig {
  const config = objectOf(body)
  const told = config['features']
  const features = areSwitches(told) ? told : {}
  const byLanguage = config['by_language']
  const limit = numberIn(config, 'max_message_length') ?? 0
  const hasTexts = isObject(byLanguage) && Object.keys(byLanguage).length > 0
  const saysMore = config['notice'] || config['privacy_url'] || hasTexts
  const mode = textIn(config, 'auth_mode') ?? 'visitor'
  return {
    title: textIn(config, 'title') ?? '',
    greeting: textIn(config, 'greeting') ?? '',
    logo: textIn(config, 'logo') ?? null,
    starters: textsIn(config, 'starters'),
    features,
    more: saysMore ? config : undefined,
    attachments: decodeLimits(config['attachments']),
    contact: config['contact'],
    privacy_url: textIn(config, 'privacy_url') ?? null,
    takesVisitors: mode === 'visitor',
    hasAccounts: mode === 'local' && features.accounts === true,
    // Where nothing may be sent there is no chat.
    max_message_length: limit > 0 ? limit : 8000,
    locale: textIn(config, 'locale') ?? '',
  }
}
