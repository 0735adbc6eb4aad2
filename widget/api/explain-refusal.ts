/** For the page's developer: why a server that is there cannot be used from this page. The visitor reads other words. */

const explained = new Set<string>()

/** Writes one line into the console, once for each endpoint, if the server answers but not to this page. */
export async function explainRefusal(endpoint: string): Promise<void> {
  if (explained.has(endpoint) || new URL(endpoint).origin === location.origin) return
  explained.add(endpoint)
  try {
    // Pages of all sites may load the element, whoever may use the API.
    if (!(await fetch(`${endpoint}/embed.js`, { method: 'HEAD' })).ok) return
  } catch {
    // Nobody is there: the browser has said so in the console, and may say it again when somebody asks again.
    explained.delete(endpoint)
    return
  }
  console.error(
    `Samosa Chat: the server at ${endpoint} answers, but not to pages of ${location.origin}. Start it with ALLOWED_ORIGINS=${location.origin} to put the chat on this page.`,
  )
}
