/** Starts the bench's processes, each on its core, and ends them. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { z } from 'zod'
import type { Job } from './jobs.ts'

/**
 * What is measured has the first core for itself; load generator and model server share the second.
 * `undefined`: wherever there is room.
 */
export type Core = 0 | 1 | undefined

/** Milliseconds that a process may take to be ready. */
const START_PATIENCE = 60_000

const isPinning =
  process.platform === 'linux' &&
  availableParallelism() > 1 &&
  spawnSync('taskset', ['-V']).status === 0

/** How the machine is shared out, in words. */
export const pinning = isPinning ? 'measured server alone on one core' : 'cores not pinned'

export interface Started {
  readonly pid: number
  /** What it printed when it was ready. */
  readonly ready: string
  stop(): Promise<void>
}

export interface Program {
  readonly core: Core
  readonly command: string
  readonly args: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Where its output goes. */
  readonly log: string
  /** Found in the output of one that is ready; the first group is what `ready` becomes. */
  readonly readyWhen: RegExp
}

export const benchFile = (name: string) => join(import.meta.dirname, name)

function launch(program: Omit<Program, 'readyWhen'>, output: number | 'pipe'): ChildProcess {
  const { core, command, args, environment, cwd } = program
  const [file, ...rest] =
    isPinning && core !== undefined
      ? ['taskset', '-c', String(core), command, ...args]
      : [command, ...args]
  return spawn(file ?? command, rest, {
    stdio: ['ignore', output, 'inherit'],
    env: { ...process.env, ...environment },
    ...(cwd !== undefined && { cwd }),
  })
}

/** @throws Error when it ends, or is not ready in time. */
export async function start(program: Program): Promise<Started> {
  const log = openSync(program.log, 'w')
  const child = launch(program, log)
  closeSync(log)
  const exited = once(child, 'exit')
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM')
      await exited
    }
    rmSync(program.log, { force: true })
  }
  const since = performance.now()
  for (;;) {
    const ready = program.readyWhen.exec(readFileSync(program.log, 'utf8'))
    if (ready && child.pid !== undefined) {
      return { pid: child.pid, ready: ready[1] ?? '', stop }
    }
    if (child.exitCode !== null || performance.now() - since > START_PATIENCE) {
      const said = readFileSync(program.log, 'utf8').trim()
      await stop()
      throw new Error(`${program.command} ${program.args.join(' ')} did not start. ${said}`)
    }
    await wait(20)
  }
}

/** Moves a process that runs already, and what it starts from now on, to a core. */
export function pin(pid: number, core: 0 | 1): void {
  if (isPinning) spawnSync('taskset', ['-a', '-c', '-p', String(core), String(pid)])
}

/** Has the load generator do a job. */
export async function load<Schema extends z.ZodType>(
  job: Job,
  result: Schema,
): Promise<z.output<Schema>> {
  const args = [benchFile('load.ts'), JSON.stringify(job)]
  const child = launch({ core: 1, command: process.execPath, args, log: '' }, 'pipe')
  const exited = once(child, 'exit')
  let output = ''
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
    output += piece
  })
  await exited
  if (child.exitCode !== 0) throw new Error(`The load generator failed at "${job.kind}".`)
  return result.parse(JSON.parse(output))
}
