import { isObject, parseJson, textIn } from '../api/check.ts'

/** The `sub` of a token that is a JWT. What is not the visitor's own token, the server refuses. */
function subjectOf(token: string): string | undefined {
  const [, claims = ''] = token.split('.')
  try {
    const bytes = Uint8Array.from(atob(claims.replaceAll('-', '+').replaceAll('_', '/')), (unit) =>
      unit.charCodeAt(0),
    )
    const parsed = parseJson(new TextDecoder().decode(bytes))
    return isObject(parsed) ? textIn(parsed, 'sub') : undefined
  } catch {
    return undefined
  }
}

/**
 * Names the user of a token among those of this browser, without telling who it is; empty without a token.
 * FNV-1a over UTF-16 units: it has to tell a few users apart, not to withstand anybody.
 */
export function visitorKey(token: string | undefined): string {
  if (!token) return ''
  let value = 0x811c9dc5
  for (const unit of (subjectOf(token) ?? token).split('')) {
    value = Math.imul(value ^ unit.charCodeAt(0), 0x01000193)
  }
  return (value >>> 0).toString(36)
}
