/** Markdown as a visitor sees it, in Chromium: the examples of the grammar, and hostile texts. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { build } from 'vite'
import { z } from 'zod'
import { launchChromium } from '../../widget/testing/launch-chromium.ts'
import { inRepository } from '../scripts/repository.ts'
import type { Tally } from './tally.ts'

const PAGE = 'http://localhost/'
const EXAMPLES = ['commonmark-0.31.2.json', 'gfm-extensions.json']
const ATTACKS = ['xss-dompurify.json', 'xss-html.json', 'xss-markdown.json']
/** Examples that the chat reads otherwise on purpose, and why: the manual has the rules. */
const DEPARTURES: Readonly<Record<string, ReadonlyMap<number, string>>> = {
  'commonmark-0.31.2.json': new Map([
    ...[194, 203, 204].map((number) => [number, 'a word behind a label is no address'] as const),
    [356, 'numbers are multiplied'],
    [380, 'marks between a letter and a quotation mark emphasise'],
    [488, 'the address of a link may have spaces'],
  ]),
  'gfm-extensions.json': new Map([[23, 'notes stand where they are written']]),
}
/** How many texts are judged in one call of the page. */
const BATCH = 50

const Examples = z.array(z.object({ example: z.number(), markdown: z.string(), html: z.string() }))
const Attacks = z.array(z.object({ id: z.string(), payload: z.string() }))
const Verdicts = z.array(
  z.object({
    problems: z.array(z.string()),
    differs: z.boolean(),
    departure: z.string().optional(),
  }),
)
const Findings = z.array(z.array(z.string()))

async function bundlePage(): Promise<string> {
  const result = await build({
    root: inRepository('.'),
    configFile: false,
    logLevel: 'warn',
    resolve: { conditions: ['module', 'browser', 'production'] },
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      lib: { entry: 'widget/markdown/testing/page.ts', formats: ['es'], fileName: 'page' },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  })
  const outputs = 'close' in result ? [] : [result].flat()
  const [script] = outputs.flatMap(({ output }) => output.filter((file) => file.type === 'chunk'))
  if (!script) throw new Error('The page was built without a script.')
  return script.code
}

interface OpenPage {
  readonly page: Page
  /** What it has asked of any server, and what it has opened, since the last look. */
  readonly escaped: string[]
}

async function openPage(browser: Browser, code: string): Promise<OpenPage> {
  const page = await browser.newPage()
  const escaped: string[] = []
  await page.route('**/*', async (route) => {
    const url = route.request().url()
    if (url === PAGE) {
      const body = '<!doctype html><script type="module" src="/page.js"></script>'
      return route.fulfill({ contentType: 'text/html', body })
    }
    if (url === `${PAGE}page.js`) {
      return route.fulfill({ contentType: 'text/javascript', body: code })
    }
    escaped.push(`asked for ${url}`)
    return route.abort()
  })
  page.on('dialog', (dialog) => {
    escaped.push(`opened a dialog that says ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('popup', () => escaped.push('opened a window'))
  page.on('pageerror', (error) => escaped.push(`threw ${error.message}`))
  await page.goto(PAGE)
  await page.waitForFunction('globalThis.judgeAttack !== undefined')
  return { page, escaped }
}

/** Judges all items, each page the next batch as soon as it is free. */
async function inBatches<Item>(
  pages: readonly OpenPage[],
  items: readonly Item[],
  judge: (page: OpenPage, batch: readonly Item[]) => Promise<void>,
): Promise<void> {
  let at = 0
  const work = async (page: OpenPage) => {
    while (at < items.length) {
      const batch = items.slice(at, at + BATCH)
      at += BATCH
      await judge(page, batch)
    }
  }
  await Promise.all(pages.map(work))
}

const call = (page: Page, name: string, items: readonly unknown[]): Promise<unknown> =>
  page.evaluate(`Promise.all(${JSON.stringify(items)}.map((item) => ${name}(item)))`)

async function runExamples(
  pages: readonly OpenPage[],
  folder: string,
  file: string,
  tally: Tally,
): Promise<void> {
  const examples = Examples.parse(JSON.parse(await readFile(join(folder, file), 'utf8')))
  await inBatches(pages, examples, async ({ page }, batch) => {
    const verdicts = Verdicts.parse(await call(page, 'judgeExample', batch))
    for (const [index, { problems, differs, departure }] of verdicts.entries()) {
      const example = batch[index]?.example ?? 0
      const isMeant = departure === undefined || DEPARTURES[file]?.has(example)
      const all = isMeant ? problems : [...problems, departure]
      tally.judge(`${file} ${example}`, all)
      if (differs && all.length === 0) tally.skip()
    }
  })
}

async function runAttacks(
  pages: readonly OpenPage[],
  folder: string,
  file: string,
  tally: Tally,
): Promise<void> {
  const attacks = Attacks.parse(JSON.parse(await readFile(join(folder, file), 'utf8')))
  await inBatches(pages, attacks, async ({ page, escaped }, batch) => {
    // One after the other: what changes outside has then one cause.
    const judged = `(async (all) => {
      const found = []
      for (const item of all) found.push(await judgeAttack(item))
      return found
    })(${JSON.stringify(batch.map(({ payload }) => payload))})`
    const findings = Findings.parse(await page.evaluate(judged))
    for (const [index, problems] of findings.entries()) {
      tally.judge(`${file} ${batch[index]?.id}`, problems)
    }
    if (escaped.length > 0) {
      tally.judge(`${file} ${batch[0]?.id} to ${batch.at(-1)?.id}`, escaped.splice(0))
    }
  })
}

/** Shows every text of the corpora in Chromium, whole and in pieces. */
export async function runMarkdown(folder: string, tally: Tally): Promise<void> {
  const browser = await launchChromium()
  try {
    const code = await bundlePage()
    const pages = await Promise.all([openPage(browser, code), openPage(browser, code)])
    for (const file of EXAMPLES) await runExamples(pages, folder, file, tally)
    for (const file of ATTACKS) await runAttacks(pages, folder, file, tally)
  } finally {
    await browser.close()
  }
}
