import type { ToolWords } from './tool-strings.ts'
import type { RequestContext, ToolCard } from './tool-card.ts'
import type { ToolRequest } from './tool-request.ts'
import { toolRequestStyles } from './tool-request.styles.ts'
import { visibleText } from './visible-text.ts'

const readable = (value: unknown) =>
  visibleText(typeof value === 'string' ? value : JSON.stringify(value, null, 1))

/** What a box without a cut may hold: lines, and characters that make one in a narrow panel. */
const LINES = 8
const LINE = 36

const countLines = (text: string) =>
  text.split('\n').reduce((lines, { length }) => lines + Math.max(1, Math.ceil(length / LINE)), 0)

/** What is asked for; cut short only with a sign of it, and a way to see the rest. */
function renderArguments(
  args: ToolRequest['arguments'],
  strings: ToolWords,
  { html, nothing, toolTitle, isWhole, showAll }: RequestContext,
) {
  const entries = Object.entries(args).map(([name, value]) => [name, readable(value)] as const)
  if (entries.length === 0) return nothing
  const lines = entries.reduce((count, [, text]) => count + countLines(text), 0)
  const isCut = !isWhole && lines > LINES
  return html`<div class=${isCut ? 'tool-args cut' : 'tool-args'}>
      <dl aria-label=${strings.toolArguments}>
        ${entries.map(
          ([name, text]) =>
            html`<div>
              <dt dir="auto">${visibleText(toolTitle(name))}</dt>
              <dd dir="auto">${text}</dd>
            </div>`,
        )}
      </dl>
    </div>
    ${
      isCut
        ? html`<button type="button" class="show-all" @click=${showAll}>${strings.showAll}</button>`
        : nothing
    }`
}

/** What the assistant wants to do, and the two answers to that; the page here may have but one of them. */
function renderToolRequest(request: ToolRequest, strings: ToolWords, context: RequestContext) {
  const { html, nothing, toolTitle } = context
  const { title, tool, state, problem, allow, deny } = request
  const isAsking = state === 'asking'
  // Several cards may ask at once.
  const id = `wants-${request.id}`
  const words = strings.wantsTool(title ?? toolTitle(tool))
  return html`<div class="tool-request">
    ${isAsking ? html`<p id=${id} class="heard" role="alert" dir="auto">${words}</p>` : nothing}
    ${renderArguments(request.arguments, strings, context)}
    ${
      problem
        ? html`<p class="tool-problem" role="alert" dir="auto">${strings.toolRefused[problem]}</p>`
        : nothing
    }
    <div class="tool-choice">
      ${
        isAsking
          ? html`<button type="button" class="allow" aria-describedby=${id} @click=${allow}>
              ${strings.allowTool}
            </button>`
          : nothing
      }
      <button type="button" class="deny" aria-describedby=${isAsking ? id : nothing} @click=${deny}>
        ${strings.denyTool}
      </button>
    </div>
  </div>`
}

let sheet: CSSStyleSheet | undefined

/** Gives the tree that a card stands in the styles of its question, once. */
function styleToolRequest(card: Element): void {
  const root = card.getRootNode()
  if (!(root instanceof ShadowRoot)) return
  if (!sheet) {
    sheet = new CSSStyleSheet()
    sheet.replaceSync(toolRequestStyles)
  }
  if (!root.adoptedStyleSheets.includes(sheet)) root.adoptedStyleSheets.push(sheet)
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
    card.setRequest(request, { renderToolRequest, styleToolRequest })
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
