import type { ReactiveControllerHost } from 'lit'
import type { WidgetConfig } from '../api/decode-body.ts'
import { late } from '../ui/late.ts'
import type { PageWords } from '../owner/owner.ts'

/** Most pages and servers say nothing of it. */
const code = late(() => import('../owner/owner.ts'))

/**
 * What makes of the chat what the page and the server say in place of its own words, and switch off.
 * Undefined where nothing is said, or the code cannot be had; `null` while that is on its way.
 */
export function ownerCode(page: ReactiveControllerHost & PageWords, config?: WidgetConfig) {
  const { greeting, starters, notice, privacyUrl, features, strings } = page
  const isNeeded =
    config?.more || greeting || starters || notice || privacyUrl || features || strings
  if (!isNeeded) return undefined
  const loaded = code.loaded()
  if (!loaded) void code.arrival().then(() => page.requestUpdate())
  return loaded ?? (code.hasFailed() ? undefined : null)
}
