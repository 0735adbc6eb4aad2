import { expect, it } from 'vitest'
import { visibleText } from './tool-request-view.ts'

it.each([
  ['a\u202eb', 'a\\u{202e}b'],
  ['1\u200b0', '1\\u{200b}0'],
  ['\u2066x\u2069', '\\u{2066}x\\u{2069}'],
  ['\u{e0041}', '\\u{e0041}'],
  ['a\r\u0007', 'a\\u{000d}\\u{0007}'],
  ['\u3164', '\\u{3164}'],
])('shows what hides: %j', (text, shown) => {
  expect(visibleText(text)).toBe(shown)
})

it.each(['two\nlines\tand a tab', 'नमस्ते', 'שלום', '👩🏽‍💻 👨‍👩‍👧 ❤️', 'É'])(
  'leaves %j as it is',
  (text) => {
    expect(visibleText(text)).toBe(text)
  },
)
