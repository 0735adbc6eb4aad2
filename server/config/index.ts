/** The environment as one frozen configuration: read once, checked whole, wrong values named together. */
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { decodeText } from './env-file.ts'
import { createProxyFor, type ProxyFor } from './networks.ts'
import {
  ConfigError,
  type EnvironmentVariables,
  type Reading,
  readVariables,
  shownOf,
} from './read-variables.ts'
import type { Variables } from './variables.ts'

const MEBIBYTE = 1024 * 1024

export type Config = ReturnType<typeof readConfig>

export interface ConfigOptions {
  /** Relative paths start here. */
  readonly directory: string
  /** Documents to answer from when the operator has none. */
  readonly demoKnowledge: string
}

/** @throws ConfigError that names every variable that is wrong */
export function readConfig(environment: EnvironmentVariables, options: ConfigOptions) {
  const reading = readVariables(environment)
  const { values, problems } = reading
  const proxyFor = createProxyFor({
    http: values.HTTP_PROXY,
    https: values.HTTPS_PROXY,
    except: values.NO_PROXY,
  })
  const config = {
    host: values.HOST,
    port: values.PORT,
    database: databaseOf(values.DATABASE_URL, options.directory),
    redisUrl: values.REDIS_URL,
    inference: inferenceOf(values, proxyFor),
    turns: turnsOf(reading, options.directory),
    auth: authOf(values, proxyFor),
    jwt: jwtOf(values, proxyFor),
    accounts: {
      /** Who may register once there is a user. */
      registration: values.REGISTRATION,
      /** Undefined: the library's. */
      passwordCost: values.PASSWORD_COST,
    },
    allowedOrigins: values.ALLOWED_ORIGINS,
    knowledgeDirectory: knowledgeOf(reading, options),
    webSearch: {
      /** Undefined: there is no such tool. */
      apiKey: values.TAVILY_API_KEY,
      url: values.TAVILY_API_URL,
      proxy: proxyFor(values.TAVILY_API_URL),
    },
    search: { enabled: values.SEARCH_ENABLED, minSimilarity: values.SEARCH_MIN_SIMILARITY },
    embeddings: embeddingsOf(reading, proxyFor),
    messagesPerMinute: values.RATE_LIMIT_MESSAGES_PER_MINUTE,
    /** What one user may keep in files; 0: no files are taken. */
    attachmentBytes: MEBIBYTE * values.ATTACHMENTS_PER_USER_MIB,
    /** Whole days after which what nobody has changed is erased; undefined: never. */
    retentionDays: values.RETENTION_DAYS,
    dailyTokens: {
      whole: values.DAILY_TOKEN_BUDGET,
      perVisitor: values.DAILY_TOKEN_BUDGET_PER_VISITOR,
    },
    /** Where everything is served; empty for the root. */
    basePath: values.BASE_PATH,
    trustedProxies: values.TRUSTED_PROXIES,
    maxConnections: values.MAX_CONNECTIONS,
    logLevel: values.LOG_LEVEL,
    widget: widgetOf(reading),
    contact: contactOf(values, proxyFor),
  }
  checkTogether(problems, config)
  if (problems.length > 0) throw new ConfigError(problems)
  return Object.freeze(config)
}

function inferenceOf(values: Variables, proxyFor: ProxyFor) {
  const url = values.INFERENCE_SERVICE_URL ?? composedUrl(values)
  return {
    url,
    api: values.INFERENCE_API,
    apiKey: values.INFERENCE_API_KEY,
    internalApiKey: values.INTERNAL_API_KEY,
    model: values.INFERENCE_MODEL,
    /** Undefined: the configured one, or what the server lists where none is. */
    allowedModels: values.ALLOWED_MODELS,
    timeoutSeconds: values.INFERENCE_TIMEOUT_SECONDS,
    /** Undefined: the answer to a thread may be silent for ever. */
    threadTimeoutSeconds: values.CHAT_LLM_STREAM_TIMEOUT_SECONDS,
    /** False: no model is asked anything. */
    isOn: values.CHAT_LLM_ENABLED,
    extraBody: values.INFERENCE_EXTRA_BODY,
    thinkBody: values.INFERENCE_THINK_BODY,
    headers: values.INFERENCE_HEADERS,
    proxy: proxyFor(url),
    takesImages: values.INFERENCE_IMAGES,
  }
}

/** `INFERENCE_SERVICE_URL` put together from its parts, when one of them is set. */
function composedUrl(values: Variables): string | undefined {
  const {
    CHAT_LLM_API_SCHEME: scheme,
    CHAT_LLM_API_HOST: host,
    CHAT_LLM_API_PORT: port,
    CHAT_LLM_API_PATH_PREFIX: prefix,
  } = values
  if ([scheme, host, port, prefix].every((part) => part === undefined)) return undefined
  const path = (prefix ?? '').replaceAll(/^\/+|\/+$/g, '')
  const authority = `${host ?? 'localhost'}${port === undefined ? '' : `:${port}`}`
  return `${scheme ?? 'http'}://${authority}${path === '' ? '' : `/${path}`}`
}

function turnsOf(reading: Reading, directory: string) {
  const { values } = reading
  return {
    history: { messages: values.MAX_CONVERSATION_HISTORY, characters: values.MAX_TOKEN_BUDGET },
    prompts: {
      direct: promptOf(reading, 'SYSTEM_PROMPT', directory),
      think: promptOf(reading, 'THINK_PROMPT', directory),
    },
    defaults: {
      temperature: values.INFERENCE_DEFAULT_TEMPERATURE,
      maxTokens: values.INFERENCE_DEFAULT_MAX_TOKENS,
      topK: values.INFERENCE_DEFAULT_TOP_K,
    },
  }
}

/** A text, or the text of the file that `@path` names. */
function promptOf(
  { values, problems }: Reading,
  name: 'SYSTEM_PROMPT' | 'THINK_PROMPT',
  directory: string,
): string {
  const value = values[name]
  if (!value.startsWith('@')) return value
  const shown = shownOf(value.slice(1))
  try {
    const decoded = decodeText(readFileSync(resolve(directory, value.slice(1))))
    if (decoded.kind === 'text') return decoded.text.trim()
    problems.push(`${name} names the file ${shown}, whose line ${decoded.line} ${decoded.problem}.`)
  } catch {
    problems.push(
      `${name} takes a text, or @ and the path of a readable file; it got ${JSON.stringify(shownOf(value))}.`,
    )
  }
  return value
}

function authOf(values: Variables, proxyFor: ProxyFor) {
  const serviceUrl = values.AUTH_SERVICE_URL
  return {
    mode: values.AUTH_MODE ?? (serviceUrl === undefined ? 'visitor' : 'service'),
    serviceUrl,
    proxy: proxyFor(serviceUrl),
    cacheTtlSeconds: values.AUTH_CACHE_TTL_SECONDS,
    cacheMaxSize: values.AUTH_CACHE_MAX_SIZE,
    adminEmail: values.ADMIN_EMAIL,
  }
}

function jwtOf(values: Variables, proxyFor: ProxyFor) {
  return {
    /** Undefined: made once and kept in the data folder. */
    secret: values.JWT_SECRET_KEY,
    /** Undefined: HS256 with a secret, whatever a key is for with a key set. */
    algorithm: values.JWT_ALGORITHM,
    /** Undefined: our own tokens name samosa-chat, those of others are not asked. */
    issuer: values.JWT_ISSUER,
    audience: values.JWT_AUDIENCE,
    jwksUrl: values.JWT_JWKS_URL,
    proxy: proxyFor(values.JWT_JWKS_URL),
    accessMinutes: values.ACCESS_TOKEN_EXPIRE_MINUTES,
    refreshMinutes: values.REFRESH_TOKEN_EXPIRE_MINUTES,
  }
}

function knowledgeOf({ values, problems }: Reading, options: ConfigOptions): string {
  const given = values.KNOWLEDGE_DIR
  const path = resolve(options.directory, given ?? './knowledge')
  if (isFolder(path)) return path
  if (given !== undefined) {
    problems.push(
      `KNOWLEDGE_DIR takes an existing folder; it got ${JSON.stringify(shownOf(given))}.`,
    )
  }
  return options.demoKnowledge
}

/** Also false where the path cannot be looked at: one that is too long, say. */
function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

/** What compares meaning: nothing, the encoder that comes with the server, or a service. */
export type Embeddings =
  | { readonly kind: 'off' | 'builtin' }
  | {
      readonly kind: 'service'
      readonly url: string
      readonly model: string | undefined
      readonly apiKey: string | undefined
      readonly proxy: string | undefined
    }

/** Who names a service wants it, unless it is switched off. */
function embeddingsOf({ values, problems }: Reading, proxyFor: ProxyFor): Embeddings {
  const {
    EMBEDDING_SERVICE_URL: url,
    EMBEDDING_MODEL_NAME: model,
    EMBEDDING_API_KEY: apiKey,
  } = values
  const kind = values.EMBEDDINGS ?? (url === undefined ? 'builtin' : 'service')
  if (kind !== 'service') return { kind }
  if (url !== undefined) return { kind, url, model, apiKey, proxy: proxyFor(url) }
  // A wrong address counts as none, and is told of already.
  if (!problems.some((problem) => problem.includes('EMBEDDING_SERVICE_URL'))) {
    problems.push('EMBEDDINGS is "service", which needs EMBEDDING_SERVICE_URL.')
  }
  return { kind: 'off' }
}

/** In both: the data folder of this server. With PostgreSQL it has nothing that could not be made again. */
export type Database =
  | { readonly kind: 'files'; readonly directory: string }
  | { readonly kind: 'postgres'; readonly url: string; readonly directory: string }

const DATA_FOLDER = './data'

/** What a `DATABASE_URL` names; paths begin in the directory. */
export function databaseOf(value: string, directory: string): Database {
  if (value.startsWith('file:')) {
    const path = value.slice('file:'.length).replace(/^\/\/(?=\/)/, '')
    return { kind: 'files', directory: resolve(directory, path === '' ? DATA_FOLDER : path) }
  }
  const url = value.replace(/^postgresql(\+\w+)?:/, 'postgres:')
  return { kind: 'postgres', url, directory: resolve(directory, DATA_FOLDER) }
}

function widgetOf({ values, byLanguage }: Reading) {
  return {
    title: values.WIDGET_TITLE,
    greeting: values.WIDGET_GREETING,
    starters: values.WIDGET_STARTERS,
    logo: values.WIDGET_LOGO,
    /** A sentence, or `ai` for each language's own. */
    notice: values.WIDGET_NOTICE,
    privacyUrl: values.WIDGET_PRIVACY_URL,
    /** The same for single languages, by their tags. */
    byLanguage: {
      title: byLanguage('WIDGET_TITLE'),
      greeting: byLanguage('WIDGET_GREETING'),
      starters: byLanguage('WIDGET_STARTERS'),
      notice: byLanguage('WIDGET_NOTICE'),
      privacy_url: byLanguage('WIDGET_PRIVACY_URL'),
      contact_hours: byLanguage('WIDGET_CONTACT_HOURS'),
    },
    /** What is switched on or off; the rest is as it is by default. */
    switches: values.WIDGET_FEATURES,
  }
}

/** The ways to a person that visitors are offered, and who is told of what they write. */
function contactOf(values: Variables, proxyFor: ProxyFor) {
  const url = values.WIDGET_CONTACT_WEBHOOK_URL
  return {
    email: values.WIDGET_CONTACT_EMAIL,
    url: values.WIDGET_CONTACT_URL,
    phone: values.WIDGET_CONTACT_PHONE,
    hours: values.WIDGET_CONTACT_HOURS,
    form: values.WIDGET_CONTACT_FORM,
    webhook: { url, key: values.WIDGET_CONTACT_WEBHOOK_SECRET, proxy: proxyFor(url) },
  }
}

interface Together {
  readonly auth: ReturnType<typeof authOf>
  readonly jwt: ReturnType<typeof jwtOf>
  readonly inference: ReturnType<typeof inferenceOf>
  readonly contact: ReturnType<typeof contactOf>
}

/** What single values cannot show: that one needs another. One matter at a time is told. */
function checkTogether(problems: string[], { auth, jwt, inference, contact }: Together): void {
  // A wrong value counts as none: what depends on it is no news.
  if (problems.length === 0) checkAuth(problems, auth, jwt)
  // Without an address, `auto` is the built-in engine; what names a server is never to become that unnoticed.
  const needsUrl = inference.api !== 'auto' && inference.api !== 'builtin'
  if (needsUrl && inference.url === undefined && problems.length === 0) {
    problems.push(`INFERENCE_API is "${inference.api}", which needs INFERENCE_SERVICE_URL.`)
  }
  if (problems.length === 0) checkContact(problems, contact)
}

function checkContact(problems: string[], contact: Together['contact']): void {
  const { email, url, phone, hours, form, webhook } = contact
  const isReachable = form || [email, url, phone].some((way) => way !== undefined)
  if (hours !== undefined && !isReachable) {
    problems.push(
      'WIDGET_CONTACT_HOURS is set, which needs a way to reach somebody: WIDGET_CONTACT_PHONE, say.',
    )
  }
  if (webhook.url !== undefined && !form) {
    problems.push(
      'WIDGET_CONTACT_WEBHOOK_URL is set, which needs WIDGET_CONTACT_FORM=yes: it is sent what visitors write there.',
    )
  }
  if (webhook.url !== undefined && webhook.key === undefined) {
    problems.push(
      'WIDGET_CONTACT_WEBHOOK_URL is set, which needs WIDGET_CONTACT_WEBHOOK_SECRET: what it is sent is signed with that.',
    )
  }
  if (webhook.url === undefined && webhook.key !== undefined) {
    problems.push('WIDGET_CONTACT_WEBHOOK_SECRET is set, which needs WIDGET_CONTACT_WEBHOOK_URL.')
  }
}

/** Reports what a mode of telling who is asking needs and does not have. */
function checkAuth(problems: string[], auth: Together['auth'], jwt: Together['jwt']): void {
  if (auth.mode === 'service' && auth.serviceUrl === undefined) {
    problems.push('AUTH_MODE is "service", which needs AUTH_SERVICE_URL.')
  }
  if (auth.mode === 'local' && jwt.algorithm?.startsWith('HS') === false) {
    problems.push(
      `JWT_ALGORITHM is "${jwt.algorithm}", but AUTH_MODE "local" signs its tokens with a secret; use HS256, HS384 or HS512.`,
    )
  }
  if (auth.mode !== 'jwt') return
  const { secret, jwksUrl } = jwt
  // One that we made up ourselves would verify nobody's tokens.
  if (secret === undefined && jwksUrl === undefined) {
    problems.push('AUTH_MODE is "jwt", which needs JWT_SECRET_KEY or JWT_JWKS_URL.')
  }
  const isSecretAlgorithm = jwt.algorithm?.startsWith('HS')
  if (jwksUrl !== undefined && isSecretAlgorithm === true) {
    problems.push(
      `JWT_ALGORITHM is "${jwt.algorithm}", which needs a shared secret; unset JWT_JWKS_URL, or name the algorithm of its keys.`,
    )
  }
  if (jwksUrl === undefined && isSecretAlgorithm === false) {
    problems.push(`JWT_ALGORITHM is "${jwt.algorithm}", which needs JWT_JWKS_URL.`)
  }
}
