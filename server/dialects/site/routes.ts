/** The routes that belong to no dialect: sessions, health, and what the element asks at its start. */
import type { Contacts } from '../../core/contacts.ts'
import type { Conversations } from '../../core/conversations.ts'
import { ChatError } from '../../core/errors.ts'
import { learn } from '../../core/turn/user-message.ts'
import type {
  Accounts,
  ConversationStore,
  Inference,
  MeaningStatus,
  UserDirectory,
} from '../../core/ports/index.ts'
import {
  type SessionBody,
  type WidgetConfigBody,
  SWITCHES,
  type NewContactBody,
} from '../../protocol/api.ts'
import { empty, json, type AnyRoute, type RouteDoc, type Route } from '../route.ts'
import { createAdminRoutes } from './admin-routes.ts'
import { z } from 'zod'
import { isEmailAddress } from '../../core/accounts.ts'
import { object, optional, text, requestKeyOf } from '../fields.ts'

// What the routes that belong to no dialect answer, for the API's description.

const healthSchema = z
  .object({
    status: z.literal('ok'),
    ready: z.boolean().describe('What `GET /ready` has found last.'),
    service: z.literal('chat-api'),
    version: z.string(),
  })
  .meta({ id: 'Health' })

const readinessSchema = z
  .object({
    ready: z.boolean().describe('Both `store` and `inference`.'),
    status: z
      .enum(['ok', 'degraded', 'unready'])
      .describe(
        '`degraded` while what servers share is away, so that each goes on by itself: it is ready all the same.',
      ),
    reason: z
      .exactOptional(z.string())
      .describe(
        'What is wrong with what servers share: `Redis is away`, `Redis has no memory left`.',
      ),
    store: z.boolean(),
    inference: z.boolean(),
    meaning: z
      .string()
      .describe(
        '`on`, `off`, `preparing 12 of 340` while pieces of documents get their vectors, or `lexical only: ` and why. Changes nothing about `ready`.',
      ),
  })
  .meta({ id: 'Readiness' })

const sessionSchema = z
  .object({
    token: z.string().describe('For `Authorization: Bearer`.'),
    expires_in: z.int().describe('Seconds.'),
    visitor_id: z.uuid(),
  })
  .meta({ id: 'Session' }) satisfies z.ZodType<SessionBody>

const widgetConfigSchema = z
  .object({
    title: z.string().describe('Empty: the element has a title in the visitor’s language.'),
    greeting: z.string().describe('Empty: the element greets in the visitor’s language.'),
    logo: z
      .exactOptional(z.string().nullable())
      .describe('Address of a picture in place of our mark; null: ours.'),
    starters: z.array(z.string()).describe('Questions that an empty chat offers.'),
    notice: z
      .exactOptional(z.string().nullable())
      .describe(
        'What to tell visitors before they write; `ai`: that they talk to a machine, in their language.',
      ),
    privacy_url: z.exactOptional(z.string().nullable()).describe('The page on privacy.'),
    by_language: z
      .exactOptional(
        z.record(
          z.string(),
          z.object({
            title: z.exactOptional(z.string()),
            greeting: z.exactOptional(z.string()),
            starters: z.exactOptional(z.array(z.string())),
            notice: z.exactOptional(z.string()),
            privacy_url: z.exactOptional(z.string()),
            contact_hours: z.exactOptional(z.string()),
          }),
        ),
      )
      .describe('What of it single languages have in place of that, by their tags (BCP 47).'),
    features: z
      .record(z.enum([...SWITCHES, 'accounts', 'knowledge']), z.boolean())
      .describe('What this server can do, and what of it the chat offers.'),
    attachments: z
      .exactOptional(
        z
          .object({
            images: z.boolean(),
            text: z.boolean(),
            pdf: z.boolean().describe('For their text.'),
            max_files: z.int(),
            max_bytes: z.int().describe('Of all files of a message together.'),
          })
          .nullable(),
      )
      .describe('Which files a message may carry; `null` for none.'),
    contact: z
      .exactOptional(
        z
          .object({
            email: z.string().nullable(),
            url: z.string().nullable().describe('Of a page.'),
            phone: z.string().nullable(),
            hours: z.string().nullable().describe('When somebody can be reached.'),
            form: z.boolean().describe('Whether `POST /api/contact` takes messages.'),
          })
          .nullable(),
      )
      .describe('How visitors reach a person; `null` where they cannot.'),
    stand_in: z
      .exactOptional(z.boolean())
      .describe('Whether the documents of the demo answer, as there are no others yet.'),
    auth_mode: z.enum(['visitor', 'local', 'service', 'jwt']),
    max_message_length: z.int().describe('Unicode code points.'),
    locale: z.string(),
  })
  .meta({ id: 'WidgetConfig' }) satisfies z.ZodType<WidgetConfigBody>

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

const healthDoc = {
  chapter: 'Operation',
  summary: 'Says that the server is up.',
  responses: { 200: { description: 'It is.', schema: healthSchema } },
} satisfies Omit<RouteDoc, 'name'>

const siteDocs = {
  health: { name: 'getHealth', ...healthDoc },
  apiHealth: { name: 'getApiHealth', ...healthDoc },
  ready: {
    name: 'getReadiness',
    chapter: 'Operation',
    summary: 'Says whether the store and the model server are there.',
    responses: {
      200: { description: 'Both are.', schema: readinessSchema },
      503: { description: 'At least one is not.', schema: readinessSchema },
    },
  },
  metrics: {
    name: 'getMetrics',
    chapter: 'Operation',
    summary: 'What the server has counted and measured, for Prometheus.',
    responses: {
      200: { description: 'In the text format of Prometheus.', contentType: METRICS_TYPE },
    },
  },
  widgetConfig: {
    name: 'getWidgetConfig',
    chapter: 'Session and settings',
    summary: 'Says what the chat element needs to know at its start.',
    responses: { 200: { description: 'The settings.', schema: widgetConfigSchema } },
  },
  startSession: {
    name: 'startSession',
    chapter: 'Session and settings',
    summary: 'Starts the session of an anonymous visitor.',
    description: 'With the token of a session, that one is renewed.',
    mayCarryToken: true,
    responses: {
      201: { description: 'The session.', schema: sessionSchema },
      404: { description: 'Callers sign in elsewhere: this server has no anonymous visitors.' },
    },
  },
  endSession: {
    name: 'eraseCaller',
    chapter: 'Session and settings',
    summary: 'Erases everything that is stored about the caller.',
    description: 'An account of this server stays: an admin can disable it.',
    responses: { 204: { description: 'It is gone.' } },
  },
} satisfies Readonly<Record<string, RouteDoc>>

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
  /** What is wrong with what servers share, so that this one goes on by itself; `undefined`: nothing. */
  readonly trouble: () => string | undefined
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
    trouble,
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
        const reason = trouble()
        const status = !ready ? 'unready' : reason === undefined ? 'ok' : 'degraded'
        return json({ ready, status, ...(reason && { reason }), ...found }, ready ? 200 : 503)
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

// Where a visitor writes to a person: `POST /api/contact`.

const LONGEST_MESSAGE = 4_000

const bodySchema = object({
  message: text(1, LONGEST_MESSAGE).refine(
    // One complaint about nothing at all is enough.
    (value) => value === '' || value.trim() !== '',
    'must not be blank',
  ),
  email: z
    .string('must be a text')
    // Blanks around it are what completing a field leaves; a line break is somebody's attempt at a second address.
    .transform((value) => value.replaceAll(/^[ \u00a0]+|[ \u00a0]+$/g, ''))
    .refine(isEmailAddress, 'must be one e-mail address')
    .meta({ type: 'string', format: 'idn-email', maxLength: 254 })
    .describe('Where the visitor awaits the answer.'),
  consent: z
    .literal(true, 'must be true: without consent nothing is kept')
    .describe('That the owner may keep the message and answer it.'),
  conversation_id: optional(z.string('must be a text')).describe(
    'Of the caller: what it is about.',
  ),
  message_id: optional(z.string('must be a text')).describe(
    'The answer that the visitor came from; only with its conversation.',
  ),
  website: optional(z.string('must be a text')).describe(
    'A field that people do not see, and leave empty. What robots fill in is not kept.',
  ),
}).refine(
  ({ conversation_id, message_id }) => message_id === undefined || conversation_id !== undefined,
  { path: ['conversation_id'], error: 'is missing: a message belongs to its conversation' },
) satisfies z.ZodType<unknown, NewContactBody>

const createdSchema = z
  .object({ id: z.uuid(), created_at: z.iso.datetime().describe('UTC.') })
  .meta({ id: 'ContactCreated' })

export type ContactCreatedBody = z.infer<typeof createdSchema>

const doc: RouteDoc = {
  name: 'writeToOwner',
  chapter: 'Session and settings',
  summary: 'Leaves a message for the people behind the site.',
  description:
    'It is kept until the caller erases everything or it is older than the owner keeps anything, listed for admins, and sent to the webhook of the owner, if there is one. Of a conversation, the title and the last question go along.',
  headers: {
    'Idempotency-Key':
      'The same key again, by the same caller, gives the entry that there is: nothing is kept or sent twice.',
  },
  body: bodySchema,
  responses: {
    201: { description: 'It is kept.', schema: createdSchema },
    404: {
      description:
        'This site has no form, or there is no such conversation or message of the caller.',
    },
  },
}

function createContactRoute(contacts: Pick<Contacts, 'checkOpen' | 'submit'>): Route {
  return {
    method: 'POST',
    path: '/api/contact',
    takes: 'contacts',
    doc,
    async handle(exchange) {
      contacts.checkOpen()
      const body = await exchange.json(bodySchema)
      const contact = await contacts.submit(
        {
          ownerId: exchange.identity.userId,
          message: body.message,
          email: body.email,
          conversationId: body.conversation_id,
          messageId: body.message_id,
          key: requestKeyOf(exchange.header('idempotency-key')),
          isByRobot: (body.website ?? '').trim() !== '',
        },
        () => exchange.admit(),
      )
      return json(
        { id: contact.id, created_at: contact.createdAt } satisfies ContactCreatedBody,
        201,
      )
    },
  }
}
