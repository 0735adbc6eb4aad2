import { html, nothing } from 'lit'
import { attachIcon, microphoneIcon, searchIcon, thinkIcon } from '../ui/icons.ts'
import type { ChatContext } from '../conversation/chat-context.ts'
import type { Choices } from '../conversation/memory.ts'
import type { Extras } from './extras.ts'

/** Whether the page may listen at all, where the browser tells. */
function isAllowed(): boolean {
  const policy: unknown = Reflect.get(document, 'featurePolicy')
  if (typeof policy !== 'object' || policy === null) return true
  const ask: unknown = Reflect.get(policy, 'allowsFeature')
  return typeof ask !== 'function' || Reflect.apply(ask, policy, ['microphone']) !== false
}

/** The browser's maker of speech recognitions, where it has one. */
export const recognitionMaker = (): unknown =>
  Reflect.get(globalThis, 'SpeechRecognition') ?? Reflect.get(globalThis, 'webkitSpeechRecognition')

/** Whether the browser has speech recognition, and the page may use it. */
export const canListen = (): boolean =>
  typeof recognitionMaker() === 'function' && isSecureContext && isAllowed()

/** The composer, as far as the buttons need it. */
interface BarHost {
  readonly renderRoot: ParentNode
  readonly context: ChatContext
  readonly choices: Choices
  readonly extras: Extras | undefined
  /** Fetches what the buttons do. */
  readonly load: () => Promise<Extras | undefined>
  /** The same; says so when it cannot be had. */
  need(): Promise<Extras | undefined>
  addFiles(files: readonly File[]): Promise<void>
  focus(): void
}

/** What can be switched on and added below the text. It stands there before what does it is loaded. */
export function renderBar(host: BarHost) {
  const { strings, config, actions, settled } = host.context
  const { settings, canThink, thinking } = host.choices
  const words = strings.composer
  if (!settled) return nothing
  const searches = settings.force_web_search ?? false
  return html`${
    canThink
      ? renderPill(thinkIcon, words.think, words.thinkHint, thinking, () =>
          actions.onThink(!thinking),
        )
      : nothing
  }
  ${
    config?.features.search
      ? renderPill(searchIcon, words.search, words.searchHint, searches, () =>
          actions.onSettings({ ...settings, force_web_search: !searches || undefined }),
        )
      : nothing
  }
  ${config?.attachments ? renderAttach(host, words.addFiles) : nothing}
  ${canListen() && config?.features.microphone !== false ? renderMicrophone(host, words.dictate) : nothing}`
}

/** A switch below the text. */
const renderPill = (icon: unknown, label: string, hint: string, on: boolean, onPress: () => void) =>
  html`<button
    class="pill"
    part="pill"
    type="button"
    title=${hint}
    aria-pressed=${on}
    @click=${onPress}
  >
    ${icon}<span>${label}</span>
  </button>`

function renderAttach(host: BarHost, label: string) {
  const { hint, accept, isFull } = host.extras?.attaching ?? {}
  return html`<input
      type="file"
      multiple
      hidden
      aria-label=${label}
      accept=${accept ?? nothing}
      @change=${(event: Event) => pick(host, event)}
    /><button
      class="icon-button"
      type="button"
      aria-label=${label}
      aria-description=${hint ?? nothing}
      title=${hint ?? label}
      aria-disabled=${isFull ?? false}
      @focus=${host.load}
      @pointerenter=${host.load}
      @click=${() => (isFull ? host.extras?.say(hint) : host.renderRoot.querySelector('input')?.click())}
    >
      ${attachIcon}
    </button>`
}

function renderMicrophone(host: BarHost, label: string) {
  const { hint, title, isOn } = host.extras?.listening ?? {}
  return html`<button
    class="icon-button"
    type="button"
    aria-label=${label}
    aria-description=${hint ?? nothing}
    title=${title ?? label}
    aria-pressed=${isOn ?? false}
    @focus=${host.load}
    @pointerenter=${host.load}
    @click=${async () => (await host.need())?.listen()}
  >
    ${microphoneIcon}
  </button>`
}

function pick(host: BarHost, { target }: Event): void {
  if (!(target instanceof HTMLInputElement)) return
  const files = [...(target.files ?? [])]
  // The same file may be chosen again.
  target.value = ''
  void host.addFiles(files)
  host.focus()
}
