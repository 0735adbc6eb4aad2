import { setImmediate } from 'node:timers/promises'
import type { FileReply } from '../dialects/route.ts'

/** UTF-16 units of a text that are sent at a time. */
const PIECE = 64_000

/** A file as a response that a browser saves: whatever is in it, nothing of it is run or shown as ours. */
export function fileResponse({ filename, contentType, content }: FileReply): Response {
  const body =
    content instanceof Uint8Array ? new Uint8Array(content) : ReadableStream.from(inPieces(content))
  return new Response(body, {
    headers: {
      'content-type': contentType,
      'content-disposition': attachmentNamed(filename),
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'cache-control': 'private, no-store',
    },
  })
}

/** A text as it is made; whatever else waits has its turn between two pieces. */
async function* inPieces(texts: Iterable<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  let piece = ''
  for (const text of texts) {
    piece += text
    if (piece.length < PIECE) continue
    yield encoder.encode(piece)
    piece = ''
    await setImmediate()
  }
  yield encoder.encode(piece)
}

/** RFC 6266: a name that every client reads, and the real one in the form of RFC 5987. */
function attachmentNamed(filename: string): string {
  const plain = filename.replaceAll(/[^\w .()+,=@-]/g, '_')
  const exact = encodeURIComponent(filename.toWellFormed()).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`
}
