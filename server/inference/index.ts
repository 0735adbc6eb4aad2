import { modelsAreOff } from '../core/errors.ts'
import type { Inference, Logger } from '../core/ports/index.ts'
import { createAutomatic } from './automatic.ts'
import type { ExtraBody } from './extra-body.ts'
import { createNanochat } from './nanochat/index.ts'
import { createOpenai } from './openai/index.ts'
import type { UpstreamOptions } from './transport/upstream.ts'

export interface InferenceConfig extends UpstreamOptions {
  /** Base URL of the model server; without one the built-in engine answers. */
  readonly url: string | undefined
  readonly api: 'openai' | 'nanochat' | 'builtin' | 'auto'
  readonly apiKey: string | undefined
  readonly internalApiKey: string | undefined
  readonly model: string | undefined
  readonly allowedModels?: readonly string[] | undefined
  /** False: no model is asked anything. */
  readonly isOn?: boolean
  readonly threadTimeoutSeconds?: number | undefined
  readonly takesImages?: boolean
  /** Fields that the operator adds to requests, where a protocol is open for them. */
  readonly extraBody?: ExtraBody | undefined
  readonly thinkBody?: { readonly on: ExtraBody; readonly off: ExtraBody } | undefined
}

export interface InferenceDependencies {
  readonly builtin: () => Inference
  readonly logger: Logger
}

/** A model server's adapter registers itself here, and nowhere else. */
const ADAPTERS = {
  openai: createOpenai,
  nanochat: createNanochat,
  auto: createAutomatic,
} satisfies Record<
  Exclude<InferenceConfig['api'], 'builtin'>,
  (config: InferenceConfig & { readonly url: string }, logger: Logger) => Inference
>

/** Stands where no model is to be asked; nothing is down then. */
const SWITCHED_OFF: Inference = {
  kind: 'openai',
  callsTools: false,
  takesImages: true,
  generate() {
    throw modelsAreOff()
  },
  async models() {
    throw modelsAreOff()
  },
  isReady: async () => true,
  close: async () => {},
}

/** The model server that the configuration names. Connects to nothing yet. */
export function createInference(
  config: InferenceConfig,
  dependencies: InferenceDependencies,
): Inference {
  const { url, api, isOn = true } = config
  if (!isOn) return SWITCHED_OFF
  if (url === undefined || api === 'builtin') return dependencies.builtin()
  return ADAPTERS[api]({ ...config, url }, dependencies.logger)
}
