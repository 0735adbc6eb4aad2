/** The routes that belong to no dialect: sessions, health, and what the element asks at its start. */
import type { Contacts } from '../../core/contacts.ts'
import type { Conversations } from '../../core/conversations.ts'
import { ChatError } from '../../core/errors.ts'
import { learn } from '../../core/message-length.ts'
import type {
  Accounts,
  ConversationStore,
  Inference,
  MeaningStatus,
  UserDirectory,
} from '../../core/ports/index.ts'
import type { SessionBody, WidgetConfigBody } from '../../protocol/api.ts'
import { empty, json, type AnyRoute } from '../route.ts'
import { siteDocs } from './docs.ts'
import { createAdminRoutes } from './admin-routes.ts'
import { createContactRoute } from './contact-routes.ts'

/** Milliseconds that the store and the model server have to show that they are there. */
const READY_TIMEOUT = 2_000
/** Milliseconds that the element waits at its start until it is known what the model server takes. */
const LEARNING_TIMEOUT = 1_000
/** Milliseconds for which all who ask share one answer of theirs: anybody may ask, and as often as they like. */
const READY_FRESH = 1_000

export interface SiteRoutesDependencies {
  readonly conversations: Conversations
  readonly store: ConversationStore
  readonly users: UserDirectory
  readonly contacts: Contacts
  readonly inference: Inference
  /** Asked each time: what a model server can do may be learned late. */
  readonly widgetConfig: () => WidgetConfigBody
  /** What of the documents' meaning is compared. */
  readonly meaning: () => MeaningStatus
  readonly version: string
  readonly readMetrics: () => Promise<{ readonly contentType: string; readonly text: string }>
  /** The server takes no new visitors any more. */
  readonly isClosing: () => boolean
  /** Starts an anonymous session, or renews the one whose token is given; absent in other auth modes. */
  readonly startSession?: (earlierToken: string | undefined) => Promise<SessionBody>
  /** Those who sign in here, where they do. */
  readonly accounts?: Pick<Accounts, 'list'>
}

export function createSiteRoutes(dependencies: SiteRoutesDependencies): readonly AnyRoute[] {
  const {
    conversations,
    store,
    users,
    contacts,
    inference,
    widgetConfig,
    meaning,
    version,
    readMetrics,
    isClosing,
    startSession,
    accounts,
  } = dependencies

  const probe = async () => {
    const signal = AbortSignal.timeout(READY_TIMEOUT)
    const [storeReady, inferenceReady] = await Promise.all([
      answersYes(store.isReady(), signal),
      answersYes(inference.isReady({ signal }), signal),
    ])
    lastReady = storeReady && inferenceReady
    return { storeReady, inferenceReady }
  }
  let lastReady = true
  let probed: { readonly answer: ReturnType<typeof probe>; readonly at: number } | undefined
  const shared = () => {
    const now = performance.now()
    if (!probed || now - probed.at >= READY_FRESH) probed = { answer: probe(), at: now }
    return probed.answer
  }

  const health = async () => {
    // For whoever asks next: this answer waits for nobody.
    void shared()
    const ready = lastReady && !isClosing()
    return json({ status: 'ok', ready, service: 'chat-api', version })
  }

  const startRoute: AnyRoute = {
    method: 'POST',
    path: '/api/session',
    open: true,
    takes: 'sessions',
    doc: siteDocs.startSession,
    async handle(exchange) {
      if (!startSession) throw new ChatError('not_found', 'There are no anonymous sessions here.')
      await exchange.admit()
      const earlier = /^Bearer +(\S+)$/i.exec(exchange.header('authorization') ?? '')?.[1]
      return json(await startSession(earlier), 201)
    },
  }

  return [
    { method: 'GET', path: '/health', open: true, doc: siteDocs.health, handle: health },
    { method: 'GET', path: '/api/health', open: true, doc: siteDocs.apiHealth, handle: health },
    {
      method: 'GET',
      path: '/ready',
      open: true,
      doc: siteDocs.ready,
      async handle() {
        const { storeReady, inferenceReady } = await shared()
        const ready = storeReady && inferenceReady && !isClosing()
        const found = { store: storeReady, inference: inferenceReady, meaning: wordsFor(meaning()) }
        return json({ ready, ...found }, ready ? 200 : 503)
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      open: true,
      doc: siteDocs.metrics,
      handle: async () => ({ kind: 'text', ...(await readMetrics()) }),
    },
    {
      method: 'GET',
      path: '/api/widget-config',
      open: true,
      doc: siteDocs.widgetConfig,
      async handle() {
        await learn(inference, LEARNING_TIMEOUT)
        return json(widgetConfig())
      },
    },
    startRoute,
    {
      method: 'DELETE',
      path: '/api/session',
      doc: siteDocs.endSession,
      async handle(exchange) {
        const { userId } = exchange.identity
        await conversations.removeAll(userId)
        await contacts.removeAll(userId)
        await users.remove(userId)
        return empty(204)
      },
    },
    createContactRoute(contacts),
    ...createAdminRoutes({ store, users, contacts, accounts }),
  ]
}

/** A check that fails or does not come back counts as no. */
async function answersYes(question: Promise<boolean>, signal: AbortSignal): Promise<boolean> {
  const timeout = new Promise<boolean>((resolve) => {
    signal.addEventListener('abort', () => resolve(false), { once: true })
  })
  return await Promise.race([question.catch(() => false), timeout])
}

function wordsFor(status: MeaningStatus): string {
  switch (status.kind) {
    case 'preparing':
      return `preparing ${status.done} of ${status.of}`
    case 'waiting':
      return 'waiting for the first question'
    case 'unavailable':
      return `lexical only: ${status.because}`
    default:
      return status.kind
  }
}
