/** The real server in a process of its own, for tests that kill it or stop it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { packageDirectory } from '../compose.ts'

export interface SpawnedServer {
  readonly process: ChildProcess
  readonly url: string
  /** Resolves when the server has written the text. */
  said(text: string): Promise<void>
  /** Resolves with the exit code, `null` after a signal that ended it. */
  readonly exited: Promise<number | null>
}

/** `environment` as on the command line; only the port is set already. */
export async function spawnServer(
  environment: Readonly<Record<string, string>>,
): Promise<SpawnedServer> {
  const child = spawn(process.execPath, ['server/main.ts'], {
    cwd: packageDirectory(),
    env: { PATH: process.env['PATH'], PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null))
  let output = ''
  child.stdout.setEncoding('utf8')
  child.stdout.on('data', (chunk: string) => (output += chunk))
  const said = async (text: string) => {
    while (!output.includes(text)) {
      const isOver = await Promise.race([once(child.stdout, 'data'), exited.then(() => true)])
      if (isOver === true) throw new Error(`the server ended without "${text}": ${output}`)
    }
  }
  await said('ready at http:')
  const url = /ready at (http:\S+)/.exec(output)?.[1] ?? ''
  return { process: child, url, said, exited }
}
