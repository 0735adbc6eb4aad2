/** Says answers aloud. */
import type { FinishReason } from '../../server/protocol/events.ts'
import { TOOL_CALL_START } from '../../server/protocol/marks.ts'
import type { SegmentKind } from '../../server/protocol/tags.ts'
import type { Strings } from '../words/strings.ts'
import { statusStrings } from '../words/en/status.ts'
import { lazy } from '../ui/lazy.ts'
import type { ChatMessage } from '../conversation/chat-message.ts'
import { endNote, stepInWords } from './waiting.ts'
import { createSentenceReader } from './sentence-reader.ts'

/** A screen reader gets what is new at most this often. */
const PACE_MS = 1000
const KEPT = 20

/** Without a network nothing is said of tools. */
const tools = lazy(() => import('./tool-in-words.ts'))

/** A failure is said by its notice. */
function endInWords(strings: Strings, reason: FinishReason | null): string {
  if (reason === 'error') return ''
  return reason === 'stop'
    ? (strings.status ?? statusStrings).answerDone
    : (endNote(strings, reason) ?? '')
}

/** What happens, for those who do not see what thinks or runs; nothing in the middle of a text. */
function spokenStep(strings: Strings, message: ChatMessage, kind: SegmentKind | undefined): string {
  const { thinking, usingTool, unnamedTool } = strings.answer
  if (message.isEmpty || message.pauses || message.progress) {
    return stepInWords(strings, message, false)
  }
  if (kind === 'think') return thinking
  return kind === 'tool_call' ? usingTool(unnamedTool) : ''
}

/** What an answer is said with: words that may be in another language by then. */
export interface AnnouncerView {
  readonly strings: Strings
  /** The page's titles of its tools, by name. */
  readonly toolTitles: ReadonlyMap<string, string>
}

/**
 * Says an answer that is being written, sentence by sentence, in a region that only screen readers see.
 * Of one that `goesOn` after it had ended only what comes is said. Returns how to stop.
 */
export function announce(
  region: Element,
  message: ChatMessage,
  viewNow: () => AnnouncerView,
  goesOn = false,
): () => void {
  const reader = createSentenceReader({
    strings: () => viewNow().strings.answer,
    tool(call, result) {
      const { strings, toolTitles } = viewNow()
      const titleOf = (name: string) => toolTitles.get(name)
      const code = tools.loaded()
      return code?.toolInWords(code.toolWords(strings.answer), titleOf, call, result) ?? ''
    },
  })
  let cursor = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let lastStep = ''
  let isStopped = false

  const fresh = () => {
    const text = message.chunks.slice(cursor).join('')
    cursor = message.chunks.length
    return text
  }

  const say = (text: string) => {
    if (text === '') return
    const line = document.createElement('p')
    line.textContent = text
    region.append(line)
    if (region.childElementCount > KEPT) region.firstElementChild?.remove()
  }

  const callsTools = () => message.text.includes(TOOL_CALL_START)

  const read = async () => {
    if (callsTools()) await tools.load()
    timer = undefined
    if (isStopped || message.state === 'settled') return
    const sentences = reader.read(fresh())
    const step = spokenStep(viewNow().strings, message, reader.kind)
    if (sentences !== '') say(sentences)
    else if (step !== lastStep) say(step)
    lastStep = sentences === '' ? step : ''
  }

  const readEnd = async () => {
    if (callsTools()) await tools.load()
    if (isStopped) return
    const end = endInWords(viewNow().strings, message.finishReason)
    say([reader.read(fresh()), reader.end(), end].filter((part) => part !== '').join(' '))
  }

  const follow = () => {
    if (message.state !== 'settled') {
      timer ??= setTimeout(read, PACE_MS)
      return
    }
    unsubscribe()
    clearTimeout(timer)
    void readEnd()
  }

  if (goesOn) reader.read(fresh())
  const unsubscribe = message.subscribe(follow)
  // Also where nothing happens for long.
  follow()
  return () => {
    isStopped = true
    unsubscribe()
    clearTimeout(timer)
  }
}

/** Says the answers of a conversation that are written while it is shown. */
export class Announcer {
  readonly #region: Element
  readonly #viewNow: () => AnnouncerView
  /** The last message, as far as it is said. */
  #spoken: ChatMessage | undefined
  #isSpeaking = false
  #stop = () => {}

  constructor(region: Element, viewNow: () => AnnouncerView) {
    this.#region = region
    this.#viewNow = viewNow
  }

  /**
   * Takes the last message of the conversation. An answer is said that is being written, or was a moment
   * ago (`isNew`); what is complete when it appears is history, and stays silent.
   */
  follow(last: ChatMessage | undefined, isNew = false): void {
    const isWritten = last?.role === 'assistant' && last.state !== 'settled'
    const goesOn = last === this.#spoken
    if (goesOn && isWritten === this.#isSpeaking) return
    this.#isSpeaking = isWritten
    // It says its end itself.
    if (goesOn && !isWritten) return
    this.#stop()
    this.#stop = () => {}
    this.#spoken = last
    if (last && (isWritten || isNew))
      this.#stop = announce(this.#region, last, this.#viewNow, goesOn)
  }

  stop(): void {
    this.#stop()
    this.#spoken = undefined
  }
}
