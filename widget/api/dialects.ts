/** The ways in which a question reaches a server, by the name that the page gives them. */
import type { ChatClient } from './client.ts'

/** What the page wants of each answer, as it is when the question is asked. */
export interface Wishes {
  readonly creator: string
  readonly personalityWeight: number
}

/** A new dialect is a client of its own and one line here. */
export const dialects = {
  conversations: (client) => client,
  cited(client, wishes) {
    const cited = async () => (await import('./cited.ts')).createCitedClient(client, wishes)
    return {
      ...client,
      // It offers less of it than other questions do.
      lastConfig: () => undefined,
      widgetConfig: async (...asked) => (await cited()).widgetConfig(...asked),
      send: async (...asked) => (await cited()).send(...asked),
      regenerate: async (...asked) => (await cited()).regenerate(...asked),
    }
  },
} satisfies Record<string, (client: ChatClient, wishes: Wishes) => ChatClient>

export type Dialect = keyof typeof dialects
