/** The loader as it is built, on pages of another origin, which do with their body what pages do. */
import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { packageDirectory } from '../package.ts'
import { launchChromium } from '../../widget/testing/launch-chromium.ts'
import { MANUAL, startFakeModelServer, type FakeModelServer } from '../testing/fake-model-server.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { startForeignSite, type ForeignSite } from './foreign-site.ts'
import { answers, LONGEST_WAIT, say } from './harness.ts'

let model: FakeModelServer
let server: TestServer
let site: ForeignSite
let browser: Browser
let page: Page
let fetched: string[] = []
let errors: string[] = []
beforeAll(async () => {
  model = await startFakeModelServer({ protocol: 'nanochat', respond: () => MANUAL })
  server = await startTestServer({
    ALLOWED_ORIGINS: '*',
    INFERENCE_SERVICE_URL: model.url,
    INFERENCE_API: 'nanochat',
  })
  ;[site, browser] = await Promise.all([startForeignSite(), launchChromium()])
})
afterEach(() => page.context().close())
afterAll(async () => {
  await browser.close()
  await Promise.all([server.close(), site.close(), model.close()])
})

const tag = (attributes = '') =>
  `<script async src="${server.url}/embed.js" ${attributes}></script>`

/** Opens a page of the foreign site; all that it gets from our server is in `fetched`. */
async function visit(html: string, options: Parameters<Browser['newContext']>[0] = {}) {
  site.put('/', html)
  const context = await browser.newContext(options)
  context.setDefaultTimeout(LONGEST_WAIT)
  page = await context.newPage()
  fetched = []
  errors = []
  page.on('request', (request) => {
    if (request.url().startsWith(server.url)) fetched.push(new URL(request.url()).pathname)
  })
  page.on('pageerror', (error) => errors.push(error.message))
  await page.goto(site.url)
}
const shop = (body: string, head = '') =>
  `<!doctype html><html lang="en"><head><title>A shop</title>${head}</head><body>${body}</body></html>`

const launcher = () => page.locator('samosa-embed button')
const panel = () => page.locator('samosa-chat').getByRole('textbox')
/** The element, marked so that it is known again. */
const mark = () => page.evaluate('window.first = samosa.element; null')
/** Whether it is still there, alone and open. */
const isSame = async () => {
  const isAlone = await page.evaluate(() => {
    const chats = [...document.querySelectorAll('samosa-chat')]
    return chats.length === 1 && chats[0] === Reflect.get(window, 'first')
  })
  return isAlone && (await panel().isVisible())
}

describe('before the visitor means to chat', () => {
  const untilIntent = async (options = {}) => {
    await visit(shop(`<p>Plants</p>${tag()}`), options)
    await launcher().waitFor()
  }
  const loaded = () => page.locator('samosa-chat').waitFor({ state: 'attached' })

  it('loads the loader and nothing else', async () => {
    await untilIntent()
    await page.mouse.move(10, 10)
    await page.getByText('Plants').click()
    expect(fetched).toEqual(['/embed.js'])
  })

  it.each<[string, () => Promise<unknown>]>([
    ['hovers', () => launcher().hover()],
    ['tabs to it', () => page.keyboard.press('Tab')],
    ['clicks', () => launcher().click()],
    ['is shown it by the page', () => page.evaluate('samosa.show()')],
    ['is sent a text by the page', () => page.evaluate('samosa.send("Hi")')],
  ])('loads the rest when the visitor %s', async (_name, act) => {
    await untilIntent()
    await act()
    await loaded()
    expect(fetched.some((path) => /^\/samosa-chat\.[\w-]{8}\.js$/.test(path))).toBe(true)
    expect(fetched).not.toContain('/samosa-chat.js')
  })

  it('loads the rest when the visitor touches it', async () => {
    await untilIntent({ hasTouch: true })
    await launcher().tap()
    await loaded()
  })

  it('loads the rest when nothing else is to do, where the page wants it', async () => {
    await visit(shop(tag('data-preload')))
    await loaded()
    expect(await panel().isVisible()).toBe(false)
    expect(fetched.filter((path) => path.startsWith('/api'))).toEqual([])
  })
})

describe('a page that replaces its body', () => {
  const openChat = async () => {
    await visit(shop(`<p>First</p>${tag('data-heading="Ask us"')}`))
    await launcher().click()
    await panel().waitFor()
    await mark()
  }

  it('keeps the open chat and its running answer, as Turbo does it', async () => {
    await openChat()
    const asked = model.requests.length
    await say(page, 'Tell me')
    await model.requested(asked + 1)
    await model.send('one ')
    await answers(page).getByText('one').waitFor()
    await page.evaluate(
      (html) => {
        const next = document.adoptNode(new DOMParser().parseFromString(html, 'text/html').body)
        for (const old of next.querySelectorAll('script')) {
          const script = document.createElement('script')
          for (const { name, value } of old.attributes) script.setAttribute(name, value)
          old.replaceWith(script)
        }
        document.documentElement.replaceChild(next, document.body)
      },
      shop(`<p>Second</p>${tag('data-heading="Ask again"')}`),
    )
    await model.send('two')
    await model.finish()
    await answers(page).getByText('one two').waitFor()
    await page.getByText('Ask again').waitFor()
    expect(await isSame()).toBe(true)
    expect(errors).toEqual([])
  })

  it('has one chat, also when a router shows a copy of the markup again', async () => {
    await openChat()
    await page.evaluate(() => {
      const { innerHTML } = document.body
      document.body.innerHTML = '<p>Second</p>'
      document.body.innerHTML = innerHTML
    })
    await page.getByText('First').waitFor()
    expect(await isSame()).toBe(true)
  })

  it('keeps the launcher before anything is loaded', async () => {
    await visit(shop(tag()))
    await launcher().waitFor()
    await page.evaluate(() => void (document.body.innerHTML = '<main>Next</main>'))
    await launcher().click()
    await panel().waitFor()
    expect(await page.locator('samosa-embed').count()).toBe(0)
  })

  it('keeps the chat within a view transition, in no part of its pictures but its own', async () => {
    await openChat()
    const names = await page.evaluate(async () => {
      const transition = document.startViewTransition(() => {
        document.body.innerHTML = '<p>Second</p>'
      })
      await transition.ready
      const moving = document.getAnimations().map(({ effect }) => {
        return effect instanceof KeyframeEffect ? effect.pseudoElement : null
      })
      await transition.finished
      return moving
    })
    expect(names.some((name) => name?.includes('samosa-chat'))).toBe(true)
    expect(await isSame()).toBe(true)
  })

  it('keeps the chat when the page is written anew', async () => {
    await openChat()
    await page.evaluate(
      (html) => {
        document.open()
        // oxlint-disable-next-line typescript/no-deprecated -- pages do it all the same.
        document.write(html)
        document.close()
      },
      shop(`<p>Written</p>${tag()}`),
    )
    await page.getByText('Written').waitFor()
    await panel().waitFor()
    expect(await isSame()).toBe(true)
  })
})

describe('an old page', () => {
  it('in quirks mode that writes the tag gets the chat', async () => {
    const written = tag().replace('async', '').replace('</script>', '<\\/script>')
    await visit(`<html><body><center>Shop</center><script>document.write('${written}')</script>`)
    expect(await page.evaluate(() => document.compatMode)).toBe('BackCompat')
    await launcher().click()
    await panel().waitFor()
    expect(errors).toEqual([])
  })

  it('with the tag in its head gets the launcher at the end of its body', async () => {
    await visit(shop('<p>Shop</p>', tag().replace('async', '')))
    await launcher().waitFor()
    expect(await page.evaluate(() => document.body.lastElementChild?.localName)).toBe(
      'samosa-embed',
    )
  })

  it('with a variable of that name is configured by it', async () => {
    const head = '<script>var samosa = { heading: "Ask a gardener" }</script>'
    await visit(shop(tag(), head))
    await launcher().click()
    await page.getByText('Ask a gardener').waitFor()
    expect(errors).toEqual([])
  })
})

describe('a second copy', () => {
  it('of the same tag changes nothing', async () => {
    await visit(shop(tag() + tag() + tag()))
    await launcher().click()
    await panel().waitFor()
    expect(await page.locator('samosa-embed, samosa-chat').count()).toBe(1)
  })

  it('of another place, with other options, changes those of the first', async () => {
    const script = await readFile(`${packageDirectory()}/dist/embed.js`, 'utf8')
    site.put('/copy/embed.js', script, 'text/javascript')
    await visit(shop(tag('data-heading="First"')))
    await launcher().waitFor()
    await page.addScriptTag({ content: `window.before = window.samosa` })
    await page.evaluate(() => {
      const copy = document.createElement('script')
      copy.src = '/copy/embed.js'
      copy.dataset['heading'] = 'Second'
      document.body.append(copy)
      return new Promise((resolve) => copy.addEventListener('load', resolve))
    })
    expect(await page.evaluate('before === samosa')).toBe(true)
    await launcher().click()
    await page.getByText('Second').waitFor()
    expect(await page.locator('samosa-embed, samosa-chat').count()).toBe(1)
  })
})

describe('without an address of its own', () => {
  it('the loader works inlined, with the server that the page names', async () => {
    const script = await readFile(`${packageDirectory()}/dist/embed.js`, 'utf8')
    await visit(shop(`<script data-endpoint="${server.url}">${script}</script>`))
    await launcher().click()
    await panel().waitFor()
    expect(errors).toEqual([])
  })

  it('the loader works as a module', async () => {
    const module = tag('type="module" data-heading="Modular"')
    await visit(shop(module))
    await launcher().click()
    await page.getByText('Modular').waitFor()
    expect(errors).toEqual([])
  })
})

describe('a server that is gone', () => {
  it('is said on the launcher, and the next click opens the chat, once', async () => {
    await visit(shop(tag()))
    await launcher().waitFor()
    await page.route(/samosa-chat/, (route) => route.abort())
    await launcher().click()
    await page.getByText('Try again').waitFor()
    await page.unroute(/samosa-chat/)
    await launcher().click()
    await panel().waitFor()
    expect(await page.locator('samosa-embed, samosa-chat').count()).toBe(1)
  })

  it('has been upgraded meanwhile: the chat comes under its other name', async () => {
    await visit(shop(tag()))
    await launcher().waitFor()
    const gone = (route: { fulfill: (answer: { status: number }) => Promise<void> }) =>
      route.fulfill({ status: 404 })
    await page.route(/samosa-chat\.[\w-]{8}\.js/, gone, { times: 1 })
    await launcher().click()
    await page.getByText('Try again').waitFor()
    await launcher().click()
    await panel().waitFor()
    expect(fetched).toContain('/samosa-chat.js')
  })
})

describe('a strict page', () => {
  const checksums = async () => {
    const text = await readFile(`${packageDirectory()}/dist/integrity.json`, 'utf8')
    const pairs = [...text.matchAll(/"(.+?)": "(.+?)"/g)]
    return pairs.map(([, name = '', sum = '']) => ({ name, sum }))
  }
  const broken = (sum: string) => sum.replace(/.{4}$/, 'AAAA')

  it('pins the loader by its checksum to what it was when the page was written', async () => {
    const { name = '', sum = '' } =
      (await checksums()).find((file) => /^embed\.[\w-]{8}\.js$/.test(file.name)) ?? {}
    const pinned = (integrity: string) =>
      `<script async src="${server.url}/${name}" integrity="${integrity}" crossorigin></script>`
    await visit(shop(pinned(sum)))
    await launcher().click()
    await panel().waitFor()
    await page.context().close()
    await visit(shop(`<p>Shop</p>${pinned(broken(sum))}`))
    await page.waitForLoadState('networkidle')
    expect(await launcher().count()).toBe(0)
  })

  it('pins what the loader fetches by its import map', async () => {
    const map = async (change: (sum: string) => string) => {
      const entries = await checksums()
      const integrity = entries.map(({ name, sum }) => [`${server.url}/${name}`, change(sum)])
      const json = JSON.stringify({ integrity: Object.fromEntries(integrity) })
      return `<script type="importmap">${json}</script>`
    }
    await visit(shop(tag(), await map((sum) => sum)))
    await launcher().click()
    await panel().waitFor()
    await page.context().close()
    await visit(shop(tag(), await map(broken)))
    await launcher().click()
    await page.getByText('Try again').waitFor()
  })

  it.each([
    ['origins', () => `script-src ${server.url}`, ''],
    ['a nonce', () => "script-src 'nonce-n0nce' 'strict-dynamic'", 'nonce="n0nce"'],
  ])('gets the chat under a policy of %s and Trusted Types', async (_name, scripts, attributes) => {
    const policy = `default-src 'none'; connect-src ${server.url}; ${scripts()}; require-trusted-types-for 'script'`
    await visit(
      shop(tag(attributes), `<meta http-equiv="Content-Security-Policy" content="${policy}">`),
    )
    const said: string[] = []
    page.on('console', (message) => said.push(message.text()))
    await launcher().click()
    await panel().waitFor()
    expect(said).toEqual([])
    expect(errors).toEqual([])
  })
})

it('says no word to the console of the page', async () => {
  const said: string[] = []
  await visit(shop(tag()))
  page.on('console', (message) => said.push(message.text()))
  await launcher().click()
  await panel().waitFor()
  expect(said).toEqual([])
  expect(errors).toEqual([])
})
