/**
 * What the site's owner says in place of the chat's own words, and what they switch off: on the page, and in
 * the server's configuration for all and for single languages. Loaded where anything of it is said.
 */
import { css, html, LitElement, nothing } from 'lit'
import { SWITCHES } from '../../server/protocol/api.ts'
import { isObject, listIn, parseJson, textIn, type JsonObject } from '../api/check.ts'
import { decodeConfig, type Switches, type WidgetConfig } from '../api/decode-body.ts'
import type { ConversationState } from '../conversation/conversation-state.ts'
import { baseStyles } from '../ui/base.styles.ts'
import { define } from '../ui/element.ts'
import { disclosureStrings } from '../words/en/owner.ts'
import type { Language } from '../words/language.ts'
import type { Strings } from '../words/strings.ts'
import {
  layersFor,
  replaceStrings,
  type LateGroups,
  type ReplacedStrings,
  warnOnce,
} from './replace-strings.ts'

/** One line on what answers, with a link to the site's page on privacy. */
class SamosaDisclosure extends LitElement {
  static override properties = {
    text: { attribute: false },
    privacyUrl: { attribute: false },
    privacy: { attribute: false },
  }
  static override styles = [
    baseStyles,
    css`
      :host {
        display: block;
        max-inline-size: 60ch;
        padding: 6px 8px 0;
        margin-inline: auto;
        color: var(--samosa-text-muted);
        font-size: var(--samosa-font-size-small);
        line-height: 1.4;
        text-align: center;
        text-wrap: balance;
        overflow-wrap: anywhere;
      }
      :host([large]) {
        padding: 0;
        margin: 0;
        text-align: start;
      }
      p {
        margin: 0;
      }
      a {
        border-radius: 4px;
        color: inherit;
      }
      a:hover {
        color: var(--samosa-text);
      }
    `,
  ]

  text = ''
  privacyUrl: string | undefined
  privacy = ''

  override render() {
    const { text, privacyUrl, privacy } = this
    return html`<p>
      <bdi>${text}</bdi> ${
        privacyUrl
          ? html`<a href=${privacyUrl} target="_blank" rel="noopener">${privacy}</a>`
          : nothing
      }
    </p>`
  }
}

define('samosa-disclosure', SamosaDisclosure)

/** What the page says; `null` where an attribute was taken away. */
export interface PageWords {
  readonly greeting: string | null
  readonly starters: string | readonly string[] | null
  readonly notice: string | null
  readonly privacyUrl: string | null
  readonly features: string | null
  readonly strings: ReplacedStrings | string | null | undefined
}

/** The configuration with all that is said, in the visitor's language. */
export interface OwnerConfig extends WidgetConfig {
  /** What to tell before anybody writes: a sentence, or `ai` for the chat's own. */
  readonly notice?: string | undefined
}

/** Where a line on what answers stands; each is nothing elsewhere. */
export interface Disclosure {
  /** Among what an empty chat says. */
  readonly inEmpty: unknown
  /** Below the composer. */
  readonly below: unknown
  /** What the field says to screen readers, before the first message. */
  readonly text: string | undefined
}

/** What the line depends on. */
export interface DisclosureView {
  readonly config: OwnerConfig | undefined
  readonly strings: Strings
  readonly conversation: ConversationState
  /** The form, while somebody has to sign in. */
  readonly signIn: unknown
}

type Page = HTMLElement & PageWords

/** Makes something of what it is told, for each page anew only when that has changed. */
function remember<Told extends readonly unknown[], Made>(
  make: (page: Page, ...told: Told) => Made,
) {
  const last = new WeakMap<Page, { readonly told: readonly unknown[]; readonly made: Made }>()
  return (page: Page, ...told: Told): Made => {
    const { greeting, starters, notice, privacyUrl, features, strings } = page
    const all = [...told.flat(), greeting, starters, notice, privacyUrl, features, strings]
    const before = last.get(page)
    if (before?.told.length === all.length && all.every((it, at) => it === before.told[at])) {
      return before.made
    }
    const made = make(page, ...told)
    last.set(page, { told: all, made })
    return made
  }
}

const configFor = remember(makeConfig)
const stringsFor = remember(({ strings }: Page, own: Strings, late: LateGroups) =>
  replaceStrings(own, strings, late),
)

/** The configuration with all that is said, in the language that the chat speaks. */
export const configOf = (
  page: Page,
  server: WidgetConfig | undefined,
  { asked, own }: Pick<Language, 'asked' | 'own'>,
): OwnerConfig => configFor(page, server, asked, own.language)

/** The words of the catalogue with the page's in their place; `late` are groups that may still grow. */
export const stringsOf = (page: Page, own: Strings, late: LateGroups): Strings =>
  page.strings ? stringsFor(page, own, late) : own

/** The line on what answers, where one is wanted. */
export function disclosureOf(
  page: Page,
  { config, strings, conversation, signIn }: DisclosureView,
): Disclosure | undefined {
  const { notice = '', privacy_url: privacyUrl } = config ?? {}
  if (notice === '' && !privacyUrl) return undefined
  const words = strings.disclosure ?? disclosureStrings
  const text = /^ai$/i.test(notice) ? words.ai : notice
  const { messages, phase } = conversation
  const isEmpty = messages.length === 0 && phase.kind !== 'loading' && !signIn
  const isOwn = page.querySelector(':scope > [slot=empty]') !== null
  const line = (isLarge: boolean) =>
    html`<samosa-disclosure
      part="disclosure"
      ?large=${isLarge}
      .text=${text}
      .privacyUrl=${privacyUrl}
      .privacy=${words.privacy}
    ></samosa-disclosure>`
  return {
    inEmpty: isEmpty && !isOwn ? line(true) : nothing,
    below: isEmpty && !isOwn ? nothing : line(false),
    text: isEmpty && text !== '' ? text : undefined,
  }
}

function makeConfig(
  page: PageWords,
  server: WidgetConfig = decodeConfig({}),
  asked: readonly string[],
  spoken: string,
): OwnerConfig {
  const ofServer = server.more ?? {}
  const layers = [...textsByLanguage(ofServer['by_language'], asked, spoken), ofServer]
  const first = (key: string) =>
    layers.map((texts) => textIn(texts, key)).find((text) => text !== undefined && text !== '')
  // What the page says in place of a word of ours wins over the server, as all that the page says.
  const replaced = layersFor(spoken, page.strings)
  const isReplaced = (key: string) => replaced.some((words) => Object.hasOwn(words, key))
  const starters = layers.find((texts) => Array.isArray(texts['starters']))
  const features = switched(server, page.features ?? '')
  return {
    ...server,
    title: isReplaced('heading') ? '' : (first('title') ?? server.title),
    greeting:
      page.greeting || (isReplaced('greeting') ? '' : (first('greeting') ?? server.greeting)),
    starters:
      page.starters === '' || page.starters === null
        ? starters
          ? listIn(starters, 'starters').filter((each) => typeof each === 'string')
          : server.starters
        : startersOf(page.starters),
    notice: page.notice || first('notice'),
    privacy_url: linkOf(page.privacyUrl ?? '') ?? linkOf(first('privacy_url') ?? '') ?? null,
    contact: withHours(server.contact, first('contact_hours')),
    features,
    attachments: features.attachments === false ? null : (server.attachments ?? null),
  }
}

/** The ways to a person, with hours in the visitor's language. */
const withHours = (contact: unknown, hours: string | undefined) =>
  isObject(contact) && hours !== undefined ? { ...contact, hours } : contact

/** What is set for the languages that are asked for, the nearest first: `de-AT` before `de`. */
function* textsByLanguage(
  byLanguage: unknown,
  asked: readonly string[],
  spoken: string,
): Generator<JsonObject> {
  if (!isObject(byLanguage)) return
  const byTag = new Map(
    Object.entries(byLanguage).map(([tag, texts]) => [tag.toLowerCase(), texts] as const),
  )
  for (const language of asked) {
    const parts = language.toLowerCase().split(/[-_]/)
    for (let length = parts.length; length > 0; length -= 1) {
      const texts = byTag.get(parts.slice(0, length).join('-'))
      if (isObject(texts)) yield texts
    }
    if (parts[0] === spoken) return
  }
}

/** A list, or a text with one on each line, or with a JSON array. */
function startersOf(given: string | readonly string[]): readonly string[] {
  const isJson = typeof given === 'string' && given.trim().startsWith('[')
  const read: unknown = isJson ? (parseJson(given) ?? given) : given
  if (isJson && read === given) warnOnce('starters is no JSON array of texts.')
  const each: readonly unknown[] = typeof read === 'string' ? read.split('\n') : [read].flat()
  return each.flatMap((text) => (typeof text === 'string' && text.trim() ? [text.trim()] : []))
}

/** The address of a page; undefined for anything that does more than lead there. */
function linkOf(given: string): string | undefined {
  if (given === '') return undefined
  const url = URL.parse(given, document.baseURI)
  if (url && /^https?:$/.test(url.protocol)) return url.href
  warnOnce('privacy-url takes the address of a page, starting with http:// or https://.')
  return undefined
}

/** The server's switches with the page's: `-list` is off, `list` is on. */
function switched({ features, questionsOnly }: WidgetConfig, given: string): Switches {
  const now: { -readonly [Name in keyof Switches]: Switches[Name] } = { ...features }
  for (const part of given.split(/[\s,]+/).filter((word) => word !== '')) {
    const written = part.replace(/^[+-]/, '').toLowerCase().replaceAll('-', '_')
    const name = SWITCHES.find((one) => one === written)
    if (name === undefined) {
      warnOnce(`features has ${part}, which is none of ${SWITCHES.join(', ')}.`)
      continue
    }
    const isOn = !part.startsWith('-')
    // What the server does not serve cannot be offered.
    const isServed =
      name === 'search' || name === 'attachments' || (name === 'think' && questionsOnly)
    if (!isOn || !isServed) now[name] = isOn
  }
  return now
}
