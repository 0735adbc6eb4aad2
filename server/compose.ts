/**
 * Puts the server together from a configuration: the only place that picks implementations. Begin with `startInFolder`:
 * what makes a backend comes first, then the rooms around it, a line each.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import { createAuthentication } from './auth/index.ts'
import { createBuiltinInference } from './builtin/index.ts'
import { createOwnSentences } from './builtin/words.ts'
import type { Config } from './config/index.ts'
import { createAttachments, sweepAttachments } from './core/attachments.ts'
import { createChatSearch, withMeaning } from './core/chat-search.ts'
import { createContacts } from './core/contacts.ts'
import { createConversations } from './core/conversations.ts'
import { StartError } from './core/errors.ts'
import { OPTIONAL_GROUNDING } from './core/grounding.ts'
import type { Logger, RateLimiter, RunAlone, Webhook } from './core/ports/index.ts'
import { keepForDays } from './core/retention.ts'
import { systemEnvironment as environment } from './core/settings.ts'
import { createThreads } from './core/threads.ts'
import { recoverDrafts } from './core/turn/drafts.ts'
import { watchOrphans } from './core/turn/takeover.ts'
import { createClientTools } from './core/turn/tools.ts'
import { createTurns } from './core/turn/turn.ts'
import { createCitedDialect } from './dialects/cited/routes.ts'
import { createConversationsDialect } from './dialects/conversations/routes.ts'
import { createSiteRoutes } from './dialects/site/routes.ts'
import { createAuthRoutes } from './dialects/threads/auth-routes.ts'
import { createThreadsDialect } from './dialects/threads/routes.ts'
import { createExporter } from './export/index.ts'
import { createAddressReader } from './http/address.ts'
import { createAllowances } from './http/allowances.ts'
import { createApp } from './http/app.ts'
import { createAssets } from './http/assets.ts'
import { createManual } from './http/manual.ts'
import { createHttpServer } from './http/server.ts'
import { createInference } from './inference/index.ts'
import { createMeaningEraser } from './knowledge/chat-meaning.ts'
import { createPdfTexts } from './knowledge/file-reader.ts'
import { loadKnowledge, readAttachedFiles } from './knowledge/index.ts'
import { createMeaning } from './knowledge/meaning.ts'
import { createInProcessLimiter } from './limits/in-process.ts'
import { createRedisDays, createRedisLimiter } from './limits/redis.ts'
import { createTokenBudget } from './limits/token-budget.ts'
import { chatMeaningOf, type Encoding, encodingOf } from './meaning.ts'
import { createMetrics, type Metrics } from './metrics/index.ts'
import {
  demoKnowledgeDirectory,
  demoShopDirectory,
  packageDirectory,
  packageVersion,
  userAgent,
} from './package.ts'
import { createPatterns } from './patterns/index.ts'
import type { Redis } from './redis.ts'
import type { StartFacts } from './start-report.ts'
import { createTextFile } from './stores/disk/atomic-file.ts'
import {
  type FileSystem,
  guardWrites,
  nodeFileSystem,
  unusableFolder,
} from './stores/disk/file-system.ts'
import { type FolderLockOptions, lockFolder } from './stores/disk/folder-lock.ts'
import { MEANING_FOLDER } from './stores/disk/paths.ts'
import { createJsonAccountStore, takeRequests } from './stores/json-accounts.ts'
import { createJsonAttachmentStore } from './stores/json-attachments.ts'
import { createJsonContactStore } from './stores/json-contacts.ts'
import { createJsonFileStore } from './stores/json-conversations.ts'
import { createJsonDraftStore } from './stores/json-drafts.ts'
import { createJsonUserDirectory } from './stores/json-users.ts'
import { openPostgresStores } from './stores/postgres/index.ts'
import { createTools } from './tools/index.ts'
import { createInProcessTurnLog } from './turn-logs/in-process.ts'
import { createRedisTurnLog } from './turn-logs/redis.ts'
import { createStandardWebhook } from './webhooks/standard-webhook.ts'
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

/** Where fetched sites are, and what is kept of documents, in a data folder. */
export const knowledgeHomeIn = (directory: string) => join(directory, 'knowledge')

/** Whether the documents are this product's manual, which stands in until there are others. */
export const isManual = ({ knowledgeDirectory }: Config) =>
  knowledgeDirectory === demoKnowledgeDirectory()

/** `lockOptions` are for tests. @throws StartError when it cannot start as configured */
export async function startServer(
  config: Config,
  logger: Logger,
  lockOptions: Partial<FolderLockOptions> = {},
): Promise<RunningServer> {
  const { redisUrl } = config
  // Its library is a fifth of what a start has to read, which one server alone has no use for.
  const redis =
    redisUrl === undefined
      ? undefined
      : await (await import('./redis.ts')).connectRedis(redisUrl, logger)
  try {
    return await startWith(config, { logger, redis }, lockOptions)
  } catch (error) {
    await redis?.close()
    throw error
  }
}

/** In the data folder, which is this server's alone, or on a database. */
async function startWith(
  config: Config,
  { logger, redis }: Pick<Place, 'logger' | 'redis'>,
  lockOptions: Partial<FolderLockOptions>,
): Promise<RunningServer> {
  const { database } = config
  const { directory } = database
  if (database.kind === 'postgres') {
    // Several servers may share all that is kept; nobody takes it from another one.
    const alone = { lost: new Promise<never>(() => {}), leave: async () => {} }
    return await startInFolder(config, {
      ...{ directory, files: nodeFileSystem, logger, redis },
      ...alone,
    })
  }
  const lock = await lockFolder({ directory, patience: LOCK_PATIENCE, logger, ...lockOptions })
  try {
    const calmed = warnOnly(logger, lock.lost)
    // Whoever writes into the data folder does it through these.
    const files = guardWrites(nodeFileSystem, lock.assertHeld)
    const held = { lost: lock.lost, leave: lock.release }
    return await startInFolder(config, { directory, files, logger: calmed, redis, ...held })
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
  readonly files: FileSystem
  readonly logger: Logger
  /** What servers share that run at the same time; `undefined`: there is one server. */
  readonly redis: Redis | undefined
  /** Resolves with a sentence when another server has taken the place. */
  readonly lost: Promise<string>
  leave(): Promise<void>
}

async function startInFolder(config: Config, place: Place): Promise<RunningServer> {
  const metrics = createMetrics()
  const encoding = encodingOf(config.embeddings, place.logger)

  // What makes a backend: what is kept, what answers, and turns that bring the two together.
  const kept = await openStores(config, place, { metrics, encoding })
  const answers = await openAnswers(config, place, encoding)
  const talk = await createTalk(config, place, { ...kept, ...answers, metrics })
  const backend = { ...kept, ...answers, ...talk, metrics }

  // The rooms around it, one line each.
  const attachments = attachmentsOf(config, backend)
  const chatSearch = chatSearchOf(config, backend)
  const contacts = contactsOf(config, place, backend)
  const threads = createThreads({ ...backend, attachments, environment, logger: place.logger })
  const exporter = createExporter()
  const authentication = await openAuthentication(config, place, backend)

  const stopping = new AbortController()
  const rooms = { ...backend, attachments, chatSearch, contacts, threads, exporter, authentication }
  const server = createWebServer(
    config,
    place,
    rooms,
    routesOf(config, place, rooms, stopping.signal),
  )
  await listen(server, config)
  const swept = sweepAttachments(
    { store: kept.store, attachments: kept.attachmentStore, logger: place.logger },
    { signal: stopping.signal },
  )
  const retention = retentionOf(config, place, rooms)

  return {
    url: urlOf(config.host, server.address()) + config.basePath,
    folderLost: place.lost,
    facts: {
      config,
      knowledge: answers.knowledge,
      inference: answers.inference,
      logger: place.logger,
    },
    async close(grace = SHUTDOWN_GRACE) {
      stopping.abort()
      await closeRooms(server, { ...rooms, swept, retention, encoding }, grace)
      await place.redis?.close()
      await place.leave()
    },
  }
}

/** What is kept, and where. */
async function openStores(
  config: Config,
  place: Place,
  { metrics, encoding }: { readonly metrics: Metrics; readonly encoding: Encoding | undefined },
) {
  const { logger } = place
  const { conversations, ...kept } = await openDatabase(config, place)
  const timed = metrics.timeStore(conversations)
  const folder = await meaningFolderOf(config)
  const chatMeaning = chatMeaningOf(config, encoding, { store: timed, folder: folder.path, logger })
  const store = withMeaning(timed, chatMeaning ?? createMeaningEraser(folder.path))
  return { ...kept, chatMeaning, store, leaveMeaning: folder.leave }
}

/** The data folder, or the database. */
async function openDatabase(
  { database, attachmentBytes }: Config,
  { directory, files, logger }: Place,
) {
  if (database.kind === 'postgres') {
    return await openPostgresStores({ url: database.url, logger, attachmentBytes })
  }
  const at = { directory, files, logger }
  return {
    conversations: await createJsonFileStore(at),
    drafts: createJsonDraftStore(at),
    attachmentStore: createJsonAttachmentStore({ ...at, limit: attachmentBytes }),
    contactStore: await createJsonContactStore(at),
    users: await createJsonUserDirectory(at),
    openAccounts: async () => takeRequests(await createJsonAccountStore(at), at),
    /** One of the small files beside them. */
    fileIn: (name: string) => createTextFile({ files, logger }, join(directory, name)),
    /** Nobody shares a folder. */
    checkSecret: async () => {},
    runAlone: aloneInFolder,
  }
}

const aloneInFolder: RunAlone = (work) => work({ signal: new AbortController().signal })

/**
 * Where vectors of conversations are kept. Of those in a database they are this process's own and go with it: what
 * another server erases must not stay here.
 */
async function meaningFolderOf({ database }: Config) {
  if (database.kind === 'files') {
    return { path: join(database.directory, MEANING_FOLDER), leave: async () => {} }
  }
  const path = await mkdtemp(join(tmpdir(), 'samosa-meaning-'))
  return { path, leave: () => rm(path, { recursive: true, force: true }) }
}

type Kept = Awaited<ReturnType<typeof openStores>>

/** What answers: the documents, and a model server or the engine of our own. */
async function openAnswers(
  config: Config,
  { directory, logger }: Place,
  encoding: Encoding | undefined,
) {
  const home = knowledgeHomeIn(directory)
  const folder = config.knowledgeDirectory
  // The product's manual is asked about by few servers' visitors: its vectors take many seconds of a core.
  const meaning =
    encoding && createMeaning({ ...encoding, folder: home, isLazy: isManual(config), logger })
  const knowledge = await loadKnowledge(isManual(config) ? [folder, demoShopDirectory()] : folder, {
    logger,
    home,
    watch: true,
    meaning,
    standIn: isManual(config),
    basePath: config.basePath,
  })
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
  const contactIn = (language: string) => contactWaysOf(config, language)
  const builtin = () =>
    createBuiltinInference({
      ...{ knowledge, tools, readFiles: readAttachedFiles, ownSentences, contactIn },
    })
  const inference = createInference(
    { ...config.inference, userAgent: userAgent() },
    { builtin, logger },
  )
  return { meaning, knowledge, tools, inference }
}

type Answers = Awaited<ReturnType<typeof openAnswers>>

/**
 * Turns and the conversations that they are in. An answer that a dead process was writing is stored as far as it came.
 */
async function createTalk(
  config: Config,
  { logger, redis }: Place,
  parts: Kept & Answers & { readonly metrics: Metrics },
) {
  const { attachmentStore, contactStore, knowledge, inference, metrics, fileIn } = parts
  const log = redis ? await createRedisTurnLog({ ...redis, logger }) : createInProcessTurnLog()
  await recoverDrafts({ ...parts, log, logger })
  const texts = createPdfTexts()
  const clientTools = createClientTools(environment)
  const file = fileIn('token-budget.json')
  const { now } = environment
  const shared = redis && createRedisDays(redis.client)
  const budget = await createTokenBudget({ ...config.dailyTokens, file, shared, logger, now })
  const turns = createTurns({
    ...parts,
    attachments: attachmentStore,
    log,
    texts,
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
  const conversations = createConversations({
    ...parts,
    attachments: attachmentStore,
    contacts: contactStore,
    log,
    turns,
    observer: metrics.visitors,
    environment,
  })
  const sharesDrafts = config.database.kind === 'postgres'
  const orphans = watchOrphans({ ...parts, log, environment, logger, sharesDrafts })
  return { log, texts, budget, turns, conversations, orphans }
}

type Backend = Kept &
  Answers &
  Awaited<ReturnType<typeof createTalk>> & { readonly metrics: Metrics }

/** What is older than the operator keeps anything goes by itself; `undefined`: everything is kept. */
function retentionOf({ retentionDays: days }: Config, { logger }: Place, rooms: Rooms) {
  if (days === undefined) return undefined
  const attachments = rooms.attachmentStore
  return keepForDays({ ...rooms, days, attachments, environment, logger })
}

/** Files that visitors send. */
function attachmentsOf(config: Config, { attachmentStore, turns, ...backend }: Backend) {
  return createAttachments({
    ...backend,
    attachments: attachmentStore,
    running: turns,
    takesFiles: config.attachmentBytes > 0,
    createId: environment.createId,
  })
}

function chatSearchOf(config: Config, { store, chatMeaning }: Backend) {
  const patterns = createPatterns()
  return createChatSearch({ store, patterns, meaning: chatMeaning, settings: config.search })
}

/** What visitors write to the owner. */
function contactsOf(config: Config, { directory, logger }: Place, backend: Backend) {
  const { contactStore, conversations, metrics } = backend
  const isUnread = config.auth.mode === 'visitor' && config.contact.webhook.url === undefined
  if (config.contact.form && isUnread) {
    logger.warn(
      { file: join(directory, 'contacts.jsonl') },
      'nobody is told of what visitors write in the contact form: set WIDGET_CONTACT_WEBHOOK_URL, or look into the file',
    )
  }
  return createContacts({
    store: contactStore,
    conversations,
    isOpen: config.contact.form,
    webhook: webhookOf(config),
    observer: metrics.visitors,
    environment,
    logger,
  })
}

/** Whom the owner has named to be told of what visitors write; `undefined`: nobody. */
function webhookOf({ contact }: Config): Webhook | undefined {
  const { url, key, proxy } = contact.webhook
  if (url === undefined || key === undefined) return undefined
  return createStandardWebhook({ url, key, proxy, userAgent: userAgent() })
}

/** Who is asking: visitors, users of an auth service or of a host site, or those who sign in here. */
function openAuthentication(config: Config, place: Place, backend: Backend) {
  const { logger } = place
  const { users, openAccounts, fileIn, checkSecret } = backend
  const { auth, jwt, accounts } = config
  const { internalApiKey } = config.inference
  return createAuthentication(
    { ...auth, jwt, internalApiKey, accounts, userAgent: userAgent() },
    {
      secretFile: fileIn('jwt-secret'),
      checkSecret,
      users,
      openAccounts,
      limiter: limiterOf(place, 'passwords', PASSWORD_WINDOW),
      environment,
      logger,
    },
  )
}

interface Rooms extends Backend {
  readonly attachments: ReturnType<typeof createAttachments>
  readonly chatSearch: ReturnType<typeof createChatSearch>
  readonly contacts: ReturnType<typeof createContacts>
  readonly threads: ReturnType<typeof createThreads>
  readonly exporter: ReturnType<typeof createExporter>
  readonly authentication: Awaited<ReturnType<typeof createAuthentication>>
}

/** Everything that can be asked for: each dialect is one line. */
function routesOf(config: Config, { redis }: Place, rooms: Rooms, stopping: AbortSignal) {
  const { knowledge, metrics } = rooms
  const { accounts, startSession } = rooms.authentication
  const asksModels = config.inference.isOn
  const takesGuests = config.auth.mode === 'visitor'
  return [
    ...createSiteRoutes({
      ...rooms,
      widgetConfig: () => widgetConfigOf(config, rooms),
      meaning: () => knowledge.meaning(),
      version: packageVersion(),
      readMetrics: metrics.read,
      isClosing: () => stopping.aborted,
      trouble: () => redis?.trouble(),
      ...(startSession && { startSession }),
      ...(accounts && { accounts }),
    }),
    ...createAuthRoutes(accounts),
    ...createConversationsDialect(rooms),
    ...createCitedDialect({ ...rooms, takesGuests }),
    ...createThreadsDialect({ ...rooms, asksModels }),
  ]
}

/** One for all servers that share a Redis. */
function limiterOf({ redis }: Place, name: string, windowSeconds?: number): RateLimiter {
  const length = windowSeconds === undefined ? {} : { windowSeconds }
  return redis
    ? createRedisLimiter({ client: redis.client, name, ...length })
    : createInProcessLimiter(length)
}

function createWebServer(
  config: Config,
  place: Place,
  { authentication, budget, metrics }: Rooms,
  routes: ReturnType<typeof routesOf>,
) {
  const { logger } = place
  const { allowedOrigins, basePath, maxConnections, messagesPerMinute } = config
  const home = packageDirectory()
  const addresses = createAddressReader(config.trustedProxies, logger, basePath)
  const observer = metrics.requests
  const app = createApp({
    routes,
    authenticator: authentication.authenticator,
    allowedOrigins,
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
    basePath,
    allowances: createAllowances({
      messagesPerMinute,
      limiter: limiterOf(place, 'messages'),
      contactLimiter: limiterOf(place, 'contacts', CONTACT_WINDOW),
      budget,
      addresses,
    }),
    observer,
    logger,
  })
  return createHttpServer({ fetch: app.fetch, maxConnections, allowedOrigins, observer, logger })
}

type WebServer = ReturnType<typeof createWebServer>

/** @throws StartError that says what of HOST and PORT does not do */
function listen(server: WebServer, config: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: Error) => reject(cannotListen(config, cause)))
    server.listen(config.port, config.host, resolve)
  })
}

function cannotListen({ host, port }: Config, cause: Error): StartError {
  const at = `${host}:${port}`
  const sentences: Readonly<Record<string, string>> = {
    EADDRINUSE: `${at} is in use already. Set PORT to another port (0 picks a free one).`,
    EACCES: `Listening on ${at} is not permitted. Set PORT to one above 1023.`,
  }
  const code = 'code' in cause ? String(cause.code) : ''
  const usual = `Cannot listen on ${at} (${cause.message}). Check HOST and PORT.`
  return new StartError(sentences[code] ?? usual, { cause })
}

function urlOf(host: string, address: AddressInfo | string | null): string {
  const port = address !== null && typeof address === 'object' ? address.port : 0
  const shown =
    host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return `http://${shown}:${port}`
}

interface Closing extends Rooms {
  readonly swept: Promise<void>
  readonly retention: ReturnType<typeof retentionOf>
  readonly encoding: Encoding | undefined
}

/** Takes no new requests, lets turns end, then closes what they needed. */
async function closeRooms(server: WebServer, rooms: Closing, grace: number): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  await rooms.exporter.close()
  await rooms.retention?.close()
  await rooms.turns.close(grace)
  await rooms.orphans.close()
  await rooms.log.close()
  server.closeIdleConnections()
  const late = setTimeout(() => server.closeAllConnections(), 1_000)
  await closed
  clearTimeout(late)
  await rooms.budget.close()
  await rooms.contacts.close()
  await rooms.authentication.close()
  await rooms.swept
  await rooms.users.close()
  await rooms.drafts.close()
  await rooms.chatMeaning?.close()
  await rooms.leaveMeaning()
  await rooms.store.close()
  await rooms.inference.close()
  await rooms.texts.close()
  await rooms.knowledge.close()
  await rooms.meaning?.close()
  await rooms.encoding?.close()
  rooms.metrics.close()
}
