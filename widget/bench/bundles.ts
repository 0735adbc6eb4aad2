/** What the pages load, built in memory from the sources: the published bundle, the loader and the bench's own. */
import { build, mergeConfig, type InlineConfig } from 'vite'
import { inRepository } from '../../server/scripts/repository.ts'

const base: InlineConfig = {
  root: inRepository('.'),
  logLevel: 'warn',
  build: { write: false },
}

const published = (mode: 'element' | 'embed', readable: boolean): InlineConfig =>
  mergeConfig(base, {
    configFile: inRepository('vite.config.ts'),
    mode,
    ...(readable && { build: { minify: false, rolldownOptions: { output: { minify: false } } } }),
  })

const ownPage: InlineConfig = mergeConfig(base, {
  configFile: false,
  resolve: { conditions: ['module', 'browser', 'production'] },
  build: {
    target: 'es2022',
    copyPublicDir: false,
    modulePreload: false,
    lib: { entry: { bench: 'widget/bench/page/index.ts' }, formats: ['es'] },
    rolldownOptions: {
      output: { entryFileNames: '[name].js', chunkFileNames: 'contenders/[name].js' },
    },
  },
})

async function scriptsOf(config: InlineConfig): Promise<readonly (readonly [string, string])[]> {
  const result = await build(config)
  const outputs = 'close' in result ? [] : [result].flat()
  return outputs.flatMap(({ output }) =>
    output.flatMap((file) => {
      if (file.type === 'chunk') return [[`/${file.fileName}`, file.code] as const]
      const isScript = file.fileName.endsWith('.js') && typeof file.source === 'string'
      return isScript ? [[`/${file.fileName}`, file.source.toString()] as const] : []
    }),
  )
}

/** Scripts by path. `readable` keeps the element's names, for profiles. */
export async function buildScripts(readable: boolean): Promise<ReadonlyMap<string, string>> {
  const built = [
    await scriptsOf(published('element', readable)),
    await scriptsOf(published('embed', false)),
    await scriptsOf(ownPage),
  ]
  return new Map(built.flat())
}
