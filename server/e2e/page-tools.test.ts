import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SamosaChat } from '../../widget/samosa-chat.ts'
import { launchChromium } from '../../widget/testing/launch-chromium.ts'
import { startFakeModelServer, type FakeModelServer } from '../testing/fake-model-server.ts'
import { startTestServer, type TestServer } from '../testing/start-test-server.ts'
import { answers, LONGEST_WAIT, say } from './harness.ts'

type Browser = Awaited<ReturnType<typeof launchChromium>>

declare global {
  interface Window {
    /** What the tool of the page was asked for, and how it ends. */
    bought: unknown[]
    finish: (() => void) | undefined
  }
}

/** The model calls the tool once, and then says what it gave. */
const CALL = {
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  choices: [
    {
      index: 0,
      delta: {
        tool_calls: [
          {
            index: 0,
            id: 'call_1',
            type: 'function',
            function: { name: 'add_to_bag', arguments: '{"plant":"fern"}' },
          },
        ],
      },
      finish_reason: 'tool_calls',
    },
  ],
}

let model: FakeModelServer
let server: TestServer
let browser: Browser
let context: Awaited<ReturnType<Browser['newContext']>>
beforeAll(async () => {
  browser = await launchChromium()
  model = await startFakeModelServer({
    protocol: 'openai',
    respond: ({ messages }) => {
      const last = messages.at(-1)
      if (last?.role === 'tool') return [`The shop says ${String(last.content)}`]
      return [{ raw: `data: ${JSON.stringify(CALL)}\n\ndata: [DONE]\n\n` }, { end: true }]
    },
  })
  server = await startTestServer({ INFERENCE_SERVICE_URL: model.url, INFERENCE_API: 'openai' })
})
beforeEach(async () => {
  context = await browser.newContext()
  context.setDefaultTimeout(LONGEST_WAIT)
})
afterEach(() => context.close())
afterAll(async () => {
  await browser.close()
  await server.close()
  await model.close()
})

/** Registers the tool as a page does; it ends when the test says so. */
async function offer(page: Page): Promise<void> {
  await page.waitForFunction(() => customElements.get('samosa-chat') !== undefined)
  await page.evaluate(() => {
    window.bought = []
    document.querySelector<SamosaChat>('samosa-chat')!.registerTool({
      name: 'add_to_bag',
      title: 'Add to the bag',
      description: 'Puts a plant into the bag.',
      parameters: { type: 'object', properties: { plant: { type: 'string' } } },
      execute: ({ plant }) => {
        window.bought.push(plant)
        return new Promise((resolve) => {
          window.finish = () => resolve({ added: plant })
        })
      },
    })
  })
}

async function open(): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${server.url}/page.html`)
  await offer(page)
  return page
}

const allow = (page: Page) => page.getByRole('button', { name: 'Allow', exact: true })
const bought = (page: Page) => page.evaluate(() => window.bought)

describe('a tool of the page', () => {
  it('runs in the one of two tabs that allowed it, and the answer goes on in both', async () => {
    const first = await open()
    await say(first, 'A fern, please')
    await allow(first).waitFor()
    const second = await open()
    await allow(second).waitFor()
    await allow(second).click()
    await first.getByText('Running in another window').waitFor()
    await second.waitForFunction(() => window.finish)
    await second.evaluate(() => window.finish?.())
    for (const page of [first, second]) {
      await answers(page).last().getByText('The shop says {"added":"fern"}').waitFor()
    }
    expect([await bought(first), await bought(second)]).toEqual([[], ['fern']])
  })

  it('is asked for again after a reload before the visitor has decided', async () => {
    const page = await open()
    await say(page, 'A fern, please')
    await allow(page).waitFor()
    await page.reload()
    await offer(page)
    await allow(page).click()
    await page.waitForFunction(() => window.finish)
    await page.evaluate(() => window.finish?.())
    await answers(page).last().getByText('The shop says {"added":"fern"}').waitFor()
    expect(await bought(page)).toEqual(['fern'])
  })

  it('does not run twice when the page is reloaded under it', async () => {
    const page = await open()
    await say(page, 'A fern, please')
    await allow(page).click()
    await page.waitForFunction(() => window.finish)
    await page.reload()
    await offer(page)
    const left = 'The page was left while the tool ran.'
    await answers(page).last().getByText(`The shop says`).filter({ hasText: left }).waitFor()
    expect(await bought(page)).toEqual([])
  })

  it('does not run when the visitor does not allow it, and the model hears that', async () => {
    const page = await open()
    await say(page, 'A fern, please')
    await page.getByRole('button', { name: 'Don’t allow' }).click()
    const denied = 'The visitor did not allow this.'
    await answers(page).last().getByText(`The shop says`).filter({ hasText: denied }).waitFor()
    expect(await bought(page)).toEqual([])
  })
})
