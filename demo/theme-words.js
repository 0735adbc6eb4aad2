/** The theme editor's list of the chat's texts: look one up, write another, take the script along. */
import { copyFrom, find } from './theme-page.js'

/** So many are shown at once; finding leads to the others. */
const MOST = 40

const rows = find('.words-list', HTMLElement)
const said = find('.words-said', HTMLElement)
const language = find('.words-language', HTMLSelectElement)
const search = find('.words-find', HTMLInputElement)
const code = find('.words-of-chat samp', HTMLElement)
const copy = find('.words-copy', HTMLButtonElement)
const result = find('.words-of-chat .result', HTMLElement)
const preview = find('.preview', HTMLElement)

/** @type {Record<string, Record<string, string>>} */
let texts = {}
/** What is written in place of a text, by language (empty for all) and place. @type {Map<string, Map<string, string>>} */
const own = new Map()

/** @param {string} tag */
function wordsIn(tag) {
  /** @type {Map<string, string>} */
  const none = new Map()
  const words = own.get(tag) ?? none
  own.set(tag, words)
  return words
}

/** @param {unknown} value @returns {value is typeof texts} */
const areTexts = (value) => typeof value === 'object' && value !== null && 'en' in value

/** @typedef {{ [key: string]: string | Tree }} Tree */

/**
 * Texts by their places as the object that the chat takes.
 * @param {Iterable<[string, string]>} words
 */
function treeOf(words) {
  /** @type {Tree} */
  const tree = {}
  for (const [place, text] of words) {
    const keys = place.split('.')
    const last = keys.pop() ?? ''
    let branch = tree
    for (const key of keys) {
      const next = branch[key]
      const inner = typeof next === 'object' ? next : {}
      branch[key] = inner
      branch = inner
    }
    branch[last] = text
  }
  return tree
}

/** Shows the chat with the words, and the script that does the same on any page. */
function apply() {
  const strings = treeOf(own.get('') ?? [])
  for (const [tag, words] of own) if (tag !== '' && words.size > 0) strings[tag] = treeOf(words)
  for (const chat of preview.querySelectorAll('samosa-chat')) {
    Reflect.set(chat, 'strings', strings)
    if (language.value === '') chat.removeAttribute('lang')
    else chat.setAttribute('lang', language.value)
  }
  result.hidden = Object.keys(strings).length === 0
  code.textContent = `<script>\n  window.samosa = ${JSON.stringify({ strings }, null, 2).replaceAll('\n', '\n  ').replaceAll('</', '<\\/')}\n</script>`
}

/**
 * @param {string} place
 * @param {string} text
 */
function row(place, text) {
  const label = document.createElement('label')
  const name = document.createElement('code')
  const field = document.createElement('input')
  name.textContent = place
  field.placeholder = text
  field.dir = 'auto'
  field.value = own.get(language.value)?.get(place) ?? ''
  field.addEventListener('input', () => {
    const words = wordsIn(language.value)
    if (field.value.trim() === '') words.delete(place)
    else words.set(place, field.value)
    apply()
  })
  label.append(name, field)
  return label
}

function show() {
  const wanted = search.value.trim().toLowerCase()
  const found = Object.entries(texts[language.value || 'en'] ?? {}).filter(
    ([place, text]) => place.toLowerCase().includes(wanted) || text.toLowerCase().includes(wanted),
  )
  rows.lang = language.value || 'en'
  rows.replaceChildren(...found.slice(0, MOST).map(([place, text]) => row(place, text)))
  const rest = found.length - MOST
  if (found.length === 0) said.textContent = 'No text of the chat has these words.'
  else said.textContent = rest > 0 ? `${rest} more: find one by a word in it.` : ''
}

async function begin() {
  const answer = await fetch('texts.json')
  /** @type {unknown} */
  const list = answer.ok ? await answer.json() : undefined
  if (!areTexts(list)) throw new Error('The list of texts is made by npm run build.')
  texts = list
  const names = new Intl.DisplayNames('en', { type: 'language' })
  language.append(new Option('all', ''))
  for (const tag of Object.keys(texts)) language.append(new Option(names.of(tag), tag))
  show()
}

language.addEventListener('change', () => {
  apply()
  show()
})
search.addEventListener('input', show)
// Another view is another chat.
new MutationObserver(apply).observe(preview, { childList: true })
copy.addEventListener('click', () => void copyFrom(copy, code))
begin().catch((/** @type {unknown} */ error) => {
  said.textContent = error instanceof Error ? error.message : 'The list of texts cannot be had.'
})
