/** Bundles the widget into `dist/`: the element with its chunks, the loader, the React component; lists its texts. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build, type Plugin, type Rolldown } from 'vite'
import { z } from 'zod'
import { clearDelivery, prepareDelivery, type Checksums } from './delivery.ts'
import { inRepository } from './repository.ts'

/** A script of the bundle, with the names of those that it loads at once and later. */
export type BundledFile = Pick<
  Rolldown.OutputChunk,
  'fileName' | 'code' | 'imports' | 'dynamicImports' | 'isEntry' | 'moduleIds'
>

/** Takes the white space out of a style sheet that stands in a template. */
const compact = (code: string) =>
  code.replace(/`\n[^`]*`/, (css) =>
    css
      .replaceAll(/\s+/g, ' ')
      .replaceAll(/ ?([{}:;,`!+]) ?/g, '$1')
      .replaceAll(';}', '}'),
  )

/** Makes the loader small, and names the files in it that it loads as they are called in this build. */
const fitLoader = (elementFile: string): Plugin => ({
  name: 'fit-loader',
  // While it is still the text that was written.
  enforce: 'pre',
  transform(code, id) {
    if (id.endsWith('/embed/style.ts')) return { code: compact(code), map: null }
    if (!id.endsWith('/embed/file-names.ts')) return undefined
    const named = code
      .replace(/'samosa-chat\.js'/, `'${elementFile}'`)
      .replace(/'late\.ts'/, "'embed-late.js'")
    return { code: named, map: null }
  },
})

/** The element under the name that never changes, for pages, packages and CDNs that name it. */
const stableName: Plugin = {
  name: 'stable-name',
  generateBundle(_options, files) {
    const entry = Object.values(files).find((file) => file.type === 'chunk' && file.isEntry)
    const source = entry?.type === 'chunk' && this.getModuleInfo(entry.facadeModuleId ?? '')
    if (!source) throw new Error('The element was built without an entry.')
    // Not all that it exports: the rest is what chunks take from there.
    const { exports: names } = source
    this.emitFile({
      type: 'asset',
      fileName: 'samosa-chat.js',
      source: `export{${names.join(',')}}from'./${entry.fileName}'\n`,
    })
  },
}

/**
 * Builds the element (a module and its chunks), the loader (one classic script, and the module that it
 * fetches next, for the element of the file name that is given) or the React component.
 * @throws Error when a source does not compile.
 */
export async function buildWidget(
  mode: 'element' | 'embed' | 'embed-late' | 'react',
  options: { readonly write: boolean; readonly element?: string },
): Promise<readonly BundledFile[]> {
  const environment = process.env['NODE_ENV']
  const result = await build({
    root: inRepository('.'),
    configFile: inRepository('vite.config.ts'),
    logLevel: 'warn',
    mode,
    plugins: [
      ...(mode === 'element' ? [stableName] : []),
      ...(options.element === undefined ? [] : [fitLoader(options.element)]),
    ],
    build: { write: options.write },
  })
  // Vite leaves `production` there, which whatever this process starts next would take for its own.
  if (environment === undefined) delete process.env['NODE_ENV']
  else process.env['NODE_ENV'] = environment
  const outputs = 'close' in result ? [] : [result].flat()
  return outputs.flatMap(({ output }) => output.filter((file) => file.type === 'chunk'))
}

const TextList = z.object({
  allTexts: z.custom<() => unknown>((value) => typeof value === 'function'),
})

/** Writes `texts.json`: every text that a page may replace, by language and place. */
async function writeTexts(directory: string): Promise<void> {
  // Of the widget, whose types are a browser's.
  const source = pathToFileURL(inRepository('widget/testing/all-texts.ts')).href
  const { allTexts } = TextList.parse(await import(source))
  await writeFile(join(directory, 'texts.json'), JSON.stringify(allTexts()))
}

/** The scripts that were written to `dist/`, and the checksum of each by its file name. */
export interface Bundle {
  readonly scripts: readonly BundledFile[]
  readonly checksums: Checksums
}

/** Replaces what an earlier bundle left in `dist/`. */
export async function bundle(): Promise<Bundle> {
  const directory = inRepository('dist')
  await clearDelivery(directory)
  const element = await buildWidget('element', { write: true })
  const entry = element.find(({ isEntry }) => isEntry)
  if (!entry) throw new Error('The element was built without an entry.')
  const loader = { write: true, element: entry.fileName }
  const embed = await buildWidget('embed', loader)
  const late = await buildWidget('embed-late', loader)
  const react = await buildWidget('react', { write: true })
  const checksums = await prepareDelivery(directory)
  await writeTexts(directory)
  return { scripts: [...element, ...embed, ...late, ...react], checksums }
}
