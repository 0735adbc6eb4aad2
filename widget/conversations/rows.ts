/** The rows of the list: a title, what was found, what may be done with it, and where keys lead among them. */
import { html, nothing, svg, type TemplateResult } from 'lit'
import { guard } from 'lit/directives/guard.js'
import { repeat } from 'lit/directives/repeat.js'
import type { ListedConversation } from '../api/conversations.ts'
import { isComposing } from '../ui/text-field.ts'
import { downloadIcon, editIcon } from '../ui/action-icons.ts'
import { icon } from '../ui/icons.ts'
import { drawerWords } from '../words/en/conversations.ts'
import type { DrawerStrings, Strings } from '../words/strings.ts'
import { foldText } from '../../server/protocol/fold-text.ts'

/* Conversations by the local day of their last change. */

interface DayGroup<Item> {
  readonly label: string
  readonly items: readonly Item[]
}

const DAYS_OF_A_WEEK = 7

/** Whole days of the calendar here between two moments; a day may have 23 or 25 hours. */
function daysBetween(earlier: Date, later: Date): number {
  const midday = (date: Date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate())
  return Math.round((midday(later) - midday(earlier)) / 86_400_000)
}

function labelOf(date: Date, now: Date, words: DrawerStrings): string {
  const days = daysBetween(date, now)
  // What comes from a clock that is ahead, or is no date, happened just now as far as anybody knows.
  if (!(days > 0)) return words.today
  if (days === 1) return words.yesterday
  if (days <= DAYS_OF_A_WEEK) return words.week
  return words.month(date, date.getFullYear() === now.getFullYear())
}

/** The items in their order, which is newest first, cut where the label changes. */
export function groupByDay<Item extends { readonly updatedAt: string }>(
  items: readonly Item[],
  now: Date,
  words: DrawerStrings,
): readonly DayGroup<Item>[] {
  const groups = new Map<string, Item[]>()
  /** By day: words for a month take long to make. */
  const labels = new Map<string, string>()
  for (const item of items) {
    const date = new Date(item.updatedAt)
    const day = date.toDateString()
    const label = labels.get(day) ?? labelOf(date, now, words)
    labels.set(day, label)
    const group = groups.get(label)
    if (group) group.push(item)
    else groups.set(label, [item])
  }
  return [...groups].map(([label, of]) => ({ label, items: of }))
}

/* Where the words that were looked for stand in a text. */

/** A piece of the text, and whether it is one of the words. */
interface Piece {
  readonly text: string
  readonly isMatch: boolean
}

/** A letter with its marks, which are folded together; half-width kana have marks of their own. */
const LETTER = /\P{M}[\p{M}\uff9e\uff9f]*|\p{M}+/gu

/** The text in pieces; all of it is there, in order. Words are compared as the server compares them. */
export function highlight(text: string, query: string): readonly Piece[] {
  const words = foldText(query)
    .split(/\s+/u)
    .filter((word) => word !== '')
  let folded = ''
  /** Where the letter of each unit of the folded text begins: `ß` has two, a mark has none. */
  const places: number[] = []
  for (const { 0: letter, index } of text.matchAll(LETTER)) {
    folded += foldText(letter)
    while (places.length < folded.length) places.push(index)
  }
  places.push(text.length)
  const marked: boolean[] = Array.from({ length: text.length }, () => false)
  for (const word of words) {
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length)) {
      let end = at + word.length
      // A letter is marked whole.
      while (places[end] === places[end - 1]) end += 1
      marked.fill(true, places[at], places[end])
    }
  }
  const pieces: Piece[] = []
  let start = 0
  for (let at = 1; at <= text.length; at += 1) {
    if (at < text.length && marked[at] === marked[start]) continue
    pieces.push({ text: text.slice(start, at), isMatch: marked[start] === true })
    start = at
  }
  return pieces
}

/* How a row looks. */

/** What all rows have in common. */
export interface RowsView {
  readonly strings: Strings
  /** The conversation that is shown. */
  readonly currentId: string | null
  /** The row that takes the focus when it comes into the list. */
  readonly activeId: string | undefined
  /** The row whose title is being written. */
  readonly editingId: string | undefined
  readonly query: string
  /** Whether an answer is being written in it. */
  readonly isAnswered: (id: string) => boolean
  readonly onSelect: (id: string) => void
  readonly onEdit: (id: string) => void
  /** Without it nothing can be downloaded. */
  readonly onDownload: ((conversation: ListedConversation, button: HTMLElement) => void) | undefined
  readonly onRemove: (conversation: ListedConversation) => void
  /** `undefined`: the title stays as it is. */
  readonly onTitle: (conversation: ListedConversation, title: string | undefined) => void
}

/** Names a conversation that nobody has written in yet; the server's word for it is English. */
export const titleOf = ({ title }: { readonly title: string }, strings: Strings) =>
  title === '' || title === 'New conversation' ? strings.newConversation : title

const removeIcon = icon(
  svg`<path d="M4.5 6h11M8 6V4.2h4V6M6 6l.7 10h6.6L14 6M8.6 9v4.2M11.4 9v4.2"></path>`,
  16,
)

/** Steam, as above the mark of a waiting answer. */
const WISPS = svg`<path d="M4 13c-1.6-1.9 1.6-3.3 0-5.4s1.4-3 .3-4.8"></path
  ><path d="M10 11c-1.6-1.9 1.6-3.3 0-5.4s1.4-3 .3-4.8"></path
  ><path d="M16 13c-1.6-1.9 1.6-3.3 0-5.4s1.4-3 .3-4.8"></path>`

const marked = (text: string, query: string) =>
  highlight(text, query).map((piece) =>
    piece.isMatch ? html`<mark>${piece.text}</mark>` : piece.text,
  )

function renderField(conversation: ListedConversation, view: RowsView) {
  let isDone = false
  const end = (field: HTMLInputElement, isKept: boolean) => {
    // Taking the field away makes it lose the focus once more.
    if (isDone) return
    isDone = true
    const title = field.value.trim()
    const isNew = isKept && title !== '' && title !== conversation.title
    view.onTitle(conversation, isNew ? title : undefined)
  }
  return html`<input
    class="title-field"
    dir="auto"
    maxlength="500"
    aria-label=${drawerWords(view.strings).title}
    .value=${titleOf(conversation, view.strings)}
    @keydown=${(event: KeyboardEvent) => {
      const { target, key } = event
      if (isComposing(event) || !(target instanceof HTMLInputElement)) return
      const isEnd = key === 'Enter' || key === 'Escape'
      // These three have a use in the list too.
      if (isEnd || key === 'ArrowDown') event.stopPropagation()
      if (!isEnd) return
      event.preventDefault()
      end(target, key === 'Enter')
    }}
    @blur=${({ target }: FocusEvent) => {
      if (target instanceof HTMLInputElement) end(target, true)
    }}
  />`
}

function renderDownload(conversation: ListedConversation, view: RowsView, tabindex: number) {
  const { strings, onDownload } = view
  if (!onDownload) return nothing
  const label = drawerWords(strings).download(titleOf(conversation, strings))
  return html`<button
    class="icon-button act download"
    type="button"
    tabindex=${tabindex}
    aria-haspopup="menu"
    aria-expanded="false"
    aria-label=${label}
    title=${label}
    @click=${({ currentTarget }: Event) => {
      if (currentTarget instanceof HTMLElement) onDownload(conversation, currentTarget)
    }}
  >
    ${downloadIcon}
  </button>`
}

function renderEntry(conversation: ListedConversation, view: RowsView, tabindex: number) {
  const { strings, currentId, query } = view
  const { id, snippet } = conversation
  const title = titleOf(conversation, strings)
  return html`<button
      class="entry"
      type="button"
      tabindex=${tabindex}
      aria-current=${id === currentId ? 'true' : nothing}
      aria-keyshortcuts="F2 Delete"
      @click=${() => view.onSelect(id)}
    >
      <span class="title" dir="auto">${marked(title, query)}</span>
      ${
        view.isAnswered(id)
          ? html`<svg
              class="steam"
              viewBox="0 0 20 14"
              width="20"
              height="14"
              role="img"
              aria-label=${strings.waiting.writing}
            >
              ${WISPS}
            </svg>`
          : nothing
      }
      ${
        query !== '' && snippet !== null
          ? html`<span class="snippet" dir="auto">${marked(snippet, query)}</span>`
          : nothing
      }
    </button>
    ${renderDownload(conversation, view, tabindex)}
    <button
      class="icon-button act rename"
      type="button"
      tabindex=${tabindex}
      aria-label=${drawerWords(strings).rename(title)}
      title=${drawerWords(strings).rename(title)}
      @click=${() => view.onEdit(id)}
    >
      ${editIcon}
    </button>
    <button
      class="icon-button act remove"
      type="button"
      tabindex=${tabindex}
      aria-label=${drawerWords(strings).remove(title)}
      title=${drawerWords(strings).remove(title)}
      @click=${() => view.onRemove(conversation)}
    >
      ${removeIcon}
    </button>`
}

function renderRow(conversation: ListedConversation, view: RowsView): TemplateResult {
  const { id } = conversation
  const isCurrent = id === view.currentId
  const isEditing = id === view.editingId
  const tabindex = id === view.activeId ? 0 : -1
  const { strings, query } = view
  const isAnswered = view.isAnswered(id)
  return html`<li
    data-id=${id}
    class="${isCurrent ? 'current' : ''} ${isEditing ? 'editing' : ''} ${isAnswered ? 'answered' : ''}"
  >
    ${guard([conversation, isCurrent, isEditing, isAnswered, tabindex, strings, query], () =>
      isEditing ? renderField(conversation, view) : renderEntry(conversation, view, tabindex),
    )}
  </li>`
}

/** Groups of rows, each under its day; a group without a label has no heading. */
export const renderGroups = (groups: readonly DayGroup<ListedConversation>[], view: RowsView) =>
  repeat(
    groups,
    ({ label }) => label,
    ({ label, items }, index) =>
      html`<section aria-labelledby=${`day-${index}`}>
        <h3 id=${`day-${index}`}>${label}</h3>
        <ul role="list">
          ${repeat(
            items,
            ({ id }) => id,
            (item) => renderRow(item, view),
          )}
        </ul>
      </section>`,
  )

/* What keys do in a list of titles: where they go, as a person expects of lists. */

/** Entries that PageUp and PageDown pass over. */
const PAGE = 10
/** Milliseconds after which letters begin a new word. */
const WORD_TIME = 700

interface Titled {
  readonly id: string
  readonly title: string
}

const fold = (text: string) => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase()

/** The entry that a key leads to; none when the key is no such key. */
export function targetOf(
  key: string,
  items: readonly Titled[],
  activeId: string | undefined,
): Titled | undefined {
  const at = items.findIndex(({ id }) => id === activeId)
  const last = items.length - 1
  const move = (by: number) => items[Math.min(last, Math.max(0, at + by))]
  switch (key) {
    case 'ArrowDown':
      return move(1)
    case 'ArrowUp':
      return move(-1)
    case 'PageDown':
      return move(PAGE)
    case 'PageUp':
      return move(-PAGE)
    case 'Home':
      return items[0]
    case 'End':
      return items[last]
    default:
      return undefined
  }
}

/** Finds titles by their first letters, typed one after the other. */
export class TypeAhead {
  #typed = ''
  #at = 0

  /** `now`: milliseconds. The search begins behind the active entry, or at it while a word goes on. */
  find(
    letter: string,
    items: readonly Titled[],
    activeId: string | undefined,
    now: number,
  ): Titled | undefined {
    const goesOn = now - this.#at < WORD_TIME
    this.#at = now
    this.#typed = goesOn ? this.#typed + fold(letter) : fold(letter)
    const isOneLetter = new Set(this.#typed).size === 1
    const wanted = isOneLetter ? this.#typed.slice(0, 1) : this.#typed
    const active = items.findIndex(({ id }) => id === activeId)
    const start = active + (isOneLetter ? 1 : 0)
    const inOrder = [...items.slice(Math.max(0, start)), ...items.slice(0, Math.max(0, start))]
    return inOrder.find(({ title }) => fold(title).startsWith(wanted))
  }

  /** Whether the letters belong to a word that is still being typed. */
  isTyping(now: number): boolean {
    return this.#typed !== '' && now - this.#at < WORD_TIME
  }
}
