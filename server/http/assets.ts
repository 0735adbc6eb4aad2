/** Serves files: the built widget, the demo. Read from disk when asked, kept while they do not change. */
import { readFile, stat } from 'node:fs/promises'
import { extname, join, resolve, sep } from 'node:path'
import { etagOf, namesTag, PAGE_HEADERS } from './responses.ts'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip } from 'node:zlib'

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}

/** Files whose name, or whose folder's, changes with their content. */
const HASHED = /(?:\.[\w-]{8}|[\\/]chunks[\\/][\w-]{8}[\\/][\w.-]+)\.(?:js|css|woff2)$/

export interface AssetFolder {
  readonly directory: string
  /** Any page may load these (scripts of modules are subject to CORS). */
  readonly shared?: boolean
  /** Which paths of the folder are served; everything else does not exist. */
  readonly serves: (path: string) => boolean
}

/** A request's headers that decide in what form a file is sent, if at all. */
export interface AssetWishes {
  readonly ifNoneMatch: string | undefined
  readonly acceptEncoding: string | undefined
}

export interface Assets {
  /** The answer for a path, `304` when the browser has it; `undefined` when there is no such file. */
  find(path: string, wishes: AssetWishes): Promise<Response | undefined>
}

interface Form {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly etag: string
}

interface Kept {
  readonly version: string
  readonly plain: Form
  /** Compressed, where the build has left it so. */
  readonly compressed: ReadonlyMap<Coding, Form>
}

const formOf = (bytes: Uint8Array<ArrayBuffer>): Form => ({ bytes, etag: etagOf(bytes) })

export function createAssets(folders: readonly AssetFolder[]): Assets {
  const kept = new Map<string, Kept>()

  const load = async (file: string): Promise<Kept | undefined> => {
    const found = await stat(file).catch(() => undefined)
    if (!found?.isFile()) return undefined
    const version = `${found.mtimeMs}-${found.size}`
    const before = kept.get(file)
    if (before?.version === version) return before
    const bytes = new Uint8Array(await readFile(file))
    const compressed = new Map<Coding, Form>()
    for (const [coding, packed] of await readCompressed(file, bytes)) {
      compressed.set(coding, formOf(packed))
    }
    const now = { version, plain: formOf(bytes), compressed }
    kept.set(file, now)
    return now
  }

  return {
    async find(requested, { ifNoneMatch, acceptEncoding }) {
      const path = requested.endsWith('/') ? `${requested}index.html` : requested
      for (const folder of folders) {
        const file = inside(folder.directory, path)
        if (!file || !folder.serves(path)) continue
        const asset = await load(file)
        if (!asset) continue
        const { plain, compressed } = asset
        const coding = chooseCoding(
          acceptEncoding,
          (name) => name === 'identity' || compressed.has(name),
        )
        const { bytes, etag } = compressed.get(coding) ?? plain
        const headers: Record<string, string> = {
          'content-type': CONTENT_TYPES[extname(file)] ?? 'application/octet-stream',
          'cache-control': HASHED.test(file) ? 'public, max-age=31536000, immutable' : 'no-cache',
          etag,
          ...(compressed.size > 0 && { vary: 'accept-encoding' }),
          ...(extname(file) === '.html' && PAGE_HEADERS),
          ...(folder.shared && {
            'access-control-allow-origin': '*',
            'cross-origin-resource-policy': 'cross-origin',
          }),
        }
        if (namesTag(ifNoneMatch, etag)) return new Response(null, { status: 304, headers })
        if (coding !== 'identity') headers['content-encoding'] = coding
        headers['content-length'] = String(bytes.length)
        return new Response(bytes, { headers })
      }
      return undefined
    },
  }
}

/** The file that a path names below a folder; `undefined` for a path that would leave it. */
function inside(directory: string, path: string): string | undefined {
  let decoded: string
  try {
    decoded = decodeURIComponent(path)
  } catch {
    return undefined
  }
  if (decoded.includes('\0') || /\\|\/\//.test(decoded)) return undefined
  const root = resolve(directory)
  const file = resolve(join(root, decoded))
  const hidden = file
    .slice(root.length)
    .split(sep)
    .some((part) => part.startsWith('.'))
  return file.startsWith(root + sep) && !hidden ? file : undefined
}

/* Files that are compressed before anybody asks: `x.js.br` and `x.js.gz` beside `x.js`. */

/** A `content-encoding`; `identity` is the file as it is. */
export type Coding = 'br' | 'gzip' | 'identity'

interface Compression {
  readonly coding: Coding
  readonly extension: string
  readonly decompress: (bytes: Uint8Array) => Promise<Uint8Array>
}

/** The best first. */
const COMPRESSIONS: readonly Compression[] = [
  { coding: 'br', extension: '.br', decompress: promisify<Uint8Array, Buffer>(brotliDecompress) },
  { coding: 'gzip', extension: '.gz', decompress: promisify<Uint8Array, Buffer>(gunzip) },
]

const PREFERENCE: readonly Coding[] = [...COMPRESSIONS.map(({ coding }) => coding), 'identity']

/** A file's compressed forms; one that is not made from these bytes (an older build's) does not count. */
async function readCompressed(
  file: string,
  bytes: Uint8Array,
): Promise<ReadonlyMap<Coding, Uint8Array<ArrayBuffer>>> {
  const found = new Map<Coding, Uint8Array<ArrayBuffer>>()
  for (const { coding, extension, decompress } of COMPRESSIONS) {
    const packed = await readFile(file + extension).catch(() => undefined)
    if (!packed) continue
    const unpacked = await decompress(packed).catch(() => undefined)
    if (unpacked && Buffer.compare(unpacked, bytes) === 0) found.set(coding, new Uint8Array(packed))
  }
  return found
}

/** The form to send, of those there are, by a request's `Accept-Encoding` (RFC 9110, 12.5.3). */
export function chooseCoding(
  acceptEncoding: string | undefined,
  exists: (coding: Coding) => boolean,
): Coding {
  const weights = readWeights(acceptEncoding ?? '')
  const others = weights.get('*')
  let best: Coding = 'identity'
  let most = 0
  for (const coding of PREFERENCE) {
    const named = weights.get(coding) ?? (coding === 'gzip' ? weights.get('x-gzip') : undefined)
    // Who names compressions prefers them to none.
    const weight = named ?? (coding === 'identity' ? Number.MIN_VALUE : (others ?? 0))
    if (weight > most && exists(coding)) [best, most] = [coding, weight]
  }
  return best
}

function readWeights(header: string): ReadonlyMap<string, number> {
  const weights = new Map<string, number>()
  for (const item of header.toLowerCase().split(',')) {
    const [coding = '', ...parameters] = item.split(';').map((part) => part.trim())
    const q = parameters.find((parameter) => parameter.startsWith('q='))
    const weight = q === undefined ? 1 : Number(q.slice(2))
    weights.set(coding, weight >= 0 && weight <= 1 ? weight : 0)
  }
  return weights
}
