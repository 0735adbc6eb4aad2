/**
 * The loader: one classic script of about a kilobyte that draws the launcher, and fetches the element
 * when a visitor shows interest. `data-*` of its script tag: `endpoint`, `heading`, `placeholder`,
 * `theme`, `lang`, `mode`, `think`, `accent`, `position` (`start` or `end`), `preload`.
 *
 * `window.samosa` takes `show hide toggle send stop newConversation focus` from the first moment on;
 * what is called before the element is there happens when it is.
 */
import { MARK_BODY, MARK_SEAM } from './components/mark-paths.ts'

type Command = 'show' | 'hide' | 'toggle' | 'stop' | 'newConversation' | 'focus' | 'send'

interface LoadedElement extends HTMLElement {
  readonly updateComplete: Promise<boolean>
  send(text: string): boolean
  show(): void
  hide(): void
  toggle(): void
  stop(): void
  newConversation(): void
}

const STYLE = `
:host{all:initial!important;position:fixed!important;inset-block:auto var(--samosa-inset-block-end,20px)!important;inset-inline:var(--samosa-inset-inline-start,auto) var(--samosa-inset-inline-end,20px)!important;z-index:var(--samosa-z-index,2147483000)!important;color-scheme:light dark!important}
:host([theme=light]){color-scheme:light!important}
:host([theme=dark]){color-scheme:dark!important}
button{--a:var(--samosa-accent,light-dark(#a84b08,#f0a24a));display:grid;place-items:center;box-sizing:border-box;width:56px;height:56px;margin:0;padding:0;border:0;border-radius:50%;background:var(--a);color:var(--samosa-on-accent,light-dark(#fff,#2b1804));box-shadow:0 1px 3px rgb(40 20 0/.25),0 6px 20px rgb(40 20 0/.22);cursor:pointer;transition:transform .16s;-webkit-tap-highlight-color:transparent}
button:hover{transform:scale(1.05)}
button:active{transform:scale(.97)}
:focus-visible{outline:2px solid var(--samosa-focus,var(--a));outline-offset:2px}
path{fill:currentColor}
path+path{fill:none;stroke:var(--a);stroke-width:2.2;stroke-linecap:round}
@media(prefers-reduced-motion:reduce){button{transition:none}}
@media(forced-colors:active){button{border:1px solid ButtonText}}
@media print{:host{display:none!important}}`

// Only while the script runs for the first time is it known which tag it came from.
const script = document.currentScript
const page: Window & { samosa?: object } = window

if (script instanceof HTMLScriptElement && !page.samosa) {
  const { accent, endpoint, mode = 'bubble', position, preload, ...attributes } = script.dataset
  const origin = endpoint || new URL(script.src).origin
  const waiting: ((element: LoadedElement) => void)[] = []
  let element: LoadedElement | undefined
  let loading: Promise<unknown> | undefined

  /** What both the launcher and the element are given. */
  const dress = (target: HTMLElement) => {
    for (const name of ['theme', 'lang']) {
      const value = attributes[name]
      if (value) target.setAttribute(name, value)
    }
    if (accent) target.style.setProperty('--samosa-accent', accent)
    if (position !== 'start') return
    target.style.setProperty('--samosa-inset-inline-start', '20px')
    target.style.setProperty('--samosa-inset-inline-end', 'auto')
  }

  const isLoaded = (target: HTMLElement): target is LoadedElement => 'updateComplete' in target

  const handOver = async () => {
    const made = document.createElement('samosa-chat')
    if (!isLoaded(made)) return
    dress(made)
    for (const [name, value] of Object.entries({ ...attributes, endpoint: origin, mode })) {
      if (value !== undefined) made.setAttribute(name, value)
    }
    document.body.append(made)
    await made.updateComplete
    const hadFocus = document.activeElement === stub
    stub.remove()
    element = made
    if (hadFocus) made.focus()
    for (const run of waiting.splice(0)) run(made)
  }

  const load = () => {
    loading ??= import(/* @vite-ignore */ `${new URL('samosa-chat.js', script.src)}`).then(
      handOver,
      () => {
        // Not reached: the next try may.
        loading = undefined
      },
    )
  }

  const whenLoaded = (run: (element: LoadedElement) => void) => {
    if (element) return run(element)
    waiting.push(run)
    load()
  }

  const stub = document.createElement('samosa-embed')
  dress(stub)
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(STYLE)
  const root = stub.attachShadow({ mode: 'open' })
  root.adoptedStyleSheets = [sheet]
  const button = document.createElement('button')
  button.type = 'button'
  button.ariaLabel = 'Open chat'
  button.ariaExpanded = 'false'
  const draw = (name: string, values: Record<string, string>) => {
    const shape = document.createElementNS('http://www.w3.org/2000/svg', name)
    for (const [key, value] of Object.entries(values)) shape.setAttribute(key, value)
    return shape
  }
  const size = { viewBox: '0 0 32 32', width: '34', height: '34', 'aria-hidden': 'true' }
  const mark = draw('svg', size)
  mark.append(draw('path', { d: MARK_BODY }), draw('path', { d: MARK_SEAM }))
  button.append(mark)
  root.append(button)
  for (const intent of ['pointerenter', 'focus', 'touchstart']) {
    button.addEventListener(intent, load, { passive: true })
  }
  button.addEventListener('click', () => whenLoaded((chat) => chat.show()))

  const command = (name: Exclude<Command, 'send'>) => () => whenLoaded((chat) => chat[name]())
  page.samosa = {
    show: command('show'),
    hide: command('hide'),
    toggle: command('toggle'),
    stop: command('stop'),
    newConversation: command('newConversation'),
    focus: command('focus'),
    send: (text: string) => whenLoaded((chat) => chat.send(text)),
  }

  const start = () => {
    if (mode === 'bubble') document.body.append(stub)
    if (mode !== 'bubble') load()
    else if (preload !== undefined) (window.requestIdleCallback ?? setTimeout)(load)
  }
  if (document.body) start()
  else addEventListener('DOMContentLoaded', start)
}
