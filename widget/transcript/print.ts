/**
 * The page to print: the whole conversation in a frame of its own, so that nothing of the page around is on it. It is
 * loaded when somebody prints, with what reads stored messages.
 */
import { tagCode } from '../answer/tag-reader.ts'
import { fullTime, portableNodes } from '../answer/copied.ts'
import type { ChatClient } from '../api/client.ts'
import { decodeConversation, type StoredMessage } from '../api/decode-conversation.ts'
import { PAGE } from '../conversation/conversation-state.ts'
import { LATE_GRAMMARS, safeUrl } from '../markdown/grammar/index.ts'
import { directionOf } from '../markdown/render/direction.ts'
import { typesetter } from '../markdown/render/raw-html.ts'
import { createMarkdownStream } from '../markdown/stream/stream.ts'
import { make } from '../ui/make.ts'
import { sourceWords } from '../words/en/sources.ts'
import type { Strings } from '../words/strings.ts'

const STYLES = `
  body { max-width: 68ch; margin: 0 auto; padding: 16px; color: #000; background: #fff;
    font: 11pt/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
  h1 { margin: 0 0 18pt; font-size: 18pt; line-height: 1.25; }
  section { margin-block: 0 14pt; }
  section > header { margin-block-end: 3pt; color: #555; font-size: 9pt; break-after: avoid; }
  .question { padding: 6pt 10pt; border: 1px solid #bbb; border-radius: 6pt; white-space: pre-wrap; }
  :is(h2, h3, h4) { font-size: 12pt; break-after: avoid; }
  pre { padding: 6pt 8pt; border: 1px solid #ccc; border-radius: 4pt; font-size: 9pt; white-space: pre-wrap; }
  table { border-collapse: collapse; font-size: 10pt; }
  :is(th, td) { padding: 3pt 6pt; border: 1px solid #ccc; text-align: start; vertical-align: top; }
  img { max-width: 100%; }
  .sources { font-size: 9pt; }
  a[href^='http']::after { content: ' (' attr(href) ')'; font-size: 9pt; overflow-wrap: anywhere; }
`

/** Everything that was said, also what is not loaded here. */
async function wholeConversation(client: ChatClient, id: string, signal: AbortSignal) {
  const newest = decodeConversation(await client.conversation(id, { limit: PAGE, signal }))
  const pages = [newest.messages]
  let { hasMore, messages } = newest
  while (hasMore && messages[0]) {
    const before = messages[0].id
    const page = decodeConversation(await client.conversation(id, { limit: PAGE, before, signal }))
    ;({ hasMore, messages } = page)
    pages.unshift(messages)
  }
  return { title: newest.title, messages: pages.flat() }
}

function renderSources({ sources }: StoredMessage, strings: Strings): readonly Node[] {
  if (sources.length === 0) return []
  const items = sources.map(({ number, title, url }) => {
    const address = safeUrl(url ?? '')
    const name = address === undefined ? title : make('a', title)
    if (name instanceof HTMLAnchorElement && address !== undefined) name.href = address
    return make('div', `[${number}] `, name)
  })
  const list = make('div', make('strong', sourceWords(strings.answer).sources), ...items)
  list.className = 'sources'
  return [list]
}

/** What of an answer's tagged text is for reading. */
type TextOf = (tagged: string) => string

function renderAnswer(message: StoredMessage, strings: Strings, textOf: TextOf): readonly Node[] {
  const text = make('div')
  const stream = createMarkdownStream(text, { strings: strings.answer.markdown })
  stream.append(textOf(message.content))
  stream.end()
  return [portableNodes([text]), ...renderSources(message, strings)]
}

function renderMessage(message: StoredMessage, strings: Strings, textOf: TextOf): HTMLElement {
  const { role, content, createdAt, attachments } = message
  const isUser = role === 'user'
  const time = createdAt ? ` · ${fullTime(createdAt, strings.language)}` : ''
  const header = make('header', (isUser ? strings.you : strings.assistant) + time)
  const files = attachments.map(({ name }) => name).join(', ')
  const body = make('div', ...(isUser ? [content] : renderAnswer(message, strings, textOf)))
  if (isUser) {
    body.className = 'question'
    body.dir = directionOf(content) ?? 'auto'
    if (files !== '') body.append(`\n${files}`)
  }
  return make('section', header, body)
}

/** Loads what draws the texts: a page that is printed does not wait for it. */
async function loadGrammars(text: string): Promise<void> {
  const needed = LATE_GRAMMARS.filter(({ sign }) => sign.test(text)).map(({ code }) => code.load())
  if (/\$|\\[([]/.test(text)) needed.push(typesetter.load())
  if (text.includes('<')) needed.push(tagCode.load())
  await Promise.all(needed)
}

/** An empty page in the page, out of sight. */
async function openFrame(): Promise<HTMLIFrameElement> {
  const frame = make('iframe')
  frame.tabIndex = -1
  frame.setAttribute('aria-hidden', 'true')
  Object.assign(frame.style, {
    position: 'fixed',
    insetInlineEnd: '100%',
    width: '680px',
    height: '10px',
    border: '0',
  })
  const loaded = new Promise((resolve) => {
    frame.addEventListener('load', resolve, { once: true })
  })
  document.body.append(frame)
  await loaded
  return frame
}

interface PrintOptions {
  readonly strings: Strings
  readonly textOf: TextOf
  readonly signal: AbortSignal
}

/** Shows the browser's dialog for printing, with the conversation from its beginning. @throws ApiError, or the abort's reason */
export async function printConversation(
  client: ChatClient,
  id: string,
  { strings, textOf, signal }: PrintOptions,
): Promise<void> {
  const { title, messages } = await wholeConversation(client, id, signal)
  await loadGrammars(messages.map(({ content }) => content).join('\n'))
  signal.throwIfAborted()
  const sections = messages.map((message) => renderMessage(message, strings, textOf))
  const frame = await openFrame()
  const { contentDocument: page, contentWindow: view } = frame
  if (!page || !view) return frame.remove()
  page.documentElement.lang = strings.language
  page.documentElement.dir = strings.direction
  page.title = title
  // A style sheet that a policy for the page's content lets through.
  const sheet = new view.window.CSSStyleSheet()
  sheet.replaceSync(STYLES)
  page.adoptedStyleSheets = [sheet]
  const heading = make('h1', title)
  heading.dir = 'auto'
  page.body.append(
    page.importNode(heading, true),
    ...sections.map((one) => page.importNode(one, true)),
  )
  view.addEventListener('afterprint', () => frame.remove(), { once: true })
  view.focus()
  view.print()
}
