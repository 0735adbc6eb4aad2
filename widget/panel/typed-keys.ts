import { isComposing } from '../ui/text-field.ts'

/** Keys that type or edit. Others, such as Escape, Tab and F1, may mean something to the page. */
const TYPE =
  /^(?:.|Dead|Process|Unidentified|Enter|Backspace|Delete|Home|End|Page(?:Up|Down)|Arrow\w+)$/su

/**
 * Keeps what is typed in the chat's fields in the chat. A page that opens its search on `/` looks whether
 * the key came from a field, and all that it sees is the element. Combinations with Ctrl, Alt and Meta go
 * through, and so does what the page's listeners hear before the chat does (`capture`): nothing can be
 * kept from those without taking it from the fields too.
 */
export function keepTypedKeys(host: HTMLElement): void {
  /** By key: whether it was pressed for the chat. Letting go of it is told to whom pressing it was. */
  const pressed = new Map<string, boolean>()
  const nameOf = ({ code, key }: KeyboardEvent) => code || key
  // What stands in a slot is the page's.
  const isOurs = ({ target }: Event) => target === host

  const onDown = (event: KeyboardEvent) => {
    // Until it comes out of the chat again: an Escape that closes something there does not.
    if (isOurs(event)) pressed.set(nameOf(event), true)
  }
  const onOut = (event: KeyboardEvent) => {
    if (!isOurs(event)) return
    const name = nameOf(event)
    const known = event.type === 'keydown' ? undefined : pressed.get(name)
    const stays = known ?? (isInField(event) && isTyping(event))
    if (event.type === 'keyup') pressed.delete(name)
    else pressed.set(name, stays)
    if (stays) event.stopPropagation()
  }

  host.addEventListener('keydown', onDown, { capture: true })
  for (const type of ['keydown', 'keypress', 'keyup'] as const) host.addEventListener(type, onOut)
}

function isInField(event: Event): boolean {
  const [target] = event.composedPath()
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || target.matches('input, textarea, select')
}

function isTyping(event: KeyboardEvent): boolean {
  const { key, ctrlKey, altKey, metaKey } = event
  if (isComposing(event)) return true
  if (metaKey || !TYPE.test(key)) return false
  if (event.getModifierState('AltGraph')) return true
  // AltGr may come as Ctrl and Alt; commands with both have a letter or a digit.
  if (ctrlKey) return altKey && /^[^a-z\d]$/iu.test(key)
  // Alt makes a command of a key, but on a Mac it makes another character of it.
  return !altKey || key === 'Dead' || /^[^ -~]$/u.test(key) || (isMac() && key.length === 1)
}

const isMac = () => /^(?:Mac|iP)/.test(navigator.platform)
