/** Puts the server together from a configuration: the only place that picks implementations. */
import { existsSync, readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createAuthentication } from './auth/index.ts'
import type { Config, Embeddings } from './config/index.ts'
import { ConfigError } from './config/read-variables.ts'
import { createAttachments, sweepAttachments } from './core/attachments.ts'
import { createChatSearch, withMeaning } from './core/chat-search.ts'
import { createClientTools } from './core/turn/tools.ts'
import { createContacts } from './core/contacts.ts'
import { createConversations } from './core/conversations.ts'
import { recoverDrafts } from './core/turn/drafts.ts'
import { StartError } from './core/errors.ts'
import type { ChatMeaning, Embedder, Logger, Webhook } from './core/ports/index.ts'
import { OPTIONAL_GROUNDING } from './core/grounding.ts'
import { systemEnvironment } from './core/settings.ts'
import { createThreads } from './core/threads.ts'
import { createTurns } from './core/turn/turn.ts'
import { createCitedDialect } from './dialects/cited/routes.ts'
import { createConversationsDialect } from './dialects/conversations/routes.ts'
import { createThreadsDialect } from './dialects/threads/routes.ts'
import { createSiteRoutes } from './dialects/site/routes.ts'
import { createAuthRoutes } from './dialects/threads/auth-routes.ts'
import { createExporter } from './export/index.ts'
import { createAddressReader } from './http/address.ts'
import { createAllowances } from './http/allowances.ts'
import { createApp } from './http/app.ts'
import { createAssets } from './http/assets.ts'
import { createManual } from './http/manual.ts'
import { createHttpServer } from './http/server.ts'
import { createBuiltinInference } from './builtin/index.ts'
import { createEmbeddingService } from './inference/embedding-service.ts'
import { createInference } from './inference/index.ts'
import { createOwnSentences } from './builtin/words.ts'
import { type ChatMeaningOptions, createChatMeaning } from './knowledge/chat-meaning.ts'
import { mayBeEnglish } from './knowledge/embedder.ts'
import { createPdfTexts } from './knowledge/file-reader.ts'
import { loadKnowledge, readAttachedFiles } from './knowledge/index.ts'
import { createMeaning, type Meaning } from './knowledge/meaning.ts'
import { createInProcessLimiter } from './limits/in-process.ts'
import { createTokenBudget } from './limits/token-budget.ts'
import { createMetrics } from './metrics/index.ts'
import { createPatterns } from './patterns/index.ts'
import { takeRequests, createJsonAccountStore } from './stores/json-accounts.ts'
import { createTextFile } from './stores/disk/atomic-file.ts'
import { guardWrites, nodeFileSystem, unusableFolder } from './stores/disk/file-system.ts'
import { type FolderLock, type FolderLockOptions, lockFolder } from './stores/disk/folder-lock.ts'

import { createJsonAttachmentStore } from './stores/json-attachments.ts'
import { createJsonContactStore } from './stores/json-contacts.ts'
import { createJsonDraftStore } from './stores/json-drafts.ts'
import { createJsonFileStore } from './stores/json-conversations.ts'

import { MEANING_FOLDER } from './stores/disk/paths.ts'
import { createJsonUserDirectory } from './stores/json-users.ts'
import type { StartFacts } from './start-report.ts'
import { createTools } from './tools/index.ts'
import { createStandardWebhook } from './webhooks/standard-webhook.ts'
import { createInProcessTurnLog } from './turn-logs/in-process.ts'
import { contactWaysOf, widgetConfigOf } from './widget-config.ts'

/** Milliseconds that running turns have to end when the server stops. */
const SHUTDOWN_GRACE = 20_000
/** Milliseconds that a server which is just stopping gets to leave the data folder. */
const LOCK_PATIENCE = SHUTDOWN_GRACE + 5_000
/** Seconds in which attempts with passwords are counted. */
const PASSWORD_WINDOW = 300
/** Seconds in which messages to the owner are counted. */
const CONTACT_WINDOW = 3_600
/**
 * Milliseconds that a question waits for the embedding service, and a search of conversations for any encoder; words
 * alone answer then.
 */
const SERVICE_PATIENCE = 3_000
/** The same of a question for the encoder of our own, which is slow only where everything is. */
const ENCODER_PATIENCE = 10_000
/** Of conversations, all is compared that a service is sent when it is stored, up to a limit. */
const CHATS_BY_SERVICE = { isEager: true, mostTexts: 10_000, shortestText: 1, leastCosine: 0 }
/**
 * Our own encoder takes this machine's time. To it "hello" is near to everything (0.51 to "zzzqqq"), and texts that have
 * nothing to do with each other come up to 0.44 (measured with a dozen of each).
 */
const CHATS_BY_ENCODER = { isEager: false, mostTexts: 2_000, shortestText: 12, leastCosine: 0.45 }
/** Milliseconds after which its start counts as failed. */
const ENCODER_START = 60_000

/**
 * Of `dist/`, what pages and editors load: entries under both names, chunks, checksums, the element’s
 * manual and its texts. Compressed forms are no files.
 */
const WIDGET_FILES =
  /^\/(?:samosa-chat|embed|embed-late)(?:\.[\w-]{8})?\.js$|^\/chunks\/[\w-]{8}\/[\w.-]+\.(?:js|css|woff2)$|^\/(?:integrity|custom-elements|texts)\.json$/

export interface RunningServer {
  readonly url: string
  /**
   * Resolves with a sentence for the operator when another server has taken the data folder. Nothing is written
   * from then on, whoever sends is told so, and the server is to be closed.
   */
  readonly folderLost: Promise<string>
  /** What whoever starts it should know. */
  readonly facts: StartFacts
  /** Stops accepting, lets turns end (`grace` ms, then they are stored as interrupted), closes all. */
  close(grace?: number): Promise<void>
}

/** The folder of the package: this file runs as server/compose.ts and as dist/server/compose.js. */
export function packageDirectory(): string {
  let directory = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(directory, 'package.json'))) directory = dirname(directory)
  return directory
}

export function packageVersion(): string {
  const text = readFileSync(join(packageDirectory(), 'package.json'), 'utf8')
  return /"version":\s*"([^"]+)"/.exec(text)?.[1] ?? '0.0.0'
}

/** How this server names itself to others. */
export const userAgent = () => `samosa-chat/${packageVersion()}`

/** Where fetched sites are, and what is kept of documents, in a data folder. */
export const knowledgeHomeIn = (directory: string) => join(directory, 'knowledge')

export const demoKnowledgeDirectory = () => join(packageDirectory(), 'demo', 'knowledge')

/** Documents of the demo's shop, which stand beside the manual. */
export const demoShopDirectory = () => join(packageDirectory(), 'demo', 'shop')

/** Whether the documents are this product's manual, which stands in until there are others. */
export const isManual = ({ knowledgeDirectory }: Config) =>
  knowledgeDirectory === demoKnowledgeDirectory()

/** `lockOptions` are for tests. @throws StartError when it cannot start as configured */
export async function startServer(
  config: Config,
  logger: Logger,
  lockOptions: Partial<FolderLockOptions> = {},
): Promise<RunningServer> {
  const directory = checkAvailable(config)
  const lock = await lockFolder({ directory, patience: LOCK_PATIENCE, logger, ...lockOptions })
  try {
    const calmed = warnOnly(logger, lock.lost)
    return await startInFolder(config, { directory, lock, logger: calmed })
  } catch (error) {
    await lock.release()
    throw blameFolder(error, directory)
  }
}

/** A system call that failed on something in the data folder: a sentence for the operator. */
function blameFolder(error: unknown, directory: string): unknown {
  if (!(error instanceof Error) || !('syscall' in error)) return error
  // Reading does not say of what; what is read elsewhere at the start tells of itself.
  const isElsewhere = 'path' in error && !String(error.path).startsWith(directory)
  return isElsewhere ? error : new StartError(unusableFolder(directory, error), { cause: error })
}

/** A lost folder is told once: all that fails because of it is a warning from then on. */
function warnOnly(logger: Logger, from: Promise<unknown>): Logger {
  let isOver = false
  void from.then(() => {
    isOver = true
  })
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger[isOver ? 'warn' : 'error'](fields, message),
  }
}

interface Place {
  readonly directory: string
  readonly lock: FolderLock
  readonly logger: Logger
}

async function startInFolder(config: Config, place: Place): Promise<RunningServer> {
  const { directory, lock, logger } = place
  const environment = systemEnvironment
  const home = packageDirectory()
  // Whoever writes into the data folder does it through this one.
  const files = guardWrites(nodeFileSystem, lock.assertHeld)
  const fileIn = (name: string) => createTextFile({ files, logger }, join(directory, name))
  const metrics = createMetrics()
  const encoding = encodingOf(config.embeddings, logger)
  const conversationStore = metrics.timeStore(
    await createJsonFileStore({ directory, files, logger }),
  )
  const chatMeaning = chatMeaningOf(config, encoding, {
    store: conversationStore,
    folder: join(directory, MEANING_FOLDER),
    logger,
  })
  const store = chatMeaning ? withMeaning(conversationStore, chatMeaning) : conversationStore
  const drafts = createJsonDraftStore({ directory, files, logger })
  const attachmentStore = createJsonAttachmentStore({
    directory,
    files,
    limit: config.attachmentBytes,
    logger,
  })
  await recoverDrafts({ store, drafts, logger })
  const log = createInProcessTurnLog()
  const knowledgeHome = knowledgeHomeIn(directory)
  const meaning =
    encoding &&
    createMeaning({
      ...encoding,
      folder: knowledgeHome,
      // The product's manual is asked about by few servers' visitors: it takes many seconds of a core.
      isLazy: isManual(config),
      logger,
    })
  const own = config.knowledgeDirectory
  const knowledge = await loadKnowledge(isManual(config) ? [own, demoShopDirectory()] : own, {
    logger,
    home: knowledgeHome,
    watch: true,
    meaning,
    standIn: isManual(config),
    basePath: config.basePath,
  })
  const folder = config.knowledgeDirectory
  logger.info(
    { ...knowledge.size, unreadable: knowledge.unreadable.length, folder },
    knowledge.isStandIn
      ? 'There are no documents of your own yet: those of the demo answer'
      : 'Documents are read',
  )
  const tools = createTools({ knowledge, webSearch: config.webSearch, userAgent: userAgent() })
  const ownSentences = createOwnSentences(folder, logger)
  // What is wrong in them is told at the start.
  await ownSentences()
  const inference = createInference(
    { ...config.inference, userAgent: userAgent() },
    {
      builtin: () =>
        createBuiltinInference({
          ...{ knowledge, tools, readFiles: readAttachedFiles, ownSentences },
          contactIn: (language) => contactWaysOf(config, language),
        }),
      logger,
    },
  )
  const clientTools = createClientTools(environment)
  const { now } = environment
  const budget = await createTokenBudget({
    ...config.dailyTokens,
    file: fileIn('token-budget.json'),
    logger,
    now,
  })
  const pdfTexts = createPdfTexts()
  const turns = createTurns({
    store,
    drafts,
    attachments: attachmentStore,
    log,
    inference,
    knowledge,
    texts: pdfTexts,
    tools,
    clientTools,
    settings: config.turns,
    asksModels: config.inference.isOn,
    get grounding() {
      // The manual of this product is nothing that a visitor of another site asks for.
      return knowledge.isStandIn || inference.quotesPassages ? undefined : OPTIONAL_GROUNDING
    },
    environment,
    observers: [metrics.turns, budget],
    logger,
  })
  const contactStore = await createJsonContactStore({ directory, files, logger })
  const conversations = createConversations({
    store,
    attachments: attachmentStore,
    drafts,
    contacts: contactStore,
    log,
    turns,
    observer: metrics.visitors,
    environment,
  })
  const isUnread = config.auth.mode === 'visitor' && config.contact.webhook.url === undefined
  if (config.contact.form && isUnread) {
    logger.warn(
      { file: join(directory, 'contacts.jsonl') },
      'nobody is told of what visitors write in the contact form: set WIDGET_CONTACT_WEBHOOK_URL, or look into the file',
    )
  }
  const contacts = createContacts({
    store: contactStore,
    conversations,
    isOpen: config.contact.form,
    webhook: webhookOf(config),
    observer: metrics.visitors,
    environment,
    logger,
  })
  const chatSearch = createChatSearch({
    store,
    patterns: createPatterns(),
    meaning: chatMeaning,
    settings: config.search,
  })
  const attachments = createAttachments({
    store,
    attachments: attachmentStore,
    running: turns,
    takesFiles: config.attachmentBytes > 0,
    inference,
    texts: pdfTexts,
    createId: environment.createId,
  })
  const threads = createThreads({
    store,
    conversations,
    attachments,
    attachmentStore,
    log,
    environment,
    logger,
  })
  const users = await createJsonUserDirectory({ directory, files, logger })
  const { internalApiKey } = config.inference
  const authentication = await createAuthentication(
    {
      ...config.auth,
      jwt: config.jwt,
      internalApiKey,
      accounts: config.accounts,
      userAgent: userAgent(),
    },
    {
      secretFile: fileIn('jwt-secret'),
      users,
      openAccounts: async () =>
        takeRequests(await createJsonAccountStore({ directory, files, logger }), {
          directory,
          files,
          logger,
        }),
      limiter: createInProcessLimiter({ windowSeconds: PASSWORD_WINDOW }),
      environment,
      logger,
    },
  )
  const { authenticator, startSession, accounts } = authentication
  const exporter = createExporter()
  const addresses = createAddressReader(config.trustedProxies, logger, config.basePath)
  let closing = false
  const app = createApp({
    routes: [
      ...createSiteRoutes({
        conversations,
        store,
        users,
        contacts,
        inference,
        widgetConfig: () => widgetConfigOf(config, { inference, knowledge, attachments }),
        meaning: () => knowledge.meaning(),
        version: packageVersion(),
        readMetrics: metrics.read,
        isClosing: () => closing,
        ...(startSession && { startSession }),
        ...(accounts && { accounts }),
      }),
      ...createAuthRoutes(accounts),
      ...createConversationsDialect({
        conversations,
        chatSearch,
        turns,
        attachments,
        clientTools,
        log,
        inference,
      }),
      ...createCitedDialect({
        conversations,
        turns,
        log,
        knowledge,
        takesGuests: config.auth.mode === 'visitor',
      }),
      ...createThreadsDialect({
        threads,
        attachments,
        turns,
        log,
        store,
        asksModels: config.inference.isOn,
        exporter,
        chatSearch,
      }),
    ],
    authenticator,
    allowedOrigins: config.allowedOrigins,
    assets: createAssets([
      {
        directory: join(home, 'dist'),
        shared: true,
        serves: (path) => WIDGET_FILES.test(path),
      },
      { directory: join(home, 'demo'), serves: (path) => /\.(?:html|css|js|svg|png)$/.test(path) },
    ]),
    manual: createManual(demoKnowledgeDirectory(), demoShopDirectory()),
    version: packageVersion(),
    addresses,
    basePath: config.basePath,
    allowances: createAllowances({
      messagesPerMinute: config.messagesPerMinute,
      limiter: createInProcessLimiter(),
      contactLimiter: createInProcessLimiter({ windowSeconds: CONTACT_WINDOW }),
      budget,
      addresses,
    }),
    observer: metrics.requests,
    logger,
  })

  const server = createHttpServer({
    fetch: app.fetch,
    maxConnections: config.maxConnections,
    allowedOrigins: config.allowedOrigins,
    observer: metrics.requests,
    logger,
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: Error) => reject(cannotListen(config, cause)))
    server.listen(config.port, config.host, resolve)
  })

  const stopSweeping = new AbortController()
  const swept = sweepAttachments(
    { store, attachments: attachmentStore, logger },
    { signal: stopSweeping.signal },
  )

  return {
    url: urlOf(config.host, server.address()) + config.basePath,
    folderLost: lock.lost,
    facts: { config, knowledge, inference, logger },
    async close(grace = SHUTDOWN_GRACE) {
      closing = true
      const closed = new Promise((resolve) => server.close(resolve))
      await exporter.close()
      await turns.close(grace)
      await log.close()
      server.closeIdleConnections()
      const late = setTimeout(() => server.closeAllConnections(), 1_000)
      await closed
      clearTimeout(late)
      await budget.close()
      await contacts.close()
      await authentication.close()
      stopSweeping.abort()
      await swept
      await users.close()
      await chatMeaning?.close()
      await store.close()
      await inference.close()
      await pdfTexts.close()
      await knowledge.close()
      await meaning?.close()
      await encoding?.close()
      metrics.close()
      await lock.release()
    },
  }
}

/** Whom the owner has named to be told of what visitors write; `undefined`: nobody. */
function webhookOf({ contact }: Config): Webhook | undefined {
  const { url, key, proxy } = contact.webhook
  if (url === undefined || key === undefined) return undefined
  return createStandardWebhook({ url, key, proxy, userAgent: userAgent() })
}

/** What turns texts into vectors, and how far it can be counted on. */
interface Encoding {
  readonly createEmbedder: () => Promise<Embedder>
  readonly understands?: (text: string) => boolean
  readonly hasOwnScale?: boolean
  readonly whenDown: string
  /** Milliseconds. */
  readonly patience: number
  close(): Promise<void>
}

/** One encoder for all who compare meaning; `undefined` where words alone are to decide. */
function encodingOf(embeddings: Embeddings, logger: Logger): Encoding | undefined {
  switch (embeddings.kind) {
    case 'service':
      return {
        ...shareEmbedder(async () =>
          createEmbeddingService({ ...embeddings, userAgent: userAgent() }),
        ),
        hasOwnScale: true,
        whenDown: 'the embedding service does not answer',
        patience: SERVICE_PATIENCE,
      }
    case 'builtin':
      return {
        ...shareEmbedder(async () => {
          // Loaded here alone: who compares no meaning has no encoder in memory.
          const { createBuiltinEmbedder } = await import('./knowledge/encoder/index.ts')
          const embedder = createBuiltinEmbedder({ logger })
          // So that no visitor waits for its start.
          await embedder.embed(['ready'], { signal: AbortSignal.timeout(ENCODER_START) })
          return embedder
        }),
        understands: mayBeEnglish,
        whenDown: 'the encoder has stopped',
        patience: ENCODER_PATIENCE,
      }
    case 'off':
      return undefined
  }
}

/** Makes one when it is first asked for, and again when that has failed; nobody who shares it closes it. */
function shareEmbedder(
  create: () => Promise<Embedder>,
): Pick<Encoding, 'createEmbedder' | 'close'> {
  let creating: Promise<Embedder> | undefined
  return {
    async createEmbedder() {
      creating ??= create()
      try {
        return { ...(await creating), close: async () => undefined }
      } catch (error) {
        creating = undefined
        throw error
      }
    },
    async close() {
      await (await creating?.catch(() => undefined))?.close()
    },
  }
}

/** What compares the meaning of documents alone; `undefined` where words are to decide. */
export function meaningOf(
  embeddings: Embeddings,
  folder: string | undefined,
  { logger }: { readonly logger: Logger },
): Meaning | undefined {
  const encoding = encodingOf(embeddings, logger)
  if (!encoding) return undefined
  const meaning = createMeaning({ ...encoding, folder, logger })
  return {
    of: (passages) => meaning.of(passages),
    async close() {
      await meaning.close()
      await encoding.close()
    },
  }
}

/** What compares the meaning of conversations. */
function chatMeaningOf(
  { embeddings, search }: Config,
  encoding: Encoding | undefined,
  place: Pick<ChatMeaningOptions, 'store' | 'folder' | 'logger'>,
): ChatMeaning | undefined {
  if (!encoding || !search.enabled) return undefined
  const limits = embeddings.kind === 'service' ? CHATS_BY_SERVICE : CHATS_BY_ENCODER
  return createChatMeaning({ ...encoding, patience: SERVICE_PATIENCE, ...limits, ...place })
}

/** The data folder; better not to start than to run with less than the operator asked for. */
function checkAvailable({ database, redisUrl }: Config): string {
  const missing: string[] = []
  if (redisUrl !== undefined)
    missing.push('REDIS_URL: Redis is not part of this version; unset it.')
  if (database.kind !== 'files') {
    missing.push('DATABASE_URL: PostgreSQL is not part of this version; use file:<folder>.')
  }
  if (database.kind !== 'files' || missing.length > 0) throw new ConfigError(missing)
  return database.directory
}

function cannotListen(config: Config, cause: Error): StartError {
  const code = 'code' in cause ? cause.code : ''
  const at = `${config.host}:${config.port}`
  if (code === 'EADDRINUSE') {
    return new StartError(
      `${at} is in use already. Set PORT to another port (0 picks a free one).`,
      {
        cause,
      },
    )
  }
  if (code === 'EACCES') {
    return new StartError(`Listening on ${at} is not permitted. Set PORT to one above 1023.`, {
      cause,
    })
  }
  return new StartError(`Cannot listen on ${at} (${cause.message}). Check HOST and PORT.`, {
    cause,
  })
}

function urlOf(host: string, address: AddressInfo | string | null): string {
  const port = address !== null && typeof address === 'object' ? address.port : 0
  const shown =
    host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${shown}:${port}`
}
