import type { AllowanceState } from '../core/errors.ts'

/** https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/ */
export function rateLimitHeaders(state: AllowanceState): Readonly<Record<string, string>> {
  const { name, limit, windowSeconds, remaining, resetSeconds } = state
  return {
    'ratelimit-policy': `"${name}";q=${limit};w=${windowSeconds}`,
    ratelimit: `"${name}";r=${remaining};t=${resetSeconds}`,
  }
}
