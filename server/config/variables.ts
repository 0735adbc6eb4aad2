/** Every environment variable that the server reads. */
import { z } from 'zod'
import { isEmailAddress } from '../core/accounts.ts'
import { SWITCHES } from '../protocol/api.ts'
import { isNetwork } from './networks.ts'
import {
  EXTRA_BODY_RULES,
  extraBody,
  REQUEST_HEADERS_RULES,
  requestHeaders,
  thinkBody,
  contactUrl,
  decimal,
  httpBase,
  httpUrl,
  httpUrlWithQuery,
  languageOf,
  listOf,
  namesOf,
  oneOf,
  origins,
  pageUrl,
  pathBelowHost,
  proxyUrl,
  shortText,
  shortTexts,
  switches,
  text,
  variable,
  webhookKey,
  wholeNumber,
  yesOrNo,
} from './variable-kinds.ts'

const LONGEST_TIMER_SECONDS = 86_400
const MUCH = 1_000_000_000

const LEVELS: Readonly<Record<string, 'debug' | 'info' | 'warn' | 'error' | 'silent'>> = {
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  critical: 'error',
  silent: 'silent',
}

const level = () =>
  z
    .string()
    .transform((value) => LEVELS[value.toLowerCase()])
    .pipe(z.enum(['debug', 'info', 'warn', 'error', 'silent']))

const url = (what: string, aliases: readonly string[] = []) =>
  variable(`${what}, starting with http:// or https://`, httpUrl(), { aliases })

/** One whose query names a version of the API, say. */
const apiUrl = (what: string, aliases: readonly string[]) =>
  variable(`${what}, starting with http:// or https://`, httpBase(), { aliases })

/** Goes into a header, which takes no other characters. */
const secret = (what: string, aliases: readonly string[] = []) =>
  variable(`${what} of printable ASCII characters`, z.string().regex(/^[\x21-\x7e]+$/), {
    secret: true,
    aliases,
  })

const proxy = (alias: string) =>
  variable('the URL of a proxy such as http://user:password@proxy.example:3128', proxyUrl(), {
    secret: true,
    aliases: [alias],
  })

export const VARIABLES = {
  HOST: variable(
    'an address to listen on, such as 127.0.0.1 or 0.0.0.0',
    z.string().regex(/^[\w.:-]+$/),
  ),
  PORT: variable('a port number from 0 to 65535 (0 picks a free one)', wholeNumber(0, 65_535)),
  DATABASE_URL: variable(
    'file:<folder> for JSON files, or postgres://user:password@host:port/database',
    z.string().regex(/^(?:file:|postgres:\/\/.|postgresql(?:\+asyncpg)?:\/\/.)/),
    { aliases: ['CHAT_DATABASE_URL'], secret: true },
  ),
  REDIS_URL: variable(
    'redis://host:port or rediss://host:port',
    z.string().regex(/^rediss?:\/\/./),
    {
      secret: true,
    },
  ),
  INFERENCE_SERVICE_URL: apiUrl('the base URL of a model server', ['CHAT_LLM_API_BASE']),
  CHAT_LLM_API_SCHEME: variable('http or https', oneOf(['http', 'https'])),
  CHAT_LLM_API_HOST: variable(
    'a host name or address',
    z.string().regex(/^(?:[\w.-]+|\[[\da-f:.]+\])$/i),
  ),
  CHAT_LLM_API_PORT: variable('a port number from 1 to 65535', wholeNumber(1, 65_535)),
  CHAT_LLM_API_PATH_PREFIX: variable('a path such as /v1', z.string().regex(/^[\w./~-]+$/)),
  INFERENCE_API: variable(
    'openai, nanochat, builtin or auto',
    oneOf(['openai', 'nanochat', 'builtin', 'auto']),
  ),
  INFERENCE_API_KEY: secret('a key', ['CHAT_LLM_API_KEY']),
  INFERENCE_MODEL: variable('the name of a model', text()),
  ALLOWED_MODELS: variable(
    'names of models, comma separated, or * for all that the server lists',
    namesOf(255),
  ),
  INFERENCE_TIMEOUT_SECONDS: variable(
    `a number of seconds above 0, at most ${LONGEST_TIMER_SECONDS}`,
    decimal(0.001, LONGEST_TIMER_SECONDS),
    { aliases: ['CHAT_LLM_TIMEOUT_SECONDS'] },
  ),
  CHAT_LLM_STREAM_TIMEOUT_SECONDS: variable(
    `a number of seconds above 0, at most ${LONGEST_TIMER_SECONDS}`,
    decimal(0.001, LONGEST_TIMER_SECONDS),
  ),
  CHAT_LLM_ENABLED: variable('true or false', yesOrNo()),
  INFERENCE_EXTRA_BODY: variable(`a JSON object of ${EXTRA_BODY_RULES}`, extraBody()),
  INFERENCE_THINK_BODY: variable(
    `a JSON object for thinking mode, or {"on":{…},"off":{…}}, of ${EXTRA_BODY_RULES}`,
    thinkBody(),
  ),
  INFERENCE_HEADERS: variable(REQUEST_HEADERS_RULES, requestHeaders(), { secret: true }),
  INFERENCE_IMAGES: variable('true or false', yesOrNo()),
  INFERENCE_DEFAULT_TEMPERATURE: variable('a number from 0 to 2', decimal(0, 2)),
  INFERENCE_DEFAULT_MAX_TOKENS: variable(
    'a whole number from 1 to 1000000',
    wholeNumber(1, 1_000_000),
  ),
  INFERENCE_DEFAULT_TOP_K: variable('a whole number from 0 to 200', wholeNumber(0, 200)),
  INTERNAL_API_KEY: secret('a key'),
  AUTH_MODE: variable(
    'visitor, local, service or jwt',
    oneOf(['visitor', 'local', 'service', 'jwt']),
  ),
  AUTH_SERVICE_URL: url('the base URL of the auth service'),
  AUTH_CACHE_TTL_SECONDS: variable('a number of seconds from 0', decimal(0, MUCH)),
  AUTH_CACHE_MAX_SIZE: variable('a whole number from 0', wholeNumber(0, MUCH)),
  JWT_SECRET_KEY: variable(
    'a secret of at least 32 bytes that is not a placeholder such as change-me',
    z
      .string()
      .refine(
        (value) => Buffer.byteLength(value) >= 32 && !value.toLowerCase().includes('change-me'),
      ),
    // The host site signs with the very same bytes.
    { aliases: ['CHAT_JWT_SECRET_KEY'], secret: true, exact: true },
  ),
  JWT_ALGORITHM: variable(
    'HS256, HS384, HS512, RS256, RS384, RS512, PS256, ES256, ES384 or EdDSA',
    z.enum([
      'HS256',
      'HS384',
      'HS512',
      'RS256',
      'RS384',
      'RS512',
      'PS256',
      'ES256',
      'ES384',
      'EdDSA',
    ]),
    { aliases: ['CHAT_JWT_ALGORITHM'] },
  ),
  JWT_ISSUER: variable('the issuer that tokens name', text(), { aliases: ['CHAT_JWT_ISSUER'] }),
  JWT_AUDIENCE: variable('the audience that tokens name', text(), {
    aliases: ['CHAT_JWT_AUDIENCE'],
  }),
  JWT_JWKS_URL: variable(
    'the URL of a key set, starting with http:// or https://',
    httpUrlWithQuery(),
    { aliases: ['CHAT_JWT_JWKS_URL'] },
  ),
  ACCESS_TOKEN_EXPIRE_MINUTES: variable('a number of minutes from 1', wholeNumber(1, 10_000_000), {
    aliases: ['CHAT_ACCESS_TOKEN_EXPIRE_MINUTES'],
  }),
  REFRESH_TOKEN_EXPIRE_MINUTES: variable('a number of minutes from 1', wholeNumber(1, 10_000_000), {
    aliases: ['CHAT_REFRESH_TOKEN_EXPIRE_MINUTES'],
  }),
  REGISTRATION: variable('admin or open', oneOf(['admin', 'open'])),
  PASSWORD_COST: variable(
    'a whole number from 4 to 16; each step doubles the work of a sign-in',
    wholeNumber(4, 16),
  ),
  ALLOWED_ORIGINS: variable(
    'origins such as https://example.com, comma separated, or *',
    origins(),
    { aliases: ['FRONTEND_URL'] },
  ),
  MAX_CONVERSATION_HISTORY: variable('a number of messages from 1', wholeNumber(1, MUCH)),
  MAX_TOKEN_BUDGET: variable('a number of characters from 1', wholeNumber(1, MUCH)),
  SYSTEM_PROMPT: variable('a text, or @ and the path of a readable file', text()),
  THINK_PROMPT: variable('a text, or @ and the path of a readable file', text()),
  ADMIN_EMAIL: variable('an e-mail address', z.string().regex(/^[^\s@]+@[^\s@]+$/)),
  KNOWLEDGE_DIR: variable('an existing folder', text()),
  TAVILY_API_KEY: secret('a key'),
  TAVILY_API_URL: url('the base URL of the search service'),
  SEARCH_ENABLED: variable('true or false', yesOrNo(), { aliases: ['CHAT_SEARCH_ENABLED'] }),
  SEARCH_MIN_SIMILARITY: variable('a number from 0 to 1', decimal(0, 1), {
    aliases: ['CHAT_SEARCH_MIN_SIMILARITY'],
  }),
  EMBEDDINGS: variable('builtin, service or off', oneOf(['builtin', 'service', 'off'])),
  EMBEDDING_SERVICE_URL: apiUrl('the base URL of an embedding server', [
    'CHAT_EMBEDDING_SERVICE_URL',
  ]),
  EMBEDDING_MODEL_NAME: variable('the name of a model', text(), {
    aliases: ['CHAT_EMBEDDING_MODEL_NAME'],
  }),
  EMBEDDING_API_KEY: secret('a key', ['CHAT_EMBEDDING_API_KEY']),
  RATE_LIMIT_MESSAGES_PER_MINUTE: variable('a whole number, 0 for no limit', wholeNumber(0, MUCH)),
  ATTACHMENTS_PER_USER_MIB: variable(
    'a whole number of MiB, 0 for no attachments',
    wholeNumber(0, MUCH),
  ),
  DAILY_TOKEN_BUDGET: variable('a whole number of tokens, 0 for no limit', wholeNumber(0, MUCH)),
  DAILY_TOKEN_BUDGET_PER_VISITOR: variable(
    'a whole number of tokens, 0 for no limit',
    wholeNumber(0, MUCH),
  ),
  BASE_PATH: variable('a path such as /chat, of letters, digits and . _ ~ -', pathBelowHost()),
  TRUSTED_PROXIES: variable(
    'addresses and networks such as 10.0.0.0/8, comma separated, or the words loopback and private',
    listOf(isNetwork),
  ),
  HTTP_PROXY: proxy('http_proxy'),
  HTTPS_PROXY: proxy('https_proxy'),
  NO_PROXY: variable('hosts and networks, comma separated, or *', text(), {
    aliases: ['no_proxy'],
  }),
  MAX_CONNECTIONS: variable('a whole number from 1', wholeNumber(1, MUCH)),
  LOG_LEVEL: variable('DEBUG, INFO, WARNING, ERROR or SILENT', level()),
  WIDGET_TITLE: variable('a heading of at most 80 characters', shortText(80), {
    perLanguage: true,
  }),
  WIDGET_GREETING: variable('a sentence of at most 300 characters', shortText(300), {
    perLanguage: true,
  }),
  WIDGET_LOGO: variable(
    'the address of a picture, starting with http:// or https://',
    httpUrlWithQuery(),
  ),
  WIDGET_STARTERS: variable(
    'up to six questions of at most 200 characters, separated by |, and at least one',
    shortTexts(6, 200),
    { perLanguage: true },
  ),
  WIDGET_NOTICE: variable(
    'the word ai for a sentence in each visitor’s language, or a sentence of at most 300 characters',
    shortText(300).transform((value) => (/^ai$/i.test(value) ? 'ai' : value)),
    { perLanguage: true },
  ),
  WIDGET_PRIVACY_URL: variable(
    'the address of a page, starting with http:// or https://',
    pageUrl(),
    { perLanguage: true },
  ),
  WIDGET_FEATURES: variable(
    `switches such as "-microphone -list model_settings"; there are ${SWITCHES.join(', ')}; a minus turns off, and none can be both on and off`,
    switches(SWITCHES),
  ),
  WIDGET_CONTACT_EMAIL: variable(
    'one e-mail address such as help@shop.example',
    z.string().refine(isEmailAddress),
  ),
  WIDGET_CONTACT_URL: variable(
    'the URL of a page, starting with https:// (http:// only for localhost), at most 2000 characters long',
    contactUrl(),
  ),
  WIDGET_CONTACT_PHONE: variable(
    'a telephone number such as +49 30 123456, of digits, blanks and ( ) . / -',
    z
      .string()
      .max(40)
      .regex(/^\+?[\d \u00a0()./-]+$/)
      .refine((value) => value.replaceAll(/\D/g, '').length >= 3),
  ),
  WIDGET_CONTACT_HOURS: variable(
    'a line of at most 120 characters such as Mon–Fri, 9–17 h',
    z
      .string()
      .max(120)
      .regex(/^\P{Cc}+$/u),
    { perLanguage: true },
  ),
  WIDGET_CONTACT_FORM: variable('yes or no', yesOrNo()),
  // Whoever knows the address of a receiver may often write to it.
  WIDGET_CONTACT_WEBHOOK_URL: variable(
    'the URL of a receiver, starting with http:// or https://',
    httpUrlWithQuery(),
    { secret: true },
  ),
  WIDGET_CONTACT_WEBHOOK_SECRET: variable(
    'whsec_ and 24 to 64 bytes in base64, or a text of at least 24 bytes',
    webhookKey(),
    { secret: true },
  ),
}

/** Names that stand in our documentation or in that of the services we stand in for, and that do nothing here. */
export const NOT_IN_THIS_VERSION: ReadonlySet<string> = new Set(['RETENTION_DAYS'])

/** Each setting's names: its own, then those that are understood too. */
export const SETTING_NAMES: readonly (readonly string[])[] = Object.entries(VARIABLES).map(
  ([name, { aliases }]) => [name, ...aliases],
)

const PER_LANGUAGE = Object.entries(VARIABLES).flatMap(([name, { perLanguage }]) =>
  perLanguage ? [name] : [],
)

/** The setting that a name is for one language, if it is: `WIDGET_TITLE_DE` is `WIDGET_TITLE`. */
export const settingOfLanguage = (name: string): string | undefined =>
  PER_LANGUAGE.find(
    (setting) =>
      name.startsWith(`${setting}_`) && languageOf(name.slice(setting.length + 1)) !== undefined,
  )
