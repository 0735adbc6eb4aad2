/**
 * The loader: one classic script of less than two kilobytes that draws the launcher, and fetches the
 * element when a visitor shows interest or has left something pending. Its options are the `data-*` of
 * its script tag and `window.samosa`, which may be set at any time (`embed/page-api.ts` has both). What
 * is asked of `samosa` before the element is there happens when it is. What only some pages or only the
 * next step needs is `embed/late.ts`.
 */
import { LATE_FILE } from './file-names.ts'
import { button, host as stub, label, note } from './launcher.ts'
import type * as LateCode from './late.ts'
import type { SamosaConfig, SamosaGiven, SamosaLoader } from './page-api.ts'
import { nameOf } from './words.ts'
import type { SamosaChat } from '../samosa-chat.ts'
import { PENDING } from '../visit/pending-key.ts'

/**
 * Gives a function that puts the current element at the end of the body, and from then on back there
 * when a router, Turbo or `document.open` replaces the body: the same element with all its state, before
 * the next frame is drawn. A bubble is above all else, wherever a `filter` or `transform` of the body would
 * take it, unless the page gives it a layer of its own.
 */
function keepOnPage(current: () => HTMLElement): () => void {
  const place = () => {
    const element = current()
    const { body } = document
    if (body && !element.isConnected) {
      // What stood there before, and what a router has kept of the page as markup and shows again.
      for (const other of document.querySelectorAll('[data-samosa]')) other.remove()
      element.dataset.samosa = ''
      body.append(element)
      const layer = getComputedStyle(element).getPropertyValue('--samosa-z-index')
      if (element.popover && !layer) element.togglePopover?.(true)
    }
    // Afterwards: of what is done here nobody needs to be told.
    for (const node of [document, document.documentElement, document.body]) {
      if (node) watch.observe(node, { childList: true })
    }
  }
  const watch = new MutationObserver(place)
  return place
}

export type { SamosaConfig, SamosaItem, SamosaLoader } from './page-api.ts'

type Late = typeof LateCode
type Act = (element: SamosaChat) => void

// Only while a classic script runs for the first time is it known which tag it came from.
const script = document.currentScript ?? document.querySelector('script[src*="/embed."]')
const [source, data] = script instanceof HTMLScriptElement ? [script.src, script.dataset] : ['', {}]
const host: { readonly samosa?: SamosaLoader | SamosaGiven } = window
const given = host.samosa ?? {}
// A second copy, or the tag of the next page where only the body is replaced.
if ('whenLoaded' in given) given.push(data)
// Two that keep themselves on the page would never come to rest.
else if (!document.querySelector('[data-samosa]')) {
  // Not a function: a browser would read it twice, when it finds it and when it is called.
  const config: SamosaConfig = {}
  let element: SamosaChat | undefined
  let late: Late | undefined
  let loading: Promise<void> | undefined
  let failures = 0
  const waiting: Act[] = []

  const place = keepOnPage(() => element ?? stub)
  const base = () => source || config.endpoint || location.href
  // Some browsers remember for the life of a page that an address could not be loaded: each try has its own.
  const fetchLate = (): Promise<Late> =>
    import(/* @vite-ignore */ `${new URL(LATE_FILE + '?'.repeat(failures), base())}`)
  const configure = (options: SamosaConfig) => {
    Object.assign(config, options)
    for (const name of ['theme', 'position', 'launcher'] as const) {
      stub.setAttribute(name, config[name] ?? '')
    }
    const { accent = '', launcherLabel = '', lang } = config
    stub.style.setProperty('--samosa-accent', accent)
    label.data = launcherLabel
    button.setAttribute('aria-label', launcherLabel || nameOf(lang))
    if (element) late?.configure(element, options)
    else if (options.logo)
      fetchLate().then(
        (code) => code.drawLogo(button, config, base()),
        () => {},
      )
  }

  const load = () => {
    loading ??= fetchLate()
      .then((code) => {
        late = code
        const take = (chat: SamosaChat) => {
          element = chat
          place()
        }
        return code.load({ stub, button, note, config, failures, base: base(), take })
      })
      .then(
        () => waiting.forEach(whenLoaded),
        () => {
          loading = undefined
          failures += 1
          // Whoever waits for the chat must hear that it does not come: in their words, where those could be had.
          if (button.ariaBusy) note.textContent ||= '⚠ Try again'
          button.ariaBusy = null
        },
      )
  }

  const whenLoaded = (act: Act) => {
    if (element) act(element)
    else waiting.push(act)
  }
  const ask = (act: Act) => {
    whenLoaded(act)
    button.ariaBusy = 'true'
    load()
  }

  const plain = (name: 'show' | 'toggle' | 'newConversation' | 'focus') => () =>
    ask((chat) => chat[name]())

  const samosa: SamosaLoader = {
    get element() {
      return element
    },
    whenLoaded,
    push(...items) {
      for (const item of items) {
        if (typeof item === 'function') item(samosa)
        else configure(item)
      }
    },
    show: plain('show'),
    toggle: plain('toggle'),
    newConversation: plain('newConversation'),
    focus: plain('focus'),
    send: (text) => ask((chat) => chat.send(text)),
    hide: () => whenLoaded((chat) => chat.hide()),
    stop: () => element?.stop(),
  }
  const take = (what: SamosaGiven) => samosa.push(...[what].flat())
  // Nobody can notice what is assigned to a `var` of the page.
  const property = { get: () => samosa, set: take }
  if (!Reflect.defineProperty(window, 'samosa', property)) window.samosa = samosa

  /** Loads where something is open or pending that the visitor has left on another page. */
  const look = () => {
    try {
      if (sessionStorage.getItem(PENDING) ?? localStorage.getItem(PENDING)) load()
    } catch {
      // Storage is forbidden: nothing was left there.
    }
  }

  // A finger enters too, when it touches.
  button.addEventListener('pointerenter', load)
  button.addEventListener('focus', load)
  button.addEventListener('click', samosa.show)
  addEventListener('click', (event) => {
    const { target } = event
    if (target instanceof Element && target.closest('[data-samosa-open]')) {
      event.preventDefault()
      samosa.show()
    }
  })
  addEventListener('storage', look)
  configure(data)
  take(given)

  const begin = () => {
    const { mode = 'bubble', open, preload = false } = config
    if (mode === 'bubble') place()
    else load()
    look()
    if ((open ?? preload) !== false) (window.requestIdleCallback ?? setTimeout)(load)
  }
  if (document.body) begin()
  else addEventListener('DOMContentLoaded', begin)
}
