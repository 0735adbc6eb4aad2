import { html, nothing } from 'lit'
import { isComposing } from '../ui/text-field.ts'
import { messageActions } from '../answer/message.ts'
import { isCommand } from '../panel/panel-view.ts'
import { decodeWays } from '../contact/ways.ts'
import { commandsFor, isOffered, runCommand, takesMore, type Offered } from './commands.ts'
import type { Extras } from './extras.ts'
import { COMMAND_NAMES, type CommandName } from './strings.ts'

const idOf = (name: CommandName) => `command-${name}`

/** The list of commands that opens when a text begins with a slash, and what runs them. */
export class SlashMenu {
  readonly #extras: Extras
  #active = 0
  /** Closed until another text is typed. */
  #isDismissed = false

  constructor(extras: Extras) {
    this.#extras = extras
  }

  /** What the text may become; nothing while the list is closed. */
  get #options(): readonly CommandName[] {
    const { view } = this.#extras.host
    if (this.#isDismissed || !view || !isCommand(view, this.#extras.draft)) return []
    return commandsFor(this.#extras.draft).filter(
      (name) => (view.canThink || name !== 'think') && isOffered(name, this.#offered),
    )
  }

  get #offered(): Offered {
    const { questionsOnly, features, contact } = this.#extras.host.view?.config ?? {}
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
    const { view } = extras.host
    if (!view) return
    const { actions } = view
    const outcome = runCommand(text, {
      strings: extras.words,
      settings: view.settings,
      ...this.#offered,
      canThink: view.canThink,
      thinking: view.thinking,
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
    const { view } = extras.host
    const [code, hasPlace] = await Promise.all([
      import('../contact/contact.ts').catch(() => undefined),
      // Before the first answer there is no place for it.
      messageActions.load(),
    ])
    if (!code || !hasPlace) return extras.say(view?.strings.errors.unreachable)
    view?.controller.state.show({})
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
