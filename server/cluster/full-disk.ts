/** A server that keeps JSON files, on a disk that fills up while visitors ask, and has room again after a while. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { packageDirectory } from '../package.ts'
import { spawnServer } from '../testing/spawn-server.ts'
import { createCrowd } from './crowd.ts'
import { startModel } from './model.ts'
import { type Effort, longestSilenceOf, type Result } from './scenarios.ts'

export const FULL_DISK = 'JSON files, and the disk is full'

const run = (program: string, args: readonly string[]) =>
  spawnSync(program, args, { encoding: 'utf8' })

/** A disk of 24 MiB. @throws Error where a mount is not permitted */
function mountSmallDisk(at: string): void {
  mkdirSync(at, { recursive: true })
  const { status, stderr } = run('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', at])
  if (status !== 0) throw new Error(`no disk can be mounted here: ${stderr.trim()}`)
}

/** Why there can be no small disk here; `undefined` where there can. */
export function whyNoSmallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'samosa-disk-'))
  try {
    mountSmallDisk(folder)
    run('umount', [folder])
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export async function playFullDisk({ visitors, outage }: Effort): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'samosa-disk-'))
  const disk = join(folder, 'disk')
  mountSmallDisk(disk)
  const model = await startModel()
  const server = await spawnServer(
    {
      DATABASE_URL: `file:${join(disk, 'data')}`,
      INFERENCE_SERVICE_URL: `${model.url}/v1`,
      INFERENCE_API: 'openai',
      INFERENCE_MODEL: 'fake-model',
      RATE_LIMIT_MESSAGES_PER_MINUTE: '0',
      MAX_TOKEN_BUDGET: '200',
      LOG_LEVEL: 'WARNING',
    },
    { command: [process.execPath, join(packageDirectory(), 'dist/server/main.js')] },
  )
  const broken: string[] = []
  const crowd = await createCrowd(server.url, visitors)
  const began = performance.now()
  try {
    crowd.start({ tokens: 60, interval: 50 })
    await wait(1_500)
    const filler = join(disk, 'filler')
    try {
      writeFileSync(filler, Buffer.alloc(64 * 1024 * 1024))
    } catch {
      // As much as there was room for.
    }
    if (!existsSync(filler)) broken.push('the disk was not full')
    await wait(outage)
    rmSync(filler, { force: true })
    await wait(2_500)
    await crowd.end()
    return {
      ...(await crowd.judge()),
      visitors,
      faults: 1,
      lasted: performance.now() - began,
      longestSilence: longestSilenceOf(crowd),
      broken,
    }
  } finally {
    server.process.kill('SIGKILL')
    await server.exited
    await model.close()
    run('umount', [disk])
    rmSync(folder, { recursive: true, force: true })
  }
}
