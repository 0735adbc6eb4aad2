import type { ToolWords } from '../words/strings.ts'
import type { RequestContext, ToolCard, ToolRequest } from './tool-card.ts'

/** A card that asks whether a tool of the page may be used. Text, as it is loaded without Lit. */
const toolRequestStyles = `
  .tool[data-state='asking'] {
    border-color: color-mix(in srgb, var(--_accent) 55%, transparent);
  }
  .tool[data-state='asking'] .tool-state {
    color: var(--_accent);
  }
  .tool-request {
    display: grid;
    gap: 8px;
    padding: 0 12px 12px;
    padding-inline-start: 36px;
  }
  .tool-request p {
    margin: 0;
    overflow-wrap: anywhere;
  }
  .tool-request .heard {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
  }
  .tool-request .tool-problem {
    color: var(--_danger);
  }
  .tool-args {
    padding: 7px 10px;
    border-radius: var(--samosa-radius-code, 8px);
    background: var(--_raised);
  }
  .tool-args.cut {
    max-block-size: 168px;
    mask-image: linear-gradient(to bottom, black 60%, transparent);
    overflow: hidden;
  }
  .tool-request .show-all {
    justify-self: start;
    min-block-size: 28px;
    color: var(--_accent);
    font-size: var(--samosa-font-size-small);
    font-weight: 550;
    text-decoration: underline;
    text-underline-offset: 3px;
  }
  .tool-args dl {
    display: grid;
    grid-template-columns: fit-content(40%) minmax(0, 1fr);
    gap: 4px 12px;
    margin: 0;
  }
  .tool-args dl > div {
    display: contents;
  }
  .tool-args dt {
    color: var(--_muted);
    overflow-wrap: anywhere;
  }
  .tool-args dd {
    margin: 0;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .tool-choice {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .tool-choice button {
    min-block-size: 36px;
    padding-inline: 14px;
    border: 1px solid color-mix(in srgb, var(--_ink) 17%, transparent);
    border-radius: 10px;
    font-weight: 550;
  }
  .tool-choice .allow {
    border-color: transparent;
    background: var(--samosa-accent);
    color: var(--samosa-on-accent, light-dark(#fff, #2b1804));
  }
  .tool-choice .deny:hover {
    background: color-mix(in srgb, var(--_ink) 7%, transparent);
  }
  .tool-choice button:focus-visible {
    border-radius: 10px;
  }
  @media (forced-colors: active) {
    .tool-choice button {
      border-color: ButtonText;
    }
  }
`

/** An emoji that is joined to the next one; or what takes no room, or changes the order of what does. */
const INVISIBLE =
  /(\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f]*\u200d)|[\u115f\u1160\u3164\uffa0\p{Cf}\p{Zl}\p{Zp}]|(?![\n\t])\p{Cc}/gu

const escaped = (character: string) =>
  `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`

/** A text in which nothing hides: controls, also those of direction, stand there as escapes. */
export const visibleText = (text: string) =>
  text.replaceAll(
    INVISIBLE,
    (found: string, joined: string | undefined) => joined ?? escaped(found),
  )

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
