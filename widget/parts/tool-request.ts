import { html, nothing } from 'lit'
import type { AnswerStrings } from './strings.ts'
import type { ToolCard } from './tool-card.ts'

/** A call that a page of the visitor's runs, and where that stands. */
export interface ToolRequest {
  readonly id: string
  readonly tool: string
  /** What the visitor reads in place of the name. */
  readonly title: string | undefined
  readonly arguments: Readonly<Record<string, unknown>>
  readonly state: 'waiting' | 'asking' | 'running' | 'elsewhere' | 'over'
  readonly allow: () => void
  readonly deny: () => void
}

/** The name in words, where there is no title. */
export const toolTitle = (name: string) => name.replaceAll(/[_-]+/g, ' ')

const readable = (value: unknown) =>
  typeof value === 'string' ? value : JSON.stringify(value, null, 1)

/** What the assistant wants to do, and the two answers to that. */
export function renderToolRequest(request: ToolRequest, strings: AnswerStrings) {
  const { title, tool, allow, deny } = request
  const args = Object.entries(request.arguments)
  return html`<div class="tool-request">
    <p role="alert">${strings.wantsTool(title ?? toolTitle(tool))}</p>
    ${
      args.length === 0
        ? nothing
        : html`<div
            class="tool-args"
            role="region"
            tabindex="0"
            aria-label=${strings.toolArguments}
          >
            <dl>
              ${args.map(
                ([name, value]) =>
                  html`<div>
                    <dt>${toolTitle(name)}</dt>
                    <dd dir="auto">${readable(value)}</dd>
                  </div>`,
              )}
            </dl>
          </div>`
    }
    <div class="tool-choice">
      <button type="button" class="allow" @click=${allow}>${strings.allowTool}</button>
      <button type="button" class="deny" @click=${deny}>${strings.denyTool}</button>
    </div>
  </div>`
}

/** Shows each request on its card: the oldest of that name and those arguments that has none. */
export function matchRequests(
  requests: readonly ToolRequest[],
  cards: readonly ToolCard[],
  matched: Map<string, ToolCard>,
): void {
  for (const request of requests) {
    const card = matched.get(request.id) ?? findCard(request, cards, new Set(matched.values()))
    if (!card) continue
    matched.set(request.id, card)
    card.setRequest(request)
  }
}

function findCard(
  request: ToolRequest,
  cards: readonly ToolCard[],
  taken: ReadonlySet<ToolCard>,
): ToolCard | undefined {
  const asked = JSON.stringify(request.arguments)
  const named = cards.filter((card) => !taken.has(card) && card.asked.name === request.tool)
  return named.find(({ asked: { args } }) => JSON.stringify(args) === asked) ?? named[0]
}
