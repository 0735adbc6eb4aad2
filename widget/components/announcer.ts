/** Says answers aloud. It is loaded with the first answer that is written while the chat is open. */
import type { FinishReason } from '../../server/protocol/events.ts'
import type { Strings } from '../locales/strings.ts'
import {
  describeCall,
  readCall,
  readResult,
  summarize,
  type ToolSummary,
} from '../parts/tool-data.ts'
import { toolWords, type ToolWords } from '../parts/tool-strings.ts'
import type { ChatMessage } from '../state/chat-message.ts'
import { TOOL_DENIED } from '../tool-denied.ts'
import { endNote } from './end-note.ts'
import { createSentenceReader } from './sentence-reader.ts'
import { spokenStep } from './step-in-words.ts'

/** A screen reader gets what is new at most this often. */
const PACE_MS = 1000
const KEPT = 20

/** A failure is said by its notice. */
function endInWords(strings: Strings, reason: FinishReason | null): string {
  if (reason === 'error') return ''
  return reason === 'stop' ? strings.status.answerDone : (endNote(strings, reason) ?? '')
}

function summaryInWords(summary: ToolSummary, words: ToolWords): string {
  switch (summary.kind) {
    case 'none':
      return '.'
    case 'value':
      return ` = ${summary.text}.`
    case 'text':
      return `: ${summary.text}`
    case 'links':
      return `: ${words.resultCount(summary.links.length)}.`
  }
}

/** What the card of a tool says, in one sentence; `result` is absent while it runs. */
export function toolInWords(
  words: ToolWords,
  titleOf: (name: string) => string | undefined,
  call: string,
  result?: string,
): string {
  const asked = readCall(call)
  const data = result === undefined ? undefined : readResult(result)
  const name = asked.name ?? data?.name
  const title = titleOf(name ?? '')
  const tool = { ...asked, name, title }
  if (!data) return `${describeCall(tool, 'running', words)}.`
  if (data.error === TOOL_DENIED)
    return `${describeCall(tool, 'running', words)}: ${words.toolDenied}.`
  const told = describeCall(tool, data.success ? 'done' : 'failed', words)
  // A title says what the tool does, and not how it went.
  const outcome = data.success ? words.toolDone : words.toolFailed
  const state = title === undefined ? '' : `: ${outcome}`
  return told + state + summaryInWords(summarize(data), words)
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
      return toolInWords(toolWords(strings.answer), (name) => toolTitles.get(name), call, result)
    },
  })
  let cursor = 0
  let timer: ReturnType<typeof setTimeout> | undefined
  let lastStep = ''

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

  const read = () => {
    timer = undefined
    const sentences = reader.read(fresh())
    const step = spokenStep(viewNow().strings, message, reader.kind)
    if (sentences !== '') say(sentences)
    else if (step !== lastStep) say(step)
    lastStep = sentences === '' ? step : ''
  }

  const stop = () => {
    unsubscribe()
    clearTimeout(timer)
  }

  const follow = () => {
    if (message.state !== 'settled') {
      timer ??= setTimeout(read, PACE_MS)
      return
    }
    stop()
    const end = endInWords(viewNow().strings, message.finishReason)
    say([reader.read(fresh()), reader.end(), end].filter((part) => part !== '').join(' '))
  }

  if (goesOn) reader.read(fresh())
  const unsubscribe = message.subscribe(follow)
  // Also where nothing happens for long.
  follow()
  return stop
}
