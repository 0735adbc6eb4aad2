/**
 * What one can do with a message. It comes behind the first answer, as nothing here is needed before;
 * forms that come of it are loaded when somebody opens them.
 */
import { html, nothing } from 'lit'
import { withoutForeignCitations } from '../../server/protocol/marks.ts'
import type { FeedbackBody } from '../../server/protocol/api.ts'
import type { Strings } from '../words/strings.ts'
import { adoptSheet } from '../ui/element.ts'
import { tagCode, withoutTagged } from './tag-reader.ts'
import type { ChatMessage } from '../conversation/chat-message.ts'
import { ContinuedTurn } from '../conversation/continued-turn.ts'
import type { ConversationController } from '../conversation/conversation-controller.ts'
import { giveFeedback, type FeedbackDesk } from '../conversation/feedback.ts'
import { againIcon, badIcon, checkIcon, copyIcon, editIcon, goodIcon } from '../ui/action-icons.ts'
import { copyWithHtml, portableHtml, fullTime, timeInWords } from './copied.ts'
import { iconButton } from '../ui/icons.ts'
import { lazy } from '../ui/lazy.ts'
import type { SamosaFeedback } from './feedback.ts'
import {
  messageActionsStyles,
  printedChatStyles,
  printedListStyles,
} from './message-actions.styles.ts'
import '../transcript/transcript.ts'

import '../panel/queue.ts'
import { ratingStrings, turnStrings } from '../words/en/turns.ts'
import type { ChatContext } from '../conversation/chat-context.ts'

// What may follow an answer: the next questions, and a person.

const followUps = lazy(() => import('../composer/follow-ups.ts'))
const contactCode = lazy(() => import('../contact/contact.ts'))
const feedbackCode = lazy(() => import('./feedback.ts'))

/** Below the conversation. */
export const renderWayOn = (context: ChatContext) =>
  html`${renderQueue(context)} ${renderFollowUps(context)} ${renderContact(context)}`

/** Messages that wait. */
function renderQueue(context: ChatContext) {
  return context.controller.state.queued.length > 0
    ? html`<samosa-queue .context=${context}></samosa-queue>`
    : nothing
}

/** What may be asked next; the element is loaded with the first suggestions. */
function renderFollowUps({ controller, strings, actions }: ChatContext) {
  const { suggestions: texts = [], outcome } = controller.state.lastAnswer ?? {}
  if (controller.busy || texts.length === 0) return nothing
  // Without a network there are none.
  void followUps.load()
  return html`<samosa-follow-ups
    exportparts="suggestion"
    .strings=${strings}
    .texts=${texts}
    .outcome=${outcome}
    .onChoose=${actions.onSend}
  ></samosa-follow-ups>`
}

/**
 * A way to a person, where the owner has set one. What offers it is loaded before that is due: it must be
 * there when the server is not.
 */
function renderContact(context: ChatContext) {
  if (!context.config?.contact) return nothing
  void contactCode.load()
  return html`<samosa-contact part="contact" hidden .context=${context}></samosa-contact>`
}

/** What a person means by "copy": the answer without its thinking and tools. */
export function textToCopy(tagged: string): string {
  const segments = tagCode.loaded()?.parseTagged(tagged)
  const texts = segments?.filter(({ kind }) => kind === 'text').map(({ content }) => content)
  return withoutForeignCitations(texts?.join('') ?? withoutTagged(tagged)).trim()
}

const COPIED_MS = 1600

/** What can be done with messages, and in which words. */
export interface ActionsView {
  readonly strings: Strings
  readonly canCopy: boolean
  readonly canDownload: boolean
  readonly canRegenerate: boolean
  readonly controller: Pick<ConversationController, 'regenerate' | 'send' | 'think'>
  readonly canEdit: boolean
  /** Without it nobody is asked what the answer is worth. */
  readonly feedback: FeedbackDesk | undefined
}

/** The element of a message, as far as its actions change it. */
interface MessageHost {
  /** Nothing follows the message that is `last`. */
  readonly view: ActionsView & { readonly last: boolean }
  copied: boolean
  editing: boolean
  readonly feedback: SamosaFeedback | null
  readonly renderRoot: ParentNode
}

async function copy(host: MessageHost, text: string): Promise<void> {
  const answer = host.renderRoot.querySelector('samosa-answer')
  const texts = answer?.renderRoot.querySelectorAll('.segments > .text') ?? []
  host.copied = await copyWithHtml(text, portableHtml(texts))
  setTimeout(() => {
    host.copied = false
  }, COPIED_MS)
}

function renderCopy(host: MessageHost, text: () => string) {
  // Browsers offer the clipboard to pages with HTTPS only.
  if (!navigator.clipboard || !host.view.canCopy) return nothing
  // The button keeps its name: that it was copied is read out once.
  const { copy: label, copied } = host.view.strings.actions
  const icon = host.copied ? checkIcon : copyIcon
  return html`${iconButton({ label, icon, onClick: () => copy(host, text()) })}<span
      class="visually-hidden"
      role="status"
      >${host.copied ? copied : nothing}</span
    >`
}

/** Under an answer without a word, the button says what it does. */
function renderAgain(host: MessageHost, inWords: boolean) {
  const label = host.view.strings.actions.regenerate
  return html`<button
    class=${inWords ? 'again' : 'icon-button'}
    type="button"
    data-leaves
    aria-label=${label}
    title=${label}
    @click=${() => host.view.controller.regenerate()}
  >
    ${againIcon}${inWords ? label : nothing}
  </button>`
}

/** An answer that reached its length limit goes on, where it has said something. */
function renderGoOn(host: MessageHost, message: ChatMessage) {
  const { view } = host
  const isCutOff = message.finishReason === 'length' && textToCopy(message.text) !== ''
  if (!view.canRegenerate || !isCutOff) return nothing
  return html`<button
    class="again go-on"
    type="button"
    data-leaves
    @click=${() => view.controller.regenerate((last) => last && new ContinuedTurn(last))}
  >
    ${(view.strings.turns ?? turnStrings).goOn}
  </button>`
}

/** Asks a question again, behind all others. */
function repeat({ controller }: ActionsView, { id, text }: ChatMessage): void {
  if (id !== null) controller.send(text, { think: controller.think, repeats: id })
}

/** Below a question that got no answer, and was followed by another one. */
export const renderUnanswered = ({ view }: MessageHost, message: ChatMessage) =>
  html`<span class="note"
    >${(view.strings.turns ?? turnStrings).unanswered}
    <button
      class="again"
      type="button"
      data-leaves
      aria-description=${message.text}
      @click=${() => repeat(view, message)}
    >
      ${againIcon}${view.strings.actions.tryAgain}
    </button></span
  >`

function renderEdit(host: MessageHost, { id, state: now }: ChatMessage) {
  if (!host.view.canEdit || id === null || now !== 'settled') return nothing
  return iconButton({
    label: host.view.strings.actions.edit,
    icon: editIcon,
    name: 'edit',
    onClick() {
      host.editing = true
    },
  })
}

/** When it was said: seen with what can be done with it, and read out behind it. */
function renderTime({ view }: MessageHost, { createdAt }: ChatMessage) {
  if (!createdAt) return nothing
  const { language } = view.strings
  return html`<time datetime=${createdAt.toISOString()} title=${fullTime(createdAt, language)}
    >${timeInWords(createdAt, language)}</time
  >`
}

function adoptStyles({ renderRoot }: MessageHost): void {
  adoptSheet(renderRoot, messageActionsStyles.styleSheet)
  const message = renderRoot instanceof ShadowRoot ? renderRoot.host : renderRoot
  adoptSheet(message, printedListStyles.styleSheet)
  const list = message.getRootNode()
  if (list instanceof ShadowRoot) adoptSheet(list.host, printedChatStyles.styleSheet)
}

/** Beside a message of the visitor's. */
export function renderUserActions(host: MessageHost, message: ChatMessage) {
  adoptStyles(host)
  return html`${renderCopy(host, () => message.text)}${renderEdit(host, message)}${renderTime(host, message)}`
}

type Rating = FeedbackBody['rating']

const give = async ({ view }: MessageHost, message: ChatMessage, feedback: FeedbackBody | null) =>
  view.feedback && giveFeedback(view.feedback, message, feedback)

/** Rates an answer, and offers to say why; without a network for that, the rating alone is given. */
async function rate(host: MessageHost, message: ChatMessage, rating: Rating | null) {
  const plain = rating && { rating, comment: null }
  try {
    await feedbackCode.need()
  } catch {
    return give(host, message, plain)
  }
  // While the answer goes on, nobody is asked why.
  return host.feedback ? host.feedback.rate(rating) : give(host, message, plain)
}

function renderThumb(host: MessageHost, message: ChatMessage, rating: Rating) {
  const pressed = message.feedback?.rating === rating
  return iconButton({
    label: (host.view.strings.ratings ?? ratingStrings)[rating],
    icon: rating === 'up' ? goodIcon : badIcon,
    name: rating,
    pressed,
    onClick: () => rate(host, message, pressed ? null : rating),
  })
}

function renderThumbs(host: MessageHost, message: ChatMessage) {
  return html`<div class="actions thumbs ${message.feedback ? 'given' : ''}">
      ${renderThumb(host, message, 'up')}${renderThumb(host, message, 'down')}
    </div>
    <samosa-feedback
      .strings=${host.view.strings}
      .feedback=${message.feedback}
      .onGive=${(feedback: FeedbackBody | null) => give(host, message, feedback)}
    ></samosa-feedback>`
}

/** Below an answer; `blank` is one without a word. */
export function renderAnswerActions(host: MessageHost, message: ChatMessage, blank: boolean) {
  adoptStyles(host)
  return html`<div class="actions">
      ${renderGoOn(host, message)}
      ${blank ? nothing : renderCopy(host, () => textToCopy(message.text))}
      ${host.view.canRegenerate ? renderAgain(host, blank) : nothing}
    </div>
    ${!blank && host.view.feedback && message.id !== null ? renderThumbs(host, message) : nothing}
    <div class="actions">
      ${
        host.view.canDownload && host.view.last && message.id !== null
          ? html`<samosa-transcript
              .strings=${host.view.strings}
              .textOf=${textToCopy}
            ></samosa-transcript>`
          : nothing
      }
      ${renderTime(host, message)}
    </div>`
}
