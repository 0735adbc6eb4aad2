/** What may be pressed in the text of an answer, besides links: the copy button of code, and numbers of notes. */
import { copyText } from '../ui/copy-text.ts'
import type { AnswerStrings } from '../words/strings.ts'

const COPIED_MS = 1_600

/** Leads from a note's number in the text to the note, or back. */
function followNote(number: Element): void {
  const numbers = number.closest('.text, .think-text')?.querySelectorAll<HTMLElement>('.note') ?? []
  const isOther = (other: Element) =>
    other.textContent === number.textContent &&
    other.matches('.notes *') !== number.matches('.notes *')
  ;[...numbers].find(isOther)?.focus()
}

async function copyCode(button: Element, strings: () => AnswerStrings): Promise<void> {
  const code = button.closest('.code-block')?.querySelector('code')?.textContent ?? ''
  if (!(await copyText(code))) return
  // That it was copied is read out; that it can be copied again is not.
  button.ariaLive = 'polite'
  button.textContent = strings().markdown.codeCopied
  setTimeout(() => {
    button.ariaLive = 'off'
    button.textContent = strings().markdown.copyCode
  }, COPIED_MS)
}

export function pressInAnswer(button: Element, strings: () => AnswerStrings): void {
  if (button.matches('.note')) followNote(button)
  else void copyCode(button, strings)
}
