/**
 * To be loaded before a program for tests (`node --import`), in all of its threads: nothing leaves the machine.
 * Names are not resolved, and connections go to this machine alone; what tries something else fails, and its
 * attempt is written to the error output.
 */
import dgram from 'node:dgram'
import dns from 'node:dns'
import { writeSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import threads from 'node:worker_threads'

/** What an attempt is told by. */
const TOLD_BY = 'would leave the machine:'

const HERE: ReadonlySet<unknown> = new Set([undefined, 'localhost', '127.0.0.1', '::1'])

function refuse(what: string): never {
  writeSync(2, `${TOLD_BY} ${what}\n`)
  throw new Error(`${TOLD_BY} ${what}`)
}

const lookUp = dns.lookup
Object.assign(dns, {
  lookup: (...args: Parameters<typeof dns.lookup>) =>
    HERE.has(args[0]) ? lookUp(...args) : refuse(`look-up of ${args[0]}`),
})
for (const name of ['resolve', 'resolve4', 'resolve6', 'resolveAny'] as const) {
  Object.assign(dns, { [name]: (host: string) => refuse(`look-up of ${host}`) })
  Object.assign(dns.promises, { [name]: (host: string) => refuse(`look-up of ${host}`) })
}
Object.assign(dns.promises, { lookup: (host: string) => refuse(`look-up of ${host}`) })
Object.assign(dgram, { createSocket: () => refuse('a datagram') })

const { connect } = net.Socket.prototype
Object.assign(net.Socket.prototype, {
  connect(this: net.Socket, ...args: readonly unknown[]) {
    const [first] = args.flat()
    const host =
      typeof first === 'object' && first !== null && 'host' in first ? first.host : undefined
    if (!HERE.has(host)) refuse(`connection to ${String(host)}`)
    const connected: unknown = Reflect.apply(connect, this, args)
    return connected
  },
})

Object.assign(threads, {
  Worker: class extends threads.Worker {
    constructor(file: string | URL, options: threads.WorkerOptions = {}) {
      super(file, { ...options, execArgv: ['--import', import.meta.url] })
    }
  },
})
syncBuiltinESMExports()
