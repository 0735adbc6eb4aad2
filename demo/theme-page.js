/** What both parts of the theme editor need of their page: its elements, and buttons that copy. */

/**
 * The element of the page. @throws Error where it has none of this kind
 * @template {Element} Kind
 * @param {string} selector
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export function find(selector, kind) {
  const found = document.querySelector(selector)
  if (found instanceof kind) return found
  throw new Error(`the page has no ${selector}`)
}

/**
 * Copies a text, and says so on the button.
 * @param {HTMLButtonElement} button
 * @param {HTMLElement} source
 */
export async function copyFrom(button, source) {
  try {
    await navigator.clipboard.writeText(source.textContent)
    button.textContent = 'Copied'
  } catch {
    // No clipboard without https: the text is selected, and the keys copy it.
    getSelection()?.selectAllChildren(source)
    button.textContent = 'Selected'
  }
  setTimeout(() => {
    button.textContent = 'Copy'
  }, 1_600)
}
