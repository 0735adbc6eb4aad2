/** Builds what `dist/` lacks, or has older than its sources: the widget, the compiled server. */
import { globSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { buildSources } from './build-name.ts'
import { inRepository } from './repository.ts'

interface Part {
  readonly name: string
  /** Paths in the repository. */
  readonly sources: () => readonly string[]
  /** What the build writes; any of it that is missing or old is made anew, with all the rest. */
  readonly outputs: readonly string[]
  readonly build: () => Promise<void>
}

const SERVER_SOURCES = [
  'server/**/*.ts',
  'server/tsconfig{,.build}.json',
  'tsconfig.json',
  'package-lock.json',
]
/** What the server does not run. */
const NO_SERVER_SOURCES = [
  '**/*.test.ts',
  'server/{testing,bench,conformance,e2e}/**',
  'server/scripts/!(compile-server).ts',
]

// Vite and the compiler take a moment to load, which a start that builds nothing need not wait for.
const PARTS: readonly Part[] = [
  {
    name: 'widget',
    sources: () => buildSources(inRepository('.')),
    outputs: ['samosa-chat.js', 'embed.js', 'react.js', 'integrity.json'],
    async build() {
      const { bundle } = await import('./bundle.ts')
      await bundle()
    },
  },
  {
    name: 'server',
    sources: () => globSync(SERVER_SOURCES, { cwd: inRepository('.'), exclude: NO_SERVER_SOURCES }),
    outputs: ['server/main.js'],
    async build() {
      const { compileServer } = await import('./compile-server.ts')
      const code = await compileServer()
      if (code !== 0) throw new Error('The server does not compile; see above.')
    },
  },
]

/** Milliseconds since 1970; 0 for a file that is not there. */
async function changedAt(path: string): Promise<number> {
  const found = await stat(inRepository(path)).catch(() => undefined)
  return found?.mtimeMs ?? 0
}

async function reasonToBuild({ sources, outputs }: Part): Promise<string | undefined> {
  const oldest = Math.min(
    ...(await Promise.all(outputs.map(async (name) => changedAt(`dist/${name}`)))),
  )
  if (oldest === 0) return 'it is not built yet'
  const newest = Math.max(...(await Promise.all(sources().map(changedAt))))
  return newest > oldest ? 'its sources have changed' : undefined
}

async function ensurePart(part: Part): Promise<void> {
  const reason = await reasonToBuild(part)
  if (reason === undefined) return
  process.stderr.write(`Building the ${part.name} (${reason}) … `)
  const began = performance.now()
  await part.build()
  process.stderr.write(`done in ${((performance.now() - began) / 1000).toFixed(1)} s\n`)
}

/** Leaves what `npm start` serves and runs in `dist/` up to date. */
export async function ensureBuilt(): Promise<void> {
  for (const part of PARTS) await ensurePart(part)
}
