/** The base's URL with a path added; its query is kept. */
export function urlBelow(base: URL, path: string): URL {
  const url = new URL(base)
  url.pathname = url.pathname.replace(/\/+$/, '') + path
  return url
}

/**
 * The base below which an OpenAI-compatible server has its routes. `/v1` is added unless the path ends
 * in a version already, or in the full address of a route.
 */
export function openaiBase(url: string): URL {
  const base = new URL(url)
  const path = base.pathname
    .replace(/\/+$/, '')
    .replace(/\/(?:chat\/completions|embeddings|models)$/, '')
    .replace(/\/+$/, '')
  const versioned = /\/v\d+(?:(?:alpha|beta)\d*(?:\/openai)?)?$/.test(path)
  base.pathname = versioned ? path : `${path}/v1`
  return base
}
