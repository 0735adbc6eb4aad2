/** A real server, a scripted model server and a real browser for end-to-end tests. */
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core'
import { launchChromium } from '../../widget/testing/launch-chromium.ts'
import {
  startFakeModelServer,
  type FakeModelServer,
  type Script,
} from '../testing/fake-model-server.ts'
import { DEMO, startTestServer, type TestServer } from '../testing/start-test-server.ts'

export interface Harness {
  readonly model: FakeModelServer
  readonly server: TestServer
  readonly browser: Browser
  /** What the model server answers from now on. */
  script: Script
  /** A browser of its own for a visitor, and what it does that it must not. */
  visitor(options?: Parameters<Browser['newContext']>[0]): Promise<Visitor>
  close(): Promise<void>
}

export interface Visitor {
  readonly context: BrowserContext
  readonly page: Page
  /** Requests to another origin than the server's. */
  readonly elsewhere: readonly string[]
  /** Errors of the page: exceptions, refused resources, violated policies. */
  readonly errors: readonly string[]
}

export interface HarnessOptions {
  /** The server has no model server; without it, it asks the scripted one. */
  readonly builtin?: boolean
  /** How long the server waits for the model server. */
  readonly timeoutSeconds?: number
  /** Configuration of the server besides. */
  readonly environment?: Readonly<Record<string, string>>
}

/** Milliseconds: a little less than a test may take, so that what never came is told. */
export const LONGEST_WAIT = 110_000

export async function startHarness(options: HarnessOptions = {}): Promise<Harness> {
  const [browser, model] = await Promise.all([
    launchChromium(),
    startFakeModelServer({ protocol: 'nanochat', respond: () => harness.script }),
  ])
  const server = await startTestServer(
    options.builtin
      ? { ...DEMO, ...options.environment }
      : {
          ...DEMO,
          INFERENCE_SERVICE_URL: model.url,
          INFERENCE_API: 'nanochat',
          INFERENCE_TIMEOUT_SECONDS: String(options.timeoutSeconds ?? 20),
          ...options.environment,
        },
  )
  const harness: Harness = {
    model,
    server,
    browser,
    script: ['Hello', ' world', '!'],
    async visitor(contextOptions) {
      const context = await browser.newContext(contextOptions)
      context.setDefaultTimeout(LONGEST_WAIT)
      const page = await context.newPage()
      const elsewhere: string[] = []
      const errors: string[] = []
      page.on('request', (request) => {
        if (!request.url().startsWith(server.url)) elsewhere.push(request.url())
      })
      page.on('pageerror', (error) => errors.push(error.message))
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text())
      })
      return { context, page, elsewhere, errors }
    },
    async close() {
      await browser.close()
      await server.close()
      await model.close()
    },
  }
  return harness
}

export const input = (page: Page): Locator => page.getByRole('textbox')
/** The conversation, without the list of others beside it. */
export const messages = (page: Page): Locator => page.locator('samosa-message-list')
export const answers = (page: Page): Locator => page.locator('samosa-answer')

/** Types a message as a person does. */
export async function say(page: Page, text: string): Promise<void> {
  await input(page).fill(text)
  await input(page).press('Enter')
}
