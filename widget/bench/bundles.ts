/** What the pages load, built in memory from the sources, beside what the product serves: the bench's own scripts. */
import { build, mergeConfig, type InlineConfig } from 'vite'
import { inRepository } from '../../server/scripts/repository.ts'

const base: InlineConfig = {
  root: inRepository('.'),
  logLevel: 'warn',
  build: { write: false },
}

/** The element as it is published, but with the names of its sources. */
const readableElement: InlineConfig = mergeConfig(base, {
  configFile: inRepository('vite.config.ts'),
  mode: 'element',
  build: { minify: false, rolldownOptions: { output: { minify: false } } },
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

/** Scripts by path; for profiles also an element that can be read. */
export async function buildScripts(forProfiles: boolean): Promise<ReadonlyMap<string, string>> {
  const element = forProfiles ? await scriptsOf(readableElement) : []
  return new Map([...element, ...(await scriptsOf(ownPage))])
}
