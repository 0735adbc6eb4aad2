/** The React component of the package in a real React, bundled as an application bundles it. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'vite'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { packageDirectory } from '../package.ts'
import { startForeignSite, type ForeignSite } from './foreign-site.ts'
import { answers, say, startHarness, type Harness } from './harness.ts'

let harness: Harness
let site: ForeignSite
let directory: string
beforeAll(async () => {
  ;[harness, site] = await Promise.all([startHarness(), startForeignSite()])
  // Below the repository, where the packages are found.
  const cache = join(packageDirectory(), '.cache')
  await mkdir(cache, { recursive: true })
  directory = await mkdtemp(join(cache, 'react-'))
})
afterAll(async () => {
  await Promise.all([harness.close(), site.close(), rm(directory, { recursive: true })])
})

const APPLICATION = `
import { createElement, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { SamosaChat } from 'samosa-chat/react'

function Help() {
  const [heard, hear] = useState([])
  return createElement('main', {},
    createElement(SamosaChat, {
      ref: (element) => void (window.chat = element),
      mode: 'inline',
      heading: heard.length === 0 ? 'Ask' : 'Ask more',
      onSamosaMessage: ({ detail }) => hear((all) => [...all, detail.message.role]),
    }),
    createElement('output', {}, heard.join()),
  )
}
createRoot(document.body.appendChild(document.createElement('div'))).render(createElement(Help))
`

/** A script of the application, as a bundler makes it. */
async function bundle(): Promise<string> {
  const entry = join(directory, 'application.js')
  await writeFile(entry, APPLICATION)
  const result = await build({
    configFile: false,
    root: directory,
    logLevel: 'error',
    build: { write: false, minify: false, rolldownOptions: { input: entry } },
  })
  const outputs = 'close' in result ? [] : [result].flat()
  const scripts = outputs.flatMap(({ output }) => output.filter((file) => file.type === 'chunk'))
  for (const { fileName, code } of scripts) site.put(`/${fileName}`, code, 'text/javascript')
  const main = scripts.find(({ isEntry }) => isEntry)
  if (!main) throw new Error('no script was made')
  return main.fileName
}

it('takes props, calls listeners and gives the element to a ref', async () => {
  const script = await bundle()
  const html = `<!doctype html><title>App</title><body><script type="module" src="/${script}"></script>`
  site.put('/', html)
  harness.script = ['Hello']
  const { page, context, errors } = await harness.visitor()
  // One origin for both, as behind a proxy.
  await page.route(`${site.url}/api/**`, async (route) => {
    const { pathname, search } = new URL(route.request().url())
    await route.fulfill({
      response: await route.fetch({ url: harness.server.url + pathname + search }),
    })
  })
  await page.goto(site.url)
  await page.getByText('Ask').waitFor()
  await say(page, 'Hi')
  await answers(page).getByText('Hello').waitFor()
  await page.getByText('Ask more').waitFor()
  expect(await page.locator('main > output').textContent()).toBe('user,assistant')
  expect(await page.evaluate('chat.localName')).toBe('samosa-chat')
  expect(errors).toEqual([])
  await context.close()
})
