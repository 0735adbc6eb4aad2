import { globSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { shortenTemplates } from './shorten-templates.ts'

it('takes the indents out of markup, and leaves what stands in a line', () => {
  expect(shortenTemplates('html`<p\n    class="a"\n  >two  words</p>\n<pre>\n${text}</pre>`')).toBe(
    'html`<p class="a">two  words</p>\n<pre>\n${text}</pre>`',
  )
})

it('takes all that can be spared out of styles', () => {
  expect(shortenTemplates('css`\n  a:hover > b, c :dir(rtl) {\n    margin: 0 auto;\n  }\n`')).toBe(
    'css` a:hover > b,c :dir(rtl){margin:0 auto}`',
  )
})

it('reaches templates inside templates, and leaves plain ones alone', () => {
  const inner = '${on ? html`<b>\n    ${`a\n    b`}</b>` : { x: "`" }}'
  expect(shortenTemplates(`html\`<p>\n  ${inner}</p>\``)).toBe(
    'html`<p> ${on ? html`<b> ${`a\n    b`}</b>` : { x: "`" }}</p>`',
  )
})

it('takes apostrophes in comments for what they are', () => {
  const code = "// it's\nconst a = 'x' /* don't */\nconst b = `\n  ${a}`"
  expect(shortenTemplates(code)).toBe(code)
})

it('can read every source of the element', () => {
  for (const file of globSync('widget/**/*.ts', {
    exclude: ['**/*.test.ts', 'widget/bundling/**'],
  })) {
    expect(() => shortenTemplates(readFileSync(file, 'utf8')), file).not.toThrow()
  }
})
