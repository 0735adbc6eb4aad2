/** The content of a page of HTML: its main part, and what it says of itself. */
import { plainText, type Content } from './blocks.ts'
import { htmlBlocks, isHidden } from './html-blocks.ts'
import { elementsIn, isElement, parseHtml, textOf, type HtmlElement } from './html-tree.ts'

/** Words of class names, each a pattern. */
const classes = (words: string) =>
  new RegExp(`(?:^|[\\s_-])(?:${words.trim().split(/\s+/).join('|')})(?=$|[\\s_-])`, 'i')

/** By role or by name, what goes around a page's content. */
const AROUND_ROLE =
  /^(?:navigation|banner|contentinfo|complementary|search|dialog|alertdialog|menu|menubar|toolbar|doc-(?:toc|pagebreak))$/
const AROUND = classes(String.raw`
  breadcrumbs? side-?bar side-?nav site-?nav nav-?bar site-?header site-?footer toc
  table-?of-?contents(?:_\w+)? toctree-wrapper pagination(?:-\w+)? pager post-?navigation
  share(?:-\w+|daddy)? sharing social-(?:links|share|icons|media) newsletter
  edit-?(?:this-?)?(?:page|link|url) skip-?(?:link|nav|to-?(?:main-?)?content) back-?to-?top
  announcement-?bar advert\w* adsbygoogle disqus\w* comment-?(?:list|respond|form)
  related-?(?:posts?|articles?) cookie-?(?:bar|banner|notice|consent|popup|law|wall|modal|message)
  cookieconsent consent-?(?:banner|manager|popup) onetrust-\w+ CybotCookiebotDialog gdpr(?:-\w+)?
  theme-doc-(?:toc|footer|breadcrumbs)\S*
`)
/** What is around the content only when it is hardly more than links, or a notice. */
const PERHAPS_AROUND = classes(`
  menu nav navigation header footer bottom top-?bar widget related recommended social tags?
  categories meta byline cookies? consent banner popup modal promo subscribe
`)
/** Asides that are part of the text. */
const NOTE = classes('note tip hint info warning caution danger important admonition callout alert')
const SHORT = 400

interface Weight {
  /** Characters that are read, and those of them in links. */
  readonly text: number
  readonly links: number
}

const lengthOf = (text: string) => text.replaceAll(/\s+/g, ' ').trim().length
const isMostlyLinks = ({ text, links }: Weight) => links * 2 > text

/** What every element weighs without what is around the content. */
function weigh(root: HtmlElement): ReadonlyMap<HtmlElement, Weight> {
  const weights = new Map<HtmlElement, Weight>()
  const weightOf = (element: HtmlElement): Weight => {
    let text = 0
    let links = 0
    for (const child of element.children) {
      if (!isElement(child)) {
        text += lengthOf(child)
      } else if (!isHidden(child)) {
        const inner = weightOf(child)
        text += inner.text
        links += child.name === 'a' && child.attributes.has('href') ? inner.text : inner.links
      }
    }
    const weight = { text, links }
    weights.set(element, weight)
    return weight
  }
  weightOf(root)
  return weights
}

const namesOf = ({ attributes }: HtmlElement) =>
  `${attributes.get('class') ?? ''} ${attributes.get('id') ?? ''}`

type Judge = (element: HtmlElement) => boolean

/** Whether an element is around the content, not part of it. */
function createJudge(weights: ReadonlyMap<HtmlElement, Weight>): Judge {
  return (element) => {
    const { name, attributes } = element
    const names = namesOf(element)
    if (name === 'nav' || AROUND_ROLE.test(attributes.get('role') ?? '')) return true
    if (name === 'footer' || name === 'title') return true
    if (name === 'aside') return !NOTE.test(names)
    if (AROUND.test(names)) return true
    const weight = weights.get(element) ?? { text: 0, links: 0 }
    if (!PERHAPS_AROUND.test(names)) return false
    const isNotice = weight.text < SHORT && /cookie|consent|popup|modal|subscribe/i.test(names)
    return isNotice || (weight.text > 0 && isMostlyLinks(weight))
  }
}

/** Elements whose children are parts of one text. */
const TEXTUAL = /^(?:p|ul|ol|dl|table|pre|blockquote|h[1-6]|figure|details|form|article|main)$/
/** The share of the text that its main part has at least. */
const MAIN_SHARE = 0.6

/** Where a page without landmarks has its text: into the part with most of it, as long as there is one. */
function findText(body: HtmlElement, weights: ReadonlyMap<HtmlElement, Weight>, isAround: Judge) {
  const proseIn = (element: HtmlElement) => {
    const { text = 0, links = 0 } = weights.get(element) ?? {}
    return isAround(element) ? 0 : text - links
  }
  let main = body
  for (let inner = body; ;) {
    const parts = inner.children.filter(isElement).filter((child) => !isHidden(child))
    const total = parts.reduce((sum, part) => sum + proseIn(part), 0)
    const part = parts.find((child) => proseIn(child) > MAIN_SHARE * total)
    // A heading or a paragraph beside it belongs to it.
    const isText = parts.some((child) => TEXTUAL.test(child.name) && proseIn(child) > 0)
    if (!part || isText) return main
    inner = part
    // What wraps it alone may say more about it.
    if (parts.some((child) => child !== part && weights.get(child)?.text)) main = part
  }
}

interface Main {
  readonly element: HtmlElement
  readonly isMarked: boolean
}

/** The part of a page that it is there for. */
function findMain(
  root: HtmlElement,
  weights: ReadonlyMap<HtmlElement, Weight>,
  isAround: Judge,
): Main {
  const visibleIn = (element: HtmlElement) => [
    ...elementsIn(element, (inner) => isHidden(inner) || isAround(inner)),
  ]
  const seen = visibleIn(root)
  const textIn = (element: HtmlElement) => weights.get(element)?.text ?? 0
  const mains = seen.filter(
    ({ name, attributes }) => name === 'main' || attributes.get('role') === 'main',
  )
  const main = mains.find((element) => textIn(element) > 0)
  const articles = (main ? visibleIn(main) : seen).filter(({ name }) => name === 'article')
  const [article] = articles.toSorted((left, right) => textIn(right) - textIn(left))
  const all = articles.reduce((sum, element) => sum + textIn(element), 0)
  const isOnly = article && textIn(article) > MAIN_SHARE * Math.max(all, main ? textIn(main) : 0)
  if (isOnly) return { element: article, isMarked: true }
  if (main) return { element: main, isMarked: true }
  const body = [...elementsIn(root)].find(({ name }) => name === 'body') ?? root
  return { element: findText(body, weights, isAround), isMarked: false }
}

const LISTS = /^(?:ul|ol|div|table|section|td|center|p)$/

/** Reads the content of a page: its main part, without what stands around it on every page. */
export function readHtml(html: string): Content {
  const root = parseHtml(html)
  const weights = weigh(root)
  const isAround = createJudge(weights)
  const { element: main, isMarked } = findMain(root, weights, isAround)
  const skip = (element: HtmlElement) => {
    if (isAround(element)) return true
    if (isMarked) return false
    // Nothing says what is what: a header, and lists of links, are around the text.
    const weight = weights.get(element) ?? { text: 0, links: 0 }
    if (element.name === 'header') return !hasHeading(element) || isMostlyLinks(weight)
    return LISTS.test(element.name) && weight.text > 0 && weight.links > 0.8 * weight.text
  }
  const blocks = htmlBlocks(main, skip)
  const head = [...elementsIn(root)]
  return {
    title: titleOf(head),
    url: urlOf(head),
    language: head.find(({ name }) => name === 'html')?.attributes.get('lang') || undefined,
    blocks: blocks.length > 0 ? blocks : htmlBlocks(root, ({ name }) => name === 'title'),
  }
}

const hasHeading = (element: HtmlElement) =>
  [...elementsIn(element)].some(({ name }) => name === 'h1')

const metaOf = (elements: readonly HtmlElement[], property: string) =>
  elements
    .find(
      ({ name, attributes }) =>
        name === 'meta' && (attributes.get('property') ?? attributes.get('name')) === property,
    )
    ?.attributes.get('content')

const oneLine = (text: string) => plainText(text).replaceAll(/\s+/g, ' ').trim()

/** `Prices | Our shop` is “Prices”. */
function titleOf(elements: readonly HtmlElement[]): string | undefined {
  const title = elements.find(({ name }) => name === 'title')
  const written = oneLine(metaOf(elements, 'og:title') ?? (title ? textOf(title) : ''))
  const site = oneLine(metaOf(elements, 'og:site_name') ?? '')
  const parts = written.split(/\s+(?:[|·•»›–—-]|::)\s+/)
  const [first = ''] = parts
  if (parts.length < 2) return written || undefined
  if (site !== '' && first === site)
    return written.slice(first.length).replace(/^[\s|·•»›–—:-]+/, '')
  const last = parts.at(-1) ?? ''
  return written.slice(0, written.length - last.length).replace(/[\s|·•»›–—:-]+$/, '')
}

function urlOf(elements: readonly HtmlElement[]): string | undefined {
  const canonical = elements.find(
    ({ name, attributes }) =>
      name === 'link' && attributes.get('rel')?.toLowerCase() === 'canonical',
  )
  return (
    canonical?.attributes.get('href')?.trim() || metaOf(elements, 'og:url')?.trim() || undefined
  )
}
