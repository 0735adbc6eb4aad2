import { html, nothing, render, type TemplateResult, svg, type SVGTemplateResult } from 'lit'
import { safeUrl } from '../markdown/grammar/index.ts'
import { TOOL_DENIED } from '../conversation/page-tool-runner.ts'
import { chevron } from '../ui/action-icons.ts'
import type { AnswerStrings, ToolWords } from '../words/strings.ts'
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
} from './tool-in-words.ts'
import { toolWords } from '../words/en/tools.ts'

const icon = (paths: SVGTemplateResult, name = 'icon') =>
  html`<svg class=${name} viewBox="0 0 20 20" aria-hidden="true">${paths}</svg>`

/** Pictures of tools. */
const toolIcons = {
  globe: icon(
    svg`<circle cx="10" cy="10" r="7"></circle><path d="M3 10h14M10 3c4.6 4.4 4.6 9.6 0 14-4.6-4.4-4.6-9.6 0-14"></path>`,
  ),
  calculator: icon(
    svg`<rect x="4.5" y="3" width="11" height="14" rx="2"></rect><path d="M7.5 6.5h5M7.5 10h.01M12.5 10h.01M7.5 13.5h.01M10 10h.01M10 13.5h.01M12.5 13.5h.01"></path>`,
  ),
  book: icon(
    svg`<path d="M10 5.5C8.5 4.3 6.3 4 3.5 4v11c2.8 0 5 .3 6.5 1.5 1.5-1.2 3.7-1.5 6.5-1.5V4c-2.8 0-5 .3-6.5 1.5zM10 5.5v11"></path>`,
  ),
  spark: icon(svg`<path d="M10 3l1.7 5.3L17 10l-5.3 1.7L10 17l-1.7-5.3L3 10l5.3-1.7z"></path>`),
} as const

/** Signs of how a call went. */
const stateIcons = {
  running: icon(svg`<path d="M10 3a7 7 0 1 1-7 7"></path>`, 'sign spinner'),
  asking: icon(svg`<path d="M10 3.5v8"></path><path d="M10 15.5v.01"></path>`, 'sign'),
  waiting: icon(svg`<path d="M6 10h.01M10 10h.01M14 10h.01"></path>`, 'sign'),
  denied: icon(
    svg`<circle cx="10" cy="10" r="6.5"></circle><path d="m5.5 14.5 9-9"></path>`,
    'sign',
  ),
  elsewhere: icon(
    svg`<rect x="3" y="4" width="14" height="9" rx="1.5"></rect><path d="M7 16.5h6"></path>`,
    'sign',
  ),
  done: icon(svg`<path d="m4.5 10.5 3.7 3.7 7.3-8"></path>`, 'sign'),
  failed: icon(svg`<path d="m5.5 5.5 9 9m0-9-9 9"></path>`, 'sign'),
  unanswered: icon(svg`<path d="M5 10h10"></path>`, 'sign'),
} as const

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

/** A call that a page of the visitor's runs, and where that stands. */
export interface ToolRequest {
  readonly id: string
  readonly tool: string
  /** What the visitor reads in place of the name. */
  readonly title: string | undefined
  readonly arguments: Readonly<Record<string, unknown>>
  readonly state: 'waiting' | 'asking' | 'running' | 'elsewhere' | 'over'
  /** Why the visitor's answer did not get through. */
  readonly problem: 'busy' | 'failed' | undefined
  readonly allow: () => void
  readonly deny: () => void
}

/** The name in words, where there is no title. */
const toolTitle = (name: string) => name.replaceAll(/[_-]+/g, ' ')
