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
  type ToolSummary,
} from './tool-data.ts'
import { chevron, stateIcons, toolIcons } from './tool-icons.ts'

const LINKS_SHOWN = 5

/** One tool call and its result on the screen. */
export interface ToolCard {
  readonly element: HTMLElement
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
  let result: string | undefined
  let open = false
  let ended = false

  const words = {
    running: strings.toolRunning,
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

  const toggle = () => {
    open = !open
    show()
  }

  const show = () => {
    const data = result === undefined ? undefined : readResult(result)
    const asked = readCall(call)
    const name = asked.name ?? data?.name
    const over = data !== undefined || ended
    const state = data ? (data.success ? 'done' : 'failed') : ended ? 'unanswered' : 'running'
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
          <span class="tool-words">${describeCall({ ...asked, name }, over, strings)}</span>
          <span class="tool-state"
            >${stateIcons[state]}<span class="state-word">${words[state]}</span></span
          >
          ${chevron}
        </button>
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
  }

  return {
    element,
    setCall(content) {
      call = content
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
