import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startHarness, type Harness } from './harness.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let harness: Harness
beforeAll(async () => {
  harness = await startHarness({ builtin: true })
})
afterAll(() => harness.close())

describe('the page that describes the API', () => {
  it.each(['light', 'dark'] as const)('is accessible and asks nobody else (%s)', async (scheme) => {
    const { page, elsewhere, errors } = await harness.visitor({ colorScheme: scheme })
    await page.goto(`${harness.server.url}/docs`)
    await page.evaluate(axe)
    const violations: unknown = await page.evaluate(
      'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))',
    )
    expect(violations).toEqual([])
    expect(elsewhere).toEqual([])
    expect(errors).toEqual([])
  })

  it('fits a phone, and leads from each heading of its list to the chapter', async () => {
    const { page } = await harness.visitor({ viewport: { width: 360, height: 640 } })
    await page.goto(`${harness.server.url}/docs`)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
    await page.getByRole('navigation').getByRole('link', { name: 'Answers', exact: true }).click()
    const chapter = page
      .getByRole('main')
      .getByRole('heading', { name: 'Answers', exact: true, level: 2 })
    await chapter.waitFor()
    const { y } = (await chapter.boundingBox())!
    expect(y).toBeGreaterThan(50)
    expect(y).toBeLessThan(200)
    expect(new URL(page.url()).hash).toBe('#answers')
  })

  it('works without scripts, from the keyboard', async () => {
    const { page } = await harness.visitor({ javaScriptEnabled: false })
    await page.goto(`${harness.server.url}/docs`)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    expect(new URL(page.url()).hash).toBe('#start')
    await page.getByRole('link', { name: 'Send message POST' }).click()
    expect(new URL(page.url()).hash).toBe('#sendMessage')
    const send = page.getByRole('article', { name: 'Send message' })
    await send.getByText(/^Errors: /).click()
    await send.getByText('Too many requests.').waitFor()
  })
})
