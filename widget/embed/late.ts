/**
 * The loader's second part: what it needs when the chat is wanted, or a page has a logo of its own. Kept
 * out of the loader, which every page pays for.
 */
import type { SamosaChat } from '../samosa-chat.ts'
import { ELEMENT_FILE } from './file-names.ts'
import { loadLogo } from './logo.ts'
import type { SamosaConfig } from './page-api.ts'
import { failureOf } from './words.ts'

/** What the loader hands over. */
export interface Loader {
  /** The launcher that the element takes the place of, its button, and where it says what went wrong. */
  readonly stub: HTMLElement
  readonly button: HTMLElement
  readonly note: HTMLElement
  readonly config: SamosaConfig
  /** Address of the loader, or of the server. */
  readonly base: string
  /** How often loading has failed before. */
  readonly failures: number
  /** Takes the element, and puts it in the launcher's place. */
  readonly take: (element: SamosaChat) => void
}

/** A class of elements, as far as it says which attributes matter to it. */
interface ElementClass {
  readonly name?: string
  readonly observedAttributes?: readonly string[]
}

/** Sets on the element what the options say; the page's other `data-*` (`data-id`, say) are none of its business. */
export function configure(element: SamosaChat, options: SamosaConfig): void {
  const { observedAttributes = [] }: ElementClass = element.constructor
  for (const [key, value] of Object.entries(options)) {
    const name = key.replaceAll(/[A-Z]/g, '-$&').toLowerCase()
    if (!observedAttributes.includes(name)) continue
    if (typeof value === 'string') element.setAttribute(name, value)
    // What no attribute holds: lists, and words in place of the chat's own.
    else if (typeof value === 'object') Reflect.set(element, key, value)
    else element.toggleAttribute(name, value === true)
  }
  const { accent, token } = options
  if (accent) element.style.setProperty('--samosa-accent', accent)
  if (token) element.token = token
}

/**
 * Loads the element, and puts it in the launcher's place with all that the options say.
 * @throws what the browser says when the element cannot be had; who waits for it is told first
 */
export async function load(loader: Loader): Promise<void> {
  const { stub, button, note, config, base, failures, take } = loader
  // Where the name of this build is gone, after an upgrade, the other one is not; and some browsers
  // remember for the life of a page that an address could not be loaded.
  const file = failures ? `samosa-chat.js?${failures}` : ELEMENT_FILE
  try {
    await import(/* @vite-ignore */ `${new URL(file, base)}`)
  } catch (error) {
    if (button.ariaBusy) note.textContent = `⚠ ${failureOf(config.lang)}`
    throw error
  }
  const hadFocus = document.activeElement === stub
  const element = document.createElement('samosa-chat')
  // While a page turns into another one it stays as it is, above both.
  element.style.viewTransitionName = 'samosa-chat'
  configure(element, config)
  if ((config.mode ?? 'bubble') === 'bubble') element.popover = 'manual'
  take(element)
  await element.updateComplete
  if (hadFocus) element.focus()
}

/** Puts the page's own picture in the place of our mark, if it may and can be shown. */
export async function drawLogo(button: Element, config: SamosaConfig, base: string): Promise<void> {
  const { logo = '', imageOrigins = '', endpoint } = config
  const picture = await loadLogo({
    address: logo,
    base: document.baseURI,
    endpoint: endpoint || base,
    imageOrigins,
  })
  if (!picture) return
  Object.assign(picture.style, { width: '32px', height: '32px', objectFit: 'contain' })
  button.firstElementChild?.replaceWith(picture)
}
