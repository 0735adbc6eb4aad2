import { html, nothing } from 'lit'
import { isComposing } from '../ui/text-field.ts'
import { messageActions } from '../answer/message.ts'
import { lazy } from '../ui/lazy.ts'
import { decodeWays } from '../contact/ways.ts'
import type { ChatContext } from '../conversation/chat-context.ts'
import type { CommandName, ExtrasStrings } from '../words/strings.ts'
import { type Choices, isInRange, RANGES, type Settings } from '../conversation/memory.ts'

const contactCode = lazy(() => import('../contact/contact.ts'))

/** What a command can change. */
export interface CommandHost {
  readonly strings: ExtrasStrings
  readonly settings: Settings
  /** Whether answers may be made otherwise than the server makes them. */
  readonly canSet: boolean
  readonly canThink: boolean
  /** The owner has set a way to a person. */
  readonly hasPerson?: boolean
  readonly thinking: boolean
  readonly onSettings: (settings: Settings) => void
  readonly onThink: (on: boolean) => void
  readonly onPerson: () => void
  readonly onClear: () => void
}

/** What there is to be done where the chat is. */
type Offered = Pick<CommandHost, 'canSet' | 'hasPerson'>

/** What becomes of a text that begins with a slash. */
type Outcome =
  /** It is no command but a text to be sent. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'done'; readonly said: string }
  | { readonly kind: 'refused'; readonly said: string }
  | { readonly kind: 'help' }

const done = (said: string): Outcome => ({ kind: 'done', said })
const refused = (said: string): Outcome => ({ kind: 'refused', said })

/** A number as people write it: with a comma, too. */
function numberOf(text: string): number {
  return /^[+-]?(\d+([.,]\d*)?|[.,]\d+)$/.test(text) ? Number(text.replace(',', '.')) : NaN
}

function setNumber(
  host: CommandHost,
  command: CommandName,
  name: keyof typeof RANGES,
  argument: string,
): Outcome {
  const { strings, settings } = host
  const value = numberOf(argument)
  const [least, most] = RANGES[name]
  if (!isInRange(name, value)) {
    return refused(strings.commands.range(command, least, most, name === 'top_k'))
  }
  host.onSettings({ ...settings, [name]: value })
  return done(strings.commands.isSet(strings.settings[name](value)))
}

function setThink({ strings, canThink, thinking, onThink }: CommandHost, argument: string) {
  const words = strings.commands
  if (!canThink) return refused(words.cannotThink)
  const choice = argument.toLowerCase()
  if (!['', 'on', 'off'].includes(choice)) return refused(words.onOff)
  const on = choice === '' ? !thinking : choice === 'on'
  onThink(on)
  return done(words.thinks(on))
}

const runners: Readonly<Record<CommandName, (host: CommandHost, argument: string) => Outcome>> = {
  temperature: (host, argument) => setNumber(host, 'temperature', 'temperature', argument),
  topk: (host, argument) => setNumber(host, 'topk', 'top_k', argument),
  think: setThink,
  person({ strings, onPerson }, argument) {
    if (argument !== '') return refused(strings.commands.extra('person'))
    onPerson()
    return done('')
  },
  clear({ strings, onClear }, argument) {
    if (argument !== '') return refused(strings.commands.extra('clear'))
    onClear()
    return done(strings.commands.cleared)
  },
  help: () => ({ kind: 'help' }),
}

/** In the order in which they are offered. */
const COMMAND_NAMES: readonly CommandName[] = [
  'temperature',
  'topk',
  'think',
  'person',
  'clear',
  'help',
]

/** Whether a command says more than its name. */
const takesMore = (name: CommandName): boolean => name === 'temperature' || name === 'topk'

/** Whether there is such a command: some set how answers are made, and nobody may be there to be reached. */
const isOffered = (name: CommandName, { canSet, hasPerson }: Offered): boolean =>
  name === 'person' ? hasPerson === true : canSet || !takesMore(name)

/** `top_k` and `top-k` are written too. */
function nameOf(written: string): CommandName | undefined {
  const plain = written.toLowerCase().replaceAll(/[-_]/g, '')
  return COMMAND_NAMES.find((name) => name === plain)
}

/** The commands that a text may become: it is a slash and the beginning of a name. */
export function commandsFor(text: string): readonly CommandName[] {
  const begun = /^\/([a-z_-]*)$/i.exec(text)?.[1]
  if (begun === undefined) return []
  const plain = begun.toLowerCase().replaceAll(/[-_]/g, '')
  return COMMAND_NAMES.filter((name) => name.startsWith(plain))
}

/** Does what a text says that begins with a slash; two slashes make it a text with one. */
export function runCommand(text: string, host: CommandHost): Outcome {
  if (text.startsWith('//')) return { kind: 'text', text: text.slice(1) }
  const [, written = '', argument = ''] = /^\/(\S*)\s*(.*)$/s.exec(text) ?? []
  const name = nameOf(written)
  const isKnown = name !== undefined && isOffered(name, host)
  if (!isKnown) return refused(host.strings.commands.unknown(written.slice(0, 40)))
  return runners[name](host, argument.trim())
}

const idOf = (name: CommandName) => `command-${name}`

/** The composer, as far as commands go. */
interface MenuHost {
  readonly host: HTMLElement & {
    readonly context: ChatContext
    readonly choices: Choices
    isCommand(text: string): boolean
    send(text: string): void
    requestUpdate(): void
  }
  readonly words: ExtrasStrings
  draft: string
  say(what: unknown): void
}

/** The list of commands that opens when a text begins with a slash, and what runs them. */
export class SlashMenu {
  readonly #extras: MenuHost
  #active = 0
  /** Closed until another text is typed. */
  #isDismissed = false

  constructor(extras: MenuHost) {
    this.#extras = extras
  }

  /** What the text may become; nothing while the list is closed. */
  get #options(): readonly CommandName[] {
    const { host, draft } = this.#extras
    if (this.#isDismissed || !host.isCommand(draft)) return []
    return commandsFor(draft).filter(
      (name) => (host.choices.canThink || name !== 'think') && isOffered(name, this.#offered),
    )
  }

  get #offered(): Offered {
    const { questionsOnly, features, contact } = this.#extras.host.context.config ?? {}
    const canSet = !questionsOnly && features?.model_settings === true
    return { canSet, hasPerson: decodeWays(contact) !== undefined }
  }

  typed(): void {
    this.#active = 0
    this.#isDismissed = false
  }

  /** Takes a key while the list is open. */
  press(event: KeyboardEvent): boolean {
    const options = this.#options
    const { key, shiftKey } = event
    const chosen = options[this.#active]
    if (chosen === undefined || isComposing(event)) return false
    if (key === 'ArrowDown' || key === 'ArrowUp') {
      const step = key === 'ArrowDown' ? 1 : -1
      this.#active = (this.#active + step + options.length) % options.length
    } else if (key === 'Enter' && !shiftKey) this.#choose(chosen)
    else if (key === 'Tab' && !shiftKey) this.#complete(chosen)
    else if (key === 'Escape') {
      // The panel has its own use for it.
      event.stopPropagation()
      this.#isDismissed = true
    } else return false
    this.#extras.host.requestUpdate()
    return true
  }

  /** Does what a text says that begins with a slash. */
  run(text: string): void {
    const extras = this.#extras
    const { context, choices } = extras.host
    const { actions } = context
    const outcome = runCommand(text, {
      strings: extras.words,
      ...choices,
      ...this.#offered,
      onSettings: actions.onSettings,
      onThink: actions.onThink,
      onPerson: () => void this.#offerPerson(),
      onClear() {
        extras.draft = ''
        actions.onNew()
      },
    })
    switch (outcome.kind) {
      case 'text':
        return this.#send(outcome.text)
      case 'done':
        extras.draft = ''
        return extras.say(outcome.said)
      case 'refused':
        return extras.say(outcome.said)
      case 'help':
        extras.draft = ''
        return extras.say(this.#renderHelp())
    }
  }

  /** Tells screen readers what is chosen while the text field has the focus. */
  mark(input: HTMLTextAreaElement): void {
    const chosen = this.#options[this.#active]
    const marks = {
      'aria-autocomplete': 'list',
      'aria-haspopup': 'listbox',
      'aria-controls': 'commands',
      'aria-activedescendant': chosen && idOf(chosen),
    }
    for (const [name, value] of Object.entries(marks)) {
      if (chosen !== undefined && value !== undefined) input.setAttribute(name, value)
      else input.removeAttribute(name)
    }
  }

  render() {
    const options = this.#options
    const words = this.#extras.words.commands
    return html`<div class="menu-place">
      <span class="visually-hidden" role="status"
        >${options.length > 0 ? words.count(options.length) : nothing}</span
      >
      ${
        options.length > 0
          ? html`<ul
              id="commands"
              class="menu"
              role="listbox"
              aria-label=${words.list}
              @pointerdown=${(event: Event) => event.preventDefault()}
            >
              ${options.map(
                (name, at) =>
                  html`<li
                    id=${idOf(name)}
                    role="option"
                    aria-selected=${at === this.#active}
                    @click=${() => this.#choose(name)}
                  >
                    <b dir="ltr">/${name}</b> <span>${words.does[name]}</span>
                  </li>`,
              )}
            </ul>`
          : nothing
      }
    </div>`
  }

  #renderHelp() {
    const words = this.#extras.words.commands
    return html`<dl class="help">
        ${COMMAND_NAMES.filter((name) => isOffered(name, this.#offered)).map(
          (name) =>
            html`<div>
              <dt dir="ltr">/${name}</dt>
              <dd>${words.does[name]}</dd>
            </div>`,
        )}
      </dl>
      ${words.slashText}`
  }

  async #offerPerson(): Promise<void> {
    const extras = this.#extras
    const { strings, controller } = extras.host.context
    const [code, hasPlace] = await Promise.all([
      contactCode.need().catch(() => undefined),
      // Before the first answer there is no place for it.
      messageActions.load(),
    ])
    if (!code || !hasPlace) return extras.say(strings.errors.unreachable)
    controller.state.show({})
    await code.offerPerson(extras.host)
  }

  #choose(name: CommandName): void {
    if (takesMore(name)) this.#complete(name)
    else this.run(`/${name}`)
  }

  #complete(name: CommandName): void {
    this.#extras.draft = takesMore(name) ? `/${name} ` : `/${name}`
    this.#extras.host.focus()
  }

  /** The text is the draft from here on, so that what is sent and its files belong together. */
  #send(text: string): void {
    const extras = this.#extras
    extras.draft = text
    extras.host.send(text)
    if (extras.draft === text) extras.draft = `/${text}`
  }
}
