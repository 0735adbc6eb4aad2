/** How much a page downloads, and whether that is within what we promise. */
import { readFileSync } from 'node:fs'
import { brotliCompressSync, gzipSync } from 'node:zlib'

/** A script, and the names of those that it loads at once. */
export interface Script {
  readonly fileName: string
  readonly imports: readonly string[]
}

/** Bytes of a set of files, each compressed alone as a server would send it. */
export interface Size {
  readonly raw: number
  readonly gzip: number
  readonly brotli: number
}

/** A line of the table: what is loaded together. */
export interface Load {
  readonly name: string
  readonly files: readonly string[]
  /** Most bytes, compressed by brotli. */
  readonly budget?: number
}

/** All that a host page loads before the visitor shows intent. */
const EMBED_BUDGET = 2_000
/**
 * Element, Markdown and SSE: everything for a first answer, up to its end. What can be done with it comes behind it, the sanitiser with the first HTML in one. What comes beside it, such as what says it to a
 * screen reader, has a limit of its own in `first-answer.test.ts`.
 */
export const FIRST_ANSWER_BUDGET = 48_000

/** A file and everything that it loads at once, directly or through others. */
function withImports(start: string, files: ReadonlyMap<string, Script>): readonly string[] {
  const seen = new Set([start])
  for (const name of seen) {
    for (const imported of files.get(name)?.imports ?? []) seen.add(imported)
  }
  return [...seen]
}

/** A file's name without the part that changes with its content. */
const lasting = (fileName: string) =>
  fileName.replace(/\.[\w-]{8}(?=\.js$)|(?<=^chunks\/)[\w-]{8}\//, '')

/** What the two entries load at once, and then one line for each chunk that waits until it is needed. */
export function loads(bundled: readonly Script[]): readonly Load[] {
  const files = new Map(bundled.map((file) => [file.fileName, file]))
  const element = bundled.find(({ fileName }) => lasting(fileName) === 'samosa-chat.js')
  const atOnce = element ? withImports(element.fileName, files) : []
  const later = bundled.filter(
    ({ fileName }) => fileName !== 'embed.js' && !atOnce.includes(fileName),
  )
  return [
    { name: 'embed.js', files: withImports('embed.js', files), budget: EMBED_BUDGET },
    { name: 'samosa-chat.js, first answer', files: atOnce, budget: FIRST_ANSWER_BUDGET },
    ...later.map(({ fileName }) => ({
      name: `${lasting(fileName)}, when needed`,
      files: [fileName],
    })),
  ]
}

/** Adds up the sizes of files in a folder. */
export function measure(folder: string, files: readonly string[]): Size {
  const sizes = files.map((file) => {
    const bytes = readFileSync(`${folder}/${file}`)
    return {
      raw: bytes.length,
      gzip: gzipSync(bytes, { level: 9 }).length,
      brotli: brotliCompressSync(bytes).length,
    }
  })
  const sum = (kind: keyof Size) => sizes.reduce((total, size) => total + size[kind], 0)
  return { raw: sum('raw'), gzip: sum('gzip'), brotli: sum('brotli') }
}

const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(2)} kB`.padStart(10)

/** The table as text, and the names of what is over its budget. */
export function sizeTable(
  folder: string,
  bundled: readonly Script[],
): { readonly text: string; readonly overBudget: readonly string[] } {
  const rows = loads(bundled).map((load) => ({ ...load, size: measure(folder, load.files) }))
  const width = Math.max(...rows.map(({ name }) => name.length))
  const heads = ['raw', 'gzip', 'brotli', 'budget'].map((head) => head.padStart(10)).join('')
  const lines = rows.map(({ name, size, budget }) =>
    [
      name.padEnd(width),
      kilobytes(size.raw),
      kilobytes(size.gzip),
      kilobytes(size.brotli),
      budget === undefined ? '' : kilobytes(budget),
    ].join(''),
  )
  return {
    text: [`${' '.repeat(width)}${heads}`, ...lines].join('\n'),
    overBudget: rows
      .filter(({ size, budget }) => budget !== undefined && size.brotli > budget)
      .map(({ name }) => name),
  }
}
