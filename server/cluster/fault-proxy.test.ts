import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { listenLocally } from '../testing/listen-locally.ts'
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts'

let echo: Server
let proxy: FaultProxy
beforeEach(async () => {
  echo = createServer((socket) => socket.on('error', () => {}).pipe(socket))
  const address = await listenLocally(echo)
  proxy = await startFaultProxy(Number(address.split(':')[1]))
})
afterEach(async () => {
  await proxy.close()
  echo.close()
})

const open = () => connect(proxy.port, '127.0.0.1').setEncoding('utf8')

it('passes on what is said, in both directions', async () => {
  const socket = open()
  socket.write('hello')
  expect(await once(socket, 'data')).toEqual(['hello'])
  expect(proxy.faults).toBe(0)
  socket.destroy()
})

it('resets what is open and what is tried, until it is healed', async () => {
  const socket = open()
  socket.write('hello')
  await once(socket, 'data')
  proxy.cut()
  expect(await once(socket, 'error')).toMatchObject([{ code: 'ECONNRESET' }])
  expect(await once(open(), 'error')).toMatchObject([{ code: 'ECONNRESET' }])
  expect(proxy.faults).toBe(2)
  proxy.heal()
  const again = open()
  again.write('again')
  expect(await once(again, 'data')).toEqual(['again'])
  again.destroy()
})

it('holds back what is said while it is frozen, and gives it later', async () => {
  const socket = open()
  socket.write('one')
  await once(socket, 'data')
  proxy.freeze()
  socket.write('two')
  const another = open()
  await once(another, 'connect')
  another.write('three')
  const heard: string[] = []
  socket.on('data', (text: string) => heard.push(text))
  proxy.heal()
  expect(await once(another, 'data')).toEqual(['three'])
  if (heard.length === 0) await once(socket, 'data')
  expect(heard).toEqual(['two'])
  socket.destroy()
  another.destroy()
})
