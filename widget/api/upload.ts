const encoder = new TextEncoder()

/** What the other side says, as it comes. */
function readable(request: XMLHttpRequest): ReadableStream<Uint8Array> {
  let seen = 0
  return new ReadableStream({
    start(controller) {
      const take = () => {
        const fresh = request.responseText.slice(seen)
        seen += fresh.length
        if (fresh !== '') controller.enqueue(encoder.encode(fresh))
      }
      const fail = () => controller.error(new TypeError('The connection broke.'))
      take()
      request.addEventListener('progress', take)
      request.addEventListener('error', fail)
      request.addEventListener('abort', fail)
      request.addEventListener('load', () => {
        take()
        controller.close()
      })
    },
    cancel: () => request.abort(),
  })
}

function responseOf(request: XMLHttpRequest): Response {
  const { status, statusText } = request
  const headers = request
    .getAllResponseHeaders()
    .split('\r\n')
    .flatMap((line): [string, string][] => {
      const colon = line.indexOf(':')
      return colon > 0 ? [[line.slice(0, colon), line.slice(colon + 1).trim()]] : []
    })
  const hasBody = ![204, 205, 304].includes(status)
  return new Response(hasBody ? readable(request) : null, { status, statusText, headers })
}

/**
 * `fetch` for what is large: tells how much of the body has left, 0 to 1, which `fetch` itself cannot.
 * The answer can be read while it comes.
 * @throws TypeError when there is no connection, or the signal's reason
 */
export function upload(
  url: string,
  { method = 'GET', headers, body, signal }: RequestInit,
  onUpload: (share: number) => void,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted()
    const request = new XMLHttpRequest()
    request.open(method, url)
    new Headers(headers).forEach((value, name) => request.setRequestHeader(name, value))
    request.upload.addEventListener('progress', ({ loaded, total }) => {
      if (total > 0) onUpload(loaded / total)
    })
    request.upload.addEventListener('load', () => onUpload(1))
    request.addEventListener('readystatechange', () => {
      if (request.readyState === XMLHttpRequest.HEADERS_RECEIVED) resolve(responseOf(request))
    })
    request.addEventListener('error', () => reject(new TypeError('There is no connection.')))
    signal?.addEventListener('abort', () => {
      request.abort()
      reject(signal.reason)
    })
    request.send(typeof body === 'string' ? body : null)
  })
}
