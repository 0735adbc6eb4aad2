import { html, nothing, render, type TemplateResult } from 'lit'
import { safeUrl } from '../markdown/grammar/index.ts'
import { TOOL_DENIED } from '../api/decode-event.ts'
import { chevron } from '../ui/action-icons.ts'
import type { AnswerStrings } from './strings.ts'
import {
  describeCall,
  readableArguments,
  readableOutput,
  readCall,
  readResult,
  summarize,
  toolIcon,
  type FoundLink,
  type ToolCallData,
  type ToolSummary,
} from './tool-data.ts'
import { stateIcons, toolIcons } from './tool-icons.ts'
import { toolTitle, type ToolRequest } from './tool-request.ts'
import { toolWords, type ToolWords } from './tool-strings.ts'

const LINKS_SHOWN = 5

/** What a card passes to its question; loaded when it is first needed, that shares no module with the rest. */
export interface RequestContext {
  readonly html: typeof html
  readonly nothing: typeof nothing
  readonly toolTitle: (name: string) => string
  /** The visitor wants to see all of the arguments. */
  readonly isWhole: boolean
  readonly showAll: () => void
}

/** How a card shows its question. */
interface RequestView {
  readonly renderToolRequest: (
    request: ToolRequest,
    strings: ToolWords,
    context: RequestContext,
  ) => TemplateResult
  readonly styleToolRequest: (card: Element) => void
}

/** One tool call and its result on the screen. */
export interface ToolCard {
  readonly element: HTMLElement
  /** What is called, as far as it is known. */
  readonly asked: ToolCallData
  /** A page of the visitor's runs the call. */
  setRequest(request: ToolRequest, view: RequestView): void
  setCall(content: string): void
  setResult(content: string): void
  /** The page's titles of tools are others. */
  refresh(): void
  /** The answer has ended: what has not come will not come. */
  end(): void
}

function renderLink({ title, url }: FoundLink) {
  const address = url === undefined ? undefined : safeUrl(url)
  if (address === undefined) return html`<li><bdi>${title}</bdi></li>`
  return html`<li>
    <bdi><a href=${address} target="_blank" rel="noopener noreferrer nofollow">${title}</a></bdi>
  </li>`
}

function renderSummary(summary: ToolSummary, strings: ToolWords) {
  switch (summary.kind) {
    case 'none':
      return nothing
    case 'value':
      return html`<div class="tool-summary tool-value"><bdi dir="ltr">= ${summary.text}</bdi></div>`
    case 'text':
      return html`<div class="tool-summary" dir="auto">${summary.text}</div>`
    case 'links':
      return html`<div class="tool-summary">
        ${strings.resultCount(summary.links.length)}
        ${
          summary.links.length > 0
            ? html`<ul>
                ${summary.links.slice(0, LINKS_SHOWN).map(renderLink)}
              </ul>`
            : nothing
        }
      </div>`
  }
}

/** The visitor may still say something to it. */
const isOpen = (state: string | undefined) => state === 'asking' || state === 'waiting'

/** What a card says of its state. */
const stateWords = {
  running: 'toolRunning',
  asking: 'toolAsking',
  elsewhere: 'toolElsewhere',
  waiting: 'toolWaiting',
  denied: 'toolDenied',
  done: 'toolDone',
  failed: 'toolFailed',
  unanswered: 'toolUnanswered',
} as const

/** How a request stands on its card, while the tool has not given anything. */
const runningState = (request: ToolRequest | undefined) =>
  request === undefined || request.state === 'over' ? 'running' : request.state

/** A card for a call, for a result, or for both; a title takes the place of a tool's name. */
export function createToolCard(
  stringsNow: () => AnswerStrings,
  titleOf: (name: string) => string | undefined,
): ToolCard {
  const element = document.createElement('div')
  let call = ''
  let asked = readCall(call)
  let request: ToolRequest | undefined
  let view: RequestView | undefined
  let result: string | undefined
  let open = false
  let isWhole = false
  let ended = false

  const renderValue = (label: string, value: string) =>
    value === ''
      ? nothing
      : html`<div class="tool-label">${label}</div>
          <pre tabindex="0" role="group" aria-label=${label} dir="ltr">${value}</pre>`

  const toggle = () => {
    open = !open
    show()
  }

  const renderQuestion = () => {
    if (!request || !view) return nothing
    view.styleToolRequest(element)
    const context = { html, nothing, toolTitle, isWhole, showAll } as const
    return view.renderToolRequest(request, toolWords(stringsNow()), context)
  }

  const showAll = () => {
    isWhole = true
    show()
  }

  const show = () => {
    const strings = toolWords(stringsNow())
    const data = result === undefined ? undefined : readResult(result)
    const name = asked.name ?? data?.name
    const isDenied = data?.error === TOOL_DENIED
    const outcome = isDenied ? 'denied' : data?.success ? 'done' : 'failed'
    const state = data ? outcome : ended ? 'unanswered' : runningState(request)
    const stage = state === 'done' ? 'done' : data || ended ? 'failed' : 'running'
    const title = request?.title ?? titleOf(name ?? '')
    const shownTitle = state === 'asking' ? (title ?? toolTitle(name ?? '')) : title
    const isAsking = state === 'asking' && shownTitle !== undefined
    const told = isAsking
      ? strings.wantsTool(shownTitle)
      : describeCall({ ...asked, name, title: shownTitle }, stage, strings)
    const isAnswered = isOpen(element.dataset['state']) && !isOpen(state)
    // The button that was pressed goes; who listens or uses the keyboard stays with the card.
    const keepsFocus = isAnswered && element.querySelector('.tool-choice :focus') !== null
    element.className = 'tool'
    element.setAttribute('part', 'tool')
    element.dataset['state'] = state
    render(
      html`<button
          type="button"
          class="tool-head"
          aria-expanded=${open ? 'true' : 'false'}
          @click=${toggle}
        >
          ${toolIcons[toolIcon(name)]}
          <span class="tool-words">${told}</span>
          <span class="tool-state"
            >${stateIcons[state]}<span class="state-word">${strings[stateWords[state]]}</span></span
          >
          ${chevron}
        </button>
        ${isOpen(state) ? renderQuestion() : nothing}
        ${data && !isDenied ? renderSummary(summarize(data), strings) : nothing}
        ${
          open
            ? html`<div class="tool-json">
                ${renderValue(strings.toolArguments, readableArguments(call))}
                ${renderValue(strings.toolResult, readableOutput(result ?? ''))}
              </div>`
            : nothing
        }`,
      element,
    )
    const head = keepsFocus ? element.querySelector('.tool-head') : undefined
    if (head instanceof HTMLElement) head.focus()
  }

  return {
    element,
    get asked() {
      return asked
    },
    setRequest(next, shownBy) {
      view = shownBy
      const { state, title, problem } = next
      const isSame = request?.state === state && request.problem === problem
      if (isSame && request?.title === title) return
      request = next
      show()
    },
    setCall(content) {
      call = content
      asked = readCall(content)
      show()
    },
    setResult(content) {
      result = content
      show()
    },
    refresh: show,
    end() {
      if (ended) return
      ended = true
      show()
    },
  }
}
