import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readConfig } from './index.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samosa-config-'))
})
afterEach(() => rm(directory, { recursive: true }))

const read = (environment: Record<string, string>) =>
  readConfig(environment, { directory, demoKnowledge: '/demo' })

/** What whoever starts the server is told. */
const refusalOf = (environment: Record<string, string>): string => {
  try {
    read(environment)
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
  return ''
}

describe('configuration', () => {
  it('has the documented defaults', () => {
    expect(read({})).toMatchObject({
      host: '127.0.0.1',
      port: 8787,
      database: { kind: 'files', directory: join(directory, 'data') },
      inference: { url: undefined, api: 'auto', timeoutSeconds: 30, takesImages: true },
      turns: {
        history: { messages: 50, characters: 6_000 },
        defaults: { temperature: 0.8, maxTokens: 1_024, topK: 50 },
      },
      auth: { mode: 'visitor', cacheTtlSeconds: 300, cacheMaxSize: 1_024 },
      jwt: { algorithm: undefined, issuer: undefined, accessMinutes: 15, refreshMinutes: 10_080 },
      allowedOrigins: [],
      knowledgeDirectory: '/demo',
      search: { enabled: true, minSimilarity: 0.3 },
      embeddings: { kind: 'builtin' },
      messagesPerMinute: 20,
      attachmentBytes: 100 * 1024 * 1024,
      logLevel: 'info',
    })
  })

  it('takes a path below a host with or without slashes around it', () => {
    expect(read({}).basePath).toBe('')
    for (const path of ['/chat', 'chat', 'chat/', '/chat/', ' /chat ']) {
      expect(read({ BASE_PATH: path }).basePath).toBe('/chat')
    }
    expect(read({ BASE_PATH: '/' }).basePath).toBe('')
    expect(read({ BASE_PATH: '/a/b-1/v1.0' }).basePath).toBe('/a/b-1/v1.0')
    for (const path of [
      '/a?b',
      '/a#b',
      '..',
      '/a/../b',
      '/./a',
      '//a',
      '/a//b',
      'https://x/y',
      '/a b',
      '/ä',
      '\\a',
    ]) {
      expect(() => read({ BASE_PATH: path })).toThrow(/BASE_PATH takes a path such as \/chat/)
    }
  })

  it('keeps what is old for ever, or for whole days', () => {
    expect(read({}).retentionDays).toBeUndefined()
    expect(read({ RETENTION_DAYS: '' }).retentionDays).toBeUndefined()
    expect(read({ RETENTION_DAYS: ' 30 ' }).retentionDays).toBe(30)
    expect(read({ RETENTION_DAYS: '1' }).retentionDays).toBe(1)
    for (const days of ['0', '-1', '1.5', '30 days', 'never', '36501', '1e2']) {
      expect(refusalOf({ RETENTION_DAYS: days })).toContain(
        `RETENTION_DAYS takes a whole number of days from 1 to 36500; unset it to keep everything; it got "${days}".`,
      )
    }
  })

  it('takes an empty value as not set', () => {
    expect(read({ PORT: '', HOST: ' ' })).toMatchObject({ port: 8787, host: '127.0.0.1' })
  })

  it('accepts the aliases', () => {
    expect(
      read({
        CHAT_DATABASE_URL: 'postgresql+asyncpg://u:p@h/db',
        CHAT_LLM_API_BASE: 'http://model:8000/v1/',
        CHAT_LLM_API_KEY: 'k',
        CHAT_LLM_TIMEOUT_SECONDS: '2.5',
        CHAT_JWT_SECRET_KEY: 'x'.repeat(32),
        CHAT_JWT_ISSUER: 'me',
        CHAT_ACCESS_TOKEN_EXPIRE_MINUTES: '5',
        FRONTEND_URL: 'https://shop.example/',
        CHAT_SEARCH_ENABLED: 'no',
        CHAT_EMBEDDING_SERVICE_URL: 'http://e/v1/',
        CHAT_EMBEDDING_MODEL_NAME: 'e5',
        CHAT_EMBEDDING_API_KEY: 'key',
        LOG_LEVEL: 'WARNING',
      }),
    ).toMatchObject({
      database: { kind: 'postgres', url: 'postgres://u:p@h/db', directory: expect.any(String) },
      inference: { url: 'http://model:8000/v1', apiKey: 'k', timeoutSeconds: 2.5 },
      jwt: { secret: 'x'.repeat(32), issuer: 'me', accessMinutes: 5 },
      allowedOrigins: ['https://shop.example'],
      search: { enabled: false },
      embeddings: { kind: 'service', url: 'http://e/v1', model: 'e5', apiKey: 'key' },
      logLevel: 'warn',
    })
  })

  it('prefers the name over its alias', () => {
    const { inference } = read({
      INFERENCE_SERVICE_URL: 'http://a',
      CHAT_LLM_API_BASE: 'http://b',
    })
    expect(inference.url).toBe('http://a')
  })

  it('composes the model server’s address from its parts', () => {
    expect(read({ CHAT_LLM_API_PORT: '9000' }).inference.url).toBe('http://localhost:9000')
    const parts = {
      CHAT_LLM_API_SCHEME: 'https',
      CHAT_LLM_API_HOST: 'llm.example',
      CHAT_LLM_API_PATH_PREFIX: '/v1/',
    }
    expect(read(parts).inference.url).toBe('https://llm.example/v1')
  })

  it('keeps what stands behind an address for every request', () => {
    const { inference, embeddings } = read({
      INFERENCE_SERVICE_URL: 'https://cloud.example/deployments/tea?api-version=2/',
      EMBEDDING_SERVICE_URL: 'https://cloud.example/leaf/?key=1',
    })
    expect(inference.url).toBe('https://cloud.example/deployments/tea?api-version=2/')
    expect(embeddings).toMatchObject({ url: 'https://cloud.example/leaf/?key=1' })
    expect(() => read({ INFERENCE_SERVICE_URL: 'http://u:hush@h/v1?key=hush' })).toThrow(
      /it got "http:\/\/…@h\/v1\?…"\.$/,
    )
  })

  it('takes names of models as they are written', () => {
    const allowed = (names: string) => read({ ALLOWED_MODELS: names }).inference.allowedModels
    expect(read({}).inference.allowedModels).toBeUndefined()
    expect(allowed(' org/Tea:7b , assam,, ')).toEqual(['org/Tea:7b', 'assam'])
    expect(allowed('*')).toEqual(['*'])
    for (const wrong of [',', 'tea\tpot', 'x'.repeat(256)]) {
      expect(() => allowed(wrong)).toThrow(/^ALLOWED_MODELS takes names of models, comma separated/)
    }
  })

  it('uses the auth service when it has an address', () => {
    expect(read({ AUTH_SERVICE_URL: 'http://auth:1' }).auth.mode).toBe('service')
  })

  it.each([
    [{ EMBEDDINGS: 'off' }, { kind: 'off' }],
    [{ EMBEDDINGS: 'off', EMBEDDING_SERVICE_URL: 'http://e' }, { kind: 'off' }],
    [{ EMBEDDINGS: 'builtin', EMBEDDING_SERVICE_URL: 'http://e' }, { kind: 'builtin' }],
    [
      { EMBEDDING_SERVICE_URL: 'http://e' },
      { kind: 'service', url: 'http://e', model: undefined, apiKey: undefined },
    ],
  ])('compares meaning as told by %o', (environment, embeddings) => {
    expect(read(environment).embeddings).toEqual(embeddings)
  })

  it('reads a prompt from the file that @ names', async () => {
    await writeFile(join(directory, 'prompt.txt'), 'Be kind.\n')
    expect(read({ SYSTEM_PROMPT: '@prompt.txt' }).turns.prompts.direct).toBe('Be kind.')
    expect(() => read({ THINK_PROMPT: '@none.txt' })).toThrow(/THINK_PROMPT takes .*@none\.txt/)
  })

  it.each(['utf8', 'utf16le'] as const)(
    'reads a prompt as an editor saves it: %s',
    async (encoding) => {
      await writeFile(join(directory, 'p.txt'), '\ufeffSei höflich.\r\nUnd kurz.\r\n', encoding)
      expect(read({ THINK_PROMPT: '@p.txt' }).turns.prompts.think).toBe('Sei höflich.\nUnd kurz.')
    },
  )

  it('refuses a prompt that is no text, by file and line', async () => {
    await writeFile(join(directory, 'p.txt'), 'Be kind.\nK\u00e4se', 'latin1')
    expect(() => read({ SYSTEM_PROMPT: '@p.txt' })).toThrow(
      'SYSTEM_PROMPT names the file p.txt, whose line 2 is no text in UTF-8; save the file as UTF-8.',
    )
  })

  const WRONG: readonly [Record<string, string>, RegExp][] = [
    [{ PORT: '70000' }, /^PORT takes a port number from 0 to 65535 .*; it got "70000"\.$/],
    [{ PORT: '80.5' }, /PORT/],
    [{ INFERENCE_SERVICE_URL: 'model:8000' }, /INFERENCE_SERVICE_URL takes .* it got "model:8000"/],
    [{ INFERENCE_API: 'claude' }, /INFERENCE_API takes openai, nanochat, builtin or auto/],
    [{ INFERENCE_API: 'openai' }, /needs INFERENCE_SERVICE_URL/],
    [{ INFERENCE_TIMEOUT_SECONDS: '-1' }, /INFERENCE_TIMEOUT_SECONDS/],
    [{ INFERENCE_DEFAULT_TEMPERATURE: '2.1' }, /INFERENCE_DEFAULT_TEMPERATURE takes .* 0 to 2/],
    [{ AUTH_MODE: 'none' }, /AUTH_MODE/],
    [{ AUTH_MODE: 'service' }, /needs AUTH_SERVICE_URL/],
    [{ AUTH_MODE: 'jwt' }, /needs JWT_SECRET_KEY or JWT_JWKS_URL/],
    [
      { AUTH_MODE: 'jwt', JWT_JWKS_URL: 'http://h/k', JWT_ALGORITHM: 'HS256' },
      /JWT_ALGORITHM is "HS256", which needs a shared secret/,
    ],
    [
      { AUTH_MODE: 'jwt', JWT_SECRET_KEY: 'x'.repeat(32), JWT_ALGORITHM: 'RS256' },
      /JWT_ALGORITHM is "RS256", which needs JWT_JWKS_URL/,
    ],
    [{ ALLOWED_ORIGINS: 'https://a.example/path' }, /ALLOWED_ORIGINS/],
    [{ ALLOWED_ORIGINS: 'shop.example' }, /ALLOWED_ORIGINS/],
    [{ WIDGET_LOGO: 'javascript:alert(1)' }, /WIDGET_LOGO takes the address of a picture/],
    [{ WIDGET_LOGO: '/logo.svg' }, /WIDGET_LOGO/],
    [{ SEARCH_ENABLED: 'maybe' }, /SEARCH_ENABLED takes true or false; it got "maybe"/],
    [{ EMBEDDINGS: 'on' }, /EMBEDDINGS takes builtin, service or off; it got "on"/],
    [{ EMBEDDINGS: 'service' }, /EMBEDDINGS is "service", which needs EMBEDDING_SERVICE_URL\.$/],
    [
      { EMBEDDINGS: 'service', EMBEDDING_SERVICE_URL: 'e:80' },
      /^EMBEDDING_SERVICE_URL takes [^\n]*$/,
    ],
    [{ SEARCH_MIN_SIMILARITY: '3' }, /SEARCH_MIN_SIMILARITY/],
    [{ LOG_LEVEL: 'loud' }, /LOG_LEVEL/],
    [{ KNOWLEDGE_DIR: './nowhere' }, /KNOWLEDGE_DIR takes an existing folder; it got ".\/nowhere"/],
    [{ INFERENCE_SERVICE_URL: 'http://me:pw@h' }, /it got "http:\/\/…@h"/],
    [{ INFERENCE_API_KEY: 'schlüssel' }, /INFERENCE_API_KEY takes a key of printable/],
    [{ CHAT_LLM_TIMEOUT_SECONDS: 'x' }, /^CHAT_LLM_TIMEOUT_SECONDS takes/],
    [
      { WIDGET_CONTACT_EMAIL: 'a@shop.example\nb@shop.example' },
      /^WIDGET_CONTACT_EMAIL takes one e-mail address .*; it got "a@shop\.example\\nb@/,
    ],
    [{ WIDGET_CONTACT_EMAIL: 'Help <help@shop.example>' }, /^WIDGET_CONTACT_EMAIL takes/],
    [{ WIDGET_CONTACT_URL: 'shop.example/contact' }, /^WIDGET_CONTACT_URL takes the URL of a page/],
    [{ WIDGET_CONTACT_URL: 'javascript:alert(1)' }, /^WIDGET_CONTACT_URL takes/],
    [
      { WIDGET_CONTACT_URL: 'http://shop.example/contact' },
      /^WIDGET_CONTACT_URL takes .* https:\/\/ \(http:\/\/ only for localhost\).*; it got "http:\/\/shop\.example\/contact"\.$/,
    ],
    [{ WIDGET_CONTACT_URL: 'http://localhost.shop.example' }, /^WIDGET_CONTACT_URL takes/],
    [{ WIDGET_CONTACT_URL: 'http://127.0.0.1.shop.example' }, /^WIDGET_CONTACT_URL takes/],
    [{ WIDGET_CONTACT_URL: 'http://192.168.0.7/contact' }, /^WIDGET_CONTACT_URL takes/],
    [
      { WIDGET_CONTACT_URL: `https://shop.example/${'x'.repeat(2_000)}` },
      /^WIDGET_CONTACT_URL takes .* at most 2000 characters/,
    ],
    [{ WIDGET_CONTACT_PHONE: 'call us' }, /^WIDGET_CONTACT_PHONE takes .*; it got "call us"\.$/],
    [{ WIDGET_CONTACT_PHONE: '+() -' }, /^WIDGET_CONTACT_PHONE takes/],
    [{ WIDGET_CONTACT_PHONE: '030 123\n456' }, /^WIDGET_CONTACT_PHONE takes/],
    [
      { WIDGET_CONTACT_PHONE: '112', WIDGET_CONTACT_HOURS: 'all\nday' },
      /^WIDGET_CONTACT_HOURS takes/,
    ],
    [{ WIDGET_CONTACT_HOURS: '9–17 h' }, /^WIDGET_CONTACT_HOURS is set, which needs a way to/],
    [{ WIDGET_CONTACT_FORM: 'perhaps' }, /^WIDGET_CONTACT_FORM takes yes or no; it got "perhaps"/],
    [
      { WIDGET_CONTACT_WEBHOOK_URL: 'https://h/x', WIDGET_CONTACT_WEBHOOK_SECRET: 'x'.repeat(24) },
      /^WIDGET_CONTACT_WEBHOOK_URL is set, which needs WIDGET_CONTACT_FORM=yes/,
    ],
    [
      { WIDGET_CONTACT_FORM: 'yes', WIDGET_CONTACT_WEBHOOK_URL: 'https://h/x' },
      /^WIDGET_CONTACT_WEBHOOK_URL is set, which needs WIDGET_CONTACT_WEBHOOK_SECRET/,
    ],
    [
      { WIDGET_CONTACT_FORM: 'yes', WIDGET_CONTACT_WEBHOOK_SECRET: 'x'.repeat(24) },
      /^WIDGET_CONTACT_WEBHOOK_SECRET is set, which needs WIDGET_CONTACT_WEBHOOK_URL\.$/,
    ],
    [{ WIDGET_TITLE: 'x'.repeat(81) }, /^WIDGET_TITLE takes a heading of at most 80 characters/],
    [{ WIDGET_STARTERS: 'a|b|c|d|e|f|g' }, /^WIDGET_STARTERS takes up to six questions/],
    [{ WIDGET_STARTERS_FR: 'é'.repeat(201) }, /^WIDGET_STARTERS_FR takes up to six questions/],
    [{ WIDGET_NOTICE_DE: 'x'.repeat(301) }, /^WIDGET_NOTICE_DE takes the word ai for/],
    [{ WIDGET_PRIVACY_URL: 'javascript:alert(1)' }, /^WIDGET_PRIVACY_URL takes the address of a/],
    [{ WIDGET_PRIVACY_URL: '/privacy' }, /; it got "\/privacy"\.$/],
    [{ WIDGET_PRIVACY_URL_JA: 'data:text/html,x' }, /^WIDGET_PRIVACY_URL_JA takes/],
    [
      { WIDGET_GREETING_XX: 'Hi' },
      /^WIDGET_GREETING_XX is WIDGET_GREETING for a language that is not known; its code comes last, as in WIDGET_GREETING_DE or WIDGET_GREETING_PT_BR\.$/,
    ],
    [{ WIDGET_TITLE_GERMAN: 'Hallo' }, /^WIDGET_TITLE_GERMAN is WIDGET_TITLE for a language/],
    [{ WIDGET_TITLE_de: 'Hallo' }, /^WIDGET_TITLE_de is WIDGET_TITLE for a language/],
    [
      { WIDGET_FEATURES: '-mikrofone' },
      /^WIDGET_FEATURES takes switches .*microphone.*; it got "-mi/,
    ],
    [
      { WIDGET_FEATURES: '-copy copy' },
      /^WIDGET_FEATURES takes .*none can be both on and off; it got "-copy copy"\.$/,
    ],
    [{ WIDGET_FEATURES: '+model-settings, list -MODEL_SETTINGS' }, /^WIDGET_FEATURES takes/],
    [{ WIDGET_FEATURES: ' , ' }, /^WIDGET_FEATURES takes .*; it got ","\.$/],
    [{ WIDGET_STARTERS: '|||' }, /^WIDGET_STARTERS takes .* at least one; it got "\|\|\|"\.$/],
    [{ WIDGET_STARTERS_DE: ' | ' }, /^WIDGET_STARTERS_DE takes .* at least one/],
    [
      { WIDGET_LOGO: `data:image/png;base64,${'iVBORw0KGgo'.repeat(500)}` },
      /^WIDGET_LOGO takes the address of a picture.*; it got "data:image\/png;base64,[^\n]{0,80}…"\.$/,
    ],
  ]
  for (const [environment, message] of WRONG) {
    it(`refuses ${JSON.stringify(environment)} by name`, () => {
      expect(() => read(environment)).toThrow(message)
    })
  }

  it('refuses a file where documents should be', async () => {
    await writeFile(join(directory, 'file'), '')
    expect(() => read({ KNOWLEDGE_DIR: './file' })).toThrow(
      /KNOWLEDGE_DIR takes an existing folder/,
    )
  })

  it('never shows a secret, and refuses weak ones', () => {
    const weak: Record<string, string>[] = [
      { JWT_SECRET_KEY: 'short-secret' },
      { JWT_SECRET_KEY: `change-me-${'x'.repeat(40)}` },
      { DATABASE_URL: 'short-secret:x' },
      { WIDGET_CONTACT_WEBHOOK_SECRET: 'short-secret' },
      { WIDGET_CONTACT_WEBHOOK_SECRET: `whsec_${'*'.repeat(40)}` },
      { WIDGET_CONTACT_WEBHOOK_SECRET: `whsec_${Buffer.alloc(23).toString('base64')}` },
      { WIDGET_CONTACT_WEBHOOK_SECRET: `whsec_${Buffer.alloc(65).toString('base64')}` },
    ]
    for (const environment of weak) {
      const name = Object.keys(environment)[0] ?? ''
      expect(() => read(environment)).toThrow(new RegExp(`^${name} takes [^"]*\\.$`))
    }
  })

  it.each([
    ['PORT', '8'.repeat(20_000)],
    ['WIDGET_GREETING', 'Hello, and welcome. '.repeat(1_000)],
    ['WIDGET_STARTERS_DE', 'Wann? '.repeat(10_000)],
    ['INFERENCE_EXTRA_BODY', `{"stop": "${'x '.repeat(50_000)}`],
    ['KNOWLEDGE_DIR', './far/away'.repeat(500)],
    ['SYSTEM_PROMPT', `@${'all of it '.repeat(2_000)}`],
  ])('shows the beginning of a long wrong value alone: %s', (name, value) => {
    const refused = refusalOf({ [name]: value })
    expect(refused).toMatch(new RegExp(`^${name} takes .*; it got ".{40,100}…"\\.$`))
    expect(refused.length).toBeLessThan(600)
  })

  it.each([
    ['WIDGET_FEATURES', 'sk-hidden-hidden-hidden'],
    ['PORT', 'Bearer hidden'],
    ['LOG_LEVEL', 'api_key=hidden'],
    ['LOG_LEVEL', '"DB_PASSWORD": "hidden"'],
    ['MAX_CONNECTIONS', 'hiddenhidden1hiddenhidden'],
    ['INFERENCE_API', 'eyJhidden.eyJhidden.hidden'],
    ['HOST', 'postgres://u:hidden@db/x postgres://u:hidden@db/y'],
    ['WIDGET_LOGO', 'ftp://u:hidden@h/logo.png'],
    ['INFERENCE_EXTRA_BODY', '{"headers": {"authorization": "Bearer hidden"}'],
    ['ALLOWED_ORIGINS', 'https://a.example?token=hidden'],
    ['AUTH_MODE', '0bcdef12-0000-4000-8000-0bcdef123456'],
    ['KNOWLEDGE_DIR', './sk-proj-hiddenhidden'],
  ])('never shows what looks like a secret in another place: %s', (name, value) => {
    const refused = refusalOf({ [name]: value })
    expect(refused).toMatch(new RegExp(`^${name} takes .*…`))
    expect(refused).not.toMatch(/hidden|0bcdef/)
  })

  it.each([
    ['KNOWLEDGE_DIR', './sites/2026/shop-of-plants/knowledge-of-the-shop'],
    ['WIDGET_CONTACT_URL', 'http://shop.example/contact-us-in-2026'],
    ['WIDGET_CONTACT_PHONE', 'ask for Ada, extension 12'],
  ])('shows a wrong value as it was written: %s', (name, value) => {
    expect(refusalOf({ [name]: value })).toContain(`; it got ${JSON.stringify(value)}.`)
  })

  it('shows no more of a secret URL than how it begins', () => {
    expect(() => read({ DATABASE_URL: 'mysql://u:p@h/db' })).toThrow(/; it got "mysql:\/\/…"\.$/)
    expect(() => read({ REDIS_URL: 'http://:p@h' })).toThrow(/; it got "http:\/\/…"\.$/)
    expect(() => read({ WIDGET_CONTACT_WEBHOOK_URL: 'ftp://h/key' })).toThrow(
      /^WIDGET_CONTACT_WEBHOOK_URL takes .*; it got "ftp:\/\/…"\.$/,
    )
  })

  it.each([
    'https://shop.example/contact',
    'http://localhost:8000/contact',
    'http://shop.localhost/contact',
    'http://127.0.0.1:8000/contact',
    'http://[::1]:8000/contact',
  ])('lets visitors reach a person at %s', (url) => {
    expect(read({ WIDGET_CONTACT_URL: url }).contact.url).toBe(url)
  })

  it('takes the key of webhooks in base64 or as a text', () => {
    const keyOf = (secret: string) =>
      read({
        WIDGET_CONTACT_FORM: 'yes',
        WIDGET_CONTACT_WEBHOOK_URL: 'http://10.0.0.7/hook?key=1',
        WIDGET_CONTACT_WEBHOOK_SECRET: secret,
      }).contact.webhook.key
    const bytes = Buffer.alloc(24, 0xfb)
    const coded = bytes.toString('base64')
    expect(keyOf(`whsec_${coded}`)).toEqual(bytes)
    expect(keyOf(`whsec_${Buffer.alloc(25, 1).toString('base64').replace(/=+$/, '')}`)).toEqual(
      Buffer.alloc(25, 1),
    )
    expect(keyOf(coded)).toEqual(Buffer.from(coded))
  })

  it('takes the signing secret byte by byte', () => {
    const secret = ` ${'x'.repeat(32)}\n`
    expect(read({ JWT_SECRET_KEY: secret }).jwt.secret).toBe(secret)
  })

  it('says that no time at all is too little', () => {
    expect(() => read({ INFERENCE_TIMEOUT_SECONDS: '0' })).toThrow(
      'INFERENCE_TIMEOUT_SECONDS takes a number of seconds above 0, at most 86400; it got "0".',
    )
  })

  it('has texts for all, and for single languages', () => {
    const { widget } = read({
      WIDGET_TITLE: 'Shop',
      WIDGET_TITLE_DE: 'Laden',
      WIDGET_GREETING_PT_BR: 'Oi',
      WIDGET_GREETING_ZH_HANT: '你好',
      WIDGET_GREETING_FR: ' ',
      WIDGET_STARTERS_DE: ' Wann? | Wo? ',
      WIDGET_NOTICE: 'AI',
      WIDGET_NOTICE_DE: 'Hier schreibt eine Maschine.',
      WIDGET_PRIVACY_URL: 'https://shop.example/legal?x=1#privacy',
      WIDGET_PRIVACY_URL_DE: 'https://shop.example/de',
    })
    expect(widget).toMatchObject({ title: 'Shop', greeting: undefined, notice: 'ai' })
    expect(widget.privacyUrl).toBe('https://shop.example/legal?x=1#privacy')
    const { title, greeting, starters, notice, privacy_url } = widget.byLanguage
    expect([...title, ...notice, ...privacy_url]).toEqual([
      ['de', 'Laden'],
      ['de', 'Hier schreibt eine Maschine.'],
      ['de', 'https://shop.example/de'],
    ])
    expect([...greeting]).toEqual([
      ['pt-BR', 'Oi'],
      ['zh-Hant', '你好'],
    ])
    expect([...starters]).toEqual([['de', ['Wann?', 'Wo?']]])
  })

  it('counts letters, not what they take to store', () => {
    expect(read({ WIDGET_TITLE: '🥟'.repeat(80) }).widget.title).toHaveLength(160)
  })

  it('switches what the chat offers on and off', () => {
    expect(read({}).widget.switches).toEqual({})
    expect(read({ WIDGET_FEATURES: ' -microphone, -List +model-settings copy ' }).widget).toEqual(
      expect.objectContaining({
        switches: { microphone: false, list: false, model_settings: true, copy: true },
      }),
    )
  })

  it('names every wrong variable at once', () => {
    expect(() => read({ PORT: 'x', LOG_LEVEL: 'x' })).toThrow(
      /PORT[^\n]*\n.*LOG_LEVEL|LOG_LEVEL[^\n]*\n.*PORT/,
    )
  })
})
