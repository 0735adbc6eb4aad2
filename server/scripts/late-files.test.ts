import { beforeAll, expect, it } from 'vitest'
import { type BundledFile, buildWidget } from './bundle.ts'

/** By their names, without languages. */
const late = new Map<string, BundledFile>()

beforeAll(async () => {
  const all = await buildWidget('element', { write: false })
  const nameOf = (path: string) => /([\w-]+)\.js$/.exec(path)?.[1] ?? path
  for (const file of all) {
    const isLanguage = file.moduleIds.some((id) => /words[/]..[.]ts$|es[/]languages[/]/.test(id))
    if (file.isEntry || isLanguage) continue
    const imports = file.imports.filter((path) => path.startsWith('chunks/')).map(nameOf)
    late.set(nameOf(file.fileName), { ...file, imports })
  }
})

it('makes a file of what is used together, and no others', () => {
  expect([...late.keys()].toSorted()).toEqual([
    ...['account', 'beside', 'composer', 'contact', 'conversations', 'highlight', 'late-formats'],
    ...[
      'markdown',
      'mhchem',
      'owner',
      'panel',
      'rolldown-runtime',
      'sanitize',
      'shared',
      'sources',
    ],
    ...['tools', 'typeset'],
  ])
})

it('lets a file bring along only what all share, so that nothing comes before it is needed', () => {
  const shared = new Set(['beside', 'shared', 'late-formats', 'rolldown-runtime'])
  const others = [...late].flatMap(([name, { imports }]) =>
    imports.filter((path) => !shared.has(path)).map((path) => `${name} takes ${path} along`),
  )
  // HTML was read before it is cleaned, and chemistry is written with formulas.
  expect(others.toSorted()).toEqual(['mhchem takes typeset along', 'sanitize takes markdown along'])
  expect(late.get('beside')?.imports).toEqual(['rolldown-runtime', 'late-formats'])
})
