/**
 * What Node must be told before it begins. The sizes of its heap and of its thread pool count only when they
 * are on its command line and in its environment, so a process that lacks them becomes one that has them.
 */
import { spawn } from 'node:child_process'

/**
 * MiB of the young part of the heap, which V8 would let grow to twice as much: a thousand open streams then
 * hold twice the memory, and collections take long enough to make tokens late.
 */
export const NODE_FLAGS: readonly string[] = ['--max-semi-space-size=32']

/**
 * Messages wait for the disk on Node's threads; with its usual four, conversations that are saved in the
 * background, logs and lists would take them all and a message that came meanwhile would stand in line.
 */
export const NODE_ENVIRONMENT = { UV_THREADPOOL_SIZE: '8' } as const

/** Whether the heap's size is given; one that the operator chose stays. */
const hasHeapSize = () =>
  [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].some((text) =>
    /--max[-_]semi[-_]space[-_]size\b/.test(text),
  )

/** Whether this process began with our settings, or with the operator's own. */
export function hasNodeSettings(): boolean {
  return hasHeapSize() && (process.env['UV_THREADPOOL_SIZE'] ?? '') !== ''
}

/**
 * Makes this process Node running a program with our settings, under the same process number. Where the
 * system cannot replace a process, as on Windows, the program runs as a child and this process ends with it.
 */
export async function becomeNode(program: string, args: readonly string[]): Promise<never> {
  const flags = hasHeapSize() ? [] : NODE_FLAGS
  const command = [...process.execArgv, ...flags, program, ...args]
  process.env['UV_THREADPOOL_SIZE'] ||= NODE_ENVIRONMENT.UV_THREADPOOL_SIZE
  const isWindows = process.platform === 'win32'
  if (!isWindows) process.execve?.(process.execPath, [process.execPath, ...command])

  const child = spawn(process.execPath, command, { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // Windows tells a child of Ctrl-C itself, and has no other signal than one that ends it at once.
    process.on(signal, () => isWindows || child.kill(signal))
  }
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (exitCode) => resolve(exitCode ?? 1))
  })
  process.exit(code)
}
