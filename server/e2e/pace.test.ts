/** The screen keeps pace with the model, through the real server and a proxy in front of it. */
import { createServer, request } from 'node:http'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { MANUAL } from '../testing/fake-model-server.ts'
import { answers, say, startHarness, type Harness } from './harness.ts'
import { listenLocally } from '../testing/listen-locally.ts'

const TOKENS = 1_000
/** A second, at which a screen paints sixty; it is counted in frames because a busy machine has fewer. */
const MOST_FRAMES = 60

let harness: Harness
beforeAll(async () => {
  harness = await startHarness()
})
afterAll(() => harness.close())

interface Proxy {
  readonly url: string
  /** Resolves when the text has come from the server, and is on its way to the browser. */
  passed(text: string): Promise<void>
  close(): void
}

/** Hands everything on as it comes, under the given headers in place of the server's. */
async function startProxy(
  target: string,
  headers: Readonly<Record<string, string>>,
): Promise<Proxy> {
  let seen = ''
  let look = () => {}
  const server = createServer((incoming, outgoing) => {
    const { method, headers: asked } = incoming
    const forwarded = request(target + (incoming.url ?? ''), { method, headers: asked })
    forwarded.on('response', (answer) => {
      const isStream = answer.headers['content-type']?.startsWith('text/event-stream') ?? false
      outgoing.writeHead(answer.statusCode ?? 502, {
        ...answer.headers,
        ...(isStream && headers),
      })
      answer.on('data', (piece: Buffer) => {
        outgoing.write(piece)
        if (!isStream) return
        seen += piece.toString()
        look()
      })
      answer.on('end', () => outgoing.end())
    })
    incoming.pipe(forwarded)
  })
  const host = await listenLocally(server)
  return {
    url: `http://${host}`,
    passed: (text) =>
      new Promise((resolve) => {
        look = () => {
          if (seen.includes(text)) resolve()
        }
        look()
      }),
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** In the page: how many frames it takes until the answer shows a word. */
const framesUntil = (page: Page, word: string) =>
  answers(page)
    .last()
    .evaluate(async (answer, wanted) => {
      const texts = (root: ParentNode): string =>
        [...root.querySelectorAll('*')]
          .map((element) =>
            element.shadowRoot ? element.shadowRoot.textContent + texts(element.shadowRoot) : '',
          )
          .join('')
      const shown = () =>
        (answer.shadowRoot?.textContent ?? '') + texts(answer.shadowRoot ?? document)
      for (let frames = 0; ; frames += 1) {
        if (shown().includes(wanted)) return frames
        await new Promise((resolve) => requestAnimationFrame(resolve))
      }
    }, word)

it.each([
  ['as the server sends them', {}],
  [
    'under a header that lets the browser store them',
    { 'cache-control': 'no-cache, no-transform' },
  ],
])('shows 1,000 tokens that come one by one as soon as they come, %s', async (_, headers) => {
  harness.script = MANUAL
  const proxy = await startProxy(harness.server.url, headers)
  const { page, context, errors } = await harness.visitor()
  try {
    await page.goto(`${proxy.url}/page.html`)
    await say(page, 'Tell me a long story')
    for (let token = 1; token <= TOKENS; token += 1) {
      await harness.model.send(`word${token} `)
      // Only then the next, so that each comes alone, as from a model.
      await proxy.passed(`word${token} `)
    }
    expect(await framesUntil(page, `word${TOKENS}`)).toBeLessThan(MOST_FRAMES)
    await harness.model.finish()
    await page.getByRole('button', { name: /^stop/i }).waitFor({ state: 'detached' })
    expect(errors).toEqual([])
  } finally {
    await context.close()
    proxy.close()
  }
})

/** How often the screen is drawn until the clock beside the mark has moved on so often. */
async function drawnDuring(page: Page, ticks: number): Promise<number> {
  const tracing = await harness.browser.newBrowserCDPSession()
  let drawn = 0
  tracing.on('Tracing.dataCollected', ({ value }) => {
    for (const { name } of value) if (name === 'DrawFrame') drawn += 1
  })
  const ended = new Promise((resolve) => tracing.once('Tracing.tracingComplete', resolve))
  await tracing.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: { includedCategories: ['disabled-by-default-devtools.timeline.frame', 'cc'] },
  })
  const clock = page.locator('samosa-waiting .elapsed')
  for (let tick = 0; tick < ticks; tick += 1) {
    const before = await clock.textContent()
    await expect.poll(() => clock.textContent()).not.toBe(before)
  }
  await tracing.send('Tracing.end')
  await ended
  await tracing.detach()
  return drawn
}

it('redraws a few times a second, and not sixty, for who waits for minutes', async () => {
  harness.script = MANUAL
  const { page, context } = await harness.visitor()
  await page.goto(`${harness.server.url}/page.html`)
  await say(page, 'Hello')
  await page.locator('samosa-waiting .elapsed', { hasText: /\d/ }).waitFor()
  // The minutes go by for what moves.
  await page.evaluate(() => {
    const passIn = (root: Document | ShadowRoot): void => {
      for (const animation of root.getAnimations()) animation.currentTime = 120_000
      for (const { shadowRoot } of root.querySelectorAll('*')) if (shadowRoot) passIn(shadowRoot)
    }
    passIn(document)
  })
  const ticks = 4
  const drawn = await drawnDuring(page, ticks)
  expect(drawn, 'what goes on is still seen').toBeGreaterThanOrEqual(ticks)
  expect(drawn / ticks).toBeLessThan(12)
  await context.close()
})
