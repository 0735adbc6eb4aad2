/** The theme editor: a look, the controls that change it, what it looks like, and the code that it comes to. */
import { copyFrom, find } from './theme-page.js'
import { FONTS, LOOKS, OWN } from './theme-presets.js'
import { sampleChat } from './theme-sample.js'

/** @typedef {import('./theme-presets.js').Look} Look */

const COLOURS = /** @type {const} */ (['accent', 'surface', 'text'])
const NUMBERS = /** @type {const} */ ([
  { key: 'size', label: 'Text size', min: 13, max: 20 },
  { key: 'radius', label: 'Corners', min: 0, max: 32 },
  { key: 'space', label: 'Space', min: 3, max: 6 },
])
const NAMES = { accent: 'Accent', surface: 'Surface', text: 'Text' }
const VIEWS = /** @type {const} */ ([
  { view: 'conversation', name: 'Conversation' },
  { view: 'greeting', name: 'Greeting' },
  { view: 'bubble', name: 'Bubble' },
])
/** What WCAG asks of text. */
const READABLE = 4.5

/** @type {Look} */
let look = OWN
const sheet = new CSSStyleSheet()
document.adoptedStyleSheets.push(sheet)

const form = find('form', HTMLFormElement)
const code = find('.css', HTMLElement)
const tagCode = find('.tag', HTMLElement)
const views = find('.views', HTMLElement)
const preview = find('.preview', HTMLElement)
const presets = find('.presets', HTMLElement)

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number>} attributes
 * @param {...(Node | string)} children
 */
function element(tag, attributes, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value))
  made.append(...children)
  return made
}

/** @param {string} hex */
function luminance(hex) {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/**
 * @param {string} one
 * @param {string} other
 */
function contrast(one, other) {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

/** The properties that differ from the chat's own. */
function cssOf() {
  const lines = COLOURS.flatMap((key) => {
    const [light, dark] = look[key]
    const isOwn = light === OWN[key][0] && dark === OWN[key][1]
    return isOwn ? [] : [`--samosa-${key}: light-dark(${light}, ${dark});`]
  })
  if (look.font !== OWN.font) {
    const family = Object.entries(FONTS).find(([name]) => name === look.font)?.[1] ?? ''
    lines.push(`--samosa-font: ${family};`)
  }
  if (look.size !== OWN.size) lines.push(`--samosa-font-size: ${look.size}px;`)
  if (look.space !== OWN.space) lines.push(`--samosa-space: ${look.space}px;`)
  if (look.radius !== OWN.radius) {
    lines.push(
      `--samosa-radius: ${look.radius}px;`,
      `--samosa-radius-bubble: ${Math.round(look.radius * 0.8)}px;`,
      `--samosa-radius-card: ${Math.round(look.radius * 0.6)}px;`,
      `--samosa-radius-code: ${Math.round(look.radius * 0.4)}px;`,
    )
  }
  if (lines.length === 0) return '/* Nothing to set: this is what the chat looks like by itself. */'
  return `:root {\n${lines.map((line) => `  ${line}`).join('\n')}\n}`
}

/** @param {string} text */
const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;')

/** The loader's tag, as it stands in a page of the site. */
function tagOf() {
  const heading = find('[name=heading]', HTMLInputElement).value.trim()
  const address = new URL('embed.js', document.baseURI).href
  const options = heading === '' ? '' : ` data-heading="${escaped(heading)}"`
  return `<script async src="${address}"${options}></script>`
}

/** @param {string} view */
function show(view) {
  const chat = sampleChat(view)
  preview.dataset['view'] = view
  preview.replaceChildren(chat)
  for (const button of views.querySelectorAll('button')) {
    button.setAttribute('aria-pressed', String(button.value === view))
  }
  apply()
}

/** Shows what the look comes to. */
function apply() {
  const css = cssOf()
  sheet.replaceSync(css)
  code.textContent = css
  tagCode.textContent = tagOf()
  for (const chat of preview.querySelectorAll('samosa-chat')) {
    chat.setAttribute('heading', find('[name=heading]', HTMLInputElement).value.trim())
  }
  for (const button of presets.querySelectorAll('button')) {
    button.setAttribute('aria-pressed', String(button.value === look.name))
  }
  for (const [index, theme] of ['light', 'dark'].entries()) {
    const ratio = Math.min(
      contrast(look.accent[index] ?? '', look.surface[index] ?? ''),
      contrast(look.text[index] ?? '', look.surface[index] ?? ''),
    )
    const note = find(`.contrast-${theme}`, HTMLElement)
    const isReadable = ratio >= READABLE
    note.dataset['readable'] = String(isReadable)
    note.textContent = `${isReadable ? '✓' : '✗'} ${theme}: contrast ${ratio.toFixed(1)} : 1${isReadable ? '' : ', too little to read'}`
  }
}

/** Puts the look's values into the controls. */
function fill() {
  for (const key of COLOURS) {
    for (const index of [0, 1]) {
      find(`[name=${key}-${index}]`, HTMLInputElement).value = look[key][index] ?? ''
    }
  }
  find('[name=font]', HTMLSelectElement).value = look.font
  for (const { key } of NUMBERS) {
    find(`[name=${key}]`, HTMLInputElement).value = String(look[key])
    find(`output[for=${key}]`, HTMLOutputElement).value = `${look[key]} px`
  }
}

/** Takes the look from the controls. */
function read() {
  const text = (/** @type {string} */ name) => {
    const control = form.elements.namedItem(name)
    const isField = control instanceof HTMLInputElement || control instanceof HTMLSelectElement
    return isField ? control.value : ''
  }
  const pair = (/** @type {string} */ key) =>
    /** @type {const} */ ([text(`${key}-0`), text(`${key}-1`)])
  look = {
    name: 'own',
    words: '',
    accent: pair('accent'),
    surface: pair('surface'),
    text: pair('text'),
    font: text('font'),
    size: Number(text('size')),
    radius: Number(text('radius')),
    space: Number(text('space')),
  }
  fill()
  apply()
}

for (const preset of LOOKS) {
  const dots = [preset.accent, preset.surface].map(([light, dark]) => {
    const dot = element('i', { class: 'dot' })
    dot.style.setProperty('background', `light-dark(${light}, ${dark})`)
    return dot
  })
  const button = element(
    'button',
    { type: 'button', value: preset.name },
    element('span', { class: 'dots', 'aria-hidden': 'true' }, ...dots),
    element('b', {}, preset.name),
    element('span', { class: 'words' }, preset.words),
  )
  button.addEventListener('click', () => {
    look = preset
    fill()
    apply()
  })
  presets.append(button)
}
for (const key of COLOURS) {
  const fields = ['light', 'dark'].map((theme, index) =>
    element('input', {
      type: 'color',
      name: `${key}-${index}`,
      'aria-label': `${NAMES[key]}, ${theme}`,
      title: theme,
    }),
  )
  form.append(
    element(
      'div',
      { class: 'row' },
      element('span', {}, NAMES[key]),
      element('span', {}, ...fields),
    ),
  )
}
form.prepend(
  element(
    'label',
    { class: 'row' },
    'Title',
    element('input', {
      name: 'heading',
      maxlength: 80,
      placeholder: 'the server’s',
      autocomplete: 'off',
    }),
  ),
)
form.append(
  element('p', { class: 'contrast contrast-light', role: 'status' }),
  element('p', { class: 'contrast contrast-dark', role: 'status' }),
  element(
    'label',
    { class: 'row' },
    'Font',
    element(
      'select',
      { name: 'font' },
      ...Object.keys(FONTS).map((name) => element('option', {}, name)),
    ),
  ),
  ...NUMBERS.map(({ key, label, min, max }) =>
    element(
      'div',
      { class: 'row' },
      element('label', { for: key }, label),
      element(
        'span',
        {},
        element('input', { type: 'range', name: key, id: key, min, max }),
        element('output', { for: key }),
      ),
    ),
  ),
)
form.addEventListener('input', read)
form.addEventListener('submit', (event) => event.preventDefault())
for (const result of document.querySelectorAll('.result')) {
  const button = result.querySelector('button')
  const source = result.querySelector('code')
  if (button && source) button.addEventListener('click', () => void copyFrom(button, source))
}
for (const { view, name } of VIEWS) {
  const button = element('button', { type: 'button', value: view }, name)
  button.addEventListener('click', () => show(view))
  views.append(button)
}
fill()
show('conversation')
