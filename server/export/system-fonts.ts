/** The system's fonts, for characters that no font of ours has. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { Blob, Face } from 'harfbuzzjs'

const FOLDERS = [
  '/usr/share/fonts',
  '/usr/local/share/fonts',
  join(homedir(), '.fonts'),
  join(homedir(), '.local/share/fonts'),
  '/System/Library/Fonts',
  '/Library/Fonts',
  'C:\\Windows\\Fonts',
]
/** Files that are looked into at most, bytes of one, and milliseconds for all. */
const MOST_FILES = 300
const LARGEST = 40_000_000
const PATIENCE = 5_000

/** Fonts that fit plain text come first: Noto's, which are made for one script each, before others. */
const rank = (path: string) => {
  const name = basename(path).toLowerCase()
  const isStyled = /bold|italic|oblique|mono|condensed|light|thin|black|serif/.test(name)
  return (isStyled ? 2 : 0) + (name.startsWith('noto') ? 0 : 1)
}

async function fontFiles(): Promise<readonly string[]> {
  const lists = await Promise.all(
    FOLDERS.map(async (folder) => {
      try {
        const names = await readdir(folder, { recursive: true })
        return names.map((name) => join(folder, name))
      } catch {
        // A folder of another system.
        return []
      }
    }),
  )
  const files = lists.flat().filter((path) => /\.tt[fc]$/i.test(path))
  return files.toSorted((a, b) => rank(a) - rank(b)).slice(0, MOST_FILES)
}

/** A font with the characters that it adds. */
export interface SystemFont {
  readonly bytes: Uint8Array
  readonly characters: readonly string[]
}

/** Takes out of `missing` what it finds. */
export async function* systemFontsFor(missing: Set<string>): AsyncGenerator<SystemFont> {
  const until = performance.now() + PATIENCE
  const files = missing.size === 0 ? [] : await fontFiles()
  for (const path of files) {
    if (missing.size === 0 || performance.now() > until) return
    const font = await read(path)
    const characters = [...missing].filter((character) => font?.has(character.codePointAt(0) ?? 0))
    if (!font || characters.length === 0) continue
    for (const character of characters) missing.delete(character)
    yield { bytes: font.bytes, characters }
  }
}

/** `undefined` for a file that cannot be read, or whose outlines are not TrueType's. */
async function read(path: string) {
  try {
    if ((await stat(path)).size > LARGEST) return undefined
    const bytes = new Uint8Array(await readFile(path))
    const face = new Face(new Blob(bytes))
    if (!face.referenceTable('glyf')) return undefined
    const points = new Set(face.collectUnicodes())
    return { bytes, has: (point: number) => points.has(point) }
  } catch {
    // Broken, or no business of ours.
    return undefined
  }
}
