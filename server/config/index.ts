/** The environment as one frozen configuration: read once, checked whole, wrong values named together. */
import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { createProxyFor, type ProxyFor } from './networks.ts'
import { decodeText } from './env-file.ts'
import * as names from './variables.ts'
import {
  ConfigError,
  createReader,
  shownOf,
  type EnvironmentVariables,
  type Reader,
} from './variable-kinds.ts'
import type { AuthMode } from '../protocol/api.ts'

const DEFAULT_PROMPT = [
  'You are a helpful assistant on a website.',
  'You have tools: a calculator for arithmetic, a search of the site’s own documents, and, where it is',
  'switched on, a search of the web. Use them when they make the answer better, and say where facts come from.',
  'Answer concisely, in the language of the question. When you do not know, say so.',
].join('\n')

const DEFAULT_THINK_PROMPT = [
  DEFAULT_PROMPT,
  'Reason step by step inside <think>…</think> first; then give the final answer after </think>.',
].join('\n')

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
  const reader = createReader(environment)
  const { read, readByLanguage } = reader
  const v = names.VARIABLES

  const jwksUrl = read('JWT_JWKS_URL', v.JWT_JWKS_URL)
  const webSearchUrl = read('TAVILY_API_URL', v.TAVILY_API_URL) ?? 'https://api.tavily.com'
  const authServiceUrl = read('AUTH_SERVICE_URL', v.AUTH_SERVICE_URL)
  const proxyFor = createProxyFor({
    http: read('HTTP_PROXY', v.HTTP_PROXY),
    https: read('HTTPS_PROXY', v.HTTPS_PROXY),
    except: read('NO_PROXY', v.NO_PROXY) ?? '',
  })
  const inferenceUrl = read('INFERENCE_SERVICE_URL', v.INFERENCE_SERVICE_URL) ?? composedUrl(reader)

  const config = {
    host: read('HOST', v.HOST) ?? '127.0.0.1',
    port: read('PORT', v.PORT) ?? 8787,
    database: databaseOf(read('DATABASE_URL', v.DATABASE_URL) ?? 'file:./data', options.directory),
    redisUrl: read('REDIS_URL', v.REDIS_URL),
    inference: {
      url: inferenceUrl,
      api: read('INFERENCE_API', v.INFERENCE_API) ?? ('auto' as const),
      apiKey: read('INFERENCE_API_KEY', v.INFERENCE_API_KEY),
      internalApiKey: read('INTERNAL_API_KEY', v.INTERNAL_API_KEY),
      model: read('INFERENCE_MODEL', v.INFERENCE_MODEL),
      /** Undefined: the configured one, or what the server lists where none is. */
      allowedModels: read('ALLOWED_MODELS', v.ALLOWED_MODELS),
      timeoutSeconds: read('INFERENCE_TIMEOUT_SECONDS', v.INFERENCE_TIMEOUT_SECONDS) ?? 30,
      /** Undefined: the answer to a thread may be silent for ever. */
      threadTimeoutSeconds: read(
        'CHAT_LLM_STREAM_TIMEOUT_SECONDS',
        v.CHAT_LLM_STREAM_TIMEOUT_SECONDS,
      ),
      /** False: no model is asked anything. */
      isOn: read('CHAT_LLM_ENABLED', v.CHAT_LLM_ENABLED) ?? true,
      extraBody: read('INFERENCE_EXTRA_BODY', v.INFERENCE_EXTRA_BODY),
      thinkBody: read('INFERENCE_THINK_BODY', v.INFERENCE_THINK_BODY),
      headers: read('INFERENCE_HEADERS', v.INFERENCE_HEADERS),
      proxy: proxyFor(inferenceUrl),
      takesImages: read('INFERENCE_IMAGES', v.INFERENCE_IMAGES) ?? true,
    },
    turns: {
      history: {
        messages: read('MAX_CONVERSATION_HISTORY', v.MAX_CONVERSATION_HISTORY) ?? 50,
        characters: read('MAX_TOKEN_BUDGET', v.MAX_TOKEN_BUDGET) ?? 6_000,
      },
      prompts: {
        direct: promptOf(reader, 'SYSTEM_PROMPT', options.directory) ?? DEFAULT_PROMPT,
        think: promptOf(reader, 'THINK_PROMPT', options.directory) ?? DEFAULT_THINK_PROMPT,
      },
      defaults: {
        temperature: read('INFERENCE_DEFAULT_TEMPERATURE', v.INFERENCE_DEFAULT_TEMPERATURE) ?? 0.8,
        maxTokens: read('INFERENCE_DEFAULT_MAX_TOKENS', v.INFERENCE_DEFAULT_MAX_TOKENS) ?? 1_024,
        topK: read('INFERENCE_DEFAULT_TOP_K', v.INFERENCE_DEFAULT_TOP_K) ?? 50,
      },
    },
    auth: {
      mode: read('AUTH_MODE', v.AUTH_MODE) ?? (authServiceUrl ? 'service' : 'visitor'),
      serviceUrl: authServiceUrl,
      proxy: proxyFor(authServiceUrl),
      cacheTtlSeconds: read('AUTH_CACHE_TTL_SECONDS', v.AUTH_CACHE_TTL_SECONDS) ?? 300,
      cacheMaxSize: read('AUTH_CACHE_MAX_SIZE', v.AUTH_CACHE_MAX_SIZE) ?? 1_024,
      adminEmail: read('ADMIN_EMAIL', v.ADMIN_EMAIL),
    },
    jwt: {
      /** Undefined: made once and kept in the data folder. */
      secret: read('JWT_SECRET_KEY', v.JWT_SECRET_KEY),
      /** Undefined: HS256 with a secret, whatever a key is for with a key set. */
      algorithm: read('JWT_ALGORITHM', v.JWT_ALGORITHM),
      /** Undefined: our own tokens name samosa-chat, those of others are not asked. */
      issuer: read('JWT_ISSUER', v.JWT_ISSUER),
      audience: read('JWT_AUDIENCE', v.JWT_AUDIENCE),
      jwksUrl,
      proxy: proxyFor(jwksUrl),
      accessMinutes: read('ACCESS_TOKEN_EXPIRE_MINUTES', v.ACCESS_TOKEN_EXPIRE_MINUTES) ?? 15,
      refreshMinutes:
        read('REFRESH_TOKEN_EXPIRE_MINUTES', v.REFRESH_TOKEN_EXPIRE_MINUTES) ?? 10_080,
    },
    accounts: {
      /** Who may register once there is a user. */
      registration: read('REGISTRATION', v.REGISTRATION) ?? ('admin' as const),
      /** Undefined: the library's. */
      passwordCost: read('PASSWORD_COST', v.PASSWORD_COST),
    },
    allowedOrigins: read('ALLOWED_ORIGINS', v.ALLOWED_ORIGINS) ?? [],
    knowledgeDirectory: knowledgeOf(reader, options),
    webSearch: {
      /** Undefined: there is no such tool. */
      apiKey: read('TAVILY_API_KEY', v.TAVILY_API_KEY),
      url: webSearchUrl,
      proxy: proxyFor(webSearchUrl),
    },
    search: {
      enabled: read('SEARCH_ENABLED', v.SEARCH_ENABLED) ?? true,
      minSimilarity: read('SEARCH_MIN_SIMILARITY', v.SEARCH_MIN_SIMILARITY) ?? 0.3,
    },
    embeddings: embeddingsOf(reader, proxyFor),
    messagesPerMinute:
      read('RATE_LIMIT_MESSAGES_PER_MINUTE', v.RATE_LIMIT_MESSAGES_PER_MINUTE) ?? 20,
    /** What one user may keep in files; 0: no files are taken. */
    attachmentBytes:
      MEBIBYTE * (read('ATTACHMENTS_PER_USER_MIB', v.ATTACHMENTS_PER_USER_MIB) ?? 100),
    dailyTokens: {
      whole: read('DAILY_TOKEN_BUDGET', v.DAILY_TOKEN_BUDGET) ?? 0,
      perVisitor: read('DAILY_TOKEN_BUDGET_PER_VISITOR', v.DAILY_TOKEN_BUDGET_PER_VISITOR) ?? 0,
    },
    /** Where everything is served; empty for the root. */
    basePath: read('BASE_PATH', v.BASE_PATH) ?? '',
    trustedProxies: read('TRUSTED_PROXIES', v.TRUSTED_PROXIES) ?? [],
    maxConnections: read('MAX_CONNECTIONS', v.MAX_CONNECTIONS) ?? 10_000,
    logLevel: read('LOG_LEVEL', v.LOG_LEVEL) ?? ('info' as const),
    widget: {
      title: read('WIDGET_TITLE', v.WIDGET_TITLE),
      greeting: read('WIDGET_GREETING', v.WIDGET_GREETING),
      starters: read('WIDGET_STARTERS', v.WIDGET_STARTERS),
      logo: read('WIDGET_LOGO', v.WIDGET_LOGO),
      /** A sentence, or `ai` for each language's own. */
      notice: read('WIDGET_NOTICE', v.WIDGET_NOTICE),
      privacyUrl: read('WIDGET_PRIVACY_URL', v.WIDGET_PRIVACY_URL),
      /** The same for single languages, by their tags. */
      byLanguage: {
        title: readByLanguage('WIDGET_TITLE', v.WIDGET_TITLE),
        greeting: readByLanguage('WIDGET_GREETING', v.WIDGET_GREETING),
        starters: readByLanguage('WIDGET_STARTERS', v.WIDGET_STARTERS),
        notice: readByLanguage('WIDGET_NOTICE', v.WIDGET_NOTICE),
        privacy_url: readByLanguage('WIDGET_PRIVACY_URL', v.WIDGET_PRIVACY_URL),
        contact_hours: readByLanguage('WIDGET_CONTACT_HOURS', v.WIDGET_CONTACT_HOURS),
      },
      /** What is switched on or off; the rest is as it is by default. */
      switches: read('WIDGET_FEATURES', v.WIDGET_FEATURES) ?? {},
    },
    contact: contactOf(reader, proxyFor),
  }
  checkTogether(reader, config)
  if (reader.problems.length > 0) throw new ConfigError(reader.problems)
  return Object.freeze(config)
}

/** What single values cannot show: that one needs another. */
function checkTogether(
  reader: Reader,
  config: {
    readonly auth: AuthSettings['auth']
    readonly jwt: AuthSettings['jwt']
    readonly inference: { readonly api: string; readonly url: string | undefined }
    readonly contact: ContactSettings
  },
): void {
  const { inference } = config
  // A wrong value reads as none: what depends on it is no news.
  if (reader.problems.length === 0) checkAuth(reader, config)
  const needsUrl = inference.api === 'openai' || inference.api === 'nanochat'
  if (needsUrl && inference.url === undefined && reader.problems.length === 0) {
    reader.report(`INFERENCE_API is "${inference.api}", which needs INFERENCE_SERVICE_URL.`)
  }
  if (reader.problems.length === 0) checkContact(reader, config.contact)
}

type ContactSettings = ReturnType<typeof contactOf>

/** The ways to a person that visitors are offered, and who is told of what they write. */
function contactOf({ read }: Reader, proxyFor: ProxyFor) {
  const v = names.VARIABLES
  const url = read('WIDGET_CONTACT_WEBHOOK_URL', v.WIDGET_CONTACT_WEBHOOK_URL)
  return {
    email: read('WIDGET_CONTACT_EMAIL', v.WIDGET_CONTACT_EMAIL),
    url: read('WIDGET_CONTACT_URL', v.WIDGET_CONTACT_URL),
    phone: read('WIDGET_CONTACT_PHONE', v.WIDGET_CONTACT_PHONE),
    hours: read('WIDGET_CONTACT_HOURS', v.WIDGET_CONTACT_HOURS),
    form: read('WIDGET_CONTACT_FORM', v.WIDGET_CONTACT_FORM) ?? false,
    webhook: {
      url,
      key: read('WIDGET_CONTACT_WEBHOOK_SECRET', v.WIDGET_CONTACT_WEBHOOK_SECRET),
      proxy: proxyFor(url),
    },
  }
}

function checkContact({ report }: Reader, contact: ContactSettings): void {
  const { email, url, phone, hours, form, webhook } = contact
  const isReachable = form || [email, url, phone].some((way) => way !== undefined)
  if (hours !== undefined && !isReachable) {
    report(
      'WIDGET_CONTACT_HOURS is set, which needs a way to reach somebody: WIDGET_CONTACT_PHONE, say.',
    )
  }
  if (webhook.url !== undefined && !form) {
    report(
      'WIDGET_CONTACT_WEBHOOK_URL is set, which needs WIDGET_CONTACT_FORM=yes: it is sent what visitors write there.',
    )
  }
  if (webhook.url !== undefined && webhook.key === undefined) {
    report(
      'WIDGET_CONTACT_WEBHOOK_URL is set, which needs WIDGET_CONTACT_WEBHOOK_SECRET: what it is sent is signed with that.',
    )
  }
  if (webhook.url === undefined && webhook.key !== undefined) {
    report('WIDGET_CONTACT_WEBHOOK_SECRET is set, which needs WIDGET_CONTACT_WEBHOOK_URL.')
  }
}

/** `INFERENCE_SERVICE_URL` put together from its parts, when one of them is set. */
function composedUrl(reader: Reader): string | undefined {
  const v = names.VARIABLES
  const scheme = reader.read('CHAT_LLM_API_SCHEME', v.CHAT_LLM_API_SCHEME)
  const host = reader.read('CHAT_LLM_API_HOST', v.CHAT_LLM_API_HOST)
  const port = reader.read('CHAT_LLM_API_PORT', v.CHAT_LLM_API_PORT)
  const prefix = reader.read('CHAT_LLM_API_PATH_PREFIX', v.CHAT_LLM_API_PATH_PREFIX)
  if ([scheme, host, port, prefix].every((part) => part === undefined)) return undefined
  const path = (prefix ?? '').replaceAll(/^\/+|\/+$/g, '')
  const authority = `${host ?? 'localhost'}${port === undefined ? '' : `:${port}`}`
  return `${scheme ?? 'http'}://${authority}${path === '' ? '' : `/${path}`}`
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
function embeddingsOf({ read, report, problems }: Reader, proxyFor: ProxyFor): Embeddings {
  const v = names.VARIABLES
  const url = read('EMBEDDING_SERVICE_URL', v.EMBEDDING_SERVICE_URL)
  const model = read('EMBEDDING_MODEL_NAME', v.EMBEDDING_MODEL_NAME)
  const apiKey = read('EMBEDDING_API_KEY', v.EMBEDDING_API_KEY)
  const kind = read('EMBEDDINGS', v.EMBEDDINGS) ?? (url === undefined ? 'builtin' : 'service')
  if (kind !== 'service') return { kind }
  if (url !== undefined) return { kind, url, model, apiKey, proxy: proxyFor(url) }
  // A wrong address reads as none, and is told of already.
  if (!problems.some((problem) => problem.includes('EMBEDDING_SERVICE_URL'))) {
    report('EMBEDDINGS is "service", which needs EMBEDDING_SERVICE_URL.')
  }
  return { kind: 'off' }
}

export type Database =
  | { readonly kind: 'files'; readonly directory: string }
  | { readonly kind: 'postgres'; readonly url: string }

function databaseOf(value: string, directory: string): Database {
  if (value.startsWith('file:')) {
    const path = value.slice('file:'.length).replace(/^\/\/(?=\/)/, '')
    return { kind: 'files', directory: resolve(directory, path === '' ? './data' : path) }
  }
  return { kind: 'postgres', url: value.replace(/^postgresql(\+\w+)?:/, 'postgres:') }
}

/** A text, or the text of the file that `@path` names. */
function promptOf(
  reader: Reader,
  name: 'SYSTEM_PROMPT' | 'THINK_PROMPT',
  directory: string,
): string | undefined {
  const value = reader.read(name, names.VARIABLES[name])
  if (!value?.startsWith('@')) return value
  try {
    const decoded = decodeText(readFileSync(resolve(directory, value.slice(1))))
    if (decoded.kind === 'text') return decoded.text.trim()
    const { line, problem } = decoded
    reader.report(
      `${name} names the file ${shownOf(value.slice(1))}, whose line ${line} ${problem}.`,
    )
    return undefined
  } catch {
    reader.report(
      `${name} takes a text, or @ and the path of a readable file; it got ${JSON.stringify(shownOf(value))}.`,
    )
    return undefined
  }
}

function knowledgeOf(reader: Reader, options: ConfigOptions): string {
  const given = reader.read('KNOWLEDGE_DIR', names.VARIABLES.KNOWLEDGE_DIR)
  const path = resolve(options.directory, given ?? './knowledge')
  if (isFolder(path)) return path
  if (given !== undefined) {
    reader.report(
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

interface AuthSettings {
  readonly auth: { readonly mode: AuthMode; readonly serviceUrl: string | undefined }
  readonly jwt: {
    readonly secret: string | undefined
    readonly algorithm: string | undefined
    readonly jwksUrl: string | undefined
  }
}

/** Reports what a mode of telling who is asking needs and does not have. */
function checkAuth(reader: Reader, { auth, jwt }: AuthSettings): void {
  if (auth.mode === 'service' && auth.serviceUrl === undefined) {
    reader.report('AUTH_MODE is "service", which needs AUTH_SERVICE_URL.')
  }
  if (auth.mode === 'local' && jwt.algorithm?.startsWith('HS') === false) {
    reader.report(
      `JWT_ALGORITHM is "${jwt.algorithm}", but AUTH_MODE "local" signs its tokens with a secret; use HS256, HS384 or HS512.`,
    )
  }
  if (auth.mode !== 'jwt') return
  const { secret, jwksUrl } = jwt
  // One that we made up ourselves would verify nobody's tokens.
  if (secret === undefined && jwksUrl === undefined) {
    reader.report('AUTH_MODE is "jwt", which needs JWT_SECRET_KEY or JWT_JWKS_URL.')
  }
  const isSecretAlgorithm = jwt.algorithm?.startsWith('HS')
  if (jwksUrl !== undefined && isSecretAlgorithm === true) {
    reader.report(
      `JWT_ALGORITHM is "${jwt.algorithm}", which needs a shared secret; unset JWT_JWKS_URL, or name the algorithm of its keys.`,
    )
  }
  if (jwksUrl === undefined && isSecretAlgorithm === false) {
    reader.report(`JWT_ALGORITHM is "${jwt.algorithm}", which needs JWT_JWKS_URL.`)
  }
}
