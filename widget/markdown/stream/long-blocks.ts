/** Draws blocks that grow long, code, lists and tables: loaded with the first of them, as short ones are soon drawn anew. */
import {
  type Block,
  lineStarts,
  type Links,
  type BlockToken,
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

/* Lists and tables that grow: what is settled of them is never rendered for what comes next. */

/** A list or a table that grows part by part: by items, or by rows. */
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

/** How one kind of them is drawn. */
interface Kind extends Pick<GrowingBlock, 'element' | 'prefix'> {
  readonly type: 'list' | 'table'
  /** Where its parts stand in the page. */
  readonly holder: Element
  /** The parts of a token; in a `loose` list the paragraphs of items are paragraphs. */
  render(token: BlockToken | undefined, loose: boolean, links: Links): Node[]
}

/** The first block of a source read by itself. */
const readFirst = (source: string) => readBlocks(source)[0]

/** Header and delimiter lines: with them in front, rows can be read by themselves. */
const tableHead = (raw: string) => `${raw.split('\n', 2).join('\n')}\n`

/** The source of each item of a list, up to the next one, or of each row of a table. */
function partSources({ raw, tokens: [token] }: Block): readonly string[] {
  if (token?.type === 'table') return raw.split('\n').slice(2, 2 + token.rows.length)
  if (token?.type !== 'list') return []
  const starts = lineStarts(raw)
  const from = token.items.map((item) => starts[item.line - token.line])
  return from.map((start, index) => raw.slice(start, from[index + 1]))
}

/** How many parts of a growing list or table are settled, and their length in the source. */
export function settledParts(block: Block, source: string): { count: number; length: number } {
  const parts = partSources(block)
  const isTable = block.type === 'table'
  let settled = { count: 0, length: isTable ? tableHead(block.raw).length : 0 }
  let { length } = settled
  for (const [index, { length: own }] of parts.entries()) {
    // A row ends with its line, an item for good where the first line of the next one is complete.
    if (!source.includes('\n', block.start + length)) break
    settled = { count: isTable ? index + 1 : index, length: isTable ? length + own + 1 : length }
    length += isTable ? own + 1 : own
  }
  return settled
}

function listKind(list: ListToken, options: DressOptions, unfinished: Node | undefined): Kind {
  const empty = listElement(list)
  dress(inFragment(empty), options)
  const element = takeOver(unfinished, empty)
  return {
    type: 'list',
    element,
    holder: element,
    prefix: '',
    render: (token, loose, links) =>
      (token?.type === 'list' ? token.items : []).flatMap((item) => [
        ...dress(inFragment(renderItem(item, loose, links)), options).childNodes,
      ]),
  }
}

/** Gives a table's box that is in the page the head of a fresh one; false when it is no such box. */
function takeHead(box: Element, fresh: Element): boolean {
  const [shown, head] = [box, fresh].map((each) => each.querySelector(':scope > table > thead'))
  if (!shown?.parentElement || !head?.parentElement) return false
  takeOver(box, fresh)
  takeOver(shown.parentElement, head.parentElement)
  reconcile(shown.parentElement, [shown], [head], shown.nextSibling)
  return true
}

function tableKind(
  raw: string,
  links: Links,
  options: DressOptions,
  keep: Keep,
  unfinished: Node | undefined,
): Kind {
  const prefix = tableHead(raw)
  /** The scrolling box around a table without rows. */
  const renderBox = (current: Links): HTMLElement => {
    const head = readFirst(prefix)
    const [box] = renderDressed(head ? [head] : [], current, options)
    return box instanceof HTMLElement ? box : make('div')
  }
  const fresh = renderBox(links)
  const isShown = unfinished instanceof HTMLElement && takeHead(unfinished, fresh)
  const element = isShown ? unfinished : fresh
  keep({ raw: prefix, refresh: (current) => void takeHead(element, renderBox(current)) })
  return {
    type: 'table',
    element,
    holder: element.querySelector('tbody') ?? element,
    prefix,
    render: (token, _loose, current) =>
      token?.type === 'table'
        ? [...dress(inFragment(...renderRows(token, current)), options).childNodes]
        : [],
  }
}

/** A list or a table that takes its parts one by one; `unfinished` is what has been shown of it so far. */
export function createGrowing(
  block: Block,
  links: Links,
  options: DressOptions,
  keep: Keep,
  unfinished?: Node,
): GrowingBlock | undefined {
  const [token] = block.tokens
  if (token?.type === 'list') return growBy(listKind(token, options, unfinished), keep)
  if (token?.type !== 'table') return undefined
  return growBy(tableKind(block.raw, links, options, keep, unfinished), keep)
}

const ENDS_BLANK = /\n[ \t]*\n[ \t]*$/

function growBy({ type, element, holder, prefix, render }: Kind, keep: Keep): GrowingBlock {
  const settled: ((links: Links) => void)[] = []
  /** What stands behind the settled parts until the next call. */
  let shown: Node[] = [...holder.childNodes]
  /** One blank line between two items makes paragraphs of them all. */
  let loose = false
  let settledLoose = false

  const renderPart = (raw: string, links: Links) =>
    render(readFirst(prefix + raw), loose, links).slice(0, 1)

  const settle = (raw: string, links: Links) => {
    let nodes = reconcile(holder, shown.splice(0, 1), renderPart(raw, links), shown[0] ?? null)
    const refresh = (current: Links) => {
      const before = nodes[0]?.nextSibling ?? null
      nodes = reconcile(holder, nodes, renderPart(raw, current), before)
    }
    settled.push(refresh)
    keep({ raw, refresh })
  }

  return {
    element,
    prefix,
    update(block, count, links, preview) {
      const sources = block ? partSources(block) : []
      const [token] = block?.tokens ?? []
      for (const [index, raw] of sources.slice(0, count).entries()) {
        const isFollowed = index < sources.length - 1
        const isLoose = token?.type === 'list' && token.items[index]?.loose === true
        settledLoose ||= isLoose || (isFollowed && ENDS_BLANK.test(raw))
      }
      const wasLoose = loose
      loose = settledLoose || (preview?.type === 'list' && preview.loose)
      if (loose !== wasLoose) for (const refresh of settled) refresh(links)
      for (const raw of sources.slice(0, count)) settle(raw, links)
      shown = reconcile(holder, shown, render(preview, loose, links), null)
      if (type === 'list') turn(element)
      return preview?.type === type
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
