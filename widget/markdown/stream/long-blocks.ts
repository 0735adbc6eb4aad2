/** Draws blocks that grow long, code, lists and tables: loaded with the first of them, as short ones are soon drawn anew. */
import {
  type Block,
  lineStarts,
  type Links,
  type BlockToken,
  type ItemToken,
  type ListToken,
  CODE_INDENT,
  Line,
  readBlocks,
} from '../grammar/index.ts'
import { type DressOptions, dressCode, labelCode, dress } from '../render/dress.ts'
import { type Keep, type Settled, reconcile, takeOver, renderDressed } from './live-block.ts'
import { plainCode, languageOf, renderRows, listElement, renderItem } from '../render/render.ts'
import { fenceAt, fencesBehind, holdsFences } from '../../../server/protocol/code.ts'
import { inFragment, make } from '../../ui/make.ts'
import { turn } from '../render/direction.ts'

/* Lists and tables that grow. */

/** Part of a list or a table. */
interface LivePart {
  readonly raw: string
  node: Node
}

interface LiveParts {
  /** Puts settled parts at the end, and behind them nodes that are shown until the next call. */
  show(final: readonly LivePart[], preview: readonly Node[]): void
  /** Renders all settled parts again. */
  refresh(links: Links): void
}

/**
 * The parts of a list or a table that grows; `parent` holds what has been shown of them so far, and
 * `render` makes one anew.
 */
function createLiveParts(
  parent: Element,
  render: (raw: string, links: Links) => Node | undefined,
  keep: Keep,
): LiveParts {
  const settled: LivePart[] = []
  let shown: Node[] = [...parent.childNodes]

  const renew = (part: LivePart, links: Links) => {
    const fresh = render(part.raw, links)
    if (fresh) part.node = reconcile(parent, [part.node], [fresh], null)[0] ?? part.node
  }

  return {
    show(final, preview) {
      shown = reconcile(parent, shown, [...final.map(({ node }) => node), ...preview], null)
      for (const [index, { raw }] of final.entries()) {
        const node = shown[index]
        if (!node) continue
        const part = { raw, node }
        settled.push(part)
        keep({ raw, refresh: (links) => renew(part, links) })
      }
      shown = shown.slice(final.length)
    },
    refresh(links) {
      for (const part of settled) renew(part, links)
    },
  }
}

/** A list or a table that grows: its settled parts are never rendered for the next one. */
export interface GrowingBlock {
  readonly element: HTMLElement
  /** What to put in front of the unfinished rest, so that it can be read by itself. */
  readonly prefix: string
  /**
   * Takes the first `count` parts of `block`, made of one token, as they will stay. `preview` holds the
   * parts that are shown behind them until the next call; false when it is no such block.
   */
  update(block: Block | undefined, count: number, links: Links, preview?: BlockToken): boolean
}

/** The first block of a source read by itself. */
const readFirst = (source: string) => readBlocks(source)[0]

const ENDS_BLANK = /\n[ \t]*\n[ \t]*$/

/** The source of each item of a list that a source starts with, up to the next one. */
function itemSources(source: string, { line, items }: ListToken): readonly string[] {
  const starts = lineStarts(source)
  const from = items.map((item) => starts[item.line - line])
  return from.map((start, index) => source.slice(start, from[index + 1]))
}

const asList = (token: BlockToken | undefined) => (token?.type === 'list' ? token : undefined)

/** A list that takes its items one by one; `unfinished` is what has been shown of it so far. */
function createLiveList(
  first: ListToken,
  options: DressOptions,
  keep: Keep,
  unfinished?: Node,
): GrowingBlock {
  const empty = listElement(first)
  dress(inFragment(empty), options)
  const element = takeOver(unfinished, empty)
  let settledLoose = false
  /** One blank line between two items makes paragraphs of them all. */
  let loose = false

  const render = (item: ItemToken, links: Links): Node[] => [
    ...dress(inFragment(renderItem(item, loose, links)), options).childNodes,
  ]

  const renderRaw = (raw: string, links: Links) =>
    asList(readFirst(raw))?.items.flatMap((item) => render(item, links))[0]

  const parts = createLiveParts(element, renderRaw, keep)

  return {
    element,
    prefix: '',
    update(block, count, links, preview) {
      const list = asList(block?.tokens[0])
      const sources = block && list ? itemSources(block.raw, list) : []
      const final = sources.slice(0, count)
      for (const [index, raw] of final.entries()) {
        const isFollowed = index < sources.length - 1
        settledLoose ||= list?.items[index]?.loose === true || (isFollowed && ENDS_BLANK.test(raw))
      }
      const unsettled = asList(preview)
      const wasLoose = loose
      loose = settledLoose || (unsettled?.loose ?? false)
      if (loose !== wasLoose) parts.refresh(links)
      parts.show(
        final.flatMap((raw) => {
          const node = renderRaw(raw, links)
          return node ? [{ raw, node }] : []
        }),
        (unsettled?.items ?? []).flatMap((item) => render(item, links)),
      )
      turn(element)
      return unsettled !== undefined
    },
  }
}

/** Header and delimiter lines: with them in front, rows can be read by themselves. */
const tableHead = (raw: string) => `${raw.split('\n', 2).join('\n')}\n`

/** The source lines of a table's rows, one each. */
const rowLines = ({ raw, tokens: [token] }: Block) =>
  token?.type === 'table' ? raw.split('\n').slice(2, 2 + token.rows.length) : []

/** The scrolling box around a table, with no rows yet, or the same as it is shown already. */
function tableBox(fresh: Node | undefined, unfinished: Node | undefined): HTMLElement {
  const box = fresh instanceof HTMLElement ? fresh : make('div')
  const head = box.querySelector('thead')
  const shown = unfinished instanceof HTMLElement ? unfinished : undefined
  const shownHead = shown?.querySelector(':scope > table > thead')
  if (!head?.parentElement || !shown || !shownHead?.parentElement) return box
  takeOver(shownHead.parentElement, head.parentElement)
  reconcile(shownHead.parentElement, [shownHead], [head], shownHead.nextSibling)
  return shown
}

/** A table that takes its rows one by one; `unfinished` is what has been shown of it so far. */
function createLiveTable(
  source: string,
  links: Links,
  options: DressOptions,
  keep: Keep,
  unfinished?: Node,
): GrowingBlock {
  const prefix = tableHead(source)
  const head = readFirst(prefix)
  const element = tableBox(renderDressed(head ? [head] : [], links, options)[0], unfinished)
  const body = element.querySelector('tbody') ?? element
  const render = (token: BlockToken | undefined, current: Links): Node[] =>
    token?.type === 'table'
      ? [...dress(inFragment(...renderRows(token, current)), options).childNodes]
      : []

  const renderLines = (lines: readonly string[], current: Links): Node[] =>
    lines.length > 0 ? render(readFirst(prefix + lines.join('\n')), current) : []

  const renderHead = (current: Links) => {
    const token = readFirst(prefix)
    const [fresh] = token ? renderDressed([token], current, options) : []
    const freshHead = fresh instanceof Element ? fresh.querySelector('thead') : null
    const oldHead = element.querySelector('thead')
    if (fresh instanceof Element) takeOver(element, fresh)
    if (freshHead && oldHead?.parentNode) {
      reconcile(oldHead.parentNode, [oldHead], [freshHead], body)
    }
  }

  const parts = createLiveParts(body, (raw, current) => renderLines([raw], current)[0], keep)
  keep({ raw: prefix, refresh: renderHead })

  return {
    element,
    prefix,
    update(block, count, current, preview) {
      const lines = block ? rowLines(block).slice(0, count) : []
      const rows = renderLines(lines, current)
      parts.show(
        rows.map((node, index) => ({ raw: lines[index] ?? '', node })),
        render(preview, current),
      )
      return preview?.type === 'table'
    },
  }
}

/* Reads an open code fence line by line, so that its text can be appended and never parsed again. */

interface FenceProgress {
  /** To be appended to what is shown. */
  readonly text: string
  /** What follows the fence, once it is closed. */
  readonly rest?: string
}

interface FenceReader {
  readonly language: string
  /** Length of the opening line with its line break. */
  readonly openingLength: number
  read(text: string): FenceProgress
  /** No more will come. */
  end(): FenceProgress
}

/**
 * A reader for a source that starts with a complete opening line, else `undefined`; also for code with
 * fences of its own, of which only all the text tells where it ends.
 */
export function followFence(source: string): FenceReader | undefined {
  const openingLength = source.indexOf('\n') + 1
  const { indent, rest: opening } = new Line(source.slice(0, Math.max(0, openingLength - 1)))
  const fence = indent < CODE_INDENT ? fenceAt(opening) : undefined
  if (!fence || holdsFences(fence)) return undefined
  /** A line so far that may be nothing but marks. */
  const mayClose = new RegExp(`^[ \\t]*${fence.marks.charAt(0)}*[ \\t]*$`)
  let line = ''
  let isFirst = true
  /** What comes of the line is text. */
  let isShown = false

  /** What is to be shown of the line, of which nothing has been. */
  const show = () => {
    const text = new Line(line)
    text.skip(indent)
    const separator = isFirst ? '' : '\n'
    isShown = true
    isFirst = false
    return separator + text.rest
  }

  /** Whether the line, which is complete, closes the code. */
  const closes = () =>
    new Line(line).indent < CODE_INDENT && fencesBehind([fence], line).length === 0

  return {
    language: languageOf(fence.info),
    openingLength,
    read(text) {
      let shown = ''
      for (let from = 0; ;) {
        const end = text.indexOf('\n', from)
        const isWhole = end >= 0
        const piece = text.slice(from, isWhole ? end : undefined)
        line += piece
        if (isWhole && closes()) return { text: shown, rest: text.slice(end) }
        if (isShown) shown += piece
        else if (isWhole || !mayClose.test(line)) shown += show()
        if (!isWhole) return { text: shown }
        line = ''
        isShown = false
        from = end + 1
      }
    },
    end() {
      const isOver = isShown || line === '' || closes()
      return { text: isOver ? '' : show(), rest: '' }
    },
  }
}

/** A code block whose text is only ever appended to. */
export interface LiveCode extends Settled {
  readonly element: HTMLElement
  /** Shows more of it; returns what follows the fence, once it has closed. */
  read(text: string): string | undefined
  /** No more will come. */
  end(): void
}

/**
 * Code whose fence has been opened at the start of `source`, if it has; `unfinished` is what has been
 * shown of it so far.
 */
export function createLiveCode(
  source: string,
  options: DressOptions,
  unfinished?: Node,
): LiveCode | undefined {
  const reader = followFence(source)
  // A formula is set when it is whole.
  if (!reader || reader.language === 'math') return undefined
  const { text, rest: behind } = reader.read(source.slice(reader.openingLength))
  const fresh = dressCode(plainCode(reader.language, text), options.strings)
  const element = takeOver(unfinished, fresh)
  if (element !== fresh) reconcile(element, [...element.childNodes], [...fresh.childNodes], null)
  const shown = element.querySelector('code')?.firstChild
  let rest = behind

  const append = (addition: string) => {
    if (addition !== '' && shown instanceof Text) shown.appendData(addition)
  }

  return {
    element,
    // Nothing outside of it changes its text.
    raw: '',
    read(more) {
      if (rest === undefined) {
        const progress = reader.read(more)
        append(progress.text)
        rest = progress.rest
      }
      return rest
    },
    end() {
      append(reader.end().text)
    },
    refresh() {
      const pre = element.querySelector('pre')
      if (pre) labelCode(element, pre, options.strings)
    },
  }
}

/** How many parts of a growing list or table are settled, and their length in the source. */
export function settledParts(block: Block, source: string): { count: number; length: number } {
  const [token] = block.tokens
  if (token?.type === 'list') {
    let length = 0
    let settled = { count: 0, length }
    for (const [count, raw] of itemSources(block.raw, token).entries()) {
      // An item ends for good where the first line of the next one is complete.
      if (source.includes('\n', block.start + length)) settled = { count, length }
      length += raw.length
    }
    return settled
  }
  if (token?.type !== 'table') return { count: 0, length: 0 }
  const complete = source.slice(block.start).split('\n').slice(2, -1)
  const lines = complete.slice(0, token.rows.length)
  const head = tableHead(block.raw).length
  return { count: lines.length, length: lines.reduce((sum, line) => sum + line.length + 1, head) }
}

/** A list or a table made of what is `shown` of it already. */
export function createGrowing(
  block: Block,
  links: Links,
  options: DressOptions,
  keep: Keep,
  shown?: Node,
): GrowingBlock | undefined {
  const [token] = block.tokens
  if (token?.type === 'list') return createLiveList(token, options, keep, shown)
  if (token?.type === 'table') return createLiveTable(block.raw, links, options, keep, shown)
  return undefined
}
