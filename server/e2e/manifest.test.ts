/** What editors are told of the element. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { kinds } from '../../widget/markdown/render/paint-code.ts'
import { packageDirectory } from '../package.ts'
import { writeManifest } from '../scripts/manifest.ts'

const Named = z.array(z.object({ name: z.string() })).default([])
const Manifest = z.object({
  modules: z.array(
    z.object({
      path: z.string(),
      declarations: z.array(
        z.object({ name: z.string(), tagName: z.string().optional(), cssProperties: Named }),
      ),
      exports: z.array(z.object({ kind: z.string(), name: z.string() })),
    }),
  ),
})

it('tells editors the element’s tag, and the colours of code that a site may set', async () => {
  const description = join(packageDirectory(), 'package.json')
  const before = await readFile(description, 'utf8')
  const folder = await mkdtemp(join(tmpdir(), 'samosa-manifest-'))
  expect(await writeManifest(folder)).toBe(0)
  const text = await readFile(join(folder, 'custom-elements.json'), 'utf8')
  await rm(folder, { recursive: true })
  expect(await readFile(description, 'utf8')).toBe(before)
  const [bundle] = Manifest.parse(JSON.parse(text)).modules
  const element = bundle?.declarations.find(({ name }) => name === 'SamosaChat')
  expect(element?.tagName).toBe('samosa-chat')
  expect(bundle?.path).toBe('dist/samosa-chat.js')
  expect(bundle?.exports).toContainEqual({ kind: 'custom-element-definition', name: 'samosa-chat' })
  const properties = element?.cssProperties.map(({ name }) => name)
  for (const kind of kinds) expect(properties).toContain(`--samosa-code-${kind}`)
})
