/** The strip above each page: shows the chat in its modes, themes and colours. */

/** @typedef {{ name: string, light: string, dark: string }} Accent */

/** @type {readonly Accent[]} */
const ACCENTS = [
  { name: 'Saffron', light: '', dark: '' },
  { name: 'Moss', light: '#2f6b4a', dark: '#7fc49a' },
  { name: 'Sea', light: '#1763a6', dark: '#7db8ea' },
  { name: 'Plum', light: '#8a3a6b', dark: '#e49ac4' },
]
const PAGES = [
  { mode: 'bubble', name: 'Bubble', href: './' },
  { mode: 'inline', name: 'Inline', href: 'inline.html' },
  { mode: 'page', name: 'Page', href: 'page.html' },
  { mode: 'docs', name: 'Manual', href: 'docs.html' },
  { mode: 'theme', name: 'Theme editor', href: 'theme.html' },
]
const DEFAULTS = { theme: 'auto', think: 'auto', direction: 'ltr', accent: 'Saffron' }
const STORAGE_KEY = 'demo-strip'

/** @returns {typeof DEFAULTS} */
function readChoices() {
  try {
    /** @type {unknown} */
    const kept = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}')
    return Object.assign({ ...DEFAULTS }, kept instanceof Object ? kept : {})
  } catch {
    // Storage is forbidden or holds something else: the page starts as it comes.
    return { ...DEFAULTS }
  }
}

/** @param {typeof DEFAULTS} choices */
function keepChoices(choices) {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(choices))
  } catch {
    // Forbidden storage only means that the next page starts as it comes.
  }
}

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 */
function element(tag, attributes, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children)
  return made
}

class DemoStrip extends HTMLElement {
  #choices = readChoices()
  #accentSheet = new CSSStyleSheet()
  #root = this.attachShadow({ mode: 'open' })
  /** `embed.js` adds the element when the visitor first means to chat. */
  #arrivals = new MutationObserver(() => this.#dressChat())

  connectedCallback() {
    const details = element('details', {})
    details.open = matchMedia('(min-width: 52em)').matches
    details.append(
      element('summary', {}, element('span', { class: 'name' }, 'Samosa Chat demo')),
      element(
        'div',
        { class: 'bar' },
        element('span', { class: 'name' }, 'Samosa Chat demo'),
        this.#pages(),
        this.#group('theme', 'Theme', ['auto', 'light', 'dark']),
        this.#group('think', 'Think', ['auto', 'on', 'off', 'hidden']),
        this.#group('direction', 'Direction', ['ltr', 'rtl']),
        // The editor has more to say about colours.
        ...(this.getAttribute('current') === 'theme' ? [] : [this.#accents()]),
      ),
    )
    this.#root.replaceChildren(element('link', { rel: 'stylesheet', href: 'strip.css' }), details)
    document.adoptedStyleSheets.push(this.#accentSheet)
    this.#arrivals.observe(document.body, { childList: true, subtree: true })
    this.#apply()
  }

  disconnectedCallback() {
    this.#arrivals.disconnect()
  }

  #pages() {
    const current = this.getAttribute('current')
    const links = PAGES.map(({ mode, name, href }) =>
      element('a', { href, ...(mode === current && { 'aria-current': 'page' }) }, name),
    )
    const options = element('span', { class: 'options' }, ...links)
    return element(
      'nav',
      { class: 'group', 'aria-label': 'Mode' },
      element('span', { class: 'plain' }, 'Mode'),
      options,
    )
  }

  /**
   * @param {keyof typeof DEFAULTS} choice
   * @param {string} label
   * @param {readonly string[]} values
   */
  #group(choice, label, values) {
    const buttons = values.map((value) => this.#button(choice, value, value))
    return this.#labelled(label, buttons)
  }

  #accents() {
    const buttons = ACCENTS.map(({ name, light }) => {
      const button = this.#button('accent', name, '')
      button.classList.add('swatch')
      button.setAttribute('aria-label', name)
      button.title = name
      button.style.setProperty('--colour', light || '#d9822b')
      return button
    })
    return this.#labelled('Accent', buttons)
  }

  /**
   * @param {string} label
   * @param {readonly HTMLElement[]} buttons
   */
  #labelled(label, buttons) {
    const options = element('span', { class: 'options' }, ...buttons)
    const isPlain = label === 'Direction'
    const name = element(
      'span',
      { 'aria-hidden': 'true', ...(isPlain && { class: 'plain' }) },
      label,
    )
    return element('div', { class: 'group', role: 'group', 'aria-label': label }, name, options)
  }

  /**
   * @param {keyof typeof DEFAULTS} choice
   * @param {string} value
   * @param {string} text
   */
  #button(choice, value, text) {
    const button = element(
      'button',
      { type: 'button', 'data-choice': choice, 'data-value': value },
      text,
    )
    button.addEventListener('click', () => {
      this.#choices[choice] = value
      keepChoices(this.#choices)
      this.#apply()
    })
    return button
  }

  #apply() {
    for (const button of this.#root.querySelectorAll('button')) {
      const { choice, value } = button.dataset
      const chosen = Object.entries(this.#choices).some(
        ([key, now]) => key === choice && now === value,
      )
      button.setAttribute('aria-pressed', String(chosen))
    }
    const { theme, direction, accent } = this.#choices
    document.documentElement.dataset['theme'] = theme
    document.documentElement.dir = direction
    const { light = '', dark = '' } = ACCENTS.find(({ name }) => name === accent) ?? {}
    // What a site's own stylesheet would say.
    this.#accentSheet.replaceSync(
      light === '' || this.getAttribute('current') === 'theme'
        ? ''
        : `samosa-chat, samosa-embed { --samosa-accent: light-dark(${light}, ${dark}) }`,
    )
    this.#dressChat()
  }

  #dressChat() {
    for (const chat of document.querySelectorAll('samosa-chat, samosa-embed')) {
      chat.setAttribute('theme', this.#choices.theme)
      chat.setAttribute('think', this.#choices.think)
    }
  }
}

customElements.define('demo-strip', DemoStrip)
