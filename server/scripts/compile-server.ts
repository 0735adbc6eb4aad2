/** Compiles the server into `dist/server`. */
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inRepository } from './repository.ts'
import { runNode } from './run.ts'

const SHEBANG = '#!/usr/bin/env node\n'

/** npm links the `bin` to it, so it must run by itself. */
async function makeExecutable(path: string): Promise<void> {
  const text = await readFile(path, 'utf8')
  if (!text.startsWith('#!')) await writeFile(path, SHEBANG + text)
  await chmod(path, 0o755)
}

/**
 * Replaces `dist/server` as a whole, so that a compilation which is broken off leaves no half of one; the
 * compiler's exit code. Types are not checked: that takes eight times as long, and `npm run build` has done it.
 */
export async function compileServer(): Promise<number> {
  const output = inRepository('dist/server')
  await mkdir(inRepository('.cache'), { recursive: true })
  const temporary = await mkdtemp(inRepository('.cache/server-'))
  try {
    const code = await runNode('node_modules/typescript/bin/tsc', [
      ...['-p', 'server/tsconfig.build.json'],
      ...['--noCheck', '--outDir', temporary],
    ])
    if (code !== 0) return code
    await makeExecutable(join(temporary, 'main.js'))
    // Made for its owner's eyes only, as temporary folders are.
    await chmod(temporary, 0o755)
    await mkdir(inRepository('dist'), { recursive: true })
    await rm(output, { recursive: true, force: true })
    await rename(temporary, output)
    return 0
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}
