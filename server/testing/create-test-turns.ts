/** Turns over a given store and model, everything else as plain as it gets. */
import { createClientTools } from '../core/turn/tools.ts'
import type { ConversationStore, Inference, InferenceEvent } from '../core/ports/index.ts'
import { systemEnvironment } from '../core/settings.ts'
import { createTurns, type Turns } from '../core/turn/turn.ts'
import type { TurnDependencies } from '../core/turn/plan.ts'
import { createRecordingLogger } from './stores/testing.ts'
import { createInProcessTurnLog } from '../turn-logs/in-process.ts'

export type Generate = (signal: AbortSignal) => AsyncIterable<readonly InferenceEvent[]>

export function createTestInference(generate: Generate): Inference {
  return {
    kind: 'builtin',
    callsTools: false,
    generate: (_request, { signal }) => generate(signal),
    models: async () => ({}),
    isReady: async () => true,
    close: async () => {},
  }
}

/** A draft is due every millisecond; without `drafts` it goes nowhere. */
export function createTestTurns(
  store: ConversationStore,
  generate: Generate,
  parts: Partial<
    Pick<
      TurnDependencies,
      'attachments' | 'drafts' | 'environment' | 'leaving' | 'log' | 'logger' | 'observers'
    >
  > = {},
): Turns {
  return createTurns({
    store,
    drafts: {
      save: async () => {},
      remove: async () => {},
      erase: async () => {},
      all: async () => [],
      close: async () => {},
    },
    draftInterval: 1,
    log: createInProcessTurnLog(),
    inference: createTestInference(generate),
    knowledge: {
      search: async () => [],
      domainsOf: () => [],
      titlesOf: () => [],
      personalityOf: () => undefined,
      headingsNear: () => [],
      compare: async () => undefined,
      meaning: () => ({ kind: 'off' }),
      settled: async () => {},
      documentTitles: [],
      size: { documents: 0, passages: 0 },
    },
    tools: [],
    clientTools: createClientTools(systemEnvironment),
    settings: {
      history: { messages: 50, characters: 6_000 },
      prompts: { direct: '', think: '' },
      defaults: { temperature: 1, maxTokens: 1, topK: 1 },
    },
    environment: systemEnvironment,
    logger: createRecordingLogger(),
    ...parts,
  })
}
