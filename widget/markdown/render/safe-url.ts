/** Schemes that a link in an answer may have; addresses without one are relative to the page. */
const SAFE_SCHEMES: ReadonlySet<string> = new Set(['http', 'https', 'mailto', 'tel'])
const SCHEME = /^([a-z][a-z0-9+.-]*):/i
/** Browsers skip these inside and in front of a scheme. */
// oxlint-disable-next-line no-control-regex
const SKIPPED = /[\u0000-\u0020\u007f-\u00a0\u1680\u180e\u2000-\u2029\u205f\u3000\ufeff]/g

/** The address if a visitor may follow it, else `undefined`. */
export function safeUrl(address: string): string | undefined {
  const bare = address.replaceAll(SKIPPED, '')
  if (bare === '') return undefined
  const scheme = SCHEME.exec(bare)?.[1]?.toLowerCase()
  if (scheme !== undefined && !SAFE_SCHEMES.has(scheme)) return undefined
  return address.trim()
}
