import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { smallerLit } from './smaller-lit.ts'

const modules = [
  '@lit/reactive-element/css-tag.js',
  '@lit/reactive-element/reactive-element.js',
  '@lit/task/task.js',
  'lit-element/lit-element.js',
  'lit-html/lit-html.js',
].map((name) => `node_modules/${name}`)

it.each(modules)('finds in %s all that is left out', (id) => {
  const code = readFileSync(id, 'utf8')
  const smaller = smallerLit(code, `/here/${id}`)
  expect(smaller?.length).toBeLessThan(code.length)
})

it('refuses a Lit that is written in another way', () => {
  const id = `/here/${modules[0]}`
  expect(() => smallerLit('class n{}', id)).toThrow('has changed')
})

it('leaves everything else as it is', () => {
  expect(smallerLit('extends HTMLElement', '/here/widget/index.ts')).toBeUndefined()
})
