import type { ListedConversation } from '../api/conversations.ts'
import { isComposing } from '../ui/text-field.ts'

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

/* Keeps Tab within an element, since what is around it cannot be used while it is open. */

const USABLE = 'button, input, [tabindex]'

const isUsable = (element: Element): element is HTMLElement =>
  element instanceof HTMLElement && element.tabIndex >= 0 && element.checkVisibility()

/** To be called for Tab; goes on at the other end when there is nothing further in its direction. */
function trapFocus(event: KeyboardEvent, root: ShadowRoot): void {
  if (event.key !== 'Tab') return
  const usable = [...root.querySelectorAll(USABLE)].filter(isUsable)
  const end = event.shiftKey ? usable[0] : usable.at(-1)
  if (root.activeElement !== end && root.activeElement !== null) return
  const other = event.shiftKey ? usable.at(-1) : usable[0]
  event.preventDefault()
  other?.focus()
}

/** What there is when a key is pressed. */
export interface KeyState {
  readonly root: ShadowRoot | null
  /** Over the chat: Tab stays inside, and Escape closes. */
  readonly isModal: boolean
  readonly isSearching: boolean
  readonly canUndo: boolean
  readonly items: readonly ListedConversation[]
  readonly activeId: string | undefined
}

/** What keys work on. */
export interface KeyTarget {
  now(): KeyState
  focusRow(id: string | undefined): void
  focusSearch(): void
  clearSearch(): void
  close(): void
  undo(): void
  edit(id: string): void
  remove(conversation: ListedConversation): void
  more(): void
}

/** The keyboard of the list: what a key does, whatever has the focus. */
export class DrawerKeys {
  readonly #target: KeyTarget
  readonly #typeAhead = new TypeAhead()

  constructor(target: KeyTarget) {
    this.#target = target
  }

  readonly press = (event: KeyboardEvent): void => {
    if (isComposing(event) || !this.#press(event)) return
    event.preventDefault()
    event.stopPropagation()
  }

  /** True when the key is taken. */
  #press(event: KeyboardEvent): boolean {
    const target = this.#target
    const { root, isModal, items, canUndo } = target.now()
    if (root && isModal) trapFocus(event, root)
    const { key } = event
    if (key === 'Escape') return this.#escape()
    const focused = root?.activeElement
    if (focused instanceof HTMLInputElement) {
      if (key === 'ArrowDown') target.focusRow(items[0]?.id)
      return key === 'ArrowDown'
    }
    const isUndo = key.toLowerCase() === 'z' && (event.ctrlKey || event.metaKey)
    if (isUndo && canUndo) target.undo()
    if (isUndo) return canUndo
    return focused?.closest('li') ? this.#pressInList(event) : false
  }

  #escape(): boolean {
    const target = this.#target
    const { isSearching, isModal } = target.now()
    if (isSearching) target.clearSearch()
    else if (isModal) target.close()
    else return false
    return true
  }

  #pressInList(event: KeyboardEvent): boolean {
    const target = this.#target
    const { items, activeId } = target.now()
    const { key } = event
    const active = items.find(({ id }) => id === activeId)
    if (!active) return false
    if (key === 'F2') target.edit(active.id)
    else if (key === 'Delete' || (key === 'Backspace' && event.metaKey)) target.remove(active)
    else if (key === 'ArrowUp' && active === items[0]) target.focusSearch()
    else return this.#move(event)
    return true
  }

  #move(event: KeyboardEvent): boolean {
    const { key, timeStamp } = event
    if (event.ctrlKey || event.metaKey || event.altKey) return false
    const target = this.#target
    const { items, activeId } = target.now()
    const isForward = key === 'End' || key === 'ArrowDown' || key === 'PageDown'
    if (isForward && activeId === items.at(-1)?.id) target.more()
    const isLetter = [...key].length === 1 && key !== ' '
    const goesOn = key === ' ' && this.#typeAhead.isTyping(timeStamp)
    const found =
      isLetter || goesOn
        ? this.#typeAhead.find(key, items, activeId, timeStamp)
        : targetOf(key, items, activeId)
    if (found) target.focusRow(found.id)
    return found !== undefined || goesOn
  }
}
