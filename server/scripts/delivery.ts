/** What the built scripts need on their way to a page: names for ever, checksums, compressed forms. */
import { createHash } from 'node:crypto'
import { copyFile, glob, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'

/** Values of `integrity` attributes, by file name. */
export type Checksums = Readonly<Record<string, string>>

const SCRIPTS = ['*.js', 'chunks/*/*.{js,css}']
const MADE = ['{samosa-chat,embed}.*.js', '*.{br,gz}', 'chunks/*', 'integrity.json']

const compressors = {
  br: promisify<Buffer, Buffer>(brotliCompress),
  gz: async (bytes: Buffer) => promisify(gzip)(bytes, { level: 9 }),
}

/** The files of a folder that a pattern names, sorted. */
async function filesOf(directory: string, patterns: readonly string[]): Promise<readonly string[]> {
  const found: string[] = []
  for await (const file of glob(patterns, { cwd: directory })) found.push(file)
  return found.toSorted()
}

/** Takes away what an earlier build made under names that this one does not use again. */
export async function clearDelivery(directory: string): Promise<void> {
  const earlier = await filesOf(directory, MADE)
  await Promise.all(earlier.map((file) => rm(join(directory, file), { recursive: true })))
}

/** The value of an `integrity` attribute for some content. */
export function integrityOf(content: Uint8Array): string {
  return `sha384-${createHash('sha384').update(content).digest('base64')}`
}

/**
 * Gives the loader a second name that changes with its content, writes each script compressed beside
 * itself, and `integrity.json`: the checksum of every script by its file name. Returns those checksums.
 */
export async function prepareDelivery(directory: string): Promise<Checksums> {
  const loader = join(directory, 'embed.js')
  const hash = createHash('sha256')
    .update(await readFile(loader))
    .digest('base64url')
  await copyFile(loader, join(directory, `embed.${hash.slice(0, 8)}.js`))
  const checksums: Record<string, string> = {}
  for (const file of await filesOf(directory, SCRIPTS)) {
    const bytes = await readFile(join(directory, file))
    checksums[file] = integrityOf(bytes)
    await Promise.all(
      Object.entries(compressors).map(async ([extension, compress]) =>
        writeFile(join(directory, `${file}.${extension}`), await compress(bytes)),
      ),
    )
  }
  await writeFile(join(directory, 'integrity.json'), `${JSON.stringify(checksums, null, 2)}\n`)
  return checksums
}

/** The two tags that a page pins to this build, for people to copy. */
export function pinnedTags(checksums: Checksums): string {
  const tag = (name: RegExp, kind: string) => {
    const [file = '', checksum = ''] =
      Object.entries(checksums).find(([key]) => name.test(key)) ?? []
    return `<script ${kind} src="https://YOUR-SERVER/${file}"\n  integrity="${checksum}" crossorigin></script>`
  }
  return [
    tag(/^embed\.[\w-]{8}\./, 'async'),
    tag(/^samosa-chat\.[\w-]{8}\./, 'type="module"'),
  ].join('\n')
}
