/** The routes that belong to no dialect: sessions, health, and what the element asks at its start. */
import type { Conversations } from '../../core/conversations.ts'
import type { ConversationStore, Inference } from '../../core/ports.ts'
import type { SessionBody, WidgetConfigBody } from '../../protocol/api.ts'
import { empty, json, type AnyRoute } from '../route.ts'

/** Milliseconds that the store and the model server have to show that they are there. */
const READY_TIMEOUT = 2_000

export interface SiteRoutesDependencies {
  readonly conversations: Conversations
  readonly store: ConversationStore
  readonly inference: Inference
  /** Asked each time: what a model server can do may be learned late. */
  readonly widgetConfig: () => WidgetConfigBody
  readonly version: string
  /** Starts an anonymous session, or renews the one whose token is given; absent in other auth modes. */
  readonly startSession?: (earlierToken: string | undefined) => Promise<SessionBody>
}

export function createSiteRoutes(dependencies: SiteRoutesDependencies): readonly AnyRoute[] {
  const { conversations, store, inference, widgetConfig, version, startSession } = dependencies

  const health = async () => json({ status: 'ok', ready: true, service: 'chat-api', version })

  const sessionRoutes: AnyRoute[] = startSession
    ? [
        {
          method: 'POST',
          path: '/api/session',
          open: true,
          async handle(exchange) {
            const earlier = /^Bearer +(\S+)$/i.exec(exchange.header('authorization') ?? '')?.[1]
            return json(await startSession(earlier), 201)
          },
        },
      ]
    : []

  return [
    { method: 'GET', path: '/health', open: true, handle: health },
    { method: 'GET', path: '/api/health', open: true, handle: health },
    {
      method: 'GET',
      path: '/ready',
      open: true,
      async handle() {
        const signal = AbortSignal.timeout(READY_TIMEOUT)
        const [storeReady, inferenceReady] = await Promise.all([
          answersYes(store.isReady(), signal),
          answersYes(inference.isReady({ signal }), signal),
        ])
        const ready = storeReady && inferenceReady
        return json({ ready, store: storeReady, inference: inferenceReady }, ready ? 200 : 503)
      },
    },
    {
      method: 'GET',
      path: '/api/widget-config',
      open: true,
      handle: async () => json(widgetConfig()),
    },
    ...sessionRoutes,
    {
      method: 'DELETE',
      path: '/api/session',
      async handle(exchange) {
        await conversations.removeAll(exchange.identity.userId)
        return empty(204)
      },
    },
  ]
}

/** A check that fails or does not come back counts as no. */
async function answersYes(question: Promise<boolean>, signal: AbortSignal): Promise<boolean> {
  const timeout = new Promise<boolean>((resolve) => {
    signal.addEventListener('abort', () => resolve(false), { once: true })
  })
  return await Promise.race([question.catch(() => false), timeout])
}
