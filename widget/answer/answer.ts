/** An answer as an element: what is new is read in a frame of its own, and what was drawn stays. */
import { html, LitElement, nothing, type PropertyValues, css } from 'lit'
import type { Citation, Source } from '../../server/protocol/events.ts'
import { followLink } from '../api/chat-events.ts'
import { lazy } from '../ui/lazy.ts'
import { adoptSheet, define, drawnIn } from '../ui/element.ts'
import { allowImagesFrom } from '../ui/image-origins.ts'
import { createSegmentList, type SegmentList } from './segment-list.ts'
import type { SourcePointer } from './source-pointer.ts'
import { answerStrings } from '../words/en/answer.ts'
import type { AnswerStrings } from '../words/strings.ts'
import { createTagReader, tagCode } from './tag-reader.ts'
import { thinkTimesOf } from './part.ts'
import type { ToolRequest } from './tool-card.ts'
import { baseStyles } from '../ui/base.styles.ts'
import { DrawPace } from './draw-pace.ts'
import { markdownStyles } from './markdown.styles.ts'

/** The frame of an answer: type, measure, rhythm between its parts. */
const answerStyles = css`
  :host {
    display: block;
    --_muted: var(--samosa-text-muted);
    --_tinted: var(--samosa-surface-2);
    --_raised: var(--samosa-surface-3);
    --_line: var(--samosa-hairline);
    font-size: var(--samosa-font-size);
    line-height: var(--samosa-line-height);
    overflow-wrap: break-word;
  }
  .answer {
    max-inline-size: var(--samosa-measure, 68ch);
  }
  .segments > * + * {
    margin-block-start: 12px;
  }
  .late {
    min-block-size: 42px;
    border-radius: var(--samosa-radius-card, 12px);
    background: var(--_tinted);
  }
  .late + .late {
    display: none;
  }
  .text:empty {
    display: none;
  }
  button {
    text-align: start;
  }
  svg {
    inline-size: 16px;
    block-size: 16px;
    stroke-width: 1.6;
  }
  :focus-visible {
    border-radius: 4px;
  }
  a[href] {
    color: var(--_accent);
    text-decoration-thickness: 1px;
    text-underline-offset: 0.18em;
  }
  a[href]:hover {
    text-decoration-thickness: 2px;
  }
  a:not([href]) {
    color: var(--_accent);
  }
  .chevron {
    inline-size: 14px;
    block-size: 14px;
    transition: transform var(--samosa-motion);
  }
  :dir(rtl) > .chevron {
    transform: scaleX(-1);
  }
  [aria-expanded='true'] > .chevron {
    transform: rotate(90deg);
  }
`

/** What changes words in an answer, and not its text. */
const SHOWN_AGAIN = ['sources', 'toolTitles', 'strings'] as const

/** Where links lead to sources. */
const SOURCES = '.citation, .sources, .source-card'

/** The chat asks for it as soon as it is drawn. */
export const besideCode = lazy(() => import('./beside.ts'))

/** What shows sources comes with the first of them. */
const sourceParts = lazy(() => import('./source-pointer.ts'))

/** An assistant's answer, drawn while it is written: see `DrawPace`. */
export class SamosaAnswer extends LitElement {
  static override properties = {
    chunks: { attribute: false },
    version: { attribute: false },
    streaming: { attribute: false },
    sources: { attribute: false },
    citations: { attribute: false },
    requests: { attribute: false },
    toolTitles: { attribute: false },
    imageOrigins: { attribute: false },
    strings: { attribute: false },
    tagReading: { state: true },
  }
  static override styles = [baseStyles, answerStyles, markdownStyles]

  /** Tagged text in pieces. The same array may grow; another array is another answer. */
  chunks: readonly string[] = []
  /** Changes whenever `chunks` has grown. */
  version = 0
  /** More text will come. */
  streaming = false
  sources: readonly Source[] = []
  /** What the server says of the citations in the text, once it is whole. */
  citations: readonly Citation[] = []
  /** Calls that pages of the visitor's run. */
  requests: readonly ToolRequest[] = []
  /** The page's titles of its tools, by name. */
  toolTitles: ReadonlyMap<string, string> = new Map()
  /** Where images may come from: see `allowImagesFrom`. */
  imageOrigins = ''
  strings: AnswerStrings = answerStrings

  /** What reads tags, once there is one. */
  private tagReading: 'unused' | 'loading' | 'missing' | 'ready' = 'unused'
  private get container(): HTMLElement {
    return drawnIn(this, '.segments', HTMLElement)
  }
  private get below(): HTMLElement {
    return drawnIn(this, '.below', HTMLElement)
  }
  #segments: SegmentList | undefined
  #reader = createTagReader()
  /** How many chunks have been read. */
  #cursor = 0
  #ended = false
  readonly #pace = new DrawPace(() => {
    this.#read()
    this.#segments?.render()
  })
  #pointer: SourcePointer | undefined
  #tags: Promise<void> | undefined
  /** What shows sources is being loaded. */
  #arriving: Promise<void> | undefined

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#pace.cancel()
    this.#pointer?.stop()
    this.#pointer = undefined
  }

  override connectedCallback(): void {
    super.connectedCallback()
    void besideCode.arrival().then((code) => {
      adoptSheet(this.renderRoot, code.rareStyles.styleSheet)
    })
    if (this.hasUpdated) this.requestUpdate('version')
  }

  override render() {
    return html`<div class="answer" @click=${this.#onClick}>
      <div class="segments"></div>
      ${/loading|missing/.test(this.tagReading) ? html`<div class="late"></div>` : nothing}
      <div class="below"></div>
    </div>`
  }

  protected override updated(changed: PropertyValues<this>): void {
    const resumed = this.#ended && (this.streaming || this.chunks.length > this.#cursor)
    if (changed.has('chunks') || changed.has('imageOrigins') || resumed) this.#startOver()
    else if (SHOWN_AGAIN.some((name) => changed.has(name))) this.#segments?.refresh()
    this.#segments?.setRequests(this.requests)
    if (!this.streaming) this.#settle()
    else if (this.chunks.length > this.#cursor || this.#reader.waits) this.#pace.request()
    this.#showSources()
  }

  /** Resolves when what was set is on the screen; a hidden page draws when it is shown again. */
  protected override async getUpdateComplete(): Promise<boolean> {
    let complete = await super.getUpdateComplete()
    if (!document.hidden) await this.#pace.drawn
    if (this.tagReading === 'loading') {
      await this.#tags
      complete = await super.getUpdateComplete()
      if (!document.hidden) await this.#pace.drawn
    }
    await Promise.all([this.#arriving, tagCode.loaded()?.partsArrived(), besideCode.load()])
    return complete
  }

  #startOver(): void {
    this.#pace.cancel()
    this.container.replaceChildren()
    this.#reader = createTagReader()
    this.#cursor = 0
    this.#ended = false
    this.#segments = createSegmentList(this.container, {
      strings: () => this.strings,
      now: () => performance.now(),
      nextThink: thinkTimesOf(this.chunks),
      cite: (root) => sourceParts.loaded()?.citeSources(root, this.sources, this.strings),
      titleOf: (name) => this.toolTitles.get(name),
      allowsImage: allowImagesFrom(this.imageOrigins),
      waitingCalls: [],
      callCards: [],
    })
  }

  #read(): void {
    const text = this.chunks.slice(this.#cursor).join('')
    this.#cursor = this.chunks.length
    this.#segments?.apply(this.#reader.push(text))
    if (this.#reader.waits && this.tagReading === 'unused') this.#tags = this.#loadTags()
  }

  #settle(): void {
    this.#pace.cancel()
    if (this.#ended) return
    this.#read()
    if (this.tagReading === 'loading') return
    this.#ended = true
    this.#segments?.apply(this.#reader.end())
    this.#segments?.end()
  }

  /** Without what reads tags the words are shown in the end, and all of it when that is there. */
  async #loadTags(): Promise<void> {
    this.tagReading = 'loading'
    const isThere = await tagCode.load()
    this.tagReading = isThere ? 'ready' : 'missing'
    this.requestUpdate('version')
    if (isThere) return
    void tagCode.arrival().then(() => {
      this.tagReading = 'ready'
      this.requestUpdate('chunks')
    })
  }

  #showSources(): void {
    if (this.sources.length === 0 && !this.#pointer) return
    const shown = sourceParts.loaded()
    if (!shown) {
      this.#arriving ??= this.#loadSources()
      return
    }
    const root = this.renderRoot.querySelector('.answer')
    if (!this.#pointer && this.isConnected && root instanceof HTMLElement) {
      adoptSheet(root, shown.sourceStyles.styleSheet)
      this.#pointer = shown.createSourcePointer(root, this.below, () => this)
    }
    this.#pointer?.update(!this.streaming)
  }

  async #loadSources(): Promise<void> {
    const isThere = await sourceParts.load()
    this.#arriving = undefined
    if (!isThere) return
    this.#segments?.refresh()
    this.#showSources()
  }

  #onClick = (event: MouseEvent): void => {
    const control =
      event.target instanceof Element ? event.target.closest('.code-copy, .note, a') : null
    if (control instanceof HTMLAnchorElement)
      followLink(event, control, control.closest(SOURCES) ? 'source' : 'answer')
    else if (control) void this.#press(control)
  }

  async #press(control: Element): Promise<void> {
    // As soon as it is there: the browser lets nothing be copied long after a click.
    const code = besideCode.loaded() ?? (await besideCode.load())
    code?.pressInAnswer(control, () => this.strings)
  }
}

define('samosa-answer', SamosaAnswer)

declare global {
  interface HTMLElementTagNameMap {
    'samosa-answer': SamosaAnswer
  }
}
