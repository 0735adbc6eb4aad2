/** Judges hostile texts: shown in every place of an answer, nothing runs, loads or leaves its place. */
import {
  TOOL_CALL_END,
  TOOL_CALL_START,
  TOOL_RESULT_END,
  TOOL_RESULT_START,
} from '../../../server/protocol/marks.ts'
import '../../answer/answer.ts'
import { answerStrings } from '../../words/en/answer.ts'
import { createMarkdownStream } from '../stream/stream.ts'

const FORBIDDEN_ELEMENT =
  'script, style, link, meta, base, iframe, frame, object, embed, applet, img, image, picture, video, audio, source, track, form, textarea, select, portal, template, math, foreignObject, use, animate, set'
const FORBIDDEN_ATTRIBUTE =
  /^(?:on.*|style|srcdoc|src|srcset|action|formaction|ping|background|poster|data|xlink:href|contenteditable|autofocus)$/i
/** Longer texts come in pieces of this share of their length. */
const MOST_STEPS = 160

/** What is forbidden in an element and those in it. */
function* forbiddenIn(root: Element): Generator<string> {
  for (const element of [root, ...root.querySelectorAll('*')]) {
    // A formula is ours.
    if (element.matches(FORBIDDEN_ELEMENT) && !element.closest('.math'))
      yield `<${element.localName}>`
    for (const { name } of element.attributes) {
      // The sanitiser keeps no class: this is one of our own, placed by script.
      if (name === 'style' && element.classList.length > 0) continue
      if (FORBIDDEN_ATTRIBUTE.test(name)) yield `${name} on <${element.localName}>`
    }
    // What is no address at all leads nowhere.
    if (element instanceof HTMLAnchorElement && URL.canParse(element.href)) {
      if (!/^(?:https?|mailto|tel):$/.test(element.protocol)) yield `a link to ${element.href}`
      if (element.target !== '_blank' || !element.relList.contains('noopener')) yield 'a bare link'
    }
  }
}

/** Everything that came into the page, or changed in it, since the last look. */
function* forbiddenAmong(records: readonly MutationRecord[]): Generator<string> {
  for (const { target, addedNodes } of records) {
    if (target instanceof Element) yield* forbiddenIn(target)
    for (const node of addedNodes) if (node instanceof Element) yield* forbiddenIn(node)
  }
}

function judgeStream(host: Element, pieces: Iterable<string>): string[] {
  const container = document.createElement('div')
  host.replaceChildren(container)
  const observer = new MutationObserver(() => {})
  observer.observe(container, { subtree: true, childList: true, attributes: true })
  const stream = createMarkdownStream(container, { strings: answerStrings.markdown })
  const found: string[] = []
  for (const piece of pieces) {
    stream.append(piece)
    stream.render()
    found.push(...forbiddenAmong(observer.takeRecords()))
  }
  stream.end()
  found.push(...forbiddenAmong(observer.takeRecords()), ...forbiddenIn(container))
  observer.disconnect()
  return found
}

/** The text as an answer, as thinking, in a tool's call and result, and in a source. */
async function judgeAnswer(host: Element, payload: string): Promise<string[]> {
  const answer = document.createElement('samosa-answer')
  const call = JSON.stringify({ tool: payload, arguments: { query: payload, url: payload } })
  const output = { results: [{ title: payload, url: payload, snippet: payload }] }
  const result = JSON.stringify({ tool: payload, success: true, output, error: payload })
  answer.chunks = [
    `<think>${payload}</think>\n${payload}\n`,
    [TOOL_CALL_START, call, TOOL_CALL_END, TOOL_RESULT_START, result, TOOL_RESULT_END].join(''),
    '\n[1]',
  ]
  answer.sources = [
    {
      number: 1,
      title: payload,
      url: payload,
      creator: payload,
      section: payload,
      snippet: payload,
      score: 1,
    },
  ]
  host.replaceChildren(answer)
  await answer.updateComplete
  for (const button of answer.shadowRoot?.querySelectorAll('button') ?? []) button.click()
  await answer.updateComplete
  const children = [...(answer.shadowRoot?.children ?? [])]
  return children
    .filter((child) => child.localName !== 'style')
    .flatMap((child) => [...forbiddenIn(child)])
}

/** Everything that is wrong with how a hostile text is shown; whatever it changes outside counts. */
export async function judgeAttack(payload: string): Promise<readonly string[]> {
  const host = document.createElement('div')
  document.body.append(host)
  const outside = new MutationObserver(() => {})
  outside.observe(document, { subtree: true, childList: true, attributes: true })
  const length = Math.ceil(payload.length / MOST_STEPS)
  const pieces = payload.match(new RegExp(`[\\s\\S]{1,${length}}`, 'g')) ?? []
  const found = [
    ...judgeStream(host, pieces),
    ...judgeStream(host, ['text ', payload, ` **${payload}**\n\n- ${payload}\n\n> ${payload}`]),
    ...(await judgeAnswer(host, payload)),
  ]
  if (outside.takeRecords().some(({ target }) => !host.contains(target))) {
    found.push('a change outside')
  }
  outside.disconnect()
  host.remove()
  return [...new Set(found)]
}
