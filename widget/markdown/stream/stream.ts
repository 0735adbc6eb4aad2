/**
 * Markdown that is shown while it is written. Text waits in `pieces` until `render` puts it to the `tail`, the
 * source behind all that is settled. Then `advance` takes from the tail what no further text can change: blocks
 * are rendered once (`settle`), and the last one, if it is long, takes its lines, items or rows (`grow`). What is
 * left is read again each time, and shown as what it will most likely become (`showTail`).
 *
 * What is settled is not touched again, but when a definition comes for one of its references (`renew`), when a
 * grammar that it was read without has been loaded (`takeGrammars`), or when something outside has changed.
 */
import {
  blocksOf,
  countSettled,
  isFence,
  type Block,
  markOpen,
  preview,
  definitionsIn,
  flatLabel,
  labelsIn,
  LATE_GRAMMARS,
  readBlocks,
  type Links,
  type Target,
} from '../grammar/index.ts'
import { colourCode, type DressOptions } from '../render/dress.ts'

import { lazy, takeMissed } from '../../ui/lazy.ts'
import { renderDressed, type Settled, reconcile } from './live-block.ts'
import type { LiveCode, GrowingBlock } from './long-blocks.ts'

export interface MarkdownStream {
  /** Takes a piece of text; costs nothing until `render`. */
  append(text: string): void
  /** Brings the page up to date with the text so far. */
  render(): void
  /** No more will come: the page shows what a one-shot rendering of the text shows. */
  end(): void
  /** Renders everything again, because something outside the text has changed. */
  refresh(): void
}

/** Text that a module loaded on demand may show better: raw HTML, character references, formulas. */
const MAY_BE_LATE = /[<&$\\]|math/

export const longBlocks = lazy(() => import('./long-blocks.ts'))

/** Characters of a list, a table or code from which on only what is new of it is drawn. */
const LONG = 1_000
/**
 * What cannot be drawn so is drawn anew when this part of its length has come: however long it grows, each
 * character then costs the same.
 */
const WAITS_FOR = 1 / 64
/** Milliseconds without new text after which nothing is waited for any more. */
const PAUSE_MS = 250
/** The pause is at least so many times as long as drawing took. */
const REST = 10

/** CommonMark's view of the text: line feeds only, no NUL. */
const normalize = (text: string) => text.replaceAll(/\r\n?/g, '\n').replaceAll('\0', '\uFFFD')

export function createMarkdownStream(
  container: HTMLElement,
  options: DressOptions,
): MarkdownStream {
  const pieces: string[] = []
  /** Characters that have come, and how many of them are in `pieces`. */
  let received = 0
  let waiting = 0
  let pause: ReturnType<typeof setTimeout> | undefined
  /** Milliseconds of the last drawing. */
  let drawing = 0
  const settled: Settled[] = []
  const links = new Map<string, Target>()
  /** What may hold references to labels that have no definition yet. */
  const undefinedIn = new Map<string, Settled[]>()
  /** What holds references that have got their definition, and is still to be rendered again. */
  const outdated = new Set<Settled>()
  /** How much had come when a block was rendered again. */
  const renewedAt = new WeakMap<Settled, number>()
  /** Source behind the settled blocks and parts. */
  let tail = ''
  let tailNodes: Node[] = []
  /** A list or a table whose end has not come. */
  let growing: GrowingBlock | undefined
  /** Code whose fence has not closed. */
  let code: LiveCode | undefined
  let endsInReturn = false
  let ended = false
  /** Grammars that what is shown was read without. */
  let absent = LATE_GRAMMARS.filter(({ code: { loaded } }) => !loaded())
  /** All that has come, while there are such: with them it may be other blocks than are shown. */
  let plain = ''

  let readSource: string | undefined
  let read: readonly Block[] = []
  /** The blocks of a source; the last one is remembered. */
  const blocksIn = (source: string) => {
    if (source !== readSource || ended) read = blocksOf(source, ended)
    readSource = source
    return read
  }

  const takePieces = () => {
    let text = pieces.join('')
    pieces.length = 0
    waiting = 0
    if (endsInReturn && (text !== '' || ended)) text = `\r${text}`
    endsInReturn = !ended && text.endsWith('\r')
    text = normalize(endsInReturn ? text.slice(0, -1) : text)
    tail += text
    if (absent.length > 0) plain += text
  }

  const hasArrived = ({ code: { loaded } }: (typeof absent)[number]) => loaded() !== undefined

  /** Asks for the grammars that the text may need; reads everything again when one has come. */
  const takeGrammars = () => {
    const arrived = absent.filter(hasArrived)
    absent = absent.filter(
      (grammar) => !hasArrived(grammar) && (!ended || grammar.sign.test(plain)),
    )
    for (const { code: grammar, sign } of absent) if (sign.test(tail)) grammar.use()
    if (arrived.some(({ sign }) => sign.test(plain))) {
      tail = plain
      tailNodes = [...container.childNodes]
      settled.length = 0
      links.clear()
      undefinedIn.clear()
      outdated.clear()
      growing = undefined
      code = undefined
      readSource = undefined
    }
    if (absent.length === 0) plain = ''
  }

  const define = (found: ReadonlyMap<string, Target>) => {
    for (const [label, target] of found) {
      if (links.has(label)) continue
      links.set(label, target)
      for (const block of undefinedIn.get(flatLabel(label)) ?? []) outdated.add(block)
      undefinedIn.delete(flatLabel(label))
    }
  }

  const keep = (block: Settled) => {
    settled.push(block)
    for (const label of labelsIn(block.raw)) {
      if (links.has(label)) continue
      const mentions = undefinedIn.get(label)
      if (mentions) mentions.push(block)
      else undefinedIn.set(label, [block])
    }
  }

  /** Puts a started block in the page, in the place of the unfinished text that it shows. */
  const adopt = ({ element }: GrowingBlock | LiveCode) => {
    const shown = tailNodes.shift()
    if (!shown) container.insertBefore(element, tailNodes[0] ?? null)
    else if (shown !== element) container.replaceChild(element, shown)
  }

  const finish = () => {
    const { element } = code ?? growing ?? {}
    if (element) void colourCode([element])
    growing = undefined
    code = undefined
  }

  /** A block that will not change any more. */
  const settle = (block: Block) => {
    define(definitionsIn(block.tokens))
    if (growing) {
      growing.update(block, Infinity, links)
      return finish()
    }
    const render = (current: Links) => renderDressed(readBlocks(block.raw), current, options)
    const fresh = render(links)
    const shown = tailNodes.splice(0, fresh.length)
    let nodes = reconcile(container, shown, fresh, tailNodes[0] ?? null)
    const refresh = (current: Links) => {
      nodes = reconcile(container, nodes, render(current), nodes.at(-1)?.nextSibling ?? null)
    }
    if (nodes.length > 0) keep({ raw: block.raw, refresh })
    void colourCode(nodes)
  }

  /** Reads code until its fence closes; false when it has not. */
  const readCode = (): boolean => {
    if (!code) return true
    const rest = code.read(tail)
    tail = rest ?? ''
    if (rest !== undefined) finish()
    return rest !== undefined
  }

  /** Takes from the tail what is settled; true when what follows can be looked at again. */
  const advance = (): boolean => {
    if (!readCode()) return false
    const source = (growing?.prefix ?? '') + tail
    const blocks = blocksIn(source)
    const count = ended ? blocks.length : countSettled(blocks, source)
    for (const block of blocks.slice(0, count)) settle(block)
    const next = blocks[count]
    if (!next) {
      if (ended) tail = ''
      return false
    }
    if (count > 0) tail = source.slice(next.start)
    return blocks.length === count + 1 && grow(next, source)
  }

  /** Lets the last block, if it is long, take what is settled of it. */
  const grow = (block: Block, source: string): boolean => {
    const long = longBlocks.loaded()
    if (!long) {
      if (source.length - block.start > LONG) void longBlocks.load()
      return false
    }
    if (isFence(block.tokens[0])) {
      code = long.createLiveCode(tail, options, tailNodes[0])
      if (!code) return false
      adopt(code)
      keep(code)
      tail = ''
      return true
    }
    const parts = long.settledParts(block, source)
    if (parts.count === 0) return false
    const [token] = block.tokens
    if (token?.type === 'list') {
      define(definitionsIn([{ ...token, items: token.items.slice(0, parts.count) }]))
    }
    if (!growing) {
      growing = long.createGrowing(block, links, options, keep, tailNodes[0])
      if (!growing) return false
      adopt(growing)
    }
    growing.update(block, parts.count, links)
    tail = source.slice(block.start + parts.length)
    return false
  }

  const showTail = () => {
    if (code) return
    const source = (growing?.prefix ?? '') + tail
    const unread = blocksIn(source)
    const shown = preview(source, unread.at(-1)?.tokens ?? [])
    const blocks = shown === source ? unread : blocksOf(shown)
    markOpen(source, blocks.at(-1)?.tokens ?? [])
    const own = definitionsIn(unread.flatMap(({ tokens }) => tokens))
    const known: Links = { get: (label) => links.get(label) ?? own.get(label) }
    const ownsFirst = growing?.update(undefined, 0, known, blocks[0]?.tokens[0])
    const fresh = blocks
      .slice(ownsFirst ? 1 : 0)
      .flatMap(({ tokens }) => renderDressed(tokens, known, options))
    tailNodes = reconcile(container, tailNodes, fresh, null)
  }

  const catchUp = () => {
    takePieces()
    takeGrammars()
    while (advance());
  }

  /** Reads with a grammar that has come; false when none has. */
  const takeArrived = () => {
    const isNew = absent.some(hasArrived)
    if (isNew) (ended ? finishAll : draw)()
    return isNew
  }

  /** Shows what had to be left plain once it can be shown, and what is left out as long as it cannot. */
  const awaitMissed = () => {
    // As long as text comes, each piece of it asks for them.
    for (const { code: grammar } of absent) {
      if (ended && grammar.hasFailed()) void grammar.arrival().then(takeArrived)
    }
    void takeMissed()?.then(() => {
      if (takeArrived()) return
      for (const block of settled) if (MAY_BE_LATE.test(block.raw)) block.refresh(links)
      if (!ended) showTail()
      awaitMissed()
    })
  }

  /** Renders again what has got a definition; long blocks not for each one that comes, if they can wait. */
  const renew = (canWait = false) => {
    for (const block of outdated) {
      const news = received - (renewedAt.get(block) ?? 0)
      if (canWait && news < block.raw.length * WAITS_FOR) continue
      outdated.delete(block)
      renewedAt.set(block, received)
      block.refresh(links)
    }
  }

  const draw = (canWait = false) => {
    const began = performance.now()
    catchUp()
    renew(canWait)
    showTail()
    awaitMissed()
    drawing = performance.now() - began
  }

  const finishAll = () => {
    catchUp()
    renew()
    code?.end()
    finish()
    reconcile(container, tailNodes, [], null)
    tailNodes = []
    awaitMissed()
  }

  return {
    append(text) {
      if (text === '') return
      pieces.push(text)
      received += text.length
      waiting += text.length
    },
    render() {
      if (ended || waiting === 0) return
      clearTimeout(pause)
      if (waiting >= (tail.length - LONG) * WAITS_FOR) draw(true)
      if (waiting === 0 && outdated.size === 0) return
      pause = setTimeout(draw, Math.max(PAUSE_MS, REST * drawing))
    },
    end() {
      if (ended) return
      ended = true
      clearTimeout(pause)
      finishAll()
    },
    refresh() {
      for (const block of settled) block.refresh(links)
      outdated.clear()
      if (!ended) showTail()
      awaitMissed()
    },
  }
}
