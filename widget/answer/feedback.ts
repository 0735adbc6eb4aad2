import { html, LitElement, nothing, type PropertyValues, css } from 'lit'
import type { FeedbackBody } from '../../server/protocol/api.ts'
import type { ApiError } from '../api/api-error.ts'
import { en } from '../words/en/index.ts'
import { errorSentence } from '../words/localize.ts'
import type { FeedbackStrings, Strings } from '../words/strings.ts'
import { baseStyles } from '../ui/base.styles.ts'
import { define, mayType } from '../ui/element.ts'
import { feedbackStrings } from '../words/en/forms.ts'
import '../ui/text-form.ts'
import type { SamosaTextForm } from '../ui/text-form.ts'

// Why, here and not in the text that every page loads:
// `.form`: The whole line, else the thumbs would share it where there is room; behind what stands in theirs.

/** Its parts stand in the line below the answer; the form takes a line of its own. */
const feedbackStyles = css`
  :host {
    display: contents;
  }
  p {
    margin: 0;
    padding-inline: 7px;
  }
  .failed,
  .form {
    order: 1;
  }
  .failed {
    flex-basis: 100%;
    padding-block-end: 6px;
    color: var(--samosa-danger);
  }
  .form {
    flex-basis: 100%;
    padding: 2px 7px 10px;
  }
  .form > * {
    max-inline-size: 480px;
  }
`

type Rating = FeedbackBody['rating']

/** What comes of a rating, beside the thumbs: the visitor may say why, and reads how it went. */
export class SamosaFeedback extends LitElement {
  static override properties = {
    strings: { attribute: false },
    feedback: { attribute: false },
    onGive: { attribute: false },
    commenting: { type: Boolean, reflect: true },
    unsaved: { state: true },
    note: { state: true },
    error: { state: true },
  }
  static override styles = [baseStyles, feedbackStyles]

  strings: Strings = en
  feedback: FeedbackBody | null = null
  /** Resolves to what went wrong. */
  onGive = async (_feedback: FeedbackBody | null): Promise<ApiError | undefined> => undefined

  commenting = false
  /** A comment that did not get there. */
  private unsaved = ''
  private note = ''
  private error: ApiError | undefined
  private get form(): SamosaTextForm | null {
    return this.renderRoot.querySelector('samosa-text-form')
  }
  /** The form takes the cursor when it comes. */
  #takesFocus = false

  override render() {
    const { strings, feedback, error } = this
    const words = this.#words
    return html`<p class=${this.commenting ? 'visually-hidden' : 'status'} role="status">
        ${this.note}
      </p>
      ${this.commenting && feedback ? this.#renderForm(feedback.rating) : nothing}
      ${
        error
          ? html`<p class="failed" role="alert">${words.failed(errorSentence(strings, error))}</p>`
          : nothing
      }`
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    // Taken back because it did not get there.
    if (!changed.has('feedback') || this.feedback) return
    const { form } = this
    this.commenting = false
    if (!form) return
    this.unsaved = form.words
    if (form.matches(':focus-within')) this.#focusThumb(changed.get('feedback')?.rating)
  }

  protected override updated(): void {
    const { form } = this
    if (!form || !this.#takesFocus) return
    this.#takesFocus = false
    void form.updateComplete.then(() => form.focus())
  }

  get #words(): FeedbackStrings {
    return this.strings.feedback ?? feedbackStrings
  }

  #renderForm(rating: Rating) {
    const words = this.#words
    return html`<div class="form">
      <samosa-text-form
        .strings=${this.strings}
        .label=${rating === 'up' ? words.commentUp : words.commentDown}
        .cancelLabel=${words.skip}
        .draft=${this.unsaved}
        .tooLong=${words.tooLong}
        .onSend=${this.#send}
        .onCancel=${this.#close}
      ></samosa-text-form>
    </div>`
  }

  /** Gives a rating or takes it back, and asks why; who found the answer bad has the cursor in the form at once. */
  async rate(rating: Rating | null): Promise<void> {
    // What is read out must change, not come with its words.
    await this.updateComplete
    this.commenting = rating !== null
    this.#takesFocus = rating === 'down' && mayType()
    if (!rating) this.unsaved = ''
    this.note = rating === null ? '' : this.#words.rated
    void this.#give(rating && { rating, comment: null }).then((isGiven) => {
      this.commenting &&= isGiven
    })
  }

  #send = (comment: string) => {
    const { feedback } = this
    if (!feedback) return
    this.#close()
    void this.#give({ ...feedback, comment }).then((isGiven) => {
      if (isGiven) this.note = this.#words.thanks
      else this.commenting = true
      this.unsaved = isGiven ? '' : comment
    })
  }

  /** The form goes; the focus stays with what opened it. */
  #close = () => {
    this.commenting = false
    this.note = ''
    this.unsaved = ''
    this.#focusThumb(this.feedback?.rating)
  }

  #focusThumb(rating: Rating | undefined): void {
    this.parentElement?.querySelector<HTMLElement>(`.thumbs .${rating}`)?.focus()
  }

  async #give(feedback: FeedbackBody | null): Promise<boolean> {
    this.error = undefined
    this.error = await this.onGive(feedback)
    if (this.error) this.note = ''
    return !this.error
  }
}

define('samosa-feedback', SamosaFeedback)
