import { html, LitElement, nothing, svg } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import { toApiError, type ApiError } from '../api/api-error.ts'
import { baseStyles } from '../ui/base.styles.ts'
import { define, mayType } from '../ui/element.ts'
import { iconButton, icon, mark, markStyles } from '../ui/icons.ts'
import { alertIcon } from '../ui/action-icons.ts'

import { en } from '../words/en.ts'
import { errorSentence } from '../words/localize.ts'
import type { Strings } from '../words/strings.ts'
import { signInStyles } from './sign-in.styles.ts'
import { accountWords } from './strings.ts'

const eye = svg`<path d="M2.8 10S5.4 5 10 5s7.2 5 7.2 5-2.6 5-7.2 5-7.2-5-7.2-5z"></path><circle cx="10" cy="10" r="2.2"></circle>`
const showIcon = icon(eye)
const hideIcon = icon(svg`${eye}<path d="m4 16 12-12"></path>`)

const FOCUSABLE = 'input, select, textarea, button, a[href], [tabindex]'

/** Why signing in did not work, as a sentence for a person. */
export function sentenceOf(error: ApiError, strings: Strings): string {
  const words = accountWords(strings)
  switch (error.code) {
    case 'unauthorized':
    case 'invalid_request':
    case 'malformed_json':
      return words.wrong
    case 'rate_limited':
      return error.retryAfter
        ? `${words.tooMany} ${strings.retryIn(error.retryAfter)}.`
        : words.tooMany
    case 'not_found':
    case 'misconfigured':
      return words.noAccounts
    default:
      return errorSentence(strings, error)
  }
}

/** Asks for user name and password. */
export class SamosaSignIn extends LitElement {
  static override styles = [baseStyles, markStyles, signInStyles]

  @property({ attribute: false }) strings: Strings = en
  /** Signs in. @throws ApiError */
  @property({ attribute: false }) enter = async (_username: string, _password: string) => {}
  /** Who has to sign in once more. */
  @property({ attribute: false }) username: string | undefined
  /** A message goes out afterwards. */
  @property({ attribute: false }) waits = false
  /** There is nothing else in the panel. */
  @property({ type: Boolean, reflect: true }) whole = false

  @state() private isShown = false
  @state() private isBusy = false
  @state() private isIncomplete = false
  @state() private error: ApiError | undefined
  @query('h3') private readonly heading!: HTMLElement
  @query('#username') private readonly nameField!: HTMLInputElement
  @query('#password') private readonly passwordField!: HTMLInputElement
  /** What was in use has made room for this. */
  #takesFocus = false
  #timer: ReturnType<typeof setTimeout> | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    const root = this.getRootNode()
    const before = root instanceof ShadowRoot ? root.activeElement : null
    // On a touch screen the panel has the composer's focus.
    this.#takesFocus = before?.matches('samosa-composer, samosa-drawer, .panel') ?? false
    this.requestUpdate()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
  }

  /** Puts the cursor where there is something to type; not where a keyboard would cover the rest. */
  override focus(options?: FocusOptions): void {
    const slot = this.parentElement
    const [own] = slot instanceof HTMLSlotElement ? slot.assignedElements() : []
    if (own instanceof HTMLElement) {
      if (!mayType()) return this.closest<HTMLElement>('.panel')?.focus(options)
      const first = own.matches(FOCUSABLE) ? own : own.querySelector<HTMLElement>(FOCUSABLE)
      return (first ?? own).focus(options)
    }
    if (!mayType()) this.heading?.focus(options)
    else if (this.nameField?.value === '') this.nameField.focus(options)
    else this.passwordField?.focus(options)
  }

  override render() {
    const words = accountWords(this.strings)
    const seconds = this.#secondsLeft
    const { isShown, isBusy } = this
    const label =
      seconds > 0 ? this.strings.retryIn(seconds) : isBusy ? words.signingIn : words.signIn
    return html`<form novalidate aria-labelledby="title" @submit=${this.#submit}>
      ${
        this.whole
          ? html`<svg class="mark" viewBox="0 0 32 32" width="44" height="44" aria-hidden="true">
              ${mark}
            </svg>`
          : nothing
      }
      <h3 id="title" tabindex="-1">${words.signIn}</h3>
      <div id="problem" role="alert">${this.#renderProblem()}</div>
      ${this.waits ? html`<p class="note">${words.waits}</p>` : nothing}
      <label for="username">${words.username}</label>
      <input
        id="username"
        name="username"
        autocomplete="username"
        autocapitalize="none"
        autocorrect="off"
        spellcheck="false"
        enterkeyhint="next"
        dir="auto"
        required
        value=${this.username ?? nothing}
        aria-invalid=${this.#isWrong || nothing}
        aria-describedby="problem"
      />
      <label for="password">${words.password}</label>
      <div class="password">
        <input
          id="password"
          name="password"
          type=${isShown ? 'text' : 'password'}
          autocomplete="current-password"
          autocapitalize="none"
          autocorrect="off"
          spellcheck="false"
          enterkeyhint="go"
          required
          aria-invalid=${this.#isWrong || nothing}
          aria-describedby="problem"
        />
        ${iconButton({
          label: isShown ? words.hide : words.show,
          icon: isShown ? hideIcon : showIcon,
          onClick: () => void (this.isShown = !isShown),
        })}
      </div>
      <button class="strong" type="submit" aria-disabled=${isBusy || seconds > 0}>${label}</button>
      <p class="visually-hidden" role="status">${isBusy ? words.signingIn : ''}</p>
      <p class="note">${words.operator}</p>
    </form>`
  }

  protected override firstUpdated(): void {
    if (this.#takesFocus) this.focus({ preventScroll: true })
  }

  protected override updated(): void {
    clearTimeout(this.#timer)
    if (this.#secondsLeft > 0) this.#timer = setTimeout(() => this.requestUpdate(), 1_000)
  }

  #renderProblem() {
    const words = accountWords(this.strings)
    const { error, isIncomplete, username } = this
    const text = isIncomplete
      ? words.incomplete
      : error
        ? sentenceOf(error, this.strings)
        : username !== undefined && !this.isBusy && words.again
    if (text === false) return nothing
    const isFailure = isIncomplete || error !== undefined
    return html`<p class=${isFailure ? 'problem failure' : 'problem'}>${alertIcon}${text}</p>`
  }

  /** What was typed is to blame. */
  get #isWrong(): boolean {
    return this.isIncomplete || this.error?.code === 'unauthorized'
  }

  get #secondsLeft(): number {
    return Math.ceil(((this.error?.retryAt ?? 0) - Date.now()) / 1_000)
  }

  readonly #submit = (event: Event) => {
    event.preventDefault()
    if (!this.isBusy && this.#secondsLeft <= 0) void this.#signIn()
  }

  async #signIn(): Promise<void> {
    const username = this.nameField.value.trim()
    const password = this.passwordField.value
    // A browser offers to keep what is a password when it is sent.
    this.isShown = false
    this.error = undefined
    this.isIncomplete = username === '' || password === ''
    if (this.isIncomplete) return (username === '' ? this.nameField : this.passwordField).focus()
    this.isBusy = true
    try {
      await this.enter(username, password)
    } catch (cause) {
      this.error = toApiError(cause)
    }
    this.isBusy = false
    if (this.#isWrong) this.passwordField.select()
    if (this.#isWrong) this.passwordField.focus()
  }
}

define('samosa-sign-in', SamosaSignIn)
