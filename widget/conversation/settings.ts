import type { WidgetConfig } from '../api/decode-body.ts'
import { isObject, numberIn, parseJson } from '../api/check.ts'

/** How answers are made, as the visitor wants them from now on; the names are those of a turn's body. */
export interface Settings {
  readonly temperature?: number | undefined
  readonly top_k?: number | undefined
  readonly force_web_search?: boolean | undefined
}

/** What there is of the settings on a server. */
export function offered(settings: Settings = {}, config: WidgetConfig | undefined): Settings {
  const { search, model_settings } = config?.features ?? {}
  const { force_web_search, ...numbers } = settings
  return { ...(model_settings && numbers), force_web_search: search && force_web_search }
}

/** From least to most, both included. */
export const RANGES = { temperature: [0, 2], top_k: [1, 200] } as const

/** Whether a number may be that setting. */
export function isInRange(name: keyof typeof RANGES, value: number): boolean {
  const [least, most] = RANGES[name]
  return value >= least && value <= most && (name === 'temperature' || Number.isInteger(value))
}

/** Settings out of a text that was kept; what this version would not have kept counts as absent. */
export function decodeSettings(text: string | undefined): Settings {
  const kept = parseJson(text ?? '')
  if (!isObject(kept)) return {}
  const numberOf = (name: keyof typeof RANGES) => {
    const value = numberIn(kept, name)
    return value !== undefined && isInRange(name, value) ? value : undefined
  }
  return {
    temperature: numberOf('temperature'),
    top_k: numberOf('top_k'),
    force_web_search: kept['force_web_search'] === true || undefined,
  }
}
