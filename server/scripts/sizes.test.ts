import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import { afterAll, expect, it } from 'vitest'
import { loads, measure, sizeTable } from './sizes.ts'

const folder = mkdtempSync(join(tmpdir(), 'sizes-'))
afterAll(() => rmSync(folder, { recursive: true }))

const file = (fileName: string, imports: string[] = []) => ({ fileName, imports })

const BUNDLED = [
  file('samosa-chat.Ab_-0123.js', ['a.js']),
  file('a.js', ['b.js']),
  file('b.js', ['a.js']),
  file('chunks/01234567/maths.js'),
  file('embed.js'),
]

it('counts every chunk that an entry loads at once, and those that wait apart', () => {
  expect(loads(BUNDLED).map(({ name, files }) => [name, files])).toEqual([
    ['embed.js', ['embed.js']],
    ['samosa-chat.js, first answer', ['samosa-chat.Ab_-0123.js', 'a.js', 'b.js']],
    ['chunks/maths.js, when needed', ['chunks/01234567/maths.js']],
  ])
})

it('adds up sizes as they are sent', () => {
  writeFileSync(join(folder, 'x'), 'a'.repeat(1000))
  writeFileSync(join(folder, 'y'), 'b'.repeat(500))
  const { raw, gzip, brotli } = measure(folder, ['x', 'y'])
  expect(raw).toBe(1500)
  expect(gzip).toBeLessThan(100)
  expect(brotli).toBeLessThan(gzip)
})

it('names what is over its budget', () => {
  mkdirSync(join(folder, 'chunks/01234567'), { recursive: true })
  for (const { fileName } of BUNDLED) writeFileSync(join(folder, fileName), 'x')
  expect(sizeTable(folder, BUNDLED).overBudget).toEqual([])
  writeFileSync(join(folder, 'embed.js'), randomBytes(2001))
  expect(sizeTable(folder, BUNDLED).overBudget).toEqual(['embed.js'])
})
