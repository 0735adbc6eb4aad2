import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { MANUAL } from '../testing/fake-model-server.ts'
import { answers, input, say, startHarness, type Harness, type Visitor } from './harness.ts'

const RICH = `# A heading that goes on for longer than a small window is wide

${'A paragraph with an unbreakable-word-'.padEnd(160, 'x')}

| Plant | Light | Water | Humidity | Temperature | Price | Delivery |
| --- | --- | --- | --- | --- | --- | --- |
| Monstera | bright, indirect | weekly | 60 % | 18–27 °C | €34.00 | two working days |

\`\`\`python
def read_measurements(path: str, *, separator: str = ",", skip_header: bool = True) -> list[float]:
\`\`\`

$$a = ${'b + '.repeat(60)} c$$
`

let harness: Harness
let visitor: Visitor
let axe: string
beforeAll(async () => {
  harness = await startHarness()
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
})
afterEach(() => visitor.context.close())
afterAll(() => harness.close())

type ContextOptions = Parameters<Harness['visitor']>[0]

/** The shop with its chat open. */
async function open(options: ContextOptions, path = '/'): Promise<Page> {
  visitor = await harness.visitor(options)
  const { page } = visitor
  await page.goto(harness.server.url + path)
  await page.locator('demo-strip').evaluate((strip) => strip.remove())
  if (path === '/') await page.locator('samosa-embed').getByRole('button').click()
  await input(page).waitFor()
  return page
}

async function answered(page: Page, script: Harness['script']): Promise<void> {
  harness.script = script
  await say(page, 'Tell me everything')
  await answers(page).last().waitFor()
  await page.getByRole('button', { name: /^stop/i }).waitFor({ state: 'detached' })
}

/** What is wrong with the chat for those who cannot see, hear or point well. */
async function findings(page: Page): Promise<readonly string[]> {
  // Not as a script of the page's: its policy would not let it in.
  await page.evaluate(axe)
  return page.evaluate(async () => {
    const tool = Reflect.get(window, 'axe') as { run(at: object): Promise<AxeResults> }
    const { violations } = await tool.run({ include: ['samosa-chat'] })
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`)
  })
}

/** What sticks out of the window sideways, and does not scroll in itself. */
const overflowing = (page: Page) =>
  page.evaluate(() => {
    const found: string[] = []
    const scrolls = ({ overflowX }: CSSStyleDeclaration) =>
      overflowX === 'auto' || overflowX === 'scroll'
    const visit = (parent: ParentNode): void => {
      for (const element of parent.children) {
        const style = getComputedStyle(element)
        // What nobody sees stands anywhere.
        if (style.clipPath !== 'none') continue
        const { left, right, width } = element.getBoundingClientRect()
        const isOut = width > 0 && (right > window.innerWidth + 1 || left < -1)
        if (isOut) found.push(`${element.localName}.${element.className}: ${left} to ${right}`)
        const isConversation = element.matches('.scroller')
        const hasMore = element.scrollWidth > element.clientWidth + 1
        if (isConversation && hasMore) found.push('the conversation scrolls sideways')
        // Code, tables and formulas do so by themselves.
        if (scrolls(style) && !isConversation) continue
        // What is too long for its line ends in an ellipsis there.
        if (style.textOverflow === 'ellipsis' && style.overflowX === 'hidden') continue
        visit(element.shadowRoot ?? element)
      }
    }
    const chat = document.querySelector('samosa-chat')
    if (chat?.shadowRoot) visit(chat.shadowRoot)
    return found
  })

const box = async (page: Page, selector: string) => {
  const found = await page.locator(selector).first().boundingBox()
  if (!found) throw new Error(`${selector} has no box`)
  return found
}

describe('for a visitor who wants less motion', () => {
  it('nothing moves, and what is going on can still be seen', async () => {
    harness.script = MANUAL
    const page = await open({ reducedMotion: 'reduce' })
    await say(page, 'Hello')
    await page.locator('samosa-waiting .wisp').first().waitFor()
    const moving = await page.evaluate(() => {
      const roots: (Document | ShadowRoot)[] = [document]
      let count = 0
      for (const root of roots) {
        for (const element of root.querySelectorAll('*')) {
          count += element.getAnimations().length
          if (element.shadowRoot) roots.push(element.shadowRoot)
        }
      }
      return count
    })
    expect(moving).toBe(0)
    const opacity = await page
      .locator('.wisp')
      .first()
      .evaluate((wisp) => Number(getComputedStyle(wisp).opacity))
    expect(opacity).toBeGreaterThan(0.3)
    await harness.model.finish()
  })
})

describe('with colours of the visitor’s own', () => {
  it('everything can be told apart, and the focus is seen', async () => {
    const page = await open({ forcedColors: 'active' })
    await answered(page, [RICH])
    expect(await findings(page)).toEqual([])
    const frames = (selector: string) =>
      page
        .locator(selector)
        .first()
        .evaluate((element) => {
          const { borderTopWidth, outlineStyle, backgroundColor, color } = getComputedStyle(element)
          return { borderTopWidth, outlineStyle, backgroundColor, color }
        })
    for (const selector of ['.panel', '.pod', 'samosa-message .bubble', '.pill']) {
      const { borderTopWidth } = await frames(selector)
      expect(Number.parseFloat(borderTopWidth), `${selector} has an edge`).toBeGreaterThanOrEqual(1)
    }
    const pill = page.getByRole('button', { name: 'Think' })
    const off = await frames('.pill')
    await pill.click()
    await page.locator('.pill[aria-pressed=true]').waitFor()
    await page.mouse.move(0, 0)
    expect(await frames('.pill'), 'pressed looks different').not.toEqual(off)
    await input(page).focus()
    await page.keyboard.press('Tab')
    const ring = await pill.evaluate((button) => getComputedStyle(button).outlineStyle)
    expect(ring).toBe('solid')
  })
})

describe('on a small window', () => {
  const sizes = [
    { name: 'zoomed to 200 %', width: 640, height: 360 },
    { name: 'zoomed to 400 %', width: 320, height: 256 },
    { name: 'of a small phone', width: 320, height: 568 },
  ]
  for (const { name, width, height } of sizes) {
    it(`${name}, everything fits without scrolling sideways`, async () => {
      const page = await open({ viewport: { width, height } })
      await answered(page, [RICH])
      expect(await overflowing(page)).toEqual([])
      const composer = await box(page, 'samosa-composer')
      expect(composer.y + composer.height).toBeLessThanOrEqual(height)
      const messages = await box(page, 'samosa-message-list')
      expect(messages.height, 'room to read').toBeGreaterThanOrEqual(height < 300 ? 60 : 120)
      expect(await findings(page)).toEqual([])
    })
  }

  it('turned, the end of the conversation stays in sight', async () => {
    const page = await open({ viewport: { width: 1100, height: 760 } })
    await answered(page, [`${'A samosa is a pastry with a filling. '.repeat(60)}\n\n`.repeat(3)])
    const scroller = page.locator('samosa-message-list .scroller')
    const fromEnd = () =>
      scroller.evaluate((area) => area.scrollHeight - area.clientHeight - area.scrollTop)
    // A long answer is read from its question on.
    await page.getByRole('button', { name: 'Bad answer' }).waitFor()
    await scroller.press('End')
    await expect.poll(fromEnd).toBeLessThan(2)
    for (const [width, height] of [
      [375, 720],
      [720, 375],
      [1100, 760],
      [375, 760],
    ] as const) {
      await page.setViewportSize({ width, height })
      await expect.poll(fromEnd, { message: `${width} × ${height}` }).toBeLessThan(2)
    }
  })

  it('with a keyboard on the screen, the text and the way to send it stay in sight', async () => {
    visitor = await harness.visitor({ viewport: { width: 390, height: 844 }, hasTouch: true })
    const { page } = visitor
    // The keyboard of a phone makes the visual viewport smaller, and tells of it.
    await page.addInitScript(() => {
      const view = window.visualViewport
      Object.defineProperty(window, 'raiseKeyboard', {
        value: () => {
          Object.defineProperty(view, 'height', { value: 500 })
          Object.defineProperty(view, 'offsetTop', { value: 30 })
          view?.dispatchEvent(new Event('resize'))
        },
      })
    })
    await page.goto(harness.server.url)
    await page.locator('samosa-embed').getByRole('button').tap()
    await input(page).tap()
    await page.evaluate('raiseKeyboard()')
    await expect.poll(async () => (await box(page, '.panel')).height).toBe(500)
    const panel = await box(page, '.panel')
    const send = await box(page, '.go')
    expect([panel.y, send.y + send.height <= 530, send.y >= 30]).toEqual([30, true, true])
    // Smaller text in a field makes phones zoom in.
    const size = await input(page).evaluate((field) => getComputedStyle(field).fontSize)
    expect(Number.parseFloat(size)).toBeGreaterThanOrEqual(16)
  })
})

describe('on a wide window', () => {
  for (const colorScheme of ['light', 'dark'] as const) {
    it(`the list beside the chat is fit for everybody, ${colorScheme}`, async () => {
      const page = await open({ viewport: { width: 1280, height: 800 }, colorScheme }, '/page.html')
      await answered(page, [RICH])
      await page.locator('samosa-drawer li').waitFor()
      expect(await findings(page)).toEqual([])
      await page.getByRole('searchbox').fill('nothing like it')
      await page.locator('samosa-drawer .note', { hasText: 'Nothing found' }).waitFor()
      expect(await findings(page)).toEqual([])
      await page.getByRole('button', { name: 'Conversations' }).click()
      await page.locator('samosa-drawer .drawer').waitFor({ state: 'detached' })
      expect(await findings(page), 'folded').toEqual([])
    })
  }
})

describe('with contrast turned up', () => {
  it('lines and text of second rank come nearer to the ink', async () => {
    const muted = async (contrast: 'more' | 'no-preference') => {
      const page = await open({ contrast }, '/page.html')
      const colour = await page
        .locator('.greeting')
        .evaluate((node) => getComputedStyle(node).getPropertyValue('--samosa-text-muted'))
      await visitor.context.close()
      return colour
    }
    expect(await muted('more')).not.toBe(await muted('no-preference'))
  })
})
