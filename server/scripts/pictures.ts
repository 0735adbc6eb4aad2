/**
 * Takes the chat's picture in each of its states, light and dark, into `.cache/pictures` (or the folder
 * named on the command line), to be looked at before a release.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { answers, input, say, startHarness, type Harness } from '../e2e/harness.ts'
import { MANUAL, type Script } from '../testing/fake-model-server.ts'
import { ensureBuilt } from './ensure-built.ts'
import { inRepository } from './repository.ts'

const THEMES = ['light', 'dark'] as const
const BUBBLE = { width: 560, height: 820 }
const SCALE = 1.5

interface State {
  readonly name: string
  /** The page of the demo; by default the one with the bubble. */
  readonly path?: '/page.html' | '/inline.html'
  readonly size?: { readonly width: number; readonly height: number }
  readonly script?: Script
  /** Asks the engine that answers from the documents. */
  readonly builtin?: boolean
  readonly direction?: 'rtl'
  /** Brings the chat into the state. */
  readonly enter: (page: Page, harness: Harness) => Promise<void>
}

const CALL =
  '<|python_start|>{"tool":"calculator","arguments":{"expression":"12 * 3"}}<|python_end|>'
const RESULT =
  '<|output_start|>{"tool":"calculator","success":true,"output":{"expression":"12 * 3","value":36},"error":null}<|output_end|>'
const ANSWER = `A **samosa** is a fried or baked pastry with a savoury filling.

## What is inside

- spiced potatoes and peas
- onions, or lentils
- sometimes minced meat

Serve it with *chutney*, hot from the pan.`
const CODE = `Read the file line by line:

\`\`\`python
def read_measurements(path: str, *, separator: str = ",", skip_header: bool = True) -> list[float]:
    """Every value in the second column, in the order in which they were written."""
    with open(path, encoding="utf-8") as lines:
        if skip_header:
            next(lines)
        return [float(line.split(separator)[1]) for line in lines if line.strip()]
\`\`\`

Then \`read_measurements("plants.csv")\` gives you the list.`
const TABLE = `Here is how they compare:

| Plant | Light | Water | Humidity | Temperature | Price | Delivery |
| :--- | :--- | :--- | ---: | ---: | ---: | :--- |
| Monstera | bright, indirect | weekly | 60 % | 18–27 °C | €34.00 | two working days |
| Snake plant | anything | every third week | 40 % | 15–29 °C | €22.50 | two working days |
| Boston fern | half shade | twice a week | 80 % | 16–24 °C | €18.00 | three working days |`
const ARABIC = `السمبوسة **معجّنات مقلية** تُحشى بالخضار أو اللحم.

1. حضّر العجين
2. أضف الحشوة: بطاطس و \`cumin\`
3. اقلِها حتى تصير ذهبية

> تُقدَّم ساخنة مع الصلصة.`

const asked = (question: string) => async (page: Page) => {
  await say(page, question)
  await answers(page).last().waitFor()
  await page.getByRole('button', { name: /^stop/i }).waitFor({ state: 'detached' })
}

const begun =
  (question: string, ...tokens: readonly string[]) =>
  async (page: Page, { model }: Harness) => {
    const count = model.requests.length
    await say(page, question)
    await model.requested(count + 1)
    for (const token of tokens) await model.send(token)
    if (tokens.length > 0) await answers(page).last().waitFor()
  }

const STATES: readonly State[] = [
  { name: '01-empty', enter: async (page) => input(page).waitFor() },
  { name: '02-starting', script: MANUAL, enter: begun('What is a samosa?') },
  {
    name: '03-thinking',
    script: MANUAL,
    enter: begun(
      'What is a samosa, and where does it come from?',
      '<think>The visitor asks about a pastry. I should say what it is made of first, and then ',
      'where it comes from.\n\nThe word came over Persian *sanbosag*; the first recipes are ',
      'from the tenth century. Keep it short',
    ),
  },
  {
    name: '04-streaming',
    script: MANUAL,
    enter: begun('What is a samosa?', ANSWER.slice(0, 150), ANSWER.slice(150, 196)),
  },
  {
    name: '05-tool-card',
    script: [
      '<think>I should calculate.</think>',
      CALL,
      RESULT,
      'Twelve boxes of three are **36** samosas.',
    ],
    enter: asked('How many samosas are in twelve boxes of three?'),
  },
  { name: '06-sources', builtin: true, enter: asked('How do I add the chat to my site?') },
  {
    name: '07-error',
    script: [{ status: 500, body: '' }],
    enter: async (page) => {
      await say(page, 'What is a samosa?')
      await page.getByRole('button', { name: /try again/i }).waitFor()
    },
  },
  {
    name: '08-offline',
    script: [ANSWER],
    enter: async (page, harness) => {
      await asked('What is a samosa?')(page)
      await page.context().setOffline(true)
      await page
        .getByText(/you are offline/i)
        .first()
        .waitFor()
      harness.script = []
    },
  },
  { name: '09-long-code', script: [CODE], enter: asked('Read a column of a CSV file in Python') },
  { name: '10-wide-table', script: [TABLE], enter: asked('Compare three plants') },
  {
    name: '11-right-to-left',
    direction: 'rtl',
    script: [ARABIC],
    enter: asked('ما هي السمبوسة؟'),
  },
  {
    name: '12-320px',
    size: { width: 320, height: 640 },
    script: [ANSWER],
    enter: asked('What is a samosa?'),
  },
  {
    name: '13-1440px',
    path: '/page.html',
    size: { width: 1440, height: 900 },
    script: [`${ANSWER}\n\n${TABLE}\n\n${CODE}`],
    enter: asked('What is a samosa, how do plants compare, and how do I read a file?'),
  },
]

const PASSWORD = 'a good password'

async function signIn(page: Page, password = PASSWORD): Promise<void> {
  await page.locator('#username').fill('ada')
  await page.locator('#password').fill(password)
  await page.locator('#password').press('Enter')
}

/** What the server says to the next sign-in. */
const limited = (page: Page) =>
  page.route('**/api/auth/login', (route) =>
    route.fulfill({
      status: 429,
      headers: { 'retry-after': '240' },
      contentType: 'application/problem+json',
      body: JSON.stringify({ code: 'rate_limited' }),
    }),
  )

const problem = (page: Page) => page.locator('samosa-sign-in .problem').waitFor()

const refused = async (page: Page) => {
  await signIn(page, 'not the password')
  await problem(page)
}

const speak = (page: Page, language: string) =>
  page.evaluate((lang) => {
    document.documentElement.lang = lang
  }, language)

/** On a server that has accounts. */
const SIGN_IN: readonly State[] = [
  { name: '20-sign-in', enter: async (page) => page.locator('#password').waitFor() },
  { name: '21-sign-in-refused', enter: refused },
  {
    name: '22-sign-in-too-often',
    async enter(page) {
      await limited(page)
      await refused(page)
    },
  },
  {
    name: '23-signing-in',
    async enter(page) {
      // The browser's context ends the waiting.
      await page.route('**/api/auth/login', () => {})
      await signIn(page)
      await page.locator('[type=submit][aria-disabled=true]').waitFor()
    },
  },
  {
    name: '24-sign-in-with-message',
    async enter(page) {
      await page.evaluate("document.querySelector('samosa-chat').send('Where is my parcel?')")
      await page.locator('samosa-message .bubble').waitFor()
    },
  },
  {
    name: '25-sign-in-inline',
    path: '/inline.html',
    size: { width: 900, height: 1000 },
    enter: refused,
  },
  {
    name: '26-sign-in-page',
    path: '/page.html',
    size: { width: 1200, height: 800 },
    enter: refused,
  },
  { name: '27-sign-in-320px', size: { width: 320, height: 568 }, enter: refused },
  {
    name: '28-sign-in-arabic',
    direction: 'rtl',
    async enter(page) {
      await speak(page, 'ar')
      await limited(page)
      await refused(page)
    },
  },
  {
    name: '29-sign-in-again',
    script: [ANSWER],
    async enter(page) {
      await signIn(page)
      await page.locator('samosa-composer').waitFor()
      await asked('What is a samosa?')(page)
      await page.route('**/api/**', (route) =>
        route.fulfill({ status: 401, contentType: 'application/problem+json', body: '{}' }),
      )
      await say(page, 'And where does it come from?')
      await problem(page)
    },
  },
  {
    name: '30-signed-in',
    path: '/page.html',
    size: { width: 1200, height: 800 },
    script: [ANSWER],
    async enter(page) {
      await signIn(page)
      await page.locator('samosa-composer').waitFor()
      await page.locator('samosa-composer textarea').fill('What is a samosa?')
      await page.locator('samosa-composer textarea').press('Enter')
      await page.getByRole('button', { name: /^stop/i }).waitFor({ state: 'detached' })
      await page.locator('samosa-drawer .account').waitFor()
    },
  },
]

async function register({ server }: Harness): Promise<void> {
  await fetch(`${server.url}/api/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'ada', full_name: 'Ada Byron', password: PASSWORD }),
  })
}

async function take(harness: Harness, state: State, folder: string): Promise<void> {
  for (const theme of THEMES) {
    harness.script = state.script ?? []
    const { page, context } = await harness.visitor({
      viewport: state.size ?? BUBBLE,
      deviceScaleFactor: SCALE,
      colorScheme: theme,
    })
    // The strip is the demo's own; what it can choose is chosen here.
    await page.addInitScript((direction) => {
      localStorage.setItem('demo-strip', JSON.stringify({ direction }))
    }, state.direction ?? 'ltr')
    await page.goto(harness.server.url + (state.path ?? '/'))
    await page.locator('demo-strip').evaluate((strip) => strip.remove())
    if (!state.path) await page.locator('samosa-embed').getByRole('button').click()
    await input(page).first().waitFor()
    await state.enter(page, harness)
    await page.mouse.move(0, 0)
    // Everything that moves into place has done so, and what moves for ever stands still.
    const path = join(folder, `${state.name}-${theme}.png`)
    await page.screenshot({ path, animations: 'disabled', caret: 'hide' })
    console.log(path)
    // The next visitor's tokens must not go into this one's answer.
    if (state.script === MANUAL) await harness.model.finish()
    await context.close()
  }
}

const folder = process.argv[2] ?? inRepository('.cache/pictures')
const wanted = process.argv.slice(3)
await mkdir(folder, { recursive: true })
await ensureBuilt()
const sets = [
  { kind: 'model', all: STATES.filter(({ builtin }) => !builtin) },
  { kind: 'builtin', all: STATES.filter(({ builtin }) => builtin) },
  { kind: 'accounts', all: SIGN_IN },
] as const
for (const { kind, all } of sets) {
  const isWanted = ({ name }: State) =>
    wanted.length === 0 || wanted.some((part) => name.includes(part))
  const states = all.filter(isWanted)
  if (states.length === 0) continue
  const harness = await startHarness({
    builtin: kind === 'builtin',
    ...(kind === 'accounts' && { environment: { AUTH_MODE: 'local', PASSWORD_COST: '4' } }),
  })
  try {
    if (kind === 'accounts') await register(harness)
    for (const state of states) await take(harness, state, folder)
  } finally {
    await harness.close()
  }
}
