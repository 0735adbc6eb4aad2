/** What keeps a browser from doing more with our answers than they are for. */

/** On every answer; a file that other pages load, or a page, says otherwise where it has to. */
export const SECURITY_HEADERS = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  // Requests by the rules of CORS do not ask for it: pages of allowed origins read the API all the same.
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const

/** Only where the connection is https already: a server in a house network has no certificate. */
export const HSTS = { 'strict-transport-security': 'max-age=31536000' } as const

/** For the pages that we serve: everything from here, nothing inline, no text as a script. */
export const PAGE_HEADERS = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
    "require-trusted-types-for 'script'",
  ].join('; '),
  // The chat on them can be spoken to.
  'permissions-policy': 'camera=(), geolocation=(), microphone=(self), payment=(), usb=()',
  'x-frame-options': 'SAMEORIGIN',
} as const
