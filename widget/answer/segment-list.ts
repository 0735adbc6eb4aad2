/** From changes of segments to parts on the screen: which part shows which segment, and when it is drawn. */
import type { SegmentChange, SegmentKind } from '../../server/protocol/tags.ts'
import { adoptSheet } from '../ui/element.ts'
import type { Part, PartContext, PartFactory } from './part.ts'
import type { ToolCard, ToolRequest } from './tool-card.ts'
import { tagCode } from './tag-reader.ts'

import { createMarkdownStream } from '../markdown/stream/stream.ts'

/** The answer itself: Markdown. */
export const createTextPart: PartFactory = ({ strings, cite, allowsImage }) => {
  const element = document.createElement('div')
  element.className = 'text'
  const stream = createMarkdownStream(element, {
    get strings() {
      return strings().markdown
    },
    enrich: cite,
    allowsImage,
  })
  // What follows the text cannot change it: it is settled when it is closed.
  return { ...stream, element, close: stream.end }
}

/** The segments of one answer on the screen. */
export interface SegmentList {
  apply(changes: readonly SegmentChange[]): void
  /** Shows what has changed; at most once per frame. */
  render(): void
  /** Shows calls of the page's tools on their cards. */
  setRequests(requests: readonly ToolRequest[]): void
  /** No more will come. */
  end(): void
  refresh(): void
}

interface Entry {
  part: Part
  closed: boolean
  /** Of a text: it may turn out to be thinking. */
  text: string
}

/** What the list knows better than who asks for it. */
type Given = Omit<PartContext, 'arrived' | 'style'>

export function createSegmentList(container: HTMLElement, given: Given): SegmentList {
  const entries: Entry[] = []
  /** Entries that have changed since the last frame. */
  let changed = new Set<Entry>()
  let requests: readonly ToolRequest[] = []
  const matched = new Map<string, ToolCard>()

  const showRequests = () => {
    if (requests.length === 0) return
    tagCode
      .loaded()
      ?.withRequestView((view) => view.matchRequests(requests, context.callCards, matched))
  }
  const context: PartContext = {
    ...given,
    arrived: showRequests,
    style: ({ styleSheet }) => adoptSheet(container, styleSheet),
  }
  const create = (kind: SegmentKind): Part =>
    (tagCode.loaded()?.parts[kind] ?? createTextPart)(context)

  /** Text that turned out to be thinking. */
  const rekind = (index: number, kind: SegmentKind) => {
    const entry = entries[index]
    if (!entry) return
    const part = create(kind)
    part.append(entry.text)
    if (part.element) entry.part.element?.replaceWith(part.element)
    entry.part = part
    if (entry.closed) part.close()
    changed.add(entry)
  }

  const apply = (change: SegmentChange) => {
    if (change.type === 'open') {
      const part = create(change.kind)
      if (part.element) container.append(part.element)
      entries[change.index] = { part, closed: false, text: '' }
    }
    const entry = entries[change.index]
    if (!entry) return
    changed.add(entry)
    if (change.type === 'append') {
      entry.text += change.text
      entry.part.append(change.text)
    } else if (change.type === 'close') {
      entry.closed = true
      entry.part.close()
    } else if (change.type === 'rekind') {
      rekind(change.index, change.kind)
    }
  }

  const list: SegmentList = {
    apply(changes) {
      for (const change of changes) apply(change)
    },
    render() {
      const now = changed
      changed = new Set()
      for (const { part } of now) part.render()
      if (now.size > 0) showRequests()
    },
    setRequests(all) {
      requests = all
      showRequests()
    },
    end() {
      list.render()
      for (const { part } of entries) part.end()
    },
    refresh() {
      for (const { part } of entries) part.refresh()
    },
  }
  return list
}
