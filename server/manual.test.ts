import { access, readdir, readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { demoKnowledgeDirectory, demoShopDirectory } from './package.ts'
import { createManual } from './http/manual.ts'
import { readDirectory } from './knowledge/library.ts'
import { inRepository } from './scripts/repository.ts'

const silent = () => undefined
const logger = { debug: silent, info: silent, warn: silent, error: silent }

it('the pages of the manual have every section that an answer may lead to', async () => {
  const folders = [demoKnowledgeDirectory(), demoShopDirectory()] as const
  const manual = createManual(...folders)
  const read = await Promise.all(folders.map((folder) => readDirectory(folder, { logger })))
  const passages = read
    .flatMap(({ documents }) => documents)
    .flatMap((document) => document.passages)
  const inSections = passages.filter(({ section }) => section !== null)
  expect(inSections.length).toBeGreaterThan(50)
  const missing: string[] = []
  for (const { url, anchor } of inSections) {
    const page = await (await manual.find(url ?? ''))?.text()
    if (anchor === null || !page?.includes(` id="${anchor}">`)) missing.push(`${url}#${anchor}`)
  }
  expect(missing).toEqual([])
})

it('the list of the manual leads to every page of it', async () => {
  const list = await readFile(inRepository('demo/docs.html'), 'utf8')
  const pages = (await readdir(demoKnowledgeDirectory())).filter((name) => name.endsWith('.md'))
  const missing = pages.filter(
    (name) => !list.includes(`href="knowledge/${name.replace('.md', '.html')}"`),
  )
  expect(missing).toEqual([])
})

it('what README and CONTRIBUTING lead to is there', async () => {
  for (const name of ['README.md', 'CONTRIBUTING.md']) {
    const text = await readFile(inRepository(name), 'utf8')
    const links = text.matchAll(/\]\((?!https?:)([^)#]+)/g)
    const spans = text.matchAll(/`((?:server|widget|demo)(?:\/[\w.-]+)+)`/g)
    const paths = [...links, ...spans].map(([, path = '']) => path)
    expect(paths.length).toBeGreaterThan(10)
    for (const path of paths) await access(inRepository(path))
  }
})

it('CONTRIBUTING says of every room of the server and the widget where to begin', async () => {
  const text = await readFile(inRepository('CONTRIBUTING.md'), 'utf8')
  const folders = await Promise.all(
    ['server', 'widget'].map(async (side) => {
      const entries = await readdir(inRepository(side), { withFileTypes: true })
      return entries.filter((entry) => entry.isDirectory()).map(({ name }) => `${side}/${name}`)
    }),
  )
  // What is no part of what is shipped is told elsewhere.
  const rooms = folders.flat().filter((room) => !/bench|conformance|scripts/.test(room))
  expect(rooms.filter((room) => !text.includes(`\`${room}\``))).toEqual([])
})
