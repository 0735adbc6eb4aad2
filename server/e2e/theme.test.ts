import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { serve } from './foreign-page.ts'
import { startHarness, type Harness, type Visitor } from './harness.ts'

let harness: Harness
let visitor: Visitor
beforeAll(async () => {
  harness = await startHarness({ builtin: true })
})
afterEach(() => visitor.context.close())
afterAll(() => harness.close())

type Scheme = 'light' | 'dark'

/** A page of somebody else's with the loader and a chat in its text, for a visitor whose system is light or dark. */
async function open(system: Scheme, head: string, around = ''): Promise<Page> {
  visitor = await harness.visitor({ colorScheme: system })
  const { page, context } = visitor
  const url = `${harness.server.url}/foreign.html`
  await serve(
    context,
    url,
    `<!doctype html><html lang="en"><title>Shop</title>${head}
    <main style="${around}"><samosa-chat mode="inline"></samosa-chat></main>
    <script type="module" src="/samosa-chat.js"></script><script async src="/embed.js"></script>`,
  )
  await page.goto(url)
  await page.locator('samosa-chat .panel').waitFor()
  await page.locator('samosa-embed button').waitFor()
  return page
}

/** In which theme the chat in the text is drawn, and the launcher. */
const themes = (page: Page) =>
  page.evaluate(() => {
    const shade = (selector: string, inner: string) => {
      const found = document.querySelector(selector)?.shadowRoot?.querySelector(inner)
      return found ? getComputedStyle(found).backgroundColor : ''
    }
    const light = new Set(['rgb(255, 253, 249)', 'rgb(168, 75, 8)'])
    const dark = new Set(['rgb(28, 24, 21)', 'rgb(240, 162, 74)'])
    return [shade('samosa-chat', '.panel'), shade('samosa-embed', 'button')].map((colour) =>
      light.has(colour) ? 'light' : dark.has(colour) ? 'dark' : colour,
    )
  })

const CLASSES = '<style>:root { color-scheme: light } .night { color-scheme: dark }</style>'

describe('without a theme of its own, the chat follows the page that', () => {
  const cases = [
    { name: 'declares nothing', head: '', light: 'light', dark: 'light' },
    {
      name: 'declares both in its style',
      head: '<style>:root { color-scheme: light dark }</style>',
      light: 'light',
      dark: 'dark',
    },
    {
      name: 'declares both in its head',
      head: '<meta name="color-scheme" content="light dark">',
      light: 'light',
      dark: 'dark',
    },
    {
      name: 'is dark alone',
      head: '<style>html { color-scheme: only dark }</style>',
      light: 'dark',
      dark: 'dark',
    },
    {
      name: 'says in its head that it is dark',
      head: '<meta name="color-scheme" content="dark">',
      light: 'dark',
      dark: 'dark',
    },
    { name: 'is light alone', head: CLASSES, light: 'light', dark: 'light' },
  ] as const
  for (const { name, head, ...expected } of cases) {
    it(name, async () => {
      for (const system of ['light', 'dark'] as const) {
        const page = await open(system, head)
        const both = [expected[system], expected[system]]
        expect(await themes(page), `system: ${system}`).toEqual(both)
        if (system === 'light') await visitor.context.close()
      }
    })
  }

  it('changes its mind', async () => {
    const page = await open('light', CLASSES)
    const turn = (isNight: boolean) =>
      page.evaluate((on) => document.documentElement.classList.toggle('night', on), isNight)
    await turn(true)
    await expect.poll(() => themes(page)).toEqual(['dark', 'dark'])
    await turn(false)
    await expect.poll(() => themes(page)).toEqual(['light', 'light'])
  })

  it('declares another scheme for the place that the chat stands in', async () => {
    const page = await open('light', CLASSES, 'color-scheme: dark')
    expect(await themes(page)).toEqual(['dark', 'light'])
  })
})
