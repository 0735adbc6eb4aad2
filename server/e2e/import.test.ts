/** What the package's names lead to, for who installs it: `exports` are read by Node itself. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { packageDirectory } from '../package.ts'

/** What a module of the package exports in a Node that knows nothing of our tools, and of a browser. */
async function exportsOf(name: string): Promise<unknown> {
  const code = `
    const names = Object.keys(await import(${JSON.stringify(name)}))
    console.log(JSON.stringify({ names, isDefined: 'customElements' in globalThis }))`
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', code],
    { cwd: packageDirectory() },
  )
  return JSON.parse(stdout)
}

it('imports the element where there is no window, and defines nothing', async () => {
  expect(await exportsOf('samosa-chat')).toEqual({
    names: expect.arrayContaining(['SamosaChat', 'createClient']),
    isDefined: false,
  })
})

it('imports the React component where there is no window', async () => {
  expect(await exportsOf('samosa-chat/react')).toEqual({ names: ['SamosaChat'], isDefined: false })
})

const Target = z.union([
  z.string(),
  z.object({ default: z.string(), types: z.string() }).transform((to) => to.default),
])
const Package = z.object({
  exports: z.record(z.string(), Target),
  unpkg: z.string(),
  jsdelivr: z.string(),
})

it('has every script that the package names', () => {
  const text = readFileSync(join(packageDirectory(), 'package.json'), 'utf8')
  const { exports: targets, unpkg, jsdelivr } = Package.parse(JSON.parse(text))
  const scripts = [...Object.values(targets), unpkg, jsdelivr].filter((to) => to.endsWith('.js'))
  expect(scripts.length).toBeGreaterThan(4)
  for (const file of scripts) {
    expect([file, existsSync(join(packageDirectory(), file))]).toEqual([file, true])
  }
})
