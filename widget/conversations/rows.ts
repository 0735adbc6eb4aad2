/** The rows of the list: a title, what was found, and what may be done with it. */
import { html, nothing, svg, type TemplateResult } from 'lit'
import { guard } from 'lit/directives/guard.js'
import { repeat } from 'lit/directives/repeat.js'
import type { ListedConversation } from '../api/conversations.ts'
import { isComposing } from '../ui/text-field.ts'
import { editIcon } from '../ui/action-icons.ts'
import type { Strings } from '../words/strings.ts'
import type { DayGroup } from './day-groups.ts'
import { highlight } from './highlight.ts'
import { downloadIcon, removeIcon } from './icons.ts'
import { drawerWords } from './strings.ts'

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
