/** What a fetched document is and says about itself: its kind, links and directives; and sitemaps. */
import { isUtf8 } from 'node:buffer'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { decodeEntities } from '../../text/entities.ts'
import { elementsIn, type HtmlElement, parseHtml, textOf } from '../html-tree.ts'
import { type Directives, isForUs, joinDirectives, readDirectives } from './robots.ts'

/** The extension that a document is stored with. */
export type Kind = '.html' | '.md' | '.txt' | '.pdf' | '.docx'

/** Bytes of a sitemap, unpacked (sitemaps.org). */
export const LONGEST_SITEMAP = 50 * 1024 * 1024

const BY_TYPE: ReadonlyMap<string, Kind> = new Map([
  ['text/html', '.html'],
  ['application/xhtml+xml', '.html'],
  ['text/markdown', '.md'],
  ['text/x-markdown', '.md'],
  ['text/plain', '.txt'],
  ['application/pdf', '.pdf'],
  ['application/x-pdf', '.pdf'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', '.docx'],
])

/** What servers say when they do not know. */
const UNKNOWN_TYPES: ReadonlySet<string> = new Set([
  ...['', 'application/octet-stream', 'binary/octet-stream', 'application/x-download'],
  ...['application/zip', 'application/x-zip-compressed', 'application/force-download'],
])

const mediaType = (contentType: string) => (contentType.split(';')[0] ?? '').trim().toLowerCase()

/** Whether a document of that type may be one that is read; what is in it decides. */
export const mayBeDocument = (contentType: string) =>
  BY_TYPE.has(mediaType(contentType)) || UNKNOWN_TYPES.has(mediaType(contentType))

/** By what it begins with, then by what the server says; `undefined` for what is not read. */
export function kindOf(bytes: Buffer, contentType: string, path: string): Kind | undefined {
  const start = bytes.subarray(0, 1_024)
  if (start.includes('%PDF-')) return '.pdf'
  if (start.subarray(0, 4).equals(Buffer.from('PK\x03\x04'))) {
    return bytes.includes('word/document') ? '.docx' : undefined
  }
  const isUtf16 = /^(?:fffe|feff)/.test(start.toString('hex', 0, 2))
  if (start.includes(0) && !isUtf16) return undefined
  const declared = BY_TYPE.get(mediaType(contentType))
  if (declared === '.txt' && /\.(?:md|markdown)$/i.test(path)) return '.md'
  // What says that it is one, and is none.
  if (declared === '.pdf' || declared === '.docx') return undefined
  if (declared !== undefined) return declared
  if (!UNKNOWN_TYPES.has(mediaType(contentType))) return undefined
  if (
    /^\s*(?:<!--[^]*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b/i.test(start.toString('latin1'))
  ) {
    return '.html'
  }
  if (!isUtf8(bytes)) return undefined
  if (/\.(?:md|markdown)$/i.test(path)) return '.md'
  return /\.txt$/i.test(path) ? '.txt' : undefined
}

/**
 * A text as UTF-8. Bytes that are UTF-8 stay as they came; others are written anew, behind a byte-order mark:
 * it counts more than what the page itself says about its encoding (HTML, 13.2.3.2).
 */
export function asUtf8(bytes: Buffer, contentType: string): Buffer {
  const encoding = encodingOf(bytes, contentType)
  if (encoding === 'utf-8') return bytes
  return Buffer.from(`\uFEFF${new TextDecoder(encoding).decode(bytes)}`)
}

function encodingOf(bytes: Buffer, contentType: string): string {
  const mark = bytes.toString('hex', 0, 3)
  if (mark === 'efbbbf') return 'utf-8'
  if (mark.startsWith('fffe')) return 'utf-16le'
  if (mark.startsWith('feff')) return 'utf-16be'
  const named =
    /charset\s*=\s*["']?([\w-]+)/i.exec(contentType) ??
    /<meta[^>]{1,200}charset\s*=\s*["']?([\w-]+)/i.exec(bytes.toString('latin1', 0, 1_024))
  const label = named?.[1]?.toLowerCase() ?? ''
  // Many say one encoding and write in another; what is UTF-8 throughout is no other by accident, but for
  // this one, which looks like ASCII.
  if (isUtf8(bytes) && label !== 'iso-2022-jp') return 'utf-8'
  try {
    return new TextDecoder(label === '' ? 'windows-1252' : label).encoding
  } catch {
    return 'windows-1252'
  }
}

export interface PageFacts extends Directives {
  readonly title: string | undefined
  readonly language: string | undefined
  /** As written; to be resolved against `base`. */
  readonly canonical: string | undefined
  readonly base: URL
  /** As written, those that may be followed; no directive of the page is applied. */
  readonly links: readonly string[]
}

const LONGEST_TITLE = 300

/** Reads an HTML page as far as a crawler has to. */
export function readPage(html: string, url: URL): PageFacts {
  const links: string[] = []
  let directives: Directives = { noindex: false, nofollow: false }
  const found: { title?: string; language?: string; canonical?: string; base?: URL } = {}
  for (const element of elementsIn(parseHtml(html))) {
    const { name, attributes } = element
    const relations = (attributes.get('rel') ?? '').toLowerCase().split(/\s+/)
    const href = attributes.get(name === 'frame' ? 'src' : 'href')
    switch (name) {
      case 'html':
        found.language ??= attributes.get('lang') ?? attributes.get('xml:lang') ?? ''
        break
      case 'title':
        found.title ??= textOf(element)
        break
      case 'base': {
        const base = href === undefined ? undefined : URL.parse(href, url.href)
        if (base) found.base ??= base
        break
      }
      case 'meta':
        if (isForUs(attributes.get('name') ?? '')) {
          const own = readDirectives(attributes.get('content') ?? '')
          directives = joinDirectives(directives, own)
        }
        links.push(...refreshOf(element))
        break
      case 'link':
        if (href === undefined) break
        if (relations.includes('canonical')) found.canonical ??= href
        else if (relations.includes('next') || relations.includes('prev')) links.push(href)
        break
      case 'a':
      case 'area':
      case 'frame':
        if (href !== undefined && !relations.includes('nofollow')) links.push(href)
        break
      default:
    }
  }
  const title = (found.title ?? '').replaceAll(/\s+/g, ' ').trim()
  return {
    ...directives,
    title: title === '' ? undefined : title.slice(0, LONGEST_TITLE).toWellFormed(),
    language: languageTag(found.language),
    canonical: found.canonical,
    base: found.base ?? url,
    links,
  }
}

/** Where `<meta http-equiv="refresh">` leads. */
function refreshOf({ attributes }: HtmlElement): readonly string[] {
  if (!/^refresh$/i.test(attributes.get('http-equiv') ?? '')) return []
  const content = attributes.get('content') ?? ''
  const [, url] = /^\s*\d+\s*[;,]\s*url\s*=\s*["']?([^"']+)/i.exec(content) ?? []
  return url === undefined ? [] : [url]
}

/** A language as BCP 47 writes it. */
export function languageTag(written: string | undefined): string | undefined {
  const tag = written?.split(',')[0]?.trim().replaceAll('_', '-') ?? ''
  return /^[a-z]{2,3}(?:-[\da-z]{2,8})*$/i.test(tag) ? tag : undefined
}

export interface Sitemap {
  readonly pages: readonly string[]
  /** Further sitemaps. */
  readonly sitemaps: readonly string[]
}

/** Reads a sitemap, an index of sitemaps, or one line for each address; `undefined` when it is none. */
export function readSitemap(written: string): Sitemap | undefined {
  const text = written.replace(/^\uFEFF/, '').trimStart()
  if (!text.startsWith('<')) return readAddressLines(text)
  const xml = text.replaceAll(/<!--[^]*?-->/g, '')
  const [, prefix = '', root] =
    /^(?:<[?!][^>]*>\s*)*<([\w-]+:)?(urlset|sitemapindex)\b/.exec(xml) ?? []
  if (root === undefined) return undefined
  // The images and videos of a page have places of their own, with another prefix.
  const place = new RegExp(`<${prefix}loc>\\s*(?:<!\\[CDATA\\[([^]*?)\\]\\]>|([^<]*))`, 'g')
  const places = [...xml.matchAll(place)]
    .map(([, verbatim, location = '']) => (verbatim ?? decodeEntities(location)).trim())
    .filter((location) => location !== '')
  return root === 'urlset' ? { pages: places, sitemaps: [] } : { pages: [], sitemaps: places }
}

function readAddressLines(text: string): Sitemap | undefined {
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.trim())
  const pages = lines.filter((line) => line !== '')
  const areAddresses = pages.length > 0 && pages.every((line) => /^https?:\/\/\S+$/i.test(line))
  return areAddresses ? { pages, sitemaps: [] } : undefined
}

const unpack = promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip)

/** A `.xml.gz` as it is unpacked. @throws when it is damaged or has more bytes than a sitemap may have */
export async function unpackSitemap(bytes: Buffer): Promise<string> {
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b
  const plain = isPacked ? await unpack(bytes, { maxOutputLength: LONGEST_SITEMAP }) : bytes
  return plain.toString('utf8')
}
