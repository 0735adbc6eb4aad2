/**
 * Every environment variable that the server reads, once: its name, what it may be, its default, what it is for. The
 * manual's list is made of the same (`server/scripts/manual-tables.ts`), and `index.ts` makes the configuration of them.
 */
import { z } from 'zod'
import { isEmailAddress } from '../core/accounts.ts'
import { SWITCHES } from '../protocol/api.ts'
import { isNetwork } from './networks.ts'
import {
  contactUrl,
  decimal,
  EXTRA_BODY_RULES,
  extraBody,
  httpBase,
  httpUrl,
  httpUrlWithQuery,
  listOf,
  logLevel,
  namesOf,
  oneOf,
  origins,
  pageUrl,
  pathBelowHost,
  proxyUrl,
  REQUEST_HEADERS_RULES,
  requestHeaders,
  secretKey,
  shortText,
  shortTexts,
  switches,
  thinkBody,
  webhookKey,
  wholeNumber,
  yesOrNo,
} from './variable-kinds.ts'

/** What is known of a variable besides its schema, which holds its default and, as description, what it is for. */
export interface VariableNotes {
  /** What it takes, to follow the word "takes". */
  readonly takes: string
  /** What counts where it is not set, in words; left out where the schema's default says it. */
  readonly otherwise?: string
  /** Names that are understood too. */
  readonly aliases?: readonly string[]
  /** Never shown, not even in the message that refuses it. */
  readonly secret?: true
  /** White space around it belongs to it. */
  readonly exact?: true
  /** The variable that says the same as a whole; where that is set, this one is not read. */
  readonly partOf?: string
  /** Single languages may have their own, as in `WIDGET_GREETING_DE`. */
  readonly perLanguage?: true
}

const NOTES = z.registry<VariableNotes>()

const LONGEST_TIMER_SECONDS = 86_400
const SECONDS = `a number of seconds above 0, at most ${LONGEST_TIMER_SECONDS}`
const MUCH = 1_000_000_000
/** A hundred years, in days. */
const LONGEST_RETENTION = 36_500
const HTTP = 'starting with http:// or https://'
const KEY = 'a key of printable ASCII characters'
const PROXY = 'the URL of a proxy such as http://user:password@proxy.example:3128'
const PROMPT = 'a text, or @ and the path of a readable file'

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

export const Variables = z.object({
  HOST: z
    .string()
    .regex(/^[\w.:-]+$/)
    .default('127.0.0.1')
    .describe('The address to listen on; `0.0.0.0` takes connections from other machines.')
    .register(NOTES, { takes: 'an address to listen on, such as 127.0.0.1 or 0.0.0.0' }),
  PORT: wholeNumber(0, 65_535)
    .default(8787)
    .describe('The port to listen on; `0` picks a free one.')
    .register(NOTES, { takes: 'a port number from 0 to 65535 (0 picks a free one)' }),
  DATABASE_URL: z
    .string()
    .regex(/^(?:file:|postgres:\/\/.|postgresql(?:\+asyncpg)?:\/\/.)/)
    .default('file:./data')
    .describe('Where everything is kept: a folder of JSON files, or a PostgreSQL database.')
    .register(NOTES, {
      takes: 'file:<folder> for JSON files, or postgres://user:password@host:port/database',
      aliases: ['CHAT_DATABASE_URL'],
      secret: true,
    }),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\/./)
    .optional()
    .describe('The Redis that several servers share for answers on their way, limits and budgets.')
    .register(NOTES, { takes: 'redis://host:port or rediss://host:port', secret: true }),

  INFERENCE_SERVICE_URL: httpBase()
    .optional()
    .describe('The base address of the model server.')
    .register(NOTES, {
      takes: `the base URL of a model server, ${HTTP}`,
      otherwise: 'the built-in engine answers',
      aliases: ['CHAT_LLM_API_BASE'],
    }),
  CHAT_LLM_API_SCHEME: oneOf(['http', 'https'])
    .optional()
    .describe('Where `INFERENCE_SERVICE_URL` is not set, its protocol.')
    .register(NOTES, {
      takes: 'http or https',
      partOf: 'INFERENCE_SERVICE_URL',
      otherwise: '`http`, if another part of the address is set',
    }),
  CHAT_LLM_API_HOST: z
    .string()
    .regex(/^(?:[\w.-]+|\[[\da-f:.]+\])$/i)
    .optional()
    .describe('Where `INFERENCE_SERVICE_URL` is not set, its host.')
    .register(NOTES, {
      takes: 'a host name or address',
      partOf: 'INFERENCE_SERVICE_URL',
      otherwise: '`localhost`, if another part of the address is set',
    }),
  CHAT_LLM_API_PORT: wholeNumber(1, 65_535)
    .optional()
    .describe('Where `INFERENCE_SERVICE_URL` is not set, its port.')
    .register(NOTES, {
      takes: 'a port number from 1 to 65535',
      partOf: 'INFERENCE_SERVICE_URL',
    }),
  CHAT_LLM_API_PATH_PREFIX: z
    .string()
    .regex(/^[\w./~-]+$/)
    .optional()
    .describe('Where `INFERENCE_SERVICE_URL` is not set, its path.')
    .register(NOTES, { takes: 'a path such as /v1', partOf: 'INFERENCE_SERVICE_URL' }),
  INFERENCE_API: oneOf(['openai', 'nanochat', 'builtin', 'auto'])
    .default('auto')
    .describe(
      'What the model server speaks: `openai`, `nanochat`, `builtin` for none, or `auto`, which asks the server.',
    )
    .register(NOTES, { takes: 'openai, nanochat, builtin or auto' }),
  INFERENCE_API_KEY: secretKey()
    .optional()
    .describe('The key for an OpenAI-compatible server.')
    .register(NOTES, { takes: KEY, aliases: ['CHAT_LLM_API_KEY'], secret: true }),
  INFERENCE_MODEL: z.string().optional().describe('The default model.').register(NOTES, {
    takes: 'the name of a model',
    otherwise: 'the first model that the server lists and that chats',
  }),
  ALLOWED_MODELS: namesOf(255)
    .optional()
    .describe(
      'Models that a caller may name besides the default, comma separated, or `*` for all that the server lists.',
    )
    .register(NOTES, {
      takes: 'names of models, comma separated, or * for all that the server lists',
      otherwise: '`INFERENCE_MODEL`, or all that the server lists where that is not set',
    }),
  INFERENCE_TIMEOUT_SECONDS: decimal(0.001, LONGEST_TIMER_SECONDS)
    .default(30)
    .describe('How many seconds to wait for the first byte of an answer and between two bytes.')
    .register(NOTES, { takes: SECONDS, aliases: ['CHAT_LLM_TIMEOUT_SECONDS'] }),
  CHAT_LLM_STREAM_TIMEOUT_SECONDS: decimal(0.001, LONGEST_TIMER_SECONDS)
    .optional()
    .describe('How many seconds an answer in a thread may be silent.')
    .register(NOTES, { takes: SECONDS, otherwise: 'for ever' }),
  CHAT_LLM_ENABLED: yesOrNo()
    .default(true)
    .describe(
      'With `false` no model is asked: messages of threads are stored, and what would ask a model gives status 503.',
    )
    .register(NOTES, { takes: 'true or false' }),
  INFERENCE_EXTRA_BODY: extraBody()
    .optional()
    .describe('A JSON object that is merged into every request to an OpenAI-compatible server.')
    .register(NOTES, { takes: `a JSON object of ${EXTRA_BODY_RULES}` }),
  INFERENCE_THINK_BODY: thinkBody()
    .optional()
    .describe(
      'A JSON object that is merged in when Think is on, or `{"on":{…},"off":{…}}` for both.',
    )
    .register(NOTES, {
      takes: `a JSON object for thinking mode, or {"on":{…},"off":{…}}, of ${EXTRA_BODY_RULES}`,
      otherwise: 'what is known of the server',
    }),
  INFERENCE_HEADERS: requestHeaders()
    .optional()
    .describe('A JSON object of headers for every request to the model server.')
    .register(NOTES, { takes: REQUEST_HEADERS_RULES, secret: true }),
  INFERENCE_IMAGES: yesOrNo()
    .default(true)
    .describe('With `false` images are refused, for models that take none.')
    .register(NOTES, { takes: 'true or false' }),
  INFERENCE_DEFAULT_TEMPERATURE: decimal(0, 2)
    .default(0.8)
    .describe('The temperature where a request names none.')
    .register(NOTES, { takes: 'a number from 0 to 2' }),
  INFERENCE_DEFAULT_MAX_TOKENS: wholeNumber(1, 1_000_000)
    .default(1024)
    .describe('How many tokens an answer may have where a request does not say.')
    .register(NOTES, { takes: 'a whole number from 1 to 1000000' }),
  INFERENCE_DEFAULT_TOP_K: wholeNumber(0, 200)
    .default(50)
    .describe('From how many likely tokens each is chosen where a request does not say.')
    .register(NOTES, { takes: 'a whole number from 0 to 200' }),
  INTERNAL_API_KEY: secretKey()
    .optional()
    .describe('Sent as `X-Internal-API-Key` to a nanochat server and the auth service.')
    .register(NOTES, { takes: KEY, secret: true }),

  AUTH_MODE: oneOf(['visitor', 'local', 'service', 'jwt'])
    .optional()
    .describe(
      'Who signs in: `visitor` for anonymous visitors, `jwt` for tokens that your site signs, `service` for an auth service of your own, `local` for accounts with passwords kept here.',
    )
    .register(NOTES, {
      takes: 'visitor, local, service or jwt',
      otherwise: '`visitor`, or `service` if `AUTH_SERVICE_URL` is set',
    }),
  AUTH_SERVICE_URL: httpUrl()
    .optional()
    .describe('The base address of the auth service.')
    .register(NOTES, { takes: `the base URL of the auth service, ${HTTP}` }),
  AUTH_CACHE_TTL_SECONDS: decimal(0, MUCH)
    .default(300)
    .describe('How many seconds an answer of the auth service is kept; `0` for none.')
    .register(NOTES, { takes: 'a number of seconds from 0' }),
  AUTH_CACHE_MAX_SIZE: wholeNumber(0, MUCH)
    .default(1024)
    .describe('How many answers of the auth service are kept.')
    .register(NOTES, { takes: 'a whole number from 0' }),
  JWT_SECRET_KEY: z
    .string()
    .refine((value) => Buffer.byteLength(value) >= 32 && !value.toLowerCase().includes('change-me'))
    .optional()
    .describe('Signs the sessions of visitors and users; with `AUTH_MODE=jwt`, your site’s tokens.')
    .register(NOTES, {
      takes: 'a secret of at least 32 bytes that is not a placeholder such as change-me',
      otherwise: 'made once and kept in the data folder',
      aliases: ['CHAT_JWT_SECRET_KEY'],
      secret: true,
      // The host site signs with the very same bytes.
      exact: true,
    }),
  JWT_ALGORITHM: z
    .enum([
      ...(['HS256', 'HS384', 'HS512', 'RS256', 'RS384'] as const),
      ...(['RS512', 'PS256', 'ES256', 'ES384', 'EdDSA'] as const),
    ])
    .optional()
    .describe('How tokens are signed.')
    .register(NOTES, {
      takes: 'HS256, HS384, HS512, RS256, RS384, RS512, PS256, ES256, ES384 or EdDSA',
      otherwise: '`HS256` with a secret, whatever a key is for with a key set',
      aliases: ['CHAT_JWT_ALGORITHM'],
    }),
  JWT_ISSUER: z
    .string()
    .optional()
    .describe('The issuer that tokens must name.')
    .register(NOTES, {
      takes: 'the issuer that tokens name',
      otherwise: '`samosa-chat`; not checked with `AUTH_MODE=jwt`',
      aliases: ['CHAT_JWT_ISSUER'],
    }),
  JWT_AUDIENCE: z
    .string()
    .optional()
    .describe('The audience that tokens must name.')
    .register(NOTES, {
      takes: 'the audience that tokens name',
      otherwise: 'not checked',
      aliases: ['CHAT_JWT_AUDIENCE'],
    }),
  JWT_JWKS_URL: httpUrlWithQuery()
    .optional()
    .describe('The address of the key set that your site’s tokens are checked with.')
    .register(NOTES, {
      takes: `the URL of a key set, ${HTTP}`,
      aliases: ['CHAT_JWT_JWKS_URL'],
    }),
  ACCESS_TOKEN_EXPIRE_MINUTES: wholeNumber(1, 10_000_000)
    .default(15)
    .describe('How many minutes an access token is valid with `AUTH_MODE=local`.')
    .register(NOTES, {
      takes: 'a number of minutes from 1',
      aliases: ['CHAT_ACCESS_TOKEN_EXPIRE_MINUTES'],
    }),
  REFRESH_TOKEN_EXPIRE_MINUTES: wholeNumber(1, 10_000_000)
    .default(10_080)
    .describe(
      'How many minutes a session is valid, a visitor’s or a user’s; it is renewed by itself.',
    )
    .register(NOTES, {
      takes: 'a number of minutes from 1',
      aliases: ['CHAT_REFRESH_TOKEN_EXPIRE_MINUTES'],
    }),
  REGISTRATION: oneOf(['admin', 'open'])
    .default('admin')
    .describe('Who may register with `AUTH_MODE=local` once there is a user: `admin` or `open`.')
    .register(NOTES, { takes: 'admin or open' }),
  PASSWORD_COST: wholeNumber(4, 16)
    .optional()
    .describe('The cost of a password’s bcrypt hash; each step doubles the work of a sign-in.')
    .register(NOTES, {
      takes: 'a whole number from 4 to 16; each step doubles the work of a sign-in',
      otherwise: '`12`',
    }),
  ALLOWED_ORIGINS: origins()
    .default([])
    .describe(
      'Origins whose pages may call the server, comma separated, or `*` for those of all sites.',
    )
    .register(NOTES, {
      takes: 'origins such as https://example.com, comma separated, or *',
      otherwise: 'pages of the server itself alone',
      aliases: ['FRONTEND_URL'],
    }),

  MAX_CONVERSATION_HISTORY: wholeNumber(1, MUCH)
    .default(50)
    .describe('How many messages of a conversation are sent to the model.')
    .register(NOTES, { takes: 'a number of messages from 1' }),
  MAX_TOKEN_BUDGET: wholeNumber(1, MUCH)
    .default(6000)
    .describe(
      'How many characters of a conversation are sent to the model; the newest message always goes.',
    )
    .register(NOTES, { takes: 'a number of characters from 1' }),
  SYSTEM_PROMPT: z
    .string()
    .default(DEFAULT_PROMPT)
    .describe(
      'The instruction that a model gets with every conversation, or `@` and the path of a file.',
    )
    .register(NOTES, { takes: PROMPT, otherwise: 'a short instruction of our own' }),
  THINK_PROMPT: z
    .string()
    .default(DEFAULT_THINK_PROMPT)
    .describe('The instruction that a model gets when Think is on, or `@` and the path of a file.')
    .register(NOTES, { takes: PROMPT, otherwise: 'a short instruction of our own' }),
  ADMIN_EMAIL: z
    .string()
    .regex(/^[^\s@]+@[^\s@]+$/)
    .optional()
    .describe('The user with this e-mail address is an administrator with `AUTH_MODE=service`.')
    .register(NOTES, { takes: 'an e-mail address' }),

  KNOWLEDGE_DIR: z
    .string()
    .optional()
    .describe('The folder with the documents that the built-in engine answers from.')
    .register(NOTES, {
      takes: 'an existing folder',
      otherwise: '`./knowledge`, or this manual if that does not exist',
    }),
  TAVILY_API_KEY: secretKey()
    .optional()
    .describe('The key of the search service, which turns the web search tool on.')
    .register(NOTES, { takes: KEY, secret: true }),
  TAVILY_API_URL: httpUrl()
    .default('https://api.tavily.com')
    .describe('The base address of the search service.')
    .register(NOTES, { takes: `the base URL of the search service, ${HTTP}` }),
  SEARCH_ENABLED: yesOrNo()
    .default(true)
    .describe('`false` switches searching in conversations off.')
    .register(NOTES, { takes: 'true or false', aliases: ['CHAT_SEARCH_ENABLED'] }),
  SEARCH_MIN_SIMILARITY: decimal(0, 1)
    .default(0.3)
    .describe(
      'How similar in meaning a conversation must be to be found by `POST /api/search/threads`, from 0 to 1.',
    )
    .register(NOTES, { takes: 'a number from 0 to 1', aliases: ['CHAT_SEARCH_MIN_SIMILARITY'] }),
  EMBEDDINGS: oneOf(['builtin', 'service', 'off'])
    .optional()
    .describe(
      'How meaning is compared: `builtin` by the English encoder that comes with the server, `service` by a server of embeddings, `off` by words alone.',
    )
    .register(NOTES, {
      takes: 'builtin, service or off',
      otherwise: '`builtin`, or `service` if `EMBEDDING_SERVICE_URL` is set',
    }),
  EMBEDDING_SERVICE_URL: httpBase()
    .optional()
    .describe('The base address of an OpenAI-compatible server of embeddings.')
    .register(NOTES, {
      takes: `the base URL of an embedding server, ${HTTP}`,
      aliases: ['CHAT_EMBEDDING_SERVICE_URL'],
    }),
  EMBEDDING_MODEL_NAME: z
    .string()
    .optional()
    .describe('The model of the embedding server.')
    .register(NOTES, { takes: 'the name of a model', aliases: ['CHAT_EMBEDDING_MODEL_NAME'] }),
  EMBEDDING_API_KEY: secretKey()
    .optional()
    .describe('The key for the embedding server.')
    .register(NOTES, { takes: KEY, aliases: ['CHAT_EMBEDDING_API_KEY'], secret: true }),

  WIDGET_TITLE: shortText(80).optional().describe('The heading of the chat.').register(NOTES, {
    takes: 'a heading of at most 80 characters',
    otherwise: 'the chat’s own, in the visitor’s language',
    perLanguage: true,
  }),
  WIDGET_GREETING: shortText(300)
    .optional()
    .describe('The sentence in an empty conversation.')
    .register(NOTES, {
      takes: 'a sentence of at most 300 characters',
      otherwise: 'the chat’s own, in the visitor’s language',
      perLanguage: true,
    }),
  WIDGET_LOGO: httpUrlWithQuery()
    .optional()
    .describe('The address of a picture.')
    .register(NOTES, {
      takes: `the address of a picture, ${HTTP}`,
      otherwise: 'our mark',
    }),
  WIDGET_STARTERS: shortTexts(6, 200)
    .optional()
    .describe('Suggested questions with `|` between them; the chat shows the first four.')
    .register(NOTES, {
      takes: 'up to six questions of at most 200 characters, separated by |, and at least one',
      perLanguage: true,
    }),
  WIDGET_NOTICE: shortText(300)
    .transform((value) => (/^ai$/i.test(value) ? 'ai' : value))
    .optional()
    .describe(
      'What visitors are told before they write: a sentence of your own, or `ai` for one on machines whose answers can be wrong.',
    )
    .register(NOTES, {
      takes:
        'the word ai for a sentence in each visitor’s language, or a sentence of at most 300 characters',
      perLanguage: true,
    }),
  WIDGET_PRIVACY_URL: pageUrl()
    .optional()
    .describe('Your page on privacy, which the chat links to.')
    .register(NOTES, { takes: `the address of a page, ${HTTP}`, perLanguage: true }),
  WIDGET_FEATURES: switches(SWITCHES)
    .default({})
    .describe('What the chat offers, by name: with a minus off, without one on.')
    .register(NOTES, {
      takes: `switches such as "-microphone -list model_settings"; there are ${SWITCHES.join(', ')}; a minus turns off, and none can be both on and off`,
      otherwise: 'all but `model_settings` is on',
    }),
  WIDGET_CONTACT_EMAIL: z
    .string()
    .refine(isEmailAddress)
    .optional()
    .describe('An e-mail address where visitors reach a person.')
    .register(NOTES, { takes: 'one e-mail address such as help@shop.example' }),
  WIDGET_CONTACT_URL: contactUrl()
    .optional()
    .describe('A page where visitors reach a person.')
    .register(NOTES, {
      takes:
        'the URL of a page, starting with https:// (http:// only for localhost), at most 2000 characters long',
    }),
  WIDGET_CONTACT_PHONE: z
    .string()
    .max(40)
    .regex(/^\+?[\d \u00a0()./-]+$/)
    .refine((value) => value.replaceAll(/\D/g, '').length >= 3)
    .optional()
    .describe('A telephone number where visitors reach a person.')
    .register(NOTES, {
      takes: 'a telephone number such as +49 30 123456, of digits, blanks and ( ) . / -',
    }),
  WIDGET_CONTACT_HOURS: z
    .string()
    .max(120)
    .regex(/^\P{Cc}+$/u)
    .optional()
    .describe('A line that says when somebody answers.')
    .register(NOTES, {
      takes: 'a line of at most 120 characters such as Mon–Fri, 9–17 h',
      perLanguage: true,
    }),
  WIDGET_CONTACT_FORM: yesOrNo()
    .default(false)
    .describe('With `yes` visitors can leave a message and their e-mail address in a form.')
    .register(NOTES, { takes: 'yes or no', otherwise: '`no`' }),
  WIDGET_CONTACT_WEBHOOK_URL: httpUrlWithQuery()
    .optional()
    .describe('An address that is sent every message of the contact form.')
    .register(NOTES, {
      takes: `the URL of a receiver, ${HTTP}`,
      // Whoever knows the address of a receiver may often write to it.
      secret: true,
    }),
  WIDGET_CONTACT_WEBHOOK_SECRET: webhookKey()
    .optional()
    .describe('The key that signs what is sent to that address.')
    .register(NOTES, {
      takes: 'whsec_ and 24 to 64 bytes in base64, or a text of at least 24 bytes',
      secret: true,
    }),

  RATE_LIMIT_MESSAGES_PER_MINUTE: wholeNumber(0, MUCH)
    .default(20)
    .describe(
      'How many messages a user may send per minute; one address may send three times as many. `0` for no limit.',
    )
    .register(NOTES, { takes: 'a whole number, 0 for no limit' }),
  ATTACHMENTS_PER_USER_MIB: wholeNumber(0, MUCH)
    .default(100)
    .describe('How many MiB one visitor may keep in files; with `0` no files are taken.')
    .register(NOTES, { takes: 'a whole number of MiB, 0 for no attachments' }),
  DAILY_TOKEN_BUDGET: wholeNumber(0, MUCH)
    .default(0)
    .describe('How many tokens all answers of a day (UTC) may use together; `0` for no limit.')
    .register(NOTES, { takes: 'a whole number of tokens, 0 for no limit' }),
  DAILY_TOKEN_BUDGET_PER_VISITOR: wholeNumber(0, MUCH)
    .default(0)
    .describe(
      'How many tokens the answers of a day (UTC) may use for one visitor; `0` for no limit.',
    )
    .register(NOTES, { takes: 'a whole number of tokens, 0 for no limit' }),
  RETENTION_DAYS: wholeNumber(1, LONGEST_RETENTION)
    .optional()
    .describe(
      'After how many days conversations in which nothing has changed are erased, with all that belongs to them; messages of the contact form and the list of users, too.',
    )
    .register(NOTES, {
      takes: `a whole number of days from 1 to ${LONGEST_RETENTION}; unset it to keep everything`,
      otherwise: 'everything is kept',
    }),
  BASE_PATH: pathBelowHost()
    .default('')
    .describe('The path below which everything is served, where a proxy passes it on.')
    .register(NOTES, {
      takes: 'a path such as /chat, of letters, digits and . _ ~ -',
      otherwise: 'the root',
    }),
  TRUSTED_PROXIES: listOf(isNetwork)
    .default([])
    .describe(
      'Addresses and networks of your reverse proxies, comma separated, or the words `loopback` and `private`.',
    )
    .register(NOTES, {
      takes:
        'addresses and networks such as 10.0.0.0/8, comma separated, or the words loopback and private',
      otherwise: 'none',
    }),
  HTTP_PROXY: proxyUrl()
    .optional()
    .describe('The proxy through which addresses with `http://` are asked.')
    .register(NOTES, { takes: PROXY, aliases: ['http_proxy'], secret: true }),
  HTTPS_PROXY: proxyUrl()
    .optional()
    .describe('The proxy through which addresses with `https://` are asked.')
    .register(NOTES, { takes: PROXY, aliases: ['https_proxy'], secret: true }),
  NO_PROXY: z
    .string()
    .default('')
    .describe('Hosts, domains and networks that are asked directly; this machine always is.')
    .register(NOTES, {
      takes: 'hosts and networks, comma separated, or *',
      otherwise: 'none',
      aliases: ['no_proxy'],
    }),
  MAX_CONNECTIONS: wholeNumber(1, MUCH)
    .default(10_000)
    .describe('How many connections are held at once; more are turned away.')
    .register(NOTES, { takes: 'a whole number from 1' }),
  LOG_LEVEL: logLevel()
    .default('info')
    .describe('How much is logged: `DEBUG`, `INFO`, `WARNING`, `ERROR` or `SILENT`.')
    .register(NOTES, {
      takes: 'DEBUG, INFO, WARNING, ERROR or SILENT',
      otherwise: '`INFO`',
    }),
})

export type Variables = z.output<typeof Variables>

/** @throws Error for one that was declared without notes, which no environment can cause */
function notesOf(name: string, schema: z.ZodType): VariableNotes {
  const notes = NOTES.get(schema)
  if (!notes) throw new Error(`${name} does not say what it takes.`)
  return notes
}

export interface Variable extends VariableNotes {
  readonly name: string
  readonly schema: z.ZodType<unknown, string | undefined>
}

/** All variables with what is known of them, in the order of the manual. */
export const VARIABLES: readonly Variable[] = Object.entries(Variables.shape).map(
  ([name, schema]) => ({ name, schema, ...notesOf(name, schema) }),
)

/** Each setting's names: its own, then those that are understood too. */
export const SETTING_NAMES: readonly (readonly string[])[] = VARIABLES.map(
  ({ name, aliases = [] }) => [name, ...aliases],
)

const languageNames = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' })

/** The language (BCP 47) that the end of a variable's name stands for: `DE`, `PT_BR`, `ZH_HANT`. */
export function languageOf(ending: string): string | undefined {
  const [, language] = /^([A-Z]{2,3})(?:_[A-Z]{4})?(?:_[A-Z]{2})?$/.exec(ending) ?? []
  if (language === undefined || languageNames.of(language) === undefined) return undefined
  return Intl.getCanonicalLocales(ending.replaceAll('_', '-'))[0]
}

const PER_LANGUAGE = VARIABLES.flatMap(({ name, perLanguage }) => (perLanguage ? [name] : []))

/** The setting that a name is for one language, if it is: `WIDGET_TITLE_DE` is `WIDGET_TITLE`. */
export const settingOfLanguage = (name: string): string | undefined =>
  PER_LANGUAGE.find(
    (setting) =>
      name.startsWith(`${setting}_`) && languageOf(name.slice(setting.length + 1)) !== undefined,
  )
