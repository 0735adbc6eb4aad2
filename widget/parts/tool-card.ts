import { html, nothing, render } from 'lit'
import { safeUrl } from '../markdown/safe-url.ts'
import type { AnswerStrings } from './strings.ts'
import {
  describeCall,
  formatJson,
  readCall,
  readResult,
  summarize,
  toolIcon,
  type FoundLink,
  type ToolCallData,
  type ToolSummary,
} from './tool-data.ts'
import { chevron, stateIcons, toolIcons } from './tool-icons.ts'
import { renderToolRequest, toolTitle, type ToolRequest } from './tool-request.ts'

const LINKS_SHOWN = 5

/** One tool call and its result on the screen. */
export interface ToolCard {
  readonly element: HTMLElement
  /** What is called, as far as it is known. */
  readonly asked: ToolCallData
  /** A page of the visitor's runs the call. */
  setRequest(request: ToolRequest): void
  setCall(content: string): void
  setResult(content: string): void
  /** The answer has ended: what has not come will not come. */
  end(): void
}

function renderLink({ title, url }: FoundLink) {
  const address = url === undefined ? undefined : safeUrl(url)
  if (address === undefined) return html`<li>${title}</li>`
  return html`<li>
    <a href=${address} target="_blank" rel="noopener noreferrer nofollow">${title}</a>
  </li>`
}

function renderSummary(summary: ToolSummary, strings: AnswerStrings) {
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
            ? html`<ul dir="auto">
                ${summary.links.slice(0, LINKS_SHOWN).map(renderLink)}
              </ul>`
            : nothing
        }
      </div>`
  }
}

/** A card for a call, for a result, or for both. */
export function createToolCard(strings: AnswerStrings): ToolCard {
  const element = document.createElement('div')
  let call = ''
  let asked = readCall(call)
  let request: ToolRequest | undefined
  let result: string | undefined
  let open = false
  let ended = false

  const words = {
    running: strings.toolRunning,
    asking: strings.toolAsking,
    elsewhere: strings.toolElsewhere,
    done: strings.toolDone,
    failed: strings.toolFailed,
    unanswered: strings.toolUnanswered,
  }

  const renderJson = (label: string, content: string) =>
    content.trim() === ''
      ? nothing
      : html`<div class="tool-label">${label}</div>
          <pre tabindex="0" role="region" aria-label=${label} dir="ltr">
${formatJson(content)}</pre>`

  const runningState = () =>
    request?.state === 'asking' || request?.state === 'elsewhere' ? request.state : 'running'

  const toggle = () => {
    open = !open
    show()
  }

  const show = () => {
    const data = result === undefined ? undefined : readResult(result)
    const name = asked.name ?? data?.name
    const over = data !== undefined || ended
    const state = data ? (data.success ? 'done' : 'failed') : ended ? 'unanswered' : runningState()
    const title = request?.title
    const shownTitle = state === 'asking' ? (title ?? toolTitle(name ?? '')) : title
    const told = describeCall({ ...asked, name, title: shownTitle }, over, strings)
    const isAnswered = element.dataset['state'] === 'asking' && state !== 'asking'
    // The button that was pressed goes; who listens or uses the keyboard stays with the card.
    const keepsFocus = isAnswered && element.querySelector('.tool-choice :focus') !== null
    element.className = 'tool'
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
            >${stateIcons[state]}<span class="state-word">${words[state]}</span></span
          >
          ${chevron}
        </button>
        ${request && state === 'asking' ? renderToolRequest(request, strings) : nothing}
        ${data ? renderSummary(summarize(data), strings) : nothing}
        ${
          open
            ? html`<div class="tool-json">
                ${renderJson(strings.toolArguments, call)}
                ${renderJson(strings.toolResult, result ?? '')}
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
    setRequest(next) {
      const { state, title } = next
      if (request?.state === state && request.title === title) return
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
    end() {
      if (ended) return
      ended = true
      show()
    },
  }
}
