/** Builds the widget when `dist/` lacks it or is older than its sources. */
import { stat } from 'node:fs/promises'
import { buildSources } from './build-name.ts'
import { inRepository } from './repository.ts'

const OUTPUTS = ['samosa-chat.js', 'embed.js', 'react.js', 'integrity.json'].map(
  (name) => `dist/${name}`,
)
/** Milliseconds since 1970; `undefined` for a file that is not there. */
async function changedAt(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined)
  return found?.mtimeMs
}

async function newestSource(): Promise<number> {
  const directory = inRepository('.')
  const times = await Promise.all(
    buildSources(directory).map(async (file) => changedAt(inRepository(file))),
  )
  return Math.max(...times.map((time) => time ?? 0))
}

async function reasonToBuild(): Promise<string | undefined> {
  const built = await Promise.all(OUTPUTS.map(async (path) => changedAt(inRepository(path))))
  const oldest = Math.min(...built.map((time) => time ?? 0))
  if (oldest === 0) return 'it is not built yet'
  return (await newestSource()) > oldest ? 'its sources have changed' : undefined
}

/** Leaves what is made of the widget in `dist/` up to date. */
export async function ensureBuilt(): Promise<void> {
  const reason = await reasonToBuild()
  if (reason === undefined) return
  process.stderr.write(`Building the widget (${reason}) … `)
  const began = performance.now()
  // Vite takes a moment to load, which a start that builds nothing need not wait for.
  const { bundle } = await import('./bundle.ts')
  await bundle()
  process.stderr.write(`done in ${((performance.now() - began) / 1000).toFixed(1)} s\n`)
}

if (import.meta.main) await ensureBuilt()
