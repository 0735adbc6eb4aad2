/**
 * The loader: one classic script of less than two kilobytes that draws the launcher, and fetches the
 * element when a visitor shows interest. Its options are the `data-*` of its script tag and
 * `window.samosa`, which may be set at any time (`embed/page-api.ts` has both). What is asked of
 * `samosa` before the element is there happens when it is.
 */
import { ELEMENT_FILE } from './embed/element-file.ts'
import { keepOnPage } from './embed/keep-on-page.ts'
import { button, host as stub, note } from './embed/launcher.ts'
import type { SamosaConfig, SamosaGiven, SamosaLoader } from './embed/page-api.ts'
import { wordsOf } from './embed/words.ts'
import type { SamosaChat } from './samosa-chat.ts'

export type { SamosaConfig, SamosaItem, SamosaLoader } from './embed/page-api.ts'

type Act = (element: SamosaChat) => void

/** A class of elements, as far as it says which attributes matter to it. */
interface ElementClass {
  readonly name?: string
  readonly observedAttributes?: readonly string[]
}

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
  let loading: Promise<void> | undefined
  let failures = 0
  const waiting: Act[] = []

  const place = keepOnPage(() => element ?? stub)
  const configure = (options: SamosaConfig) => {
    Object.assign(config, options)
    const target = element ?? stub
    const { observedAttributes = ['theme', 'lang'] }: ElementClass = element?.constructor ?? {}
    for (const [key, value] of Object.entries(options)) {
      const name = key.replaceAll(/[A-Z]/g, '-$&').toLowerCase()
      // The page's other `data-*` (`data-id`, `data-turbo-track`) are none of its business.
      if (!observedAttributes.includes(name)) continue
      if (typeof value === 'string') target.setAttribute(name, value)
      // What no attribute holds: lists, and words in place of the chat's own.
      else if (typeof value === 'object') Reflect.set(target, name, value)
      else target.toggleAttribute(name, value === true)
    }
    const { accent, position, token } = options
    if (accent) target.style.setProperty('--samosa-accent', accent)
    if (position === 'start') {
      target.style.cssText += ';--samosa-inset-inline-start:20px;--samosa-inset-inline-end:auto'
    }
    if (element && token) element.token = token
    button.setAttribute('aria-label', wordsOf(config.lang)[0])
  }

  const handOver = async () => {
    const hadFocus = document.activeElement === stub
    element = document.createElement('samosa-chat')
    // While a page turns into another one it stays as it is, above both.
    element.style.viewTransitionName = 'samosa-chat'
    configure(config)
    place()
    await element.updateComplete
    if (hadFocus) element.focus()
    for (const act of waiting) act(element)
  }

  const load = () => {
    // Where this name is gone, after an upgrade, the other one is not; and some browsers remember for
    // the life of a page that an address could not be loaded.
    const file = failures ? `samosa-chat.js?${failures}` : ELEMENT_FILE
    const url = new URL(file, source || config.endpoint || location.href)
    loading ??= import(/* @vite-ignore */ `${url}`).then(handOver, () => {
      loading = undefined
      failures += 1
      // Whoever waits for the chat must hear that it does not come.
      if (button.ariaBusy) note.textContent = `⚠ ${wordsOf(config.lang)[1]}`
      button.ariaBusy = null
    })
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

  // A finger enters too, when it touches.
  button.addEventListener('pointerenter', load)
  button.addEventListener('focus', load)
  button.addEventListener('click', samosa.show)
  configure(data)
  take(given)

  const begin = () => {
    const { mode = 'bubble', open, preload = false } = config
    if (mode === 'bubble') place()
    else load()
    if ((open ?? preload) !== false) (window.requestIdleCallback ?? setTimeout)(load)
  }
  if (document.body) begin()
  else addEventListener('DOMContentLoaded', begin)
}
