import { spawn } from 'node:child_process'
import { inRepository } from './repository.ts'

/** Runs a Node program of a package (`vitest/vitest.mjs`) to its end, on this terminal; its exit code. */
export async function runNode(program: string, args: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [inRepository(program), ...args], {
    cwd: inRepository('.'),
    stdio: 'inherit',
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
