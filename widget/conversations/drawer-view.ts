/** What the drawer shows around its rows. */
import '../panel/notice.ts'
import { html, nothing } from 'lit'
import type { Account } from '../accounts/account.ts'
import type { ListedConversation } from '../api/conversations.ts'
import { closeIcon, newIcon } from '../ui/icons.ts'
import { errorSentence } from '../words/localize.ts'
import type { Strings } from '../words/strings.ts'
import { groupByDay, renderGroups, titleOf, type RowsView } from './rows.ts'
import type { DrawerModel } from './drawer-model.ts'
import { searchIcon } from './icons.ts'

import { drawerWords } from '../words/en/conversations.ts'

export interface DrawerView {
  readonly strings: Strings
  readonly account: Account | undefined
  readonly model: DrawerModel
  readonly items: readonly ListedConversation[]
  readonly rows: Omit<RowsView, 'query' | 'strings'>
  readonly docked: boolean
  readonly online: boolean
  readonly onClose: () => void
  readonly onNew: () => void
  readonly onSearch: (event: Event) => void
  readonly onClear: () => void
  /** A row has taken the focus. */
  readonly onActive: (id: string) => void
}

/** What a search has come to, once it has. */
export function foundWords({ model, items, strings }: Omit<DrawerView, 'rows'>): string {
  if (!model.isSearch || model.isSearching) return ''
  if (items.length === 0) return drawerWords(strings).nothing(model.list.query)
  return drawerWords(strings).found(items.length, model.list.hasMore)
}

const button = (name: string, label: string, icon: unknown, onClick: () => void) =>
  html`<button
    class="icon-button ${name}"
    type="button"
    aria-label=${label}
    title=${label}
    @click=${onClick}
  >
    ${icon}
  </button>`

/** The list with what stands above it. */
export function renderDrawer(view: DrawerView) {
  const { strings, docked, model } = view
  const words = drawerWords(strings)
  return html`<div
    class="drawer"
    part="drawer"
    role=${docked ? 'navigation' : 'dialog'}
    aria-modal=${docked ? nothing : 'true'}
    aria-label=${strings.conversations}
  >
    <div class="top">
      <h2>${strings.conversations}</h2>
      ${button('new', strings.newConversation, newIcon, view.onNew)}
      ${docked ? nothing : button('close', words.close, closeIcon, view.onClose)}
    </div>
    <div class="search">
      ${searchIcon}
      <input
        type="search"
        dir=${model.query === '' ? nothing : 'auto'}
        enterkeyhint="search"
        autocomplete="off"
        maxlength="200"
        aria-label=${words.search}
        placeholder=${words.search}
        .value=${model.query}
        @input=${view.onSearch}
      />
      ${model.query === '' ? nothing : button('clear', words.clear, closeIcon, view.onClear)}
    </div>
    <div
      class="entries ${model.isSearch ? 'found' : ''}"
      aria-busy=${model.list.loading}
      @focusin=${({ target }: FocusEvent) => {
        const row = target instanceof Element ? target.closest<HTMLElement>('[data-id]') : null
        if (row?.dataset['id'] !== undefined) view.onActive(row.dataset['id'])
      }}
    >
      ${renderProblem(view)}${renderRows(view)}
      <div class="end"></div>
      ${renderEnd(view)}
    </div>
    ${renderUser(view)}
  </div>`
}

/** Who has signed in, and the way out. */
function renderUser({ account, strings }: DrawerView) {
  if (!account?.user) return nothing
  const { full_name, username } = account.user
  const name = full_name || username
  return html`<div class="account">
    <span class="initial" aria-hidden="true">${Array.from(name)[0]}</span>
    <bdi title=${username}>${name}</bdi>
    <button type="button" @click=${() => account.signOut()}>${drawerWords(strings).signOut}</button>
  </div>`
}

function renderRows(view: DrawerView) {
  const { model, items, strings } = view
  if (items.length === 0) return nothing
  const groups = model.isSearch
    ? [{ label: foundWords(view), items }]
    : groupByDay(items, new Date(), drawerWords(strings))
  const query = model.isSearch ? model.list.query : ''
  return renderGroups(groups, { ...view.rows, strings, query })
}

/** What stands behind the last row: that more is coming, that there is nothing, or what went wrong. */
function renderEnd({ model, items, strings, online }: DrawerView) {
  const { list, error } = model
  if (error) {
    return html`<div class="trouble">
      <samosa-notice
        .strings=${strings}
        .text=${online ? errorSentence(strings, error) : strings.errors.offline}
        .actionAt=${error.retryAt}
        .action=${error.retryable ? strings.actions.tryAgain : undefined}
        .onAction=${() => model.retry()}
      ></samosa-notice>
    </div>`
  }
  if (list.loading || !list.isLoaded)
    return html`<p class="note">${drawerWords(strings).loading}</p>`
  if (items.length > 0 || list.hasMore) return nothing
  const { nothing: nothingFound, empty } = drawerWords(strings)
  return html`<p class="note">${model.isSearch ? nothingFound(list.query) : empty}</p>`
}

function renderProblem({ model: { problem }, strings }: DrawerView) {
  if (!problem) return nothing
  const { notRenamed, notRemoved, notDownloaded, tooLong } = drawerWords(strings)
  const { kind, error } = problem
  const isTooLong = kind === 'download' && error.code === 'too_large'
  const sentence = isTooLong ? tooLong : errorSentence(strings, error)
  const text =
    kind === 'rename'
      ? notRenamed(sentence)
      : (kind === 'remove' ? notRemoved : notDownloaded)(titleOf(problem, strings), sentence)
  return html`<div class="trouble">
    <samosa-notice .strings=${strings} .text=${text}></samosa-notice>
  </div>`
}

/** That a file takes its time, where nothing else is said; screen readers are told elsewhere. */
export function renderPreparing({ deletions }: DrawerModel, strings: Strings) {
  if (deletions.waiting.length > 0) return nothing
  return html`<div class="toast late" aria-hidden="true">
    <p>${drawerWords(strings).preparing}</p>
  </div>`
}

/** What was deleted just now, and the way back. */
export function renderToast({ deletions }: DrawerModel, strings: Strings, onUndo: () => void) {
  const { waiting } = deletions
  const last = waiting.at(-1)
  if (!last) return nothing
  const { removed, removedMany, undo } = drawerWords(strings)
  const hold = (isHeld: boolean) => () => deletions.hold(isHeld)
  return html`<div
    class="toast"
    @pointerenter=${hold(true)}
    @pointerleave=${hold(false)}
    @focusin=${hold(true)}
    @focusout=${hold(false)}
  >
    <p role="status" dir="auto">
      ${waiting.length === 1 ? removed(titleOf(last, strings)) : removedMany(waiting.length)}
    </p>
    <button class="undo" type="button" aria-keyshortcuts="Control+Z" @click=${onUndo}>
      ${undo}
    </button>
  </div>`
}
