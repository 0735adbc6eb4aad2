/** Text of a block as DOM. Elements are made by name, never from strings; raw HTML goes to the sanitiser. */
import { decodeEntities } from './entities.ts'
import { known, type MarkedToken, type Token } from './lexer.ts'
import { mathNode } from './math-node.ts'
import { htmlText, withHtml } from './raw-html.ts'
import { safeUrl } from './safe-url.ts'

/** The one tag that is common, above all in tables: not worth a sanitiser. */
const LINE_BREAK = /^<br *\/?>$/i

const hasHtml = (tokens: readonly MarkedToken[]): boolean =>
  tokens.some(
    (token) =>
      (token.type === 'html' && !LINE_BREAK.test(token.raw)) ||
      ('tokens' in token && hasHtml(known(token.tokens))),
  )

/** What a reader would read out: the alternative text of an image. */
const plainText = (tokens: readonly MarkedToken[]): string =>
  tokens
    .map((token) => {
      if (token.type === 'math') return token.raw
      if ('tokens' in token && token.tokens) return plainText(known(token.tokens))
      if (token.type === 'html') return ''
      return 'text' in token ? decodeEntities(token.text) : ' '
    })
    .join('')

const encodeUrl = (href: string) => {
  try {
    return encodeURI(href).replaceAll('%25', '%')
  } catch {
    return ''
  }
}

/** An anchor as the sanitiser would let it through: an unsafe address leaves none. */
function link(href: string, title: string | null | undefined): HTMLAnchorElement {
  const anchor = document.createElement('a')
  const address = safeUrl(href)
  if (address !== undefined) anchor.setAttribute('href', address)
  if (title) anchor.title = decodeEntities(title)
  if (href !== '' && address === undefined) anchor.toggleAttribute('data-unsafe', true)
  return anchor
}

function wrap(name: 'strong' | 'em' | 'del', tokens: readonly Token[]): HTMLElement {
  const element = document.createElement(name)
  element.append(inlineNodes(known(tokens)))
  return element
}

/** A task's box: shown, never to be clicked. */
export function taskBox(checked: boolean): HTMLInputElement {
  const box = document.createElement('input')
  box.type = 'checkbox'
  box.className = 'task-box'
  box.disabled = true
  box.toggleAttribute('checked', checked)
  return box
}

function inlineNode(token: MarkedToken): Node | string {
  switch (token.type) {
    case 'strong':
    case 'em':
    case 'del':
      return wrap(token.type, token.tokens)
    case 'codespan': {
      const code = document.createElement('code')
      code.textContent = token.text
      return code
    }
    case 'br':
      return document.createElement('br')
    case 'link': {
      const href = token.autolink ? token.href : decodeEntities(token.href)
      const anchor = link(encodeUrl(href), token.title)
      if (token.autolink) anchor.append(token.text)
      else anchor.append(inlineNodes(known(token.tokens)))
      return anchor
    }
    case 'image': {
      // `dress` tells whether it is loaded.
      const anchor = link(encodeUrl(decodeEntities(token.href)), token.title)
      anchor.toggleAttribute('data-image', true)
      const alternative = plainText(known(token.tokens))
      anchor.append(alternative === '' ? token.href : alternative)
      return anchor
    }
    case 'checkbox':
      return taskBox(token.checked)
    case 'escape':
      return token.text
    case 'text':
      return token.tokens ? inlineNodes(known(token.tokens)) : decodeEntities(token.text)
    case 'math':
      return mathNode(token.raw, token.text, token.display)
    case 'html':
      return LINE_BREAK.test(token.raw) ? document.createElement('br') : htmlText(token.raw)
    default:
      return token.raw
  }
}

function nodesOf(tokens: readonly MarkedToken[]): DocumentFragment {
  const fragment = document.createDocumentFragment()
  for (const token of tokens) fragment.append(inlineNode(token))
  return fragment
}

/** The nodes of a run of text. */
export const inlineNodes = (tokens: readonly MarkedToken[]): DocumentFragment =>
  hasHtml(tokens) ? withHtml(() => nodesOf(tokens)) : nodesOf(tokens)
