/** The floor: `node:http` and undici with nothing in between but bytes. Prints its port. */
import { createServer } from 'node:http'
import { Pool } from 'undici'

const pool = new Pool(process.argv[2] ?? '', { connections: null, pipelining: 1 })

const server = createServer((incoming, outgoing) => {
  outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
  pool.stream(
    { path: incoming.url ?? '/', method: 'POST', headers: { ...incoming.headers }, body: incoming },
    () => outgoing,
    () => outgoing.end(),
  )
})
server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') console.log(address.port)
})
