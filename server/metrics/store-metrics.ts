import { Histogram, type Registry } from 'prom-client'
import type { ConversationStore } from '../core/ports/index.ts'

/** Gives a store back whose every operation is timed. */
export function createStoreMetrics(registry: Registry) {
  const latency = new Histogram({
    name: 'samosa_store_duration_seconds',
    help: 'How long the store of conversations takes, by operation.',
    labelNames: ['operation'],
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5],
    registers: [registry],
  })

  const timed =
    <Given extends readonly unknown[], Value>(
      operation: string,
      call: (...given: Given) => Promise<Value>,
    ) =>
    async (...given: Given): Promise<Value> => {
      const end = latency.startTimer({ operation })
      try {
        return await call(...given)
      } finally {
        end()
      }
    }

  return (store: ConversationStore): ConversationStore => ({
    create: timed('create', store.create.bind(store)),
    find: timed('find', store.find.bind(store)),
    findDeleted: timed('find_deleted', store.findDeleted.bind(store)),
    exists: timed('exists', store.exists.bind(store)),
    list: timed('list', store.list.bind(store)),
    listThreads: timed('list_threads', store.listThreads.bind(store)),
    search: timed('search', store.search.bind(store)),
    readAll: store.readAll.bind(store),
    reindex: store.reindex.bind(store),
    update: timed('update', store.update.bind(store)),
    remove: timed('remove', store.remove.bind(store)),
    conversationIds: timed('conversation_ids', store.conversationIds.bind(store)),
    removeOwner: timed('remove_owner', store.removeOwner.bind(store)),
    messages: timed('messages', store.messages.bind(store)),
    addMessage: timed('add_message', store.addMessage.bind(store)),
    findTurnKey: timed('find_turn_key', store.findTurnKey.bind(store)),
    setFeedback: timed('set_feedback', store.setFeedback.bind(store)),
    updateMessage: timed('update_message', store.updateMessage.bind(store)),
    providerThread: timed('provider_thread', store.providerThread.bind(store)),
    updateProviderThread: timed('update_provider_thread', store.updateProviderThread.bind(store)),
    notedAnswers: timed('noted_answers', store.notedAnswers.bind(store)),
    owners: timed('owners', store.owners.bind(store)),
    isReady: timed('is_ready', store.isReady.bind(store)),
    close: store.close.bind(store),
  })
}
