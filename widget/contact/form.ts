/** A letter to a person: kept until it is sent, sent once, and the form in which it is written. */
import { Task, TaskStatus } from '@lit/task'
import { css, html, LitElement, nothing } from 'lit'
import { ApiError, toApiError } from '../api/api-error.ts'
import { emit } from '../api/chat-events.ts'
import { isObject, listIn, parseJson, textIn } from '../api/check.ts'
import type { ChatClient } from '../api/client.ts'
import type { KeyValueStore } from '../api/key-value-store.ts'
import { newId } from '../conversation/chat-message.ts'
import { alertIcon } from '../ui/action-icons.ts'
import { baseStyles } from '../ui/base.styles.ts'
import { define, drawnIn } from '../ui/element.ts'
import { Countdown, fieldStyles, formButtonStyles } from '../ui/forms.ts'
import { countCodePoints, isComposing } from '../ui/text-field.ts'
import { contactWords } from '../words/en/contact.ts'
import { en } from '../words/en/index.ts'
import { errorSentence } from '../words/localize.ts'
import type { Strings } from '../words/strings.ts'
import { isEmail } from './ways.ts'

/** What it is about, as far as the server knows of that. */
export interface Subject {
  readonly conversation_id: string | null
  readonly message_id: string | null
}

interface Words {
  readonly message: string
  readonly email: string
}

/** The same words again are the same letter to the server. */
interface Dispatch extends Words {
  readonly key: string
}

/** Milliseconds that the server has for its answer. */
const LONGEST_WAIT = 30_000

/** One letter of a conversation, as the browser keeps it. */
export class Letter {
  readonly #store: KeyValueStore
  readonly #name: string
  #dispatch: Dispatch | undefined
  words: Words | undefined

  constructor(store: KeyValueStore, conversationId: string | undefined) {
    this.#store = store
    this.#name = `contact:${conversationId ?? 'new'}`
    const kept = parseJson(store.get(this.#name) ?? '')
    if (!isObject(kept)) return
    this.words = wordsIn(kept)
    const dispatch = kept['dispatch']
    const key = isObject(dispatch) && textIn(dispatch, 'key')
    if (key) this.#dispatch = { ...wordsIn(dispatch), key }
  }

  keep(words: Words): void {
    this.words = words
    this.#save()
  }

  forget(): void {
    this.words = undefined
    this.#dispatch = undefined
    this.#store.remove(this.#name)
  }

  /** Makes it ready for sending; false when it was before, with these words. */
  seal(words: Words): boolean {
    const before = this.#dispatch
    if (before?.message === words.message && before.email === words.email) return false
    this.#dispatch = { ...words, key: newId() }
    this.#save()
    return true
  }

  /** Sends what was sealed. `website`: what stands in the field that people do not see. @throws ApiError */
  async send(client: ChatClient, subject: Subject, website: string): Promise<void> {
    if (!this.#dispatch) throw new ApiError('internal')
    const { key, message, email } = this.#dispatch
    const { conversation_id, message_id } = subject
    const post = async (about: Partial<Subject>) =>
      client.request('/api/contact', {
        method: 'POST',
        headers: { 'idempotency-key': key },
        body: { message, email, consent: true, website, ...about },
        signal: AbortSignal.timeout(LONGEST_WAIT),
      })
    const isAbout = conversation_id !== null
    try {
      await post(isAbout ? { conversation_id, ...(message_id !== null && { message_id }) } : {})
    } catch (error) {
      // The conversation is gone, perhaps: who writes may be answered all the same.
      if (!isAbout || !(error instanceof ApiError) || error.status !== 404) throw error
      await post({})
    }
  }

  #save(): void {
    const kept = { ...this.words, dispatch: this.#dispatch }
    this.#store.set(this.#name, JSON.stringify(kept))
  }
}

function wordsIn(kept: Readonly<Record<string, unknown>>): Words {
  return { message: textIn(kept, 'message') ?? '', email: textIn(kept, 'email') ?? '' }
}

// Why, here and not in the text that is loaded:
// `.trap`: Robots pass over what is not displayed.
// `:host(:dir(rtl)) #email`: An address in Latin letters begins below the end of its label.

const formStyles = css`
  :host {
    display: block;
  }
  form {
    position: relative;
    display: grid;
    gap: 4px;
    padding-block-start: 4px;
  }
  p {
    margin: 0;
  }
  label {
    font-size: var(--samosa-font-size-small);
  }
  form > label {
    margin-block-start: 4px;
    font-weight: 550;
  }
  .field {
    padding: 8px 11px;
    border-radius: 10px;
    line-height: 1.4;
  }
  textarea {
    display: block;
    min-block-size: 76px;
    max-block-size: min(240px, 36vh);
    resize: none;
    overscroll-behavior: contain;
    field-sizing: content;
  }
  #email {
    min-block-size: 44px;
  }
  :host(:dir(rtl)) #email {
    text-align: right;
  }
  [aria-invalid='true'] {
    outline-color: var(--samosa-danger);
  }
  .problem {
    color: var(--samosa-danger);
    font-size: var(--samosa-font-size-small);
    line-height: 1.4;
  }
  .trap {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .consent {
    display: flex;
    align-items: start;
    gap: 10px;
    margin-block: 8px 2px;
    line-height: 1.4;
  }
  #consent {
    flex: none;
    inline-size: 20px;
    block-size: 20px;
    margin: 0;
    accent-color: var(--_accent);
  }
  .privacy {
    color: var(--_accent);
    font-size: var(--samosa-font-size-small);
  }
  .failure {
    display: flex;
    gap: 8px;
    margin-block-start: 4px;
    padding: 9px 12px;
    border: 1px solid color-mix(in srgb, var(--samosa-danger) 35%, transparent);
    border-radius: 10px;
    background: color-mix(in oklab, var(--samosa-danger) 7%, var(--samosa-surface));
    line-height: 1.4;
  }
  .failure svg {
    color: var(--samosa-danger);
  }
  .bar {
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: 8px;
    margin-block-start: 6px;
  }
  button {
    min-block-size: 40px;
    padding-inline: 16px;
    border-radius: 10px;
    font-weight: 550;
  }
  @media (hover: none) {
    button {
      min-block-size: 44px;
    }
    #consent {
      inline-size: 24px;
      block-size: 24px;
    }
    .privacy {
      display: inline-block;
      min-inline-size: 44px;
      padding-block: 13px;
    }
  }
  @media (forced-colors: active) {
    .field,
    button {
      border: 1px solid ButtonText;
    }
  }
`

/** Code points. */
const LONGEST_MESSAGE = 4_000

const FIELDS = ['message', 'email', 'consent'] as const
type Field = (typeof FIELDS)[number]
type Problems = Readonly<Partial<Record<Field, string>>>

const NO_PROBLEMS: Problems = {}

/** A message to the people behind the site. */
export class SamosaContactForm extends LitElement {
  static override properties = {
    strings: { attribute: false },
    client: { attribute: false },
    privacy: { attribute: false },
    question: { attribute: false },
    letter: { attribute: false },
    subject: { attribute: false },
    onSent: { attribute: false },
    onClose: { attribute: false },
    problems: { state: true },
    error: { state: true },
  }
  static override styles = [baseStyles, fieldStyles, formButtonStyles, formStyles]

  strings: Strings = en
  client: ChatClient | undefined
  /** What it says of privacy, if there is a page. */
  privacy: string | undefined
  /** What stands there at first. */
  question = ''
  letter!: Letter
  subject!: Subject
  onSent = (_email: string) => {}
  onClose = () => {}

  private problems: Problems = NO_PROBLEMS
  private error: ApiError | undefined
  private get message(): HTMLTextAreaElement {
    return drawnIn(this, '#message', HTMLTextAreaElement)
  }
  private get email(): HTMLInputElement {
    return drawnIn(this, '#email', HTMLInputElement)
  }
  private get consent(): HTMLInputElement {
    return drawnIn(this, '#consent', HTMLInputElement)
  }
  private get website(): HTMLInputElement {
    return drawnIn(this, '#website', HTMLInputElement)
  }
  readonly #countdown = new Countdown(this, () => this.error?.retryAt)
  readonly #sending = new Task(this, {
    autoRun: false,
    task: async ([client, written]: readonly [ChatClient, Words]) => {
      const { letter, subject } = this
      const isNew = letter.seal(written)
      const isOurs = !isNew || emit(this, 'samosa-contact', { ...written, ...subject }, true)
      if (isOurs) await letter.send(client, subject, this.website.value)
      letter.forget()
      this.onSent(written.email)
    },
    onError: (cause) => this.#fail(toApiError(cause)),
  })

  /** Goes to the first field with something to do. */
  override focus(options?: FocusOptions): void {
    const fields = [this.message, this.email]
    const first = fields.find(({ value }) => value.trim() === '') ?? this.message
    first.focus(options)
  }

  override render() {
    const words = contactWords(this.strings).form
    const { strings } = this
    const { seconds } = this.#countdown
    const isBusy = this.#isBusy
    const label = seconds > 0 ? strings.retryIn(seconds) : isBusy ? words.sending : words.send
    return html`<form
      novalidate
      aria-label=${contactWords(strings).write}
      @submit=${this.#submit}
      @input=${this.#keep}
      @keydown=${this.#press}
    >
      <label for="message">${words.message}</label>
      <textarea
        id="message"
        class="field"
        rows="3"
        dir="auto"
        required
        aria-invalid=${this.problems.message !== undefined || nothing}
        aria-describedby="message-problem"
      ></textarea>
      ${this.#renderProblem('message')}
      <label for="email">${words.email}</label>
      <input
        id="email"
        class="field"
        type="email"
        dir="ltr"
        autocomplete="email"
        autocapitalize="none"
        spellcheck="false"
        enterkeyhint="send"
        required
        aria-invalid=${this.problems.email !== undefined || nothing}
        aria-describedby="email-problem"
        @paste=${this.#paste}
      />
      ${this.#renderProblem('email')}
      <div class="trap" aria-hidden="true">
        <label for="website">Website</label>
        <input id="website" type="text" tabindex="-1" autocomplete="off" />
      </div>
      <div class="consent">
        <input
          id="consent"
          type="checkbox"
          required
          aria-invalid=${this.problems.consent !== undefined || nothing}
          aria-describedby="consent-problem"
        />
        <div>
          <label for="consent">${words.consent}</label>
          ${this.#renderPrivacy()}
        </div>
      </div>
      ${this.#renderProblem('consent')}
      <div role="alert">${this.#renderError()}</div>
      <div class="bar">
        <button type="button" class="quiet" @click=${() => this.onClose()}>${words.close}</button>
        <button type="submit" class="strong" aria-disabled=${isBusy || seconds > 0}>
          ${label}
        </button>
      </div>
      <p class="visually-hidden" role="status">${isBusy ? words.sending : ''}</p>
    </form>`
  }

  protected override firstUpdated(): void {
    const { words } = this.letter
    this.message.value = words?.message ?? this.question
    this.email.value = words?.email ?? ''
  }

  #renderProblem(field: Field) {
    return html`<p id=${`${field}-problem`} class="problem" ?hidden=${!this.problems[field]}>
      ${this.problems[field]}
    </p>`
  }

  #renderPrivacy() {
    if (this.privacy === undefined) return nothing
    const { form, newTab } = contactWords(this.strings)
    return html`<a class="privacy" href=${this.privacy} target="_blank" rel="noopener noreferrer"
      >${form.privacy}<span class="visually-hidden"> (${newTab})</span></a
    >`
  }

  #renderError() {
    const { error, strings } = this
    if (!error) return nothing
    const words = contactWords(strings).form
    return html`<p class="failure">
      ${alertIcon}<span>${words.unsent(sentenceOf(error, strings))}</span>
    </p>`
  }

  get #isBusy(): boolean {
    return this.#sending.status === TaskStatus.PENDING
  }

  get #written(): Words {
    return { message: this.message.value.trim(), email: this.email.value.trim() }
  }

  /** What was complained about is looked at again as soon as it changes. */
  readonly #keep = () => {
    this.letter.keep({ message: this.message.value, email: this.email.value })
    if (this.problems === NO_PROBLEMS) return
    const now = this.#look()
    const old = Object.keys(this.problems)
    this.problems = Object.fromEntries(Object.entries(now).filter(([field]) => old.includes(field)))
  }

  /** The browser would join what stands on several lines to one wrong address. */
  readonly #paste = (event: ClipboardEvent) => {
    const text = event.clipboardData?.getData('text/plain').trim() ?? ''
    if (!/[\r\n]/.test(text)) return
    event.preventDefault()
    this.email.value = text.replaceAll(/\s+/g, ' ')
    this.problems = { ...this.problems, email: contactWords(this.strings).form.badEmail }
    this.#keep()
  }

  readonly #press = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || isComposing(event)) return
    // The panel has its own use for it.
    event.stopPropagation()
    this.onClose()
  }

  readonly #submit = (event: Event) => {
    event.preventDefault()
    if (this.#isBusy || this.#countdown.seconds > 0) return
    this.error = undefined
    this.problems = this.#look()
    if (Object.keys(this.problems).length > 0) this.#focusProblem()
    else if (this.client) void this.#sending.run([this.client, this.#written])
  }

  #look(): Problems {
    const words = contactWords(this.strings).form
    const { message, email } = this.#written
    const over = countCodePoints(message) - LONGEST_MESSAGE
    return {
      ...(message === '' && { message: words.noMessage }),
      ...(over > 0 && { message: words.tooLong(over, LONGEST_MESSAGE) }),
      ...(email === '' && { email: words.noEmail }),
      ...(email !== '' && !isEmail(email) && { email: words.badEmail }),
      ...(!this.consent.checked && { consent: words.noConsent }),
    }
  }

  #focusProblem(): void {
    const first = FIELDS.find((field) => this.problems[field] !== undefined)
    if (first) this[first].focus()
  }

  #fail(error: ApiError): void {
    const words = contactWords(this.strings).form
    const complaints = listIn(error.problem ?? {}, 'errors').filter(isObject)
    const isWrong = (field: Field) => complaints.some(({ path }) => path === field)
    this.problems = {
      ...(isWrong('message') && { message: words.badMessage }),
      ...(isWrong('email') && { email: words.badEmail }),
      ...(isWrong('consent') && { consent: words.noConsent }),
    }
    if (Object.keys(this.problems).length > 0) this.#focusProblem()
    else this.error = error
  }
}

function sentenceOf(error: ApiError, strings: Strings): string {
  const words = contactWords(strings).form
  if (error.status === 404) return words.closed
  if (error.code === 'invalid_request') return words.badMessage
  if (error.code !== 'rate_limited') return errorSentence(strings, error)
  return error.retryAfter ? `${words.tooMany} ${strings.retryIn(error.retryAfter)}.` : words.tooMany
}

define('samosa-contact-form', SamosaContactForm)
