/** Text of a block as DOM. Elements are made by name, never from strings; raw HTML goes to the sanitiser. */
import { decodeEntities } from './entities.ts'
import { known, type MarkedToken } from './lexer.ts'
import { inFragment, make } from './make.ts'
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
  const anchor = make('a')
  const address = safeUrl(href)
  if (address !== undefined) anchor.setAttribute('href', address)
  if (title) anchor.title = decodeEntities(title)
  if (href !== '' && address === undefined) anchor.toggleAttribute('data-unsafe', true)
  return anchor
}

/** A task's box: shown, never to be clicked. */
export function taskBox(checked: boolean): HTMLInputElement {
  const box = make('input')
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
      return make(token.type, inlineNodes(token.tokens))
    case 'codespan':
      return make('code', token.text)
    case 'br':
      return make('br')
    case 'link': {
      const href = token.autolink ? token.href : decodeEntities(token.href)
      const anchor = link(encodeUrl(href), token.title)
      anchor.append(token.autolink ? token.text : inlineNodes(token.tokens))
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
      return token.tokens ? inlineNodes(token.tokens) : decodeEntities(token.text)
    case 'math':
      return mathNode(token.raw, token.text, token.display)
    case 'html':
      return LINE_BREAK.test(token.raw) ? make('br') : htmlText(token.raw)
    default:
      return token.raw
  }
}

/** The nodes of a run of text. */
export function inlineNodes(tokens: Parameters<typeof known>[0]): DocumentFragment {
  const all = known(tokens)
  const render = () => inFragment(...all.map(inlineNode))
  return hasHtml(all) ? withHtml(render) : render()
}
