/**
 * The chat from page to page: what is open or pending outlives a link, and other tabs learn of it; and what the
 * page has put in place of our mark. Loaded behind the first drawing; without it the chat is what it is on one
 * page. The loader's side is `embed.ts`.
 */
import { css, html, nothing, type ReactiveController, type ReactiveControllerHost } from 'lit'
import { isObject, listIn, numberIn, parseJson, textIn } from '../api/check.ts'
import { createKeyValueStore, createTabStore } from '../api/key-value-store.ts'
import { defaultEndpoint } from '../conversation/connection.ts'
import type { ConversationController } from '../conversation/conversation-controller.ts'
import type { ServerLink } from '../conversation/server-link.ts'
import { loadLogo } from '../embed/logo.ts'
import type { Strings } from '../words/strings.ts'
import { PENDING } from './pending-key.ts'

/** An answer that somebody waits for, or has not seen. */
interface PendingAnswer {
  /** Whose conversation it is, of all that this browser keeps (`Connection.name`). */
  readonly of: string
  readonly conversationId: string
  /** `sending`: the server has not confirmed the question. */
  readonly state: 'sending' | 'working' | 'unread'
  /** How many are unread. */
  readonly count: number
  /** Milliseconds since 1970. */
  readonly at: number
}

/** Of what is written here; another one is another program's. */
const VERSION = 1
/** Milliseconds after which nobody waits any more: each page would load the chat for it. */
const LIFE = 24 * 60 * 60_000

const STATES = ['sending', 'working', 'unread'] as const

function decode(entry: unknown): PendingAnswer | undefined {
  if (!isObject(entry)) return undefined
  const of = textIn(entry, 'of')
  const conversationId = textIn(entry, 'conversationId')
  const state = STATES.find((one) => one === entry['state'])
  const at = numberIn(entry, 'at')
  const count = numberIn(entry, 'count') ?? 0
  if (of === undefined || conversationId === undefined || !state || at === undefined) {
    return undefined
  }
  const age = Date.now() - at
  return age < LIFE && age > -LIFE ? { of, conversationId, state, count, at } : undefined
}

/** The answers of this browser's visitors that are at work or unread, on whichever page; the loader looks for them. */
class PendingAnswers {
  readonly #store = createKeyValueStore('')

  get all(): readonly PendingAnswer[] {
    const kept = parseJson(this.#store.get(PENDING) ?? '')
    if (!isObject(kept) || kept['version'] !== VERSION) return []
    return listIn(kept, 'answers')
      .map(decode)
      .filter((answer) => answer !== undefined)
  }

  find(of: string, conversationId: string | undefined): PendingAnswer | undefined {
    return this.all.find((one) => one.of === of && one.conversationId === conversationId)
  }

  /** Keeps an answer in place of what was known of its conversation. */
  put(answer: Omit<PendingAnswer, 'at'>): void {
    const { of, conversationId } = answer
    this.remove((one) => one.of === of && one.conversationId === conversationId, {
      ...answer,
      at: Date.now(),
    })
  }

  /** Takes away what is not wanted any more, what cannot be read, and what is too old. */
  remove(isUnwanted: (answer: PendingAnswer) => boolean, ...added: readonly PendingAnswer[]): void {
    const answers = [...this.all.filter((answer) => !isUnwanted(answer)), ...added]
    const text = answers.length === 0 ? undefined : JSON.stringify({ version: VERSION, answers })
    // Writing is told to every other tab.
    if (text === this.#store.get(PENDING)) return
    if (text === undefined) this.#store.remove(PENDING)
    else this.#store.set(PENDING, text)
  }
}

/** For the element's own tree, beside `samosa-chat.styles.ts`. */
const visitStyles = css`
  .told {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .steam {
    position: absolute;
    inset-block-end: calc(100% - 7px);
    inset-inline-start: 0;
    overflow: visible;
    fill: none;
    stroke: currentColor;
    stroke-width: 2;
    stroke-linecap: round;
  }
  .steam path {
    opacity: 0.8;
    animation: rise 2.1s ease-in-out 5;
  }
  .steam path:nth-child(2) {
    animation-delay: 0.7s;
  }
  .steam path:nth-child(3) {
    animation-delay: 1.4s;
  }
  @keyframes rise {
    0% {
      opacity: 0;
      transform: translateY(3px);
    }
    45% {
      opacity: 0.9;
    }
    100% {
      opacity: 0;
      transform: translateY(-4px);
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .steam path {
      animation: none;
    }
  }
  ::slotted([slot='launcher']),
  ::slotted([slot='logo']) {
    display: block;
    max-inline-size: 34px;
    max-block-size: 34px;
    overflow: hidden;
    object-fit: contain;
  }
`

/** The element, as far as a visit goes. */
export interface VisitHost extends ReactiveControllerHost, HTMLElement {
  readonly mode: string
  open: boolean
  /** Answers that nobody has seen. */
  unread: number
  readonly launcher: string
  readonly logo: string
  readonly imageOrigins: string
  readonly renderRoot: HTMLElement | DocumentFragment
  show(): void
}

export class Visit implements ReactiveController {
  readonly #host: VisitHost
  readonly #controller: ConversationController
  readonly #link: ServerLink
  readonly #window: { readonly covers: boolean }
  readonly #pending = new PendingAnswers()
  readonly #tab = createTabStore('')
  /** Conversations that are being answered, as far as this browser knows. */
  answering: ReadonlySet<string> = new Set()
  #watching: AbortController | undefined
  /** The conversation's answer is or was made while this page was there. */
  #busyWith: string | undefined
  /** So many times the server is being asked how far an answer is. */
  #asking = 0
  /** Whose conversations are shown. */
  #name = ''
  /** Conversations whose answers are waited for beside the one that is shown. */
  readonly #followed = new Set<string>()
  #wasOpen = false
  #hadFocus = false
  /** What had the focus when the panel opened. */
  #opener: Element | null = null
  /** What the picture in place of our mark was asked for with last. */
  #logo = ''

  /** `window`: whether an open panel covers it. */
  constructor(
    host: VisitHost,
    controller: ConversationController,
    link: ServerLink,
    window: { readonly covers: boolean },
  ) {
    this.#host = host
    this.#controller = controller
    this.#link = link
    this.#window = window
    const { renderRoot } = host
    if (renderRoot instanceof ShadowRoot && visitStyles.styleSheet) {
      renderRoot.adoptedStyleSheets = [...renderRoot.adoptedStyleSheets, visitStyles.styleSheet]
    }
    const watch = new MutationObserver(() => host.requestUpdate())
    watch.observe(host, { childList: true, subtree: true, attributeFilter: ['slot'] })
    this.#pending.remove(() => false)
    // Taken in when the element came, see bubble-focus.ts; from here on it is kept here.
    if (host.mode === 'bubble') this.#tab.remove(PENDING)
    host.addController(this)
    host.requestUpdate()
  }

  hostConnected(): void {
    this.#watching?.abort()
    this.#watching = new AbortController()
    const { signal } = this.#watching
    addEventListener('storage', ({ key }) => key === PENDING && this.#look(), { signal })
    addEventListener('pagehide', () => this.#leave(), { signal })
    // Another page may have gone on while the browser kept this one aside.
    addEventListener('pageshow', ({ persisted }) => persisted && this.#return(), { signal })
    document.addEventListener('visibilitychange', () => this.#look(), { signal })
    addEventListener('online', () => this.#look(), { signal })
    document.addEventListener('click', this.#onClick, { signal })
    // A dialog that was above is gone; the event does not bubble.
    document.addEventListener('close', () => this.#rise(), { signal, capture: true })
    this.#rise()
  }

  hostDisconnected(): void {
    this.#watching?.abort()
  }

  hostUpdate(): void {
    this.#hadFocus = this.#host.matches(':focus-within')
  }

  hostUpdated(): void {
    const name = this.#link.connection?.name ?? ''
    if (name !== this.#name) this.#meet(name)
    this.#followPanel()
    this.#keepAnswer()
    this.#listAnswering()
    this.#followOthers()
    this.#followLogo()
  }

  /** What stands on the launcher: a picture of the page's own, and steam while an answer is at work. */
  renderOnLauncher() {
    const isAtWork = !this.#host.open && this.#controller.busy
    return html`${this.#renderSlot('launcher', 'mark')}
    ${
      isAtWork
        ? html`<svg class="steam" viewBox="0 0 32 18" width="32" height="18" aria-hidden="true">
            <path d="M10 15c-1.6-1.9 1.6-3.3 0-5.4s1.4-3 .3-4.8"></path>
            <path d="M16 13c-1.6-1.9 1.6-3.3 0-5.4s1.4-3 .3-4.8"></path>
            <path d="M22 15c-1.6-1.9 1.6-3.3 0-5.4s1.4-3 .3-4.8"></path>
          </svg>`
        : nothing
    }`
  }

  /** What screen readers are told while the panel is closed. */
  renderStatus(strings: Strings) {
    const { open, mode } = this.#host
    if (mode !== 'bubble') return nothing
    const unread = this.#host.unread
    const words = open ? '' : unread > 0 ? strings.unread(unread) : ''
    return html`<div class="told" role="status">${words}</div>`
  }

  /** A picture of the page's own in the header. */
  renderLogo() {
    return this.#renderSlot('logo', 'logo')
  }

  get #isInFront(): boolean {
    return document.visibilityState === 'visible'
  }

  /** Somebody looks at the conversation. */
  get #isRead(): boolean {
    const { mode, open } = this.#host
    return this.#isInFront && (mode !== 'bubble' || open)
  }

  /** Somebody else than before, or the first: what is pending for them is shown. */
  #meet(name: string): void {
    const before = this.#name
    this.#name = name
    if (before !== '') this.#pending.remove(({ of }) => of === before)
    this.#learn()
  }

  /** Above everything on the page, whatever its body does to what is fixed; the page's own dialogs come above that. */
  #rise(): void {
    const host = this.#host
    const isLayered = getComputedStyle(host).getPropertyValue('--samosa-z-index') !== ''
    const isAbove = host.mode === 'bubble' && !isLayered
    if (!('popover' in host) || (!isAbove && host.popover === null)) return
    // One that is open keeps everything else out of reach: nothing may seem to be above it.
    if (isAbove && !host.matches(':popover-open') && document.querySelector(':modal')) return
    host.popover = isAbove ? 'manual' : null
    if (isAbove && host.isConnected) host.togglePopover(true)
  }

  /** The next page in this tab opens the panel again, unless it covers the window. */
  #leave(): void {
    const { mode, open } = this.#host
    if (mode === 'bubble' && open && !this.#window.covers) this.#tab.set(PENDING, 'open')
  }

  #followPanel(): void {
    const host = this.#host
    if (host.mode !== 'bubble' || host.open === this.#wasOpen) return
    this.#wasOpen = host.open
    this.#rise()
    const { activeElement, body } = document
    if (host.open) {
      const isElsewhere = activeElement !== host && activeElement !== body
      this.#opener = isElsewhere ? activeElement : null
    } else if (host.launcher === 'hidden' && this.#hadFocus) {
      // Where there is no launcher, the focus goes back to what opened the panel.
      const opener = this.#opener ?? document.querySelector('[data-samosa-open]')
      if (opener instanceof HTMLElement) opener.focus({ preventScroll: true })
    }
  }

  /** For other pages: what becomes of the answer in the conversation that is shown. */
  #keepAnswer(): void {
    const host = this.#host
    const { conversationId, phase, lastAnswer } = this.#controller.state
    if (conversationId === undefined) return
    const known = this.#pending.find(this.#name, conversationId)
    const keep = (state: 'sending' | 'working' | 'unread', count = 0) => {
      if (known?.state === state && known.count === count) return
      this.#pending.put({ of: this.#name, conversationId, state, count })
    }
    if (phase.kind === 'sending' || phase.kind === 'answering') {
      this.#busyWith = conversationId
      keep(phase.kind === 'sending' && known?.state !== 'working' ? 'sending' : 'working')
      return
    }
    if (phase.kind !== 'idle' || this.#asking > 0) return
    // It came between two pages.
    const isNew = known && known.state !== 'unread' && this.#busyWith !== conversationId
    this.#busyWith = undefined
    if (isNew && !this.#isRead && lastAnswer && host.unread === 0) host.unread = 1
    if (host.unread > 0) keep('unread', host.unread)
    else if (known) this.#forget(conversationId)
  }

  #listAnswering(): void {
    const ids = this.#pending.all
      .filter(({ of, state }) => of === this.#name && state !== 'unread')
      .map(({ conversationId }) => conversationId)
    if (ids.length === this.answering.size && ids.every((id) => this.answering.has(id))) return
    this.answering = new Set(ids)
    this.#host.requestUpdate()
  }

  #forget(conversationId: string): void {
    this.#pending.remove((one) => one.of === this.#name && one.conversationId === conversationId)
  }

  /** Another tab has done something, or somebody looks at this one again. */
  #look(): void {
    this.#learn()
    this.#host.requestUpdate()
  }

  #learn(): void {
    const host = this.#host
    const controller = this.#controller
    const { state } = controller
    this.#followed.clear()
    if (!this.#isInFront) return
    const shown = state.conversationId
    const id = shown ?? this.#link.memory?.conversationId
    const known = this.#pending.find(this.#name, id)
    if (!known) {
      // Read in another tab; one that is loading still has to tell.
      if (shown === undefined || state.isAtRest) host.unread = 0
      return
    }
    if (known.state === 'unread' && !this.#isRead) {
      if (!controller.busy) host.unread = known.count
      return
    }
    // The tab that sends it has it in its hands until the server has it too.
    if (known.state === 'sending' && this.#link.isUsed) return
    if (shown !== undefined) void this.#ask()
    else if (!host.open || host.mode !== 'bubble') this.#begin(known.conversationId)
  }

  /** Looks what has become of the conversation; until that is known, nothing here says that it is over. */
  async #ask(): Promise<void> {
    this.#asking += 1
    await this.#controller.refresh()
    this.#asking -= 1
    this.#host.requestUpdate()
  }

  /** Shows a conversation that goes on elsewhere, unless the visitor is about to begin another one here. */
  #begin(conversationId: string): void {
    const link = this.#link
    const controller = this.#controller
    const { state } = controller
    if (!link.isUsed) link.use()
    else if (state.phase.kind === 'idle' && state.messages.length === 0 && state.draft === '') {
      void controller.load(conversationId)
    }
  }

  /** Comes back with what the tab has become meanwhile. */
  #return(): void {
    const host = this.#host
    if (host.mode === 'bubble' && !this.#window.covers) {
      host.open = this.#tab.get(PENDING) === 'open'
      this.#tab.remove(PENDING)
    }
    this.#look()
  }

  /** Waits for the answers of conversations that the visitor has left. */
  #followOthers(): void {
    if (!this.#isInFront) return
    for (const id of this.answering) {
      const isShown = id === this.#controller.state.conversationId
      const isComing = id === this.#link.memory?.conversationId
      if (isShown || isComing || this.#followed.has(id)) continue
      this.#followed.add(id)
      void this.#follow(id)
    }
  }

  async #follow(id: string): Promise<void> {
    const name = this.#name
    const signal = this.#watching?.signal
    try {
      const stream = await this.#link.client?.resume(id, undefined, { signal })
      for await (const _batch of stream ?? []) signal?.throwIfAborted()
    } catch {
      // Tried again when somebody looks again, or there is a network.
      return
    }
    if (name !== this.#name || id === this.#controller.state.conversationId) return
    this.#forget(id)
    this.#host.requestUpdate()
  }

  /** The page's own controls that open the chat. */
  readonly #onClick = (event: MouseEvent): void => {
    const isOpener = (node: EventTarget) =>
      node instanceof Element && node.hasAttribute('data-samosa-open')
    if (this.#host.mode !== 'bubble' || !event.composedPath().some(isOpener)) return
    event.preventDefault()
    this.#host.show()
  }
  /** Passes what the page has put into a slot on to a part's own slot; an empty one would hide our mark. */
  #renderSlot(name: 'launcher' | 'logo', slot: 'mark' | 'logo') {
    const isFilled = this.#host.querySelector(`:scope > [slot="${name}"]`) !== null
    return isFilled ? html`<slot name=${name} slot=${slot}></slot>` : nothing
  }

  /** Shows the picture that the page or the server names in place of our mark. */
  #followLogo(): void {
    const { logo, imageOrigins } = this.#host
    const endpoint = this.#link.connection?.origin ?? defaultEndpoint()
    const address = logo || (this.#link.config?.logo ?? '')
    const base = logo ? document.baseURI : `${endpoint}/`
    const wish = JSON.stringify([address, base, endpoint, imageOrigins])
    if (wish === this.#logo) return
    this.#logo = wish
    if (address === '') return this.#drawLogo(undefined)
    void loadLogo({ address, base, endpoint, imageOrigins }).then((picture) => {
      if (wish === this.#logo) this.#drawLogo(picture)
    })
  }

  /** For the style sheets of all parts, which know our mark by itself. */
  #drawLogo(picture: HTMLImageElement | undefined): void {
    const root = this.#host.renderRoot.querySelector<HTMLElement>('.root')
    const values = {
      '--_logo': `url("${picture?.src}") center / contain no-repeat`,
      '--_mark': 'hidden',
      '--_avatar': 'block',
      '--_inset': '0',
    }
    for (const [name, value] of Object.entries(values)) {
      // An empty value takes the property away.
      root?.style.setProperty(name, picture ? value : '')
    }
  }
}
