import { once } from 'node:events'
import type { Server } from 'node:net'

/** Has a server of a test listen on this machine alone, on a free port; resolves to `127.0.0.1:<port>`. */
export async function listenLocally(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('The server has no port.')
  return `127.0.0.1:${address.port}`
}
