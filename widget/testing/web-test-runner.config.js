import { fileURLToPath } from 'node:url'
import { esbuildPlugin } from '@web/dev-server-esbuild'
import { defaultReporter } from '@web/test-runner'
import { chromeLauncher } from '@web/test-runner-chrome'
import { chromiumArguments, findChromium, NOTHING_OUTSIDE } from './chromium.ts'
import { countReporter } from './count-reporter.ts'

/** @param {string} path */
const fromHere = (path) => fileURLToPath(new URL(path, import.meta.url))

/** @satisfies {import('@web/test-runner').TestRunnerConfig} */
export default {
  rootDir: fromHere('../../'),
  files: ['widget/**/*.browser.test.ts'],
  nodeResolve: { exportConditions: ['browser', 'development'] },
  plugins: [esbuildPlugin({ ts: true, target: 'es2022', tsconfig: fromHere('../tsconfig.json') })],
  browsers: [
    chromeLauncher({
      launchOptions: {
        executablePath: findChromium(),
        args: [...chromiumArguments(), ...NOTHING_OUTSIDE],
      },
      // Files run side by side: a context each keeps their localStorage apart, and a page that
      // believes to be in front gets focus and animation frames.
      async createPage({ browser, config }) {
        const context = await browser.createBrowserContext()
        await context.setPermission(`${config.protocol}//${config.hostname}:${config.port}`, {
          permission: { name: 'clipboard-read' },
          state: 'granted',
        })
        const page = await context.newPage()
        const session = await page.createCDPSession()
        await session.send('Emulation.setFocusEmulationEnabled', { enabled: true })
        return page
      },
    }),
  ],
  concurrency: 2,
  browserStartTimeout: 120_000,
  // A hang is found all the same; a slow machine is no failure.
  testsStartTimeout: 120_000,
  testsFinishTimeout: 600_000,
  coverage: false,
  filterBrowserLogs: ({ args: [first] }) => !String(first).startsWith('Lit is in dev mode'),
  testFramework: { config: { timeout: 120_000 } },
  reporters: [
    defaultReporter({ reportTestProgress: false }),
    countReporter(fromHere('../../.cache/tests/browser.json')),
  ],
  // A page is used for several files: what one left in storage is not the next one's business.
  testRunnerHtml: (testFramework) => `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Tests</title></head>
  <body>
    <script>localStorage.clear(); sessionStorage.clear()</script>
    <script type="module" src="${testFramework}"></script>
  </body>
</html>`,
}
