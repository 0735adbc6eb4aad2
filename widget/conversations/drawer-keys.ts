import type { ListedConversation } from '../api/conversations.ts'
import { isComposing } from '../ui/text-field.ts'
import { targetOf, TypeAhead } from './list-keys.ts'
import { trapFocus } from './trap-focus.ts'

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
