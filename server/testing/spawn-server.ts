/** The real server in a process of its own, for tests that kill it or stop it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import type { Readable } from 'node:stream'
import { packageDirectory } from '../compose.ts'

export interface SpawnedServer {
  readonly process: ChildProcess
  readonly url: string
  /** Resolves when the server has written the text. */
  said(text: string): Promise<void>
  /** All that it has written until now, errors included. */
  output(): string
  /** Resolves with the exit code, `null` after a signal that ended it. */
  readonly exited: Promise<number | null>
}

export interface SpawnOptions {
  /** The program, from the repository's folder. */
  readonly program?: readonly string[]
  /** A command that runs the rest of its line, as `unshare` does. */
  readonly within?: readonly string[]
}

/**
 * `environment` as on the command line; only the port is set already.
 * @throws Error with all that the server has written, when it ends before it is ready
 */
export async function spawnServer(
  environment: Readonly<Record<string, string>>,
  { program = ['server/main.ts'], within = [] }: SpawnOptions = {},
): Promise<SpawnedServer> {
  const [command = process.execPath, ...rest] = [...within, process.execPath, ...program]
  const child = spawn(command, rest, {
    cwd: packageDirectory(),
    env: { PATH: process.env['PATH'], PORT: '0', ...environment },
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
