import { html, LitElement, nothing, css } from 'lit'
import type { FinishReason } from '../../server/protocol/events.ts'
import type { StepEvent } from '../api/decode-event.ts'
import { en } from '../words/en/index.ts'
import type { Strings } from '../words/strings.ts'
import { baseStyles } from '../ui/base.styles.ts'
import { define } from '../ui/element.ts'
import { mark } from '../ui/icons.ts'
import {
  THINK_END,
  THINK_START,
  TOOL_CALL_START,
  TOOL_RESULT_END,
} from '../../server/protocol/marks.ts'
import type { ChatMessage } from '../conversation/chat-message.ts'
import { besideCode } from './answer.ts'

// Why, here and not in the text that every page loads:
// `rise`, five times: Who waits for minutes pays no battery for steam that is drawn sixty times a second;
// from then on a wisp each second lights up together with the seconds beside it.

const waitingStyles = css`
  :host {
    display: flex;
    align-items: center;
    contain: layout style;
    gap: 10px;
    min-block-size: 32px;
    color: var(--samosa-text-muted);
    font-size: var(--samosa-font-size-card);
  }
  .step {
    min-inline-size: 0;
    overflow-wrap: anywhere;
  }
  .elapsed {
    flex: none;
    font-size: 12.5px;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .mark {
    overflow: visible;
    background-position: bottom;
  }
  .wisp {
    opacity: 0.55;
    stroke-width: 1.8;
    animation: rise 2.1s ease-in-out 5;
  }
  .wisp:nth-of-type(4) {
    animation-delay: 0.7s;
  }
  .wisp:nth-of-type(5) {
    animation-delay: 1.4s;
  }
  @media (prefers-reduced-motion: no-preference) {
    [data-beat='0'] .wisp:nth-of-type(3),
    [data-beat='1'] .wisp:nth-of-type(4),
    [data-beat='2'] .wisp:nth-of-type(5) {
      opacity: 0.9;
    }
  }
  @keyframes rise {
    0% {
      opacity: 0;
      transform: translateY(3px);
    }
    45% {
      opacity: 0.8;
    }
    100% {
      opacity: 0;
      transform: translateY(-5px);
    }
  }
`

/** Shorter waits are no news. */
const SHOWN_FROM_S = 3

/** Steam over the mark, the current step in words and for how long that has been, until there is more. */
export class SamosaWaiting extends LitElement {
  static override properties = {
    strings: { attribute: false },
    step: { attribute: false },
    progress: { attribute: false },
    seconds: { state: true },
  }
  static override styles = [baseStyles, waitingStyles]

  strings: Strings = en
  step = ''
  progress: StepEvent | undefined

  private seconds = 0
  #timer: ReturnType<typeof setInterval> | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    const since = performance.now()
    this.#timer = setInterval(() => {
      this.seconds = Math.round((performance.now() - since) / 1_000)
    }, 1_000)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearInterval(this.#timer)
  }

  override render() {
    return html`<svg
        class="mark"
        data-beat=${this.seconds % 3}
        viewBox="0 -10 32 42"
        width="26"
        height="34"
        aria-hidden="true"
      >
        ${mark}
        <path class="wisp" d="M10 4c-1.6-1.9 1.6-3.3 0-5.4s1.4-3 .3-4.8"></path>
        <path class="wisp" d="M16 1.2c-1.6-1.9 1.6-3.3 0-5.4s1.4-3 .3-4.8"></path>
        <path class="wisp" d="M22 4c-1.6-1.9 1.6-3.3 0-5.4s1.4-3 .3-4.8"></path></svg
      ><span class="step" dir="auto">${this.step}</span
      >${this.progress?.total ? besideCode.drawn(this)?.renderBar(this.strings, this.step, this.progress) : nothing}
      <span class="elapsed" aria-hidden="true"
        >${this.seconds < SHOWN_FROM_S ? nothing : this.strings.answer.elapsed(this.seconds)}</span
      >`
  }
}

define('samosa-waiting', SamosaWaiting)

/** The note of each end that was not just the end. */
const NOTES: Partial<Record<FinishReason, keyof Strings['notes']>> = {
  stopped: 'stopped',
  length: 'length',
  content_filter: 'filtered',
  error: 'interrupted',
  interrupted: 'interrupted',
}

/** What stands below an answer that did not just end, live and in history. */
export function endNote({ notes }: Strings, reason: FinishReason | null): string | undefined {
  const name = reason && NOTES[reason]
  return name ? notes[name] : undefined
}

/** What happens while an answer has no words yet, or none just now. */
export function stepInWords(
  { waiting, answer }: Strings,
  { progress, sources, isEmpty, pauses }: ChatMessage,
  isSending: boolean,
): string {
  if (isSending) return waiting.sending
  if (progress?.step === 'reading') return waiting.reading(progress.name ?? '')
  if (progress?.step === 'searching') {
    return progress.name === 'web_search' ? answer.searchingWeb('') : waiting.searching
  }
  const isWriting = isEmpty ? sources.length > 0 : !pauses
  return isWriting ? waiting.writing : waiting.thinking
}

/** Whether an answer stands in the middle of its text; what thinks or runs there shows that itself. */
export function isInText(tagged: string): boolean {
  const isOpen = (start: string, end: string) => tagged.lastIndexOf(start) > tagged.lastIndexOf(end)
  return !isOpen(THINK_START, THINK_END) && !isOpen(TOOL_CALL_START, TOOL_RESULT_END)
}
