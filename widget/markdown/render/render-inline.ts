/** Text of a block as DOM. Elements are made by name, never from strings; raw HTML goes to the sanitiser. */
import { decodeEntities, unescapeText } from '../grammar/entities.ts'
import { formulas, markup } from '../grammar/grammars.ts'
import { inFragment, make } from './make.ts'
import type { KeptTags } from '../grammar/markup.ts'
import { placeOfTag, withHtml } from './raw-html.ts'
import { readInline } from '../grammar/read-inline.ts'
import { safeUrl } from './safe-url.ts'
import type { InlineToken, Target } from '../grammar/tokens.ts'

const hasHtml = (tokens: readonly InlineToken[]): boolean =>
  tokens.some(
    (token) =>
      typeof token === 'object' &&
      (token.type === 'html' || ('tokens' in token && hasHtml(token.tokens))),
  )

/** What a reader would read out: the alternative text of an image. */
const plainText = (tokens: readonly InlineToken[]): string =>
  tokens
    .map((token) => {
      if (typeof token === 'string') return decodeEntities(token)
      if ('tokens' in token) return plainText(token.tokens)
      if (token.type === 'math') return token.raw
      return token.type === 'code' || token.type === 'escape' ? token.text : ' '
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
function link(target: Target & { readonly isAddress?: boolean }): HTMLAnchorElement {
  const anchor = make('a')
  const href = encodeUrl(target.isAddress ? target.href : unescapeText(target.href))
  const address = safeUrl(href)
  if (address !== undefined) anchor.setAttribute('href', address)
  if (target.title) anchor.title = unescapeText(target.title)
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

/** The number of a note, in the text or in front of the note itself; it leads from the one to the other. */
export function noteNumber(label: string): HTMLElement {
  const button = make('button', label)
  button.type = 'button'
  button.className = 'note'
  button.setAttribute('role', 'link')
  return make('sup', button)
}

function inlineNode(token: InlineToken): Node | string {
  if (typeof token === 'string') return decodeEntities(token)
  switch (token.type) {
    case 'strong':
    case 'em':
    case 'del':
      return make(token.type, nodesOf(token.tokens))
    case 'code':
      return make('code', token.text)
    case 'br':
      return make('br')
    case 'link': {
      const anchor = link(token)
      anchor.append(nodesOf(token.tokens))
      return anchor
    }
    case 'image': {
      // `dress` tells whether it is loaded.
      const anchor = link(token)
      anchor.toggleAttribute('data-image', true)
      anchor.append(plainText(token.tokens) || token.href)
      return anchor
    }
    case 'escape':
      return token.text
    case 'note':
      return noteNumber(token.text)
    case 'math':
      return formulas.loaded()?.mathNode(token, token.display) ?? token.raw
    case 'html':
      return placeOfTag(token.text)
    default:
      return token satisfies never
  }
}

function nodesOf(tokens: readonly InlineToken[]): DocumentFragment {
  const fragment = inFragment(...tokens.map(inlineNode))
  // One text is one node, whatever it was read as.
  fragment.normalize()
  return fragment
}

const nodesWithHtml = (tokens: readonly InlineToken[]): DocumentFragment =>
  hasHtml(tokens) ? withHtml(() => nodesOf(tokens)) : nodesOf(tokens)

/** The nodes of a run of text; see `readInline`. */
export const inlineNodes = (...run: Parameters<typeof readInline>): DocumentFragment =>
  nodesWithHtml(readInline(...run))

/** The nodes of a block of HTML; see `readHtml`. */
export const htmlNodes = (text: string, kept: KeptTags, isOpen = false): DocumentFragment =>
  nodesWithHtml(markup.loaded()?.readHtml(text, kept, isOpen) ?? [text])
