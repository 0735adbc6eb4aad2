import type { ReactiveController } from 'lit'
import { createClient } from '../../api/client.ts'
import { createKeyValueStore, type KeyValueStore } from '../../api/key-value-store.ts'
import { ConversationController } from '../../conversation/conversation-controller.ts'
import type { Wait } from '../../conversation/follow-turn.ts'
import { createMemory } from '../../conversation/memory.ts'
import type { ScriptedServer } from './scripted-server.ts'

/** A page: one controller with what the browser keeps between pages. */
export function openPage(
  server: ScriptedServer,
  store: KeyValueStore,
  tabStore: KeyValueStore = createKeyValueStore('tab:', undefined),
  wait: Wait = async () => {},
) {
  const events: string[] = []
  let presence: ReactiveController | undefined
  const host = {
    addController(added: ReactiveController) {
      presence = added
    },
    removeController() {},
    requestUpdate() {},
    updateComplete: Promise.resolve(true),
  }
  const controller = new ConversationController(
    host,
    {
      onMessage: ({ role, text }) => events.push(`${role}: ${text}`),
      onError: ({ code }) => events.push(`error: ${code}`),
      onConversation: (id) => events.push(id === undefined ? 'no conversation' : 'conversation'),
      onAsk: () => events.push('ask'),
      onFeedback: ({ rating }) => events.push(`feedback: ${rating}`),
    },
    wait,
    tabStore,
  )
  const client = createClient({ endpoint: 'https://chat.example', fetch: server.fetch, store })
  presence?.hostConnected?.()
  controller.connect(client, createMemory(store))
  controller.tools.enterPage()
  const { state } = controller
  return {
    controller,
    state,
    events,
    kind: () => state.phase.kind,
    shown: () => state.messages.map(({ role, text, state: now }) => `${role} ${now}: ${text}`),
    /** What waits below the conversation, and why. */
    queued: () =>
      state.queued.map((one) => `${controller.queue?.waiting(one)}: ${one.pending.text}`),
    enter: () => presence?.hostConnected?.(),
    leave() {
      presence?.hostDisconnected?.()
      return Promise.resolve()
    },
  }
}
