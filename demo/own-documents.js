/**
 * Where the site's own documents answer, what belongs to the demo's documents is taken back: the questions to start
 * with, whose documents come first, the chat's title, and what the page says of it (`data-own` has the words instead).
 */
async function answersFromDemo() {
  try {
    const response = await fetch('api/widget-config')
    /** @type {unknown} */
    const config = await response.json()
    return !(config instanceof Object) || Reflect.get(config, 'stand_in') !== false
  } catch {
    // Without the server nothing answers: the page stays as it is.
    return true
  }
}

if (!(await answersFromDemo())) {
  for (const chat of document.querySelectorAll('samosa-chat, samosa-embed')) {
    chat.removeAttribute('starters')
    chat.removeAttribute('creator')
    chat.removeAttribute('heading')
  }
  // The bubble takes it in place of what its tag says, also where its script is still to come.
  window.samosa = { starters: '', creator: '', heading: '' }
  for (const element of document.querySelectorAll('[data-own]')) {
    if (element instanceof HTMLElement) element.textContent = element.dataset['own'] ?? ''
  }
  for (const element of document.querySelectorAll('[data-demo]')) element.remove()
  document.documentElement.dataset['documents'] = 'own'
}
