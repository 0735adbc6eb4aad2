/** The real server in a process of its own, for tests that kill it or stop it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import type { Readable } from 'node:stream'
import { packageDirectory } from '../package.ts'

export interface SpawnedServer {
  readonly process: ChildProcess
  readonly url: string
  /** Resolves when the server has written the text. */
  said(text: string): Promise<void>
  /** All that it has written until now, errors included. */
  output(): string
  /**
   * Resolves with the exit code, `null` after a signal that ended it, when whatever the process has started
   * has ended too.
   */
  readonly exited: Promise<number | null>
}

export interface SpawnOptions {
  /** A program and its arguments; what is started when it is not given runs from the sources. */
  readonly command?: readonly [string, ...string[]]
  readonly cwd?: string
  /** In a process group of its own, as a terminal starts a program; its number is that of the process. */
  readonly detached?: boolean
}

/**
 * `environment` as on the command line; only the port is set already, and that meaning is not compared.
 * @throws Error with all that the server has written, when it ends before it is ready
 */
export async function spawnServer(
  environment: Readonly<Record<string, string>>,
  {
    command: [program, ...args] = [process.execPath, 'server/main.ts'],
    cwd = packageDirectory(),
    detached = false,
  }: SpawnOptions = {},
): Promise<SpawnedServer> {
  const { PATH, NODE_COMPILE_CACHE } = process.env
  const child = spawn(program, args, {
    cwd,
    detached,
    env: { PATH, PORT: '0', EMBEDDINGS: 'off', NODE_COMPILE_CACHE, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'close').then(([code]) => (typeof code === 'number' ? code : null))
  let output = ''
  const written = new EventEmitter()
  const listen = (stream: Readable) => {
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      output += chunk
      written.emit('more')
    })
  }
  listen(child.stdout)
  listen(child.stderr)
  const said = async (text: string) => {
    while (!output.includes(text)) {
      const isOver = await Promise.race([once(written, 'more'), exited.then(() => true)])
      if (isOver === true) throw new Error(`the server ended without "${text}": ${output}`)
    }
  }
  await said('ready at http:')
  const url = /ready at (http:\S+)/.exec(output)?.[1] ?? ''
  return { process: child, url, said, output: () => output, exited }
}
