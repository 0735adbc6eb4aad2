/** How a visitor reaches a person, as the owner has set it: what a server says of that is not to be trusted. */
import { isObject, textIn, type JsonObject } from '../api/check.ts'

/** Only what can be offered as it is. */
export interface ContactWays {
  readonly email: string | undefined
  /** Of a page. */
  readonly url: URL | undefined
  readonly phone: Phone | undefined
  /** When somebody can be reached, in the owner's words. */
  readonly hours: string | undefined
  readonly form: boolean
}

interface Phone {
  /** As the owner writes it. */
  readonly number: string
  /** `tel:` and the number. */
  readonly href: string
}

/** Code points of an e-mail address, a page's address, a telephone number, and hours. */
const LONGEST = { email: 254, url: 2_000, phone: 40, hours: 200 } as const

/** UTF-16 units of a question in a letter: mail programs take addresses of about two thousand bytes. */
const LONGEST_SUBJECT = 80
const LONGEST_BODY = 800

/** What would turn the direction of the words around it, or is no letter at all. */
const UNSEEN = /[\p{Cc}\p{Cf}]/gu
/**
 * One address, and nothing beside it; what stands on both sides may be of any script. As the server has it: at most
 * 64 signs before the `@` and 63 between two full stops behind it, full stops and hyphens not at the edges.
 */
const EMAIL =
  /^(?!\.|.*\.[.@]|[^@]{65})[^\s\p{C}@<>()[\]\\,;:"?&#%]+@(?!-|.*(?:-\.|\.-|-$|[^.]{64}))[\p{L}\p{M}\p{N}-]+(?:\.[\p{L}\p{M}\p{N}-]+)+$/u
/** This machine: an owner who tries the chat there has no certificate. */
const LOOPBACK_HOST = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/
const PHONE = /^\+?[\d ()./-]+$/

/** Whether mail may be sent there. */
export const isEmail = (text: string): boolean => text.length <= LONGEST.email && EMAIL.test(text)

/** A line of text, or nothing where there is none to be shown. */
function lineIn(body: JsonObject, key: keyof typeof LONGEST): string | undefined {
  const line = textIn(body, key)?.replaceAll(/\s+/g, ' ').replaceAll(UNSEEN, '').trim()
  return line && line.length <= LONGEST[key] ? line : undefined
}

function pageAt(address: string | undefined): URL | undefined {
  const url = address === undefined ? null : URL.parse(address)
  if (!url || url.username !== '' || url.password !== '') return undefined
  const isLocal = url.protocol === 'http:' && LOOPBACK_HOST.test(url.hostname)
  return url.protocol === 'https:' || isLocal ? url : undefined
}

function phoneOf(number: string | undefined): Phone | undefined {
  const digits = number?.replaceAll(/\D/g, '') ?? ''
  if (number === undefined || !PHONE.test(number) || digits.length < 3) return undefined
  return { number, href: `tel:${number.startsWith('+') ? '+' : ''}${digits}` }
}

/** Reads what a server says; `undefined` where it leaves no way. */
export function decodeWays(body: unknown): ContactWays | undefined {
  if (!isObject(body)) return undefined
  const email = lineIn(body, 'email')
  const ways = {
    email: email !== undefined && isEmail(email) ? email : undefined,
    url: pageAt(lineIn(body, 'url')),
    phone: phoneOf(lineIn(body, 'phone')),
    hours: lineIn(body, 'hours'),
    form: body['form'] === true,
  }
  return ways.email || ways.url || ways.phone || ways.form ? ways : undefined
}

/** The ways that an answer does not name itself; `undefined` where it names all of them. */
export function waysBeside(ways: ContactWays, answer: string): ContactWays | undefined {
  const unless = <Way>(way: Way, named: string | undefined) =>
    named !== undefined && answer.includes(named) ? undefined : way
  const { email, url, phone, hours, form } = ways
  const rest = {
    email: unless(email, email),
    url: unless(url, url?.href.replace(/\/$/, '')),
    phone: unless(phone, phone?.number),
    hours: unless(hours, hours),
    form,
  }
  return rest.email || rest.url || rest.phone || rest.form ? rest : undefined
}

/** The address of a page that says what becomes of what is written; one that is no page's is none. */
export function privacyPage(address: string | null | undefined): string | undefined {
  const url = address ? URL.parse(address, location.href) : null
  return url && /^https?:$/.test(url.protocol) ? url.href : undefined
}

/** No half of a character at its end. */
const cut = (text: string, length: number) =>
  text.length > length ? `${text.slice(0, length).replace(/[\ud800-\udbff]$/, '')}…` : text

/** Begins a letter about a question, under a heading. */
export function letterTo(email: string, heading: string, question: string): string {
  const line = question.replaceAll(/\s+/g, ' ').trim()
  const subject = cut(line === '' ? heading : `${heading}: ${line}`, LONGEST_SUBJECT)
  const body = cut(question.trim(), LONGEST_BODY).replaceAll(/\r?\n/g, '\r\n')
  const fields = new URLSearchParams({ subject, ...(body !== '' && { body: `${body}\r\n\r\n` }) })
  // Mail programs take a plus for a plus; `fields` has written each of those as %2B.
  const query = String(fields).replaceAll('+', '%20')
  const [name = '', host = ''] = email.split('@')
  return `mailto:${encodeURIComponent(name)}@${encodeURIComponent(host)}?${query}`
}
