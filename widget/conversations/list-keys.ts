/** What keys do in a list of titles: where they go, as a person expects of lists. */

/** Entries that PageUp and PageDown pass over. */
const PAGE = 10
/** Milliseconds after which letters begin a new word. */
const WORD_TIME = 700

export interface Titled {
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
