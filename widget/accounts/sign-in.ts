import { Task, TaskStatus } from '@lit/task'
import { css, html, LitElement, nothing, svg } from 'lit'
import { toApiError, type ApiError } from '../api/api-error.ts'
import { baseStyles } from '../ui/base.styles.ts'
import { define, drawnIn, mayType } from '../ui/element.ts'
import { Countdown, fieldStyles, formButtonStyles } from '../ui/forms.ts'
import { iconButton, icon, mark, markStyles } from '../ui/icons.ts'
import { alertIcon } from '../ui/action-icons.ts'
import { en } from '../words/en/index.ts'
import { errorSentence } from '../words/localize.ts'
import type { Strings } from '../words/strings.ts'
import { accountWords } from '../words/en/account.ts'

// Why, here and not in the text that is loaded:
// `:host(:dir(rtl)) input`: A name in Latin letters stands where the password does, above and below the labels.

const signInStyles = css`
  :host {
    flex: none;
    box-sizing: border-box;
    inline-size: 100%;
    max-inline-size: 680px;
    max-block-size: 100%;
    margin-inline: auto;
    padding: var(--samosa-space) calc(3 * var(--samosa-space)) 0;
    overflow-y: auto;
    overscroll-behavior: contain;
  }
  :host([whole]) {
    display: flex;
    flex: 1 1 0;
    max-inline-size: none;
    padding: calc(6 * var(--samosa-space)) calc(5 * var(--samosa-space));
    scrollbar-width: thin;
    scrollbar-color: var(--_edge) transparent;
  }
  form {
    display: grid;
    gap: 6px;
    padding: 16px;
    border: 1px solid var(--samosa-hairline);
    border-radius: var(--samosa-radius);
    background: var(--samosa-surface-2);
  }
  :host([whole]) form {
    inline-size: 100%;
    max-inline-size: 320px;
    margin: auto;
    padding: 0;
    border: 0;
    background: none;
  }
  h3 {
    margin: 0;
    font-size: var(--samosa-font-size-heading);
    font-weight: 620;
    letter-spacing: -0.01em;
    line-height: 1.3;
  }
  :host([whole]) h3 {
    margin-block: 6px 4px;
    font-size: var(--samosa-font-size-greeting);
    letter-spacing: -0.015em;
  }
  h3:focus {
    outline: 0;
  }
  p {
    margin: 0;
    overflow-wrap: anywhere;
  }
  .problem {
    display: flex;
    gap: 8px;
    margin-block: 2px 4px;
    padding: 9px 12px;
    border: 1px solid var(--samosa-hairline);
    border-radius: var(--samosa-radius-card);
    background: var(--_tint);
    font-size: var(--samosa-font-size-card);
    line-height: 1.4;
    --_tone: var(--_accent);
  }
  .failure {
    --_tone: var(--samosa-danger);
    border-color: color-mix(in srgb, var(--_tone) 35%, transparent);
    background: color-mix(in oklab, var(--_tone) 7%, var(--samosa-surface));
  }
  .problem svg {
    margin-block-start: 0.05em;
    color: var(--_tone);
  }
  .note {
    color: var(--samosa-text-muted);
    font-size: var(--samosa-font-size-small);
    line-height: 1.45;
    text-wrap: pretty;
  }
  label {
    margin-block-start: 6px;
    font-size: var(--samosa-font-size-small);
    font-weight: 550;
  }
  .field {
    block-size: 44px;
    padding: 0 12px;
    border-radius: var(--samosa-radius-card);
  }
  :host(:dir(rtl)) input {
    text-align: right;
  }
  .password {
    position: relative;
  }
  #password {
    padding-inline-end: 48px;
  }
  .icon-button {
    position: absolute;
    inset-block: 0;
    inset-inline-end: 0;
    inline-size: 44px;
    block-size: 44px;
    border-radius: var(--samosa-radius-card);
  }
  .icon-button:focus-visible {
    outline-offset: -3px;
  }
  .strong {
    min-block-size: 44px;
    margin-block: 12px 6px;
    padding: 6px 16px;
    border-radius: var(--samosa-radius-card);
    font-weight: 600;
    transition: background-color var(--samosa-motion);
  }
  .strong:not([aria-disabled='true']):hover {
    background: color-mix(in oklab, var(--samosa-accent) 90%, var(--samosa-text));
  }
  @media (forced-colors: active) {
    form,
    .problem,
    .strong {
      border: 1px solid ButtonText;
    }
    :host([whole]) form {
      border: 0;
    }
  }
  @media print {
    :host {
      display: none !important;
    }
  }
`

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
  static override properties = {
    strings: { attribute: false },
    enter: { attribute: false },
    username: { attribute: false },
    waits: { attribute: false },
    whole: { type: Boolean, reflect: true },
    isShown: { state: true },
    isIncomplete: { state: true },
  }
  static override styles = [baseStyles, markStyles, fieldStyles, formButtonStyles, signInStyles]

  strings: Strings = en
  /** Signs in. @throws ApiError */
  enter = async (_username: string, _password: string) => {}
  /** Who has to sign in once more. */
  username: string | undefined
  /** A message goes out afterwards. */
  waits = false
  /** There is nothing else in the panel. */
  whole = false

  private isShown = false
  private isIncomplete = false
  private get heading(): HTMLElement {
    return drawnIn(this, 'h3', HTMLElement)
  }
  private get nameField(): HTMLInputElement {
    return drawnIn(this, '#username', HTMLInputElement)
  }
  private get passwordField(): HTMLInputElement {
    return drawnIn(this, '#password', HTMLInputElement)
  }
  /** What was in use has made room for this. */
  #takesFocus = false
  readonly #entering = new Task(this, {
    autoRun: false,
    task: ([username, password]: readonly [string, string]) => this.enter(username, password),
  })
  readonly #countdown = new Countdown(this, () => this.#error?.retryAt)

  override connectedCallback(): void {
    super.connectedCallback()
    const root = this.getRootNode()
    const before = root instanceof ShadowRoot ? root.activeElement : null
    // On a touch screen the panel has the composer's focus.
    this.#takesFocus = before?.matches('samosa-composer, samosa-drawer, .panel') ?? false
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
    const { seconds } = this.#countdown
    const isBusy = this.#isBusy
    const { isShown } = this
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
        class="field"
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
          class="field"
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

  #renderProblem() {
    const words = accountWords(this.strings)
    const { isIncomplete, username } = this
    const error = this.#error
    const text = isIncomplete
      ? words.incomplete
      : error
        ? sentenceOf(error, this.strings)
        : username !== undefined && !this.#isBusy && words.again
    if (text === false) return nothing
    const isFailure = isIncomplete || error !== undefined
    return html`<p class=${isFailure ? 'problem failure' : 'problem'}>${alertIcon}${text}</p>`
  }

  get #isBusy(): boolean {
    return this.#entering.status === TaskStatus.PENDING
  }

  get #error(): ApiError | undefined {
    const hasFailed = this.#entering.status === TaskStatus.ERROR
    return hasFailed ? toApiError(this.#entering.error) : undefined
  }

  /** What was typed is to blame. */
  get #isWrong(): boolean {
    return this.isIncomplete || this.#error?.code === 'unauthorized'
  }

  readonly #submit = (event: Event) => {
    event.preventDefault()
    if (!this.#isBusy && this.#countdown.seconds === 0) void this.#signIn()
  }

  async #signIn(): Promise<void> {
    const username = this.nameField.value.trim()
    const password = this.passwordField.value
    // A browser offers to keep what is a password when it is sent.
    this.isShown = false
    this.isIncomplete = username === '' || password === ''
    if (this.isIncomplete) return (username === '' ? this.nameField : this.passwordField).focus()
    await this.#entering.run([username, password])
    if (!this.#isWrong) return
    this.passwordField.select()
    this.passwordField.focus()
  }
}

define('samosa-sign-in', SamosaSignIn)
