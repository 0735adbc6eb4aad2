/**
 * Looks to begin with. Colours are pairs, light and dark; an empty one, and a missing number, is the
 * chat's own.
 *
 * @typedef {readonly [light: string, dark: string]} Pair
 * @typedef {object} Look
 * @property {string} name
 * @property {string} words
 * @property {Pair} accent
 * @property {Pair} surface
 * @property {Pair} text
 * @property {string} font
 * @property {number} size
 * @property {number} radius
 * @property {number} space
 */

/** What the chat looks like by itself. */
export const OWN = /** @type {const} @satisfies {Look} */ ({
  name: 'Samosa',
  words: 'Warm and quiet: what you get when you set nothing.',
  accent: ['#a84b08', '#f0a24a'],
  surface: ['#fffdf9', '#1c1815'],
  text: ['#2b2420', '#f1eae1'],
  font: 'System',
  size: 15,
  radius: 20,
  space: 4,
})

/** Families that are on visitors' machines: the chat loads no fonts. */
export const FONTS = /** @type {const} */ ({
  System: "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  Serif: "'Iowan Old Style', 'Palatino Linotype', Palatino, Georgia, serif",
  Rounded: "ui-rounded, 'Hiragino Maru Gothic ProN', Quicksand, Nunito, system-ui, sans-serif",
  Humanist: "Seravek, 'Gill Sans Nova', Ubuntu, Calibri, 'DejaVu Sans', sans-serif",
  Mono: "ui-monospace, 'Cascadia Code', Menlo, Consolas, monospace",
})

/** @type {readonly Look[]} */
export const LOOKS = [
  OWN,
  {
    name: 'Ledger',
    words: 'A bank or an office: navy, close and angular.',
    accent: ['#14417b', '#8db8f0'],
    surface: ['#ffffff', '#10151d'],
    text: ['#111a26', '#e6ecf4'],
    font: 'Humanist',
    size: 14,
    radius: 4,
    space: 3,
  },
  {
    name: 'Sorbet',
    words: 'A shop for children or sweets: raspberry, round and roomy.',
    accent: ['#b3205f', '#ff9cc4'],
    surface: ['#fff8fa', '#24141c'],
    text: ['#3a1526', '#ffe9f1'],
    font: 'Rounded',
    size: 16,
    radius: 28,
    space: 5,
  },
  {
    name: 'Quarterly',
    words: 'A magazine: ink on paper, serif, few corners.',
    accent: ['#1f5c46', '#86cdb0'],
    surface: ['#f7f4ec', '#16181a'],
    text: ['#1b1b19', '#ece8dd'],
    font: 'Serif',
    size: 17,
    radius: 10,
    space: 4,
  },
]
