import type { FileReply } from '../dialects/route.ts'

/** A file as a response that a browser saves: whatever is in it, nothing of it is run or shown as ours. */
export function fileResponse({ filename, contentType, bytes }: FileReply): Response {
  return new Response(new Uint8Array(bytes), {
    headers: {
      'content-type': contentType,
      'content-disposition': attachmentNamed(filename),
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
      'cache-control': 'private, no-store',
    },
  })
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
