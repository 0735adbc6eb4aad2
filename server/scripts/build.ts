/** Makes `dist/`: widget bundles, types, `custom-elements.json` and the compiled server. */
import { rm } from 'node:fs/promises'
import { bundle } from './bundle.ts'
import { compileServer } from './compile-server.ts'
import { pinnedTags } from './delivery.ts'
import { writeManifest } from './manifest.ts'
import { inRepository } from './repository.ts'
import { runNode } from './run.ts'
import { sizeTable } from './sizes.ts'

const TSC = 'node_modules/typescript/bin/tsc'

async function step(name: string, work: () => Promise<number | void>): Promise<void> {
  const began = performance.now()
  const code = (await work()) ?? 0
  if (code !== 0) {
    console.error(`✗ ${name}`)
    process.exit(code)
  }
  console.log(`✓ ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`)
}

await step('typecheck', async () => runNode(TSC, ['-b']))
await rm(inRepository('dist'), { recursive: true, force: true })
await step('server → dist/server', compileServer)
await step('types → dist/types', async () => runNode(TSC, ['-p', 'widget/tsconfig.types.json']))
await step('custom-elements.json', async () => writeManifest(inRepository('dist')))
const began = performance.now()
const { scripts, checksums } = await bundle()
console.log(`✓ widget → dist (${((performance.now() - began) / 1000).toFixed(1)} s)\n`)

const { text, overBudget } = sizeTable(inRepository('dist'), scripts)
console.log(text)
console.log(
  `\nPinned to this build (all checksums: dist/integrity.json):\n\n${pinnedTags(checksums)}\n`,
)
for (const name of overBudget) console.error(`✗ ${name} is over its budget`)
process.exitCode = overBudget.length === 0 ? 0 : 1
