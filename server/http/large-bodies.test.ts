import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { toChatError } from '../core/errors.ts'
import { openSocket, readAll, requestBytes } from '../testing/raw-request.ts'
import { readJson, createLargeBodies } from './body.ts'

const MEBIBYTE = 1024 * 1024

let server: Server
let url: string
/** The status of each answer, once its body is read. */
let reads: Promise<number>[]
/** Resolves when so many bytes of all bodies together have come. */
let come: (bytes: number) => Promise<void>
beforeEach(async () => {
  const limit = { largest: 3 * MEBIBYTE, bodies: createLargeBodies(4 * MEBIBYTE) }
  let seen = 0
  reads = []
  const watchers: { readonly bytes: number; readonly resolve: () => void }[] = []
  const look = () => {
    for (const { bytes, resolve } of watchers) if (seen >= bytes) resolve()
  }
  come = async (bytes) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    watchers.push({ bytes, resolve })
    look()
    await promise
  }
  server = createServer((incoming, outgoing) => {
    const read = readJson(incoming, { limit })
    incoming.on('data', (chunk: Buffer) => {
      seen += chunk.length
      look()
    })
    const answered = read.then(
      () => 200,
      (error: unknown) => toChatError(error).status,
    )
    reads.push(answered)
    void answered.then((status) => outgoing.writeHead(status).end())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const bodyOf = (bytes: number) => `"${'x'.repeat(bytes - 2)}"`
const post = async (bytes: number) => {
  const headers = { 'content-type': 'application/json' }
  return (await fetch(url, { method: 'POST', headers, body: bodyOf(bytes) })).status
}

it('lets only so many large bodies in at once, and small ones always', async () => {
  const socket = await openSocket(url)
  const reply = readAll(socket)
  const headers = ['Content-Type: application/json']
  const whole = Buffer.from(requestBytes('POST / HTTP/1.1', headers, bodyOf(3 * MEBIBYTE)))
  socket.write(whole.subarray(0, -MEBIBYTE))
  await come(1.5 * MEBIBYTE)

  expect(await post(2 * MEBIBYTE)).toBe(429)
  expect(await post(1000)).toBe(200)

  socket.write(whole.subarray(-MEBIBYTE))
  expect((await reply).text).toMatch(/^HTTP\/1.1 200 /)
  expect(await post(2 * MEBIBYTE)).toBe(200)
})

it('lets the next one in when a body was too large, or broke off', async () => {
  expect(await post(5 * MEBIBYTE)).toBe(413)
  const socket = await openSocket(url)
  const headers = ['Content-Type: application/json', `Content-Length: ${3 * MEBIBYTE}`]
  socket.write(requestBytes('POST / HTTP/1.1', headers, bodyOf(2 * MEBIBYTE)))
  await come(6.5 * MEBIBYTE)
  socket.destroy()
  await reads.at(-1)
  expect(await post(2 * MEBIBYTE)).toBe(200)
})

it('gives no place to a body that says it is too large', async () => {
  const socket = await openSocket(url)
  const headers = ['Content-Type: application/json', `Content-Length: ${3.5 * MEBIBYTE}`]
  const whole = requestBytes('POST / HTTP/1.1', headers, bodyOf(2 * MEBIBYTE))
  socket.write(whole)
  await come(1.5 * MEBIBYTE)
  expect(await post(2 * MEBIBYTE)).toBe(200)
  socket.destroy()
  expect(await reads[0]).toBe(400)
})
