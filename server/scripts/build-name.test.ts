import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { buildName } from './build-name.ts'

const folder = mkdtempSync(join(tmpdir(), 'build-name-'))
afterAll(() => rmSync(folder, { recursive: true }))

it('changes with the sources, and with nothing else', () => {
  const put = (file: string, text: string) => writeFileSync(join(folder, file), text)
  mkdirSync(join(folder, 'widget/answer'), { recursive: true })
  put('widget/answer/segment-list.ts', 'one')
  const before = buildName(folder)
  expect(before).toMatch(/^[\w-]{8}$/)
  put('widget/answer/text.test.ts', 'a test')
  put('README.md', 'words')
  expect(buildName(folder)).toBe(before)
  put('widget/answer/segment-list.ts', 'two')
  const after = buildName(folder)
  expect(after).not.toBe(before)
  put('package-lock.json', '{}')
  expect(buildName(folder)).not.toBe(after)
})
