/** Makes `custom-elements.json`, from which editors know the element. */
import { readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { z } from 'zod'
import { inRepository } from './repository.ts'
import { runNode } from './run.ts'

const ANALYZER = 'node_modules/@custom-elements-manifest/analyzer/cem.js'
const CONFIG = 'server/scripts/custom-elements-manifest.config.js'
const SOURCE = 'widget/samosa-chat.ts'
/** The published module is the bundle, not the source that is read. */
const PUBLISHED = 'dist/samosa-chat.js'

const Manifest = z.looseObject({
  modules: z.array(z.looseObject({ path: z.string(), exports: z.array(z.unknown()) })),
})

/** What the analyzer cannot know: it reads the source, and sees no definition in it. */
function publishedManifest(text: string): string {
  const { modules, ...manifest } = Manifest.parse(JSON.parse(text.replaceAll(SOURCE, PUBLISHED)))
  const definition = {
    kind: 'custom-element-definition',
    name: 'samosa-chat',
    declaration: { name: 'SamosaChat', module: PUBLISHED },
  }
  const defining = modules.map(({ exports: names, ...bundle }) => ({
    ...bundle,
    exports: [...names, definition],
  }))
  return JSON.stringify({ ...manifest, modules: defining }, null, 2)
}

/** Writes the manifest into a folder that is there; resolves to the analyzer's exit code. */
export async function writeManifest(folder: string): Promise<number> {
  // It takes every folder for one below the current one.
  const outdir = relative(inRepository('.'), folder)
  const code = await runNode(ANALYZER, ['analyze', '--config', CONFIG, '--outdir', outdir])
  if (code !== 0) return code
  const manifest = join(folder, 'custom-elements.json')
  await writeFile(manifest, publishedManifest(await readFile(manifest, 'utf8')))
  return code
}
