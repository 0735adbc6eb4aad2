import { globSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { plainProperties } from './plain-properties.ts'

const source = `import { LitElement } from 'lit'
import { property, query, state } from 'lit/decorators.js'
export class A extends LitElement {
  @property({ type: Boolean, reflect: true }) override open = false
  @state() private count = 0
  @query('.x') private readonly box!: HTMLElement | null
}
`

it('writes properties and queries out', () => {
  expect(plainProperties(source)).toBe(`import { LitElement } from 'lit'
export class A extends LitElement { static properties = { open: { type: Boolean, reflect: true }, count: { state: true } };
  override open = false
  private count = 0
  get box() { return this.renderRoot?.querySelector('.x') ?? null }
}
`)
})

it('leaves a source without decorators alone', () => {
  expect(plainProperties('const a = 1\n')).toBe('const a = 1\n')
})

it('refuses what it does not know', () => {
  const other = source.replace("@query('.x')", "@queryAll('.x')")
  expect(() => plainProperties(other)).toThrow('another form')
})

it('knows every element', () => {
  for (const file of globSync('widget/**/*.ts', {
    exclude: ['**/*.test.ts', 'widget/bundling/**'],
  })) {
    const written = plainProperties(readFileSync(file, 'utf8'))
    expect(written, file).not.toContain('lit/decorators.js')
  }
})
