import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { serve } from './foreign-page.ts'
import { answers, input, say, startHarness, type Harness, type Visitor } from './harness.ts'

const LONG = `${'A samosa is a pastry with a filling. '.repeat(40)}\n\n`.repeat(3)
const TOUCH = { hasTouch: true, isMobile: true }
const PHONE = { ...TOUCH, viewport: { width: 390, height: 844 } }

let harness: Harness
let visitor: Visitor
beforeAll(async () => {
  harness = await startHarness({ environment: { WIDGET_STARTERS: 'What is a samosa?' } })
  harness.script = [LONG, 'The last line.']
})
afterEach(() => visitor.context.close())
afterAll(() => harness.close())

type Options = Parameters<Harness['visitor']>[0]

/** A long page of somebody else's with a chat on it. */
async function open(options: Options, chat: string): Promise<Page> {
  visitor = await harness.visitor(options)
  const { page, context } = visitor
  const url = `${harness.server.url}/foreign.html`
  await serve(
    context,
    url,
    `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
    <title>Shop</title><style>body { margin: 0 } p { block-size: 1500px; margin: 0 }</style>
    ${chat}<script type="module" src="/samosa-chat.js"></script>`,
  )
  await page.goto(url)
  return page
}

const BUBBLE = '<p>Above</p><p>Below</p><samosa-chat></samosa-chat>'
const PAGE = '<samosa-chat mode="page"></samosa-chat>'
const INLINE = '<p>Above</p><samosa-chat mode="inline"></samosa-chat><p>Below</p>'

const launcher = (page: Page) => page.getByRole('button', { name: 'Open chat' })

async function answered(page: Page): Promise<void> {
  await say(page, 'Tell me everything')
  await answers(page).last().getByText('The last line.').waitFor()
  await page.getByRole('button', { name: /^stop/i }).waitFor({ state: 'detached' })
}

const isTyping = (page: Page) =>
  page.evaluate(() => {
    let element = document.activeElement
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement
    return element?.matches('textarea, input') ?? false
  })

const box = (page: Page, selector: string) =>
  page
    .locator(selector)
    .first()
    .evaluate((element) => {
      const { top, bottom, height } = element.getBoundingClientRect()
      return { top, bottom, height }
    })

describe('on a phone', () => {
  it('no keyboard comes up until the text field is tapped', async () => {
    const page = await open(PHONE, BUBBLE)
    await launcher(page).tap()
    await page.getByRole('button', { name: 'What is a samosa?' }).waitFor()
    expect(await isTyping(page)).toBe(false)
    await page.getByRole('button', { name: 'What is a samosa?' }).tap()
    await answers(page).last().getByText('The last line.').waitFor()
    expect(await isTyping(page)).toBe(false)
    expect(await page.getByRole('dialog').evaluate((panel) => panel.matches(':focus'))).toBe(true)
    await input(page).tap()
    expect(await isTyping(page)).toBe(true)
  })

  it('the page behind neither scrolls nor bounces, and is where it was afterwards', async () => {
    const page = await open(PHONE, BUBBLE)
    await page.evaluate(() => scrollTo(0, 700))
    const where = () =>
      page.evaluate(() => [scrollX, scrollY, document.documentElement.style.cssText])
    const before = await where()
    await launcher(page).tap()
    await input(page).waitFor()
    await expect
      .poll(() => page.evaluate(() => getComputedStyle(document.documentElement).overflowY))
      .toBe('hidden')
    const session = await visitor.context.newCDPSession(page)
    // Over the header, the greeting and the text field, up and down.
    for (const y of [30, 300, 780]) {
      for (const yDistance of [-400, 400]) {
        const gesture = { x: 150, y, yDistance, gestureSourceType: 'touch', speed: 8_000 } as const
        await session.send('Input.synthesizeScrollGesture', gesture)
      }
    }
    for (const key of ['PageDown', 'End', 'Space']) await page.keyboard.press(key)
    await page.mouse.wheel(0, 500)
    expect(await page.evaluate(() => scrollY)).toBe(700)
    await page.getByRole('button', { name: 'Close' }).tap()
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await expect.poll(where).toEqual(before)
    await page.mouse.wheel(0, 300)
    await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(700)
  })

  it('a page that goes on to another place meanwhile is left there', async () => {
    const page = await open(PHONE, BUBBLE)
    await launcher(page).tap()
    await input(page).waitFor()
    await page.evaluate(() => {
      location.hash = 'there'
      scrollTo(0, 900)
    })
    await page.getByRole('button', { name: 'Close' }).tap()
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    expect(await page.evaluate(() => scrollY)).toBe(900)
  })
})

describe('where the window is as low as at 400 %', () => {
  const low = { width: 320, height: 200 }
  for (const [name, options, chat] of [
    ['a bubble', { viewport: low }, BUBBLE],
    ['a bubble on a touch screen', { ...TOUCH, viewport: low }, BUBBLE],
    ['a page', { viewport: low }, PAGE],
  ] as const) {
    it(`more than half of ${name} is for reading`, async () => {
      const page = await open(options, chat)
      if (chat === BUBBLE) await launcher(page).click()
      await answered(page)
      const share = async () => {
        const panel = await box(page, '.panel')
        return (await box(page, 'samosa-message-list .scroller')).height / panel.height
      }
      await expect.poll(share).toBeGreaterThan(0.5)
      const { bottom } = await box(page, 'samosa-composer')
      expect(bottom).toBeLessThanOrEqual(200)
    })
  }
})

describe('the word of a switch below the text', () => {
  const width = (page: Page) =>
    page
      .locator('.pill')
      .first()
      .evaluate((pill) => {
        const word = pill.querySelector('span')?.getBoundingClientRect()
        const { bottom } = pill.getBoundingClientRect()
        return word && word.top < bottom ? word.width : 0
      })

  it('stays where there is room', async () => {
    const page = await open({ ...TOUCH, viewport: { width: 320, height: 568 } }, BUBBLE)
    await launcher(page).tap()
    await input(page).waitFor()
    await expect.poll(() => width(page)).toBeGreaterThan(20)
  })

  it('goes where there is none, and nothing is cut off or stands over another', async () => {
    const page = await open({ viewport: { width: 500, height: 700 } }, INLINE)
    await page.locator('samosa-chat').evaluate((chat) => chat.style.setProperty('width', '262px'))
    await input(page).waitFor()
    await expect.poll(() => width(page)).toBe(0)
    const room = await page
      .locator('samosa-composer .bar')
      .evaluate((bar) => [bar.scrollWidth, bar.clientWidth])
    expect(room[0]).toBe(room[1])
    await page.getByRole('button', { name: 'Think' }).waitFor()
  })
})

/** The keyboard of a phone makes the visual viewport smaller, and tells of it. */
async function raiseKeyboard(page: Page, height: number, offsetTop = 0): Promise<void> {
  await page.evaluate(
    ([high, top]) => {
      const view = window.visualViewport
      Object.defineProperty(view, 'height', { value: high, configurable: true })
      Object.defineProperty(view, 'offsetTop', { value: top, configurable: true })
      view?.dispatchEvent(new Event('resize'))
    },
    [height, offsetTop] as const,
  )
}

describe('above a keyboard on the screen everything can be seen', () => {
  for (const [name, size, chat, height, offset] of [
    ['of a bubble', { width: 390, height: 844 }, BUBBLE, 460, 0],
    ['of a bubble whose view was moved', { width: 390, height: 844 }, BUBBLE, 460, 120],
    ['of a bubble, turned', { width: 844, height: 390 }, BUBBLE, 200, 0],
    ['of a bubble on a tablet', { width: 768, height: 1024 }, BUBBLE, 600, 0],
    ['of a page', { width: 390, height: 844 }, PAGE, 460, 100],
    ['of a page, turned', { width: 844, height: 390 }, PAGE, 190, 60],
    ['in a text', { width: 390, height: 844 }, INLINE, 460, 0],
  ] as const) {
    it(name, async () => {
      const page = await open({ ...TOUCH, viewport: size }, chat)
      if (chat === BUBBLE) await launcher(page).tap()
      await answered(page)
      const whole = await box(page, '.panel')
      await input(page).tap()
      await raiseKeyboard(page, height, offset)
      const seen = async () => {
        const [header, composer] = [
          await box(page, 'samosa-panel-header'),
          await box(page, 'samosa-composer'),
        ]
        return header.top >= offset - 0.5 && composer.bottom <= offset + height + 0.5
      }
      await expect.poll(seen).toBe(true)
      const scroller = page.locator('samosa-message-list .scroller')
      expect((await box(page, 'samosa-message-list .scroller')).height).toBeGreaterThan(60)
      await scroller.evaluate((area) => area.scrollTo(0, area.scrollHeight))
      const end = await answers(page)
        .last()
        .evaluate((answer) => answer.getBoundingClientRect().bottom)
      expect(end).toBeLessThanOrEqual((await box(page, 'samosa-composer')).top)

      await raiseKeyboard(page, size.height)
      await expect.poll(async () => (await box(page, '.panel')).height).toBe(whole.height)
    })
  }
})

it('zoomed in by two fingers, the panel keeps the height that a keyboard leaves, and can be panned over', async () => {
  const page = await open(PHONE, BUBBLE)
  await launcher(page).tap()
  await input(page).tap()
  await page.evaluate(() => Object.defineProperty(window.visualViewport, 'scale', { value: 2 }))
  await raiseKeyboard(page, 230, 115)
  await expect.poll(() => box(page, '.panel')).toEqual({ top: 0, bottom: 460, height: 460 })
})

it('notch, corners and the bar at the end cover nothing, however the phone is held', async () => {
  for (const [width, height, chat] of [
    [390, 844, BUBBLE],
    [844, 390, BUBBLE],
    [390, 844, PAGE],
    [932, 430, PAGE],
  ] as const) {
    const page = await open({ ...TOUCH, viewport: { width, height } }, chat)
    const session = await visitor.context.newCDPSession(page)
    const side = width > height ? 50 : 0
    await session.send('Emulation.setSafeAreaInsetsOverride', {
      insets: { top: 40, bottom: 30, left: side, right: side },
    })
    if (chat === BUBBLE) await launcher(page).tap()
    await input(page).waitFor()
    // On the widest one it stands beside the chat.
    if (width < 900) await page.getByRole('button', { name: 'Conversations' }).tap()
    await page.locator('samosa-drawer .drawer').waitFor()
    const bare = () =>
      page.evaluate(
        ([wide, high, edge]) => {
          const found: string[] = []
          const visit = (root: ParentNode): void => {
            for (const element of root.querySelectorAll('*')) {
              if (element.shadowRoot) visit(element.shadowRoot)
              if (!element.matches('button, textarea, input, h2') || !element.checkVisibility())
                continue
              const { left, right, top, bottom } = element.getBoundingClientRect()
              const isClear =
                left >= edge && right <= wide - edge && top >= 40 && bottom <= high - 30
              if (right > left && !isClear)
                found.push(`${element.className}: ${left} ${top} ${right} ${bottom}`)
            }
          }
          const root = document.querySelector('samosa-chat')?.shadowRoot
          if (root) visit(root)
          return found
        },
        [width, height, side] as const,
      )
    await expect.poll(bare, { message: `${width} × ${height}` }).toEqual([])
    if (width !== 932) await visitor.context.close()
  }
})
