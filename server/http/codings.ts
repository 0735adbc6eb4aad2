/** Files that are compressed before anybody asks: `x.js.br` and `x.js.gz` beside `x.js`. */
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip } from 'node:zlib'

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
export async function readCompressed(
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
