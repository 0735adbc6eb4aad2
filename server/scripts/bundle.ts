/** Bundles the widget into `dist/`: `samosa-chat.js` with its chunks, and `embed.js`. */
import { rm } from 'node:fs/promises'
import { build, type Rolldown } from 'vite'
import { inRepository } from './repository.ts'

/** A script of the bundle, with the names of those that it loads at once and later. */
export type BundledFile = Pick<
  Rolldown.OutputChunk,
  'fileName' | 'code' | 'imports' | 'dynamicImports'
>

/**
 * Builds the element (a module and its chunks) or the loader (one classic script).
 * @throws Error when a source does not compile.
 */
export async function buildWidget(
  mode: 'element' | 'embed',
  options: { readonly write: boolean },
): Promise<readonly BundledFile[]> {
  const result = await build({
    root: inRepository('.'),
    configFile: inRepository('vite.config.ts'),
    logLevel: 'warn',
    mode,
    build: { write: options.write },
  })
  const outputs = 'close' in result ? [] : [result].flat()
  return outputs.flatMap(({ output }) => output.filter((file) => file.type === 'chunk'))
}

/** Replaces what an earlier bundle left in `dist/`. */
export async function bundle(): Promise<readonly BundledFile[]> {
  await rm(inRepository('dist/chunks'), { recursive: true, force: true })
  const element = await buildWidget('element', { write: true })
  return [...element, ...(await buildWidget('embed', { write: true }))]
}
