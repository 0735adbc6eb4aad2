/** The launcher and the panel in an owner's brand, on pages of their own: before the element has come, and after. */
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startForeignSite, type ForeignSite } from './foreign-site.ts'
import { answers, LONGEST_WAIT, say, startHarness, type Harness } from './harness.ts'

const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><circle cx="32" cy="32" r="32" fill="teal"/></svg>'

let harness: Harness
let site: ForeignSite
let elsewhere: ForeignSite
let context: BrowserContext
let page: Page
let asked: string[] = []
let warnings: string[] = []

beforeAll(async () => {
  ;[harness, site, elsewhere] = await Promise.all([
    startHarness({ environment: { ALLOWED_ORIGINS: '*' } }),
    startForeignSite(),
    startForeignSite(),
  ])
  for (const one of [site, elsewhere]) one.put('/logo.svg', LOGO, 'image/svg+xml')
  site.put('/broken.png', 'no picture', 'image/png')
  site.put('/huge.svg', LOGO.replaceAll('"64"', '"9000"'), 'image/svg+xml')
})
afterEach(() => context.close())
afterAll(async () => {
  await harness.close()
  await Promise.all([site.close(), elsewhere.close()])
})

interface Options {
  readonly body?: string
  readonly style?: string
  readonly html?: string
  readonly size?: { readonly width: number; readonly height: number }
}

async function visit(attributes: string, options: Options = {}): Promise<void> {
  const { body = '', style = '', html = 'lang="en"', size = { width: 1000, height: 800 } } = options
  site.put(
    '/',
    `<!doctype html><html ${html}><title>A shop</title><style>${style}</style><body>${body}<p>Plants</p><script async src="${harness.server.url}/embed.js" ${attributes}></script></body></html>`,
  )
  context = await harness.browser.newContext({ viewport: size })
  context.setDefaultTimeout(LONGEST_WAIT)
  page = await context.newPage()
  asked = []
  warnings = []
  page.on('console', (message) => {
    if (message.type() === 'warning') warnings.push(message.text())
  })
  page.on('request', (request) => asked.push(request.url()))
  await page.goto(site.url)
}

const stub = () => page.locator('samosa-embed button')
const launcher = () => page.locator('samosa-launcher button')
const panel = () => page.locator('samosa-chat .panel')
const boxOf = async (of: ReturnType<typeof stub>) => {
  const box = await of.boundingBox()
  if (!box) throw new Error('It is not drawn.')
  return box
}
/** Distances from the window's edges. */
const edges = async (of: ReturnType<typeof stub>) => {
  const { x, y, width, height } = await boxOf(of)
  const size = page.viewportSize() ?? { width: 0, height: 0 }
  return {
    left: Math.round(x),
    top: Math.round(y),
    right: Math.round(size.width - x - width),
    bottom: Math.round(size.height - y - height),
  }
}
/** Waits for the panel, and for the end of the movement it arrives with. */
const arrived = async () => {
  await panel().waitFor()
  await panel().evaluate(async (element) => {
    await Promise.all(element.getAnimations().map(({ finished }) => finished))
  })
}
const openPanel = async () => {
  await stub().click()
  await arrived()
  // Under a pointer the launcher is larger, for a moment.
  await page.mouse.move(500, 400)
  await page.locator('samosa-launcher button').evaluate(async (element) => {
    await Promise.all(element.getAnimations().map(({ finished }) => finished))
  })
}

describe('the corner', () => {
  it.each([
    ['', 'ltr', 'right', 'bottom'],
    ['end', 'ltr', 'right', 'bottom'],
    ['start', 'ltr', 'left', 'bottom'],
    ['bottom-start', 'ltr', 'left', 'bottom'],
    ['top-end', 'ltr', 'right', 'top'],
    ['top-start', 'ltr', 'left', 'top'],
    ['bottom-end', 'rtl', 'left', 'bottom'],
    ['top-start', 'rtl', 'right', 'top'],
  ] as const)('%s (%s) is %s and %s, for launcher and panel', async (position, dir, side, end) => {
    await visit(position && `data-position="${position}"`, { html: `lang="en" dir="${dir}"` })
    await stub().waitFor()
    const before = await edges(stub())
    expect([before[side], before[end]]).toEqual([20, 20])
    await openPanel()
    expect(await edges(launcher())).toEqual(before)
    const opened = await edges(panel())
    expect([opened[side], opened[end]]).toEqual([20, 88])
    expect(Math.min(...Object.values(opened))).toBeGreaterThanOrEqual(0)
  })

  it('keeps the distances that the page sets', async () => {
    await visit('data-position="top-start"', {
      style: ':root { --samosa-inset-block-start: 70px; --samosa-inset-inline-start: 8px }',
    })
    await stub().waitFor()
    const { top, left } = await edges(stub())
    expect([top, left]).toEqual([70, 8])
    await openPanel()
    const opened = await edges(panel())
    expect([opened.top, opened.left]).toEqual([138, 8])
  })
})

describe('in the window', () => {
  it.each([
    'filter: blur(0.1px)',
    'transform: translateX(1px)',
    'contain: paint',
    'perspective: 9px',
  ])('stand launcher and panel, whatever the body has (%s)', async (declaration) => {
    await visit('', { style: `body { ${declaration}; height: 3000px; margin: 40px }` })
    await stub().waitFor()
    const { right, bottom } = await edges(stub())
    expect([right, bottom]).toEqual([20, 20])
    await openPanel()
    const opened = await edges(panel())
    expect([opened.right, opened.bottom]).toEqual([20, 88])
  })

  it('a dialog of the page comes above, and what a page paints behind dialogs does not dim it', async () => {
    await visit('', {
      body: '<dialog><button>Inside</button></dialog>',
      style:
        '::backdrop { background: rgb(0 0 0 / 0.9) } dialog { position: fixed; inset: 0; margin: auto 0 0 auto }',
    })
    await stub().waitFor()
    const backdrop = await page
      .locator('samosa-embed')
      .evaluate((host) => getComputedStyle(host, '::backdrop').display)
    expect(backdrop).toBe('none')
    await openPanel()
    await page.evaluate(() => document.querySelector('dialog')?.showModal())
    const hit = await page.evaluate(() => {
      const { left, top } = document.querySelector('dialog button')?.getBoundingClientRect() ?? {
        left: 0,
        top: 0,
      }
      return document.elementFromPoint(left + 2, top + 2)?.localName
    })
    expect(hit).toBe('button')
    await page.keyboard.press('Escape')
    expect(await page.evaluate(() => document.querySelector('dialog')?.open)).toBe(false)
    await panel().waitFor()
  })

  it('a page that gives the bubble a layer has it there', async () => {
    await visit('', {
      body: '<div style="position:fixed;inset:0;z-index:11;background:white"></div>',
      style: ':root { --samosa-z-index: 10 }',
    })
    await stub().waitFor()
    const hit = () => page.evaluate(() => document.elementFromPoint(950, 750)?.localName)
    expect(await hit()).toBe('div')
    await page.evaluate('samosa.show()')
    await panel().waitFor()
    await page.waitForFunction(
      "document.querySelector('samosa-chat').renderRoot.querySelector('.told')",
    )
    expect(await hit()).toBe('div')
  })
})

describe('a label', () => {
  it('stands beside the mark and names the launcher, before and after', async () => {
    await visit('data-launcher-label="Ask a gardener"')
    await page.getByRole('button', { name: 'Ask a gardener' }).waitFor()
    const before = await boxOf(stub())
    expect(before.width).toBeGreaterThan(120)
    await stub().focus()
    await launcher().waitFor()
    await page.getByRole('button', { name: 'Ask a gardener' }).waitFor()
    const after = await boxOf(launcher())
    expect(Math.abs(after.width - before.width)).toBeLessThan(2)
    expect(after.height).toBe(before.height)
    await launcher().click()
    await panel().waitFor()
    await page.waitForFunction(() => {
      const button = document
        .querySelector('samosa-chat')
        ?.shadowRoot?.querySelector('samosa-launcher')
      return Math.round(button?.getBoundingClientRect().width ?? 0) === 56
    })
  })

  it('that is long stays in a narrow window', async () => {
    await visit(`data-launcher-label="${'Ask our gardeners about everything '.repeat(3)}"`, {
      size: { width: 320, height: 640 },
    })
    await stub().waitFor()
    expect((await edges(stub())).left).toBeGreaterThanOrEqual(0)
    await page.getByText('Plants').hover()
    await stub().focus()
    await launcher().waitFor()
    expect((await edges(launcher())).left).toBeGreaterThanOrEqual(0)
  })
})

describe('a hidden launcher', () => {
  it('leaves opening to a control of the page, and gives the focus back to it', async () => {
    await visit('data-launcher="hidden"', {
      body: '<a href="/contact" data-samosa-open><b>Talk to us</b></a>',
    })
    const opener = page.getByRole('link', { name: 'Talk to us' })
    await page.waitForFunction('window.samosa')
    expect(await stub().isVisible()).toBe(false)
    await opener.click()
    await arrived()
    expect(new URL(page.url()).pathname).toBe('/')
    expect(await launcher().count()).toBe(0)
    expect((await edges(panel())).bottom).toBe(20)
    await page.waitForFunction("document.activeElement.localName === 'samosa-chat'")
    await page.keyboard.press('Escape')
    await panel().waitFor({ state: 'hidden' })
    await page.waitForFunction("document.activeElement.textContent === 'Talk to us'")
    await page.evaluate('samosa.show()')
    await panel().waitFor()
  })
})

describe('a logo', () => {
  const drawn = () => page.locator('samosa-embed button img')
  it('stands on the launcher at once, then on launcher, header, greeting and answers', async () => {
    await visit('data-logo="/logo.svg"')
    await drawn().waitFor()
    expect(asked.filter((url) => url.includes('samosa-chat'))).toEqual([])
    const { width, height } = await boxOf(stub())
    expect([width, height]).toEqual([56, 56])
    await openPanel()
    const images = (selector: string) =>
      page
        .locator(selector)
        .evaluateAll((marks) =>
          marks.map((mark) => getComputedStyle(mark).backgroundImage.includes('/logo.svg')),
        )
    await page.waitForFunction(
      "document.querySelector('samosa-chat').renderRoot.querySelector('.root').style.getPropertyValue('--_logo')",
    )
    expect(await images('samosa-panel-header .mark')).toEqual([true])
    expect(await images('samosa-empty-state .mark')).toEqual([true])
    const { x: edge } = await boxOf(page.locator('samosa-empty-state .greeting'))
    expect((await boxOf(page.locator('samosa-empty-state .mark'))).x).toBe(edge)
    const border = page.locator('samosa-composer .pod')
    expect(await border.evaluate((pod) => getComputedStyle(pod).borderTopWidth)).toBe('1px')
    await say(page, 'Hello')
    await answers(page).getByText('Hello world!').waitFor()
    const avatar = await page
      .locator('article.assistant')
      .evaluate((article) => getComputedStyle(article, '::before').backgroundImage)
    expect(avatar).toContain('/logo.svg')
    await page.keyboard.press('Escape')
    expect(await images('samosa-launcher .mark')).toEqual([true])
  })

  it.each([
    ['is missing', () => '/none.svg', 'could not be loaded'],
    ['is no picture', () => '/broken.png', 'could not be loaded'],
    ['is huge', () => '/huge.svg', 'is larger than 2048 pixels'],
    ['is a script', () => 'javascript:alert(1)', 'is no http(s) address'],
    ['is data', () => 'data:image/gif;base64,R0lGODlhAQABAAAAADs=', 'is no http(s) address'],
    ['is of another origin', () => `${elsewhere.url}/logo.svg`, 'that image-origins names'],
    ['is no address', () => 'http://[', 'is no http(s) address'],
  ])('that %s leaves our mark where it is, and is told of once', async (_name, address, why) => {
    await visit(`data-logo="${address()}"`)
    await stub().waitFor()
    await openPanel()
    await expect.poll(() => warnings.some((text) => text.includes('shows its own mark'))).toBe(true)
    expect(await drawn().count()).toBe(0)
    expect(await page.locator('samosa-panel-header .mark .body').isVisible()).toBe(true)
    expect(asked.filter((url) => url.startsWith(elsewhere.url))).toEqual([])
    const { width, height } = await boxOf(launcher())
    expect([width, height]).toEqual([56, 56])
    expect(warnings.filter((text) => text.includes('shows its own mark'))).toEqual([
      expect.stringContaining(why),
    ])
  })

  it('of an origin that the page allows is shown', async () => {
    await visit(`data-logo="${elsewhere.url}/logo.svg" data-image-origins="${elsewhere.url}"`)
    await drawn().waitFor()
  })

  it('may be an element of the page, in slots of launcher and header', async () => {
    await visit('')
    await openPanel()
    await page.evaluate(() => {
      for (const slot of ['launcher', 'logo']) {
        const own = document.createElement('b')
        own.slot = slot
        own.textContent = slot[0] ?? ''
        document.querySelector('samosa-chat')?.append(own)
      }
    })
    await page.locator('b[slot=logo]').waitFor()
    await page.keyboard.press('Escape')
    await page.locator('b[slot=launcher]').waitFor()
    expect(await page.locator('samosa-launcher .mark').isVisible()).toBe(false)
  })
})

describe('two chats in the flow of a page', () => {
  it('keep two conversations, and the first what it always had', async () => {
    const chat = (id: string) =>
      `<samosa-chat id="${id}" mode="inline" endpoint="${harness.server.url}"></samosa-chat>`
    site.put(
      '/two',
      `<!doctype html><html lang="en"><title>Two</title><script type="module" src="${harness.server.url}/samosa-chat.js"></script><body>${chat('a')}${chat('b')}</body></html>`,
    )
    context = await harness.browser.newContext()
    context.setDefaultTimeout(LONGEST_WAIT)
    page = await context.newPage()
    await page.goto(`${site.url}/two`)
    for (const id of ['a', 'b']) {
      harness.script = [`Answer ${id}.`]
      const own = page.locator(`#${id}`)
      await own.getByRole('textbox').fill(`Question ${id}`)
      await own.getByRole('textbox').press('Enter')
      await own.locator('samosa-answer', { hasText: `Answer ${id}.` }).waitFor()
    }
    await page.reload()
    for (const id of ['a', 'b']) {
      const own = page.locator(`#${id}`)
      await own.locator('samosa-answer', { hasText: `Answer ${id}.` }).waitFor()
      expect(await own.locator('samosa-answer').count()).toBe(1)
    }
    const kept = await page.evaluate(() =>
      Object.keys(localStorage).filter((key) => key.endsWith(':conversation')),
    )
    expect(kept.some((key) => /:\d+:conversation$/.test(key))).toBe(true)
  })
})
