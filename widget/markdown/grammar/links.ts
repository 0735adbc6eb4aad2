/** Addresses of links, which of them may be followed, titles, and the definitions that references are looked up in. */
import type { BlockToken, DefinitionToken, Target } from './tokens.ts'

const POINTED = /<((?:\\.|[^\\<>\n])*)>/y
const TITLE = /"((?:\\[^]|[^\\"])*)"|'((?:\\[^]|[^\\'])*)'|\(((?:\\[^]|[^\\()])*)\)/y
// What a note is marked with is none.
const LABEL = /\[(?!\^)((?:\\[^]|[^\\[\]]){1,999})\]:/y
/** What stands behind a label is its address only if it looks like one: `[Ann]: Hello!` is talk. */
const ADDRESS = /^(?:#|\.{0,2}\/)|:\/|@|\.\p{L}/u
/** An address with spaces in it, as names of files have, and a title. */
const SPACED = /((?:\w+:|\.{0,2})\/(?:[^()<>"\n]|\([^()\n]*\))*?)(?: {1,9}"([^"\n]*)")? {0,9}\)/y
const MENTION = /\[((?:\\[^]|[^\\[\]]){1,999})\]/g
const SPACE = /[ \t]*\n?[ \t]*/y
const LINE_END = /[ \t]*(?:\n|$)/y
const DEEPEST = 32

/** What a sticky expression finds at a place, or a global one behind it. */
export function matchAt(rule: RegExp, text: string, at: number): RegExpExecArray | null {
  rule.lastIndex = at
  return rule.exec(text)
}

/** The place behind spaces and at most one line break. */
const skipSpace = (text: string, at: number) => at + (matchAt(SPACE, text, at)?.[0].length ?? 0)

/** Where an address without pointed brackets ends. */
function addressEnd(text: string, from: number): number {
  let depth = 0
  let at = from
  for (; at < text.length; at += 1) {
    const character = text.charAt(at)
    if (character <= ' ') break
    if (character === '\\' && text.charAt(at + 1) > ' ') at += 1
    else if (character === '(' && ++depth > DEEPEST) return from
    else if (character === ')' && --depth < 0) break
  }
  return depth > 0 ? from : at
}

interface Found<Value> {
  readonly value: Value
  readonly end: number
}

function readAddress(text: string, at: number): Found<string> | undefined {
  const pointed = matchAt(POINTED, text, at)
  if (pointed) return { value: pointed[1] ?? '', end: at + pointed[0].length }
  if (text.charAt(at) === '<') return undefined
  const end = addressEnd(text, at)
  return { value: text.slice(at, end), end }
}

function readTitle(text: string, at: number): Found<string> | undefined {
  const found = matchAt(TITLE, text, at)
  return found
    ? { value: found[1] ?? found[2] ?? found[3] ?? '', end: at + found[0].length }
    : undefined
}

/** The target of a link whose round bracket opens in front of `from`. */
export function readTarget(text: string, from: number): Found<Target> | undefined {
  const start = skipSpace(text, from)
  const address = readAddress(text, start)
  if (!address) return undefined
  const behind = skipSpace(text, address.end)
  const title = behind > address.end ? readTitle(text, behind) : undefined
  const end = skipSpace(text, title?.end ?? behind)
  if (text.charAt(end) === ')')
    return { value: { href: address.value, title: title?.value }, end: end + 1 }
  const [all, href = '', name] = matchAt(SPACED, text, start) ?? []
  return all === undefined ? undefined : { value: { href, title: name }, end: start + all.length }
}

/** Two labels are the same when they are the same in this form. */
export const normalizeLabel = (label: string) =>
  label
    .trim()
    .replaceAll(/\s+/g, ' ')
    .toLowerCase()
    // A few letters have more than one small form.
    .toUpperCase()
    .toLowerCase()

type Definition = Pick<DefinitionToken, 'label' | 'href' | 'title'>

/** The definition that stands at a place of a paragraph's text; it ends with its line. */
export function readDefinition(text: string, from: number): Found<Definition> | undefined {
  const [opening, written = ''] = matchAt(LABEL, text, from) ?? []
  const label = normalizeLabel(written)
  if (opening === undefined || label === '') return undefined
  const start = from + opening.length
  const address = readAddress(text, skipSpace(text, start))
  if (!address || address.end === start) return undefined
  const { value: href, end } = address
  if (text.charAt(end - 1) !== '>' && !ADDRESS.test(href)) return undefined
  const behind = skipSpace(text, end)
  const title = behind > end ? readTitle(text, behind) : undefined
  const titled = title && matchAt(LINE_END, text, title.end)
  if (titled) {
    return { value: { label, href, title: title.value }, end: title.end + titled[0].length }
  }
  const line = matchAt(LINE_END, text, end)
  return line ? { value: { label, href }, end: end + line[0].length } : undefined
}

/** Definitions and notes made by these tokens, at any depth; the first of a label counts. */
export function definitionsIn(
  tokens: readonly BlockToken[],
  found = new Map<string, Target>(),
): ReadonlyMap<string, Target> {
  for (const token of tokens) {
    if (token.type === 'definition') {
      const { label, href, title } = token
      if (!found.has(label)) found.set(label, { href, title })
    } else if (token.type === 'quote') definitionsIn(token.tokens, found)
    else if (token.type === 'list')
      for (const { tokens: inside, label: note } of token.items) {
        const label = normalizeLabel(`^${note}`)
        if (note !== undefined && !found.has(label)) found.set(label, { href: '', note })
        definitionsIn(inside, found)
      }
  }
  return found
}

/** A label as `labelsIn` tells it: marks of a quote may stand in it. */
export const flatLabel = (label: string) => normalizeLabel(label.replaceAll('>', ' '))

/** The labels that Markdown may hold references to, in the form that `flatLabel` gives them. */
export const labelsIn = (raw: string): ReadonlySet<string> =>
  new Set(Array.from(raw.matchAll(MENTION), ([, label = '']) => flatLabel(label)))

/** Schemes that a link in an answer may have; addresses without one are relative to the page. */
const SAFE_SCHEMES: ReadonlySet<string> = new Set(['http', 'https', 'mailto', 'tel'])
const SCHEME = /^([a-z][a-z0-9+.-]*):/i
/** Browsers skip these inside and in front of a scheme. */
// oxlint-disable-next-line no-control-regex
const SKIPPED = /[\u0000-\u0020\u007f-\u00a0\u1680\u180e\u2000-\u2029\u205f\u3000\ufeff]/g

/** The address if a visitor may follow it, else `undefined`. */
export function safeUrl(address: string): string | undefined {
  const bare = address.replaceAll(SKIPPED, '')
  if (bare === '') return undefined
  const scheme = SCHEME.exec(bare)?.[1]?.toLowerCase()
  if (scheme !== undefined && !SAFE_SCHEMES.has(scheme)) return undefined
  return address.trim()
}
