/** Accounts as people use them: the real server, the real element, two people at one browser. */
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { answers, messages, say, startHarness, type Harness, type Visitor } from './harness.ts'

const SECRET = 'correct horse battery'

let harness: Harness
let visitor: Visitor
beforeAll(async () => {
  harness = await startHarness({
    environment: { AUTH_MODE: 'local', PASSWORD_COST: '4', REGISTRATION: 'open' },
  })
  for (const [username, full_name] of [
    ['ada', 'Ada Byron'],
    ['bo', 'Bo Li'],
  ]) {
    const response = await fetch(`${harness.server.url}/api/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username, full_name, password: SECRET }),
    })
    if (!response.ok) throw new Error(`${username} has no account: ${response.status}`)
  }
})
afterEach(() => visitor.context.close())
afterAll(() => harness.close())

const message = (page: Page) => page.locator('samosa-composer textarea')
const form = (page: Page) => page.locator('samosa-sign-in form')
const drawer = (page: Page) => page.locator('samosa-drawer')
/** What the browser keeps, but for the demo's own. */
const kept = (page: Page) =>
  page.evaluate(() =>
    JSON.stringify(
      Object.entries(localStorage).filter(([name]) => name.startsWith('samosa-chat:')),
    ),
  )

async function open(path = '/page.html'): Promise<Page> {
  visitor = await harness.visitor({ viewport: { width: 1000, height: 800 } })
  await visitor.page.goto(harness.server.url + path)
  return visitor.page
}

/** With the keyboard alone, as Enter in a field sends. */
async function signIn(page: Page, username: string, password = SECRET): Promise<void> {
  await page.getByLabel('User name').fill(username)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByLabel('Password', { exact: true }).press('Enter')
}

describe('with accounts', () => {
  it('one signs in, chats, reloads and signs out, and another one sees nothing of it', async () => {
    const page = await open()
    await signIn(page, 'ada', 'not the password')
    await page.getByRole('alert').getByText('is not right').waitFor()
    await signIn(page, 'ada')
    await message(page).fill('Where is my parcel?')
    await message(page).press('Enter')
    await answers(page).getByText('Hello world!').waitFor()
    await page.reload()
    await answers(page).getByText('Hello world!').waitFor()
    expect(await form(page).count()).toBe(0)
    await drawer(page).getByText('Where is my parcel?').waitFor()
    await message(page).fill('a secret draft')

    await drawer(page).getByText('Ada Byron').waitFor()
    await drawer(page).getByRole('button', { name: 'Sign out' }).click()
    await form(page).waitFor()
    expect(await messages(page).getByText('parcel').count()).toBe(0)
    expect(await kept(page)).toBe('[]')

    await signIn(page, 'bo')
    await drawer(page).getByText('Bo Li').waitFor()
    await drawer(page).getByText('Your conversations will be here.').waitFor()
    expect(await message(page).inputValue()).toBe('')
    expect(await page.getByText('parcel').count()).toBe(0)
    expect(await kept(page)).not.toContain('ada')
    // The wrong password is the one thing that a browser complains of.
    expect(visitor.errors.filter((text) => !text.includes('401'))).toEqual([])
  })

  it('all tabs stay signed in together, and are signed out together', async () => {
    const page = await open()
    await signIn(page, 'ada')
    await message(page).waitFor()
    const other = await visitor.context.newPage()
    await other.goto(`${harness.server.url}/page.html`)
    await message(other).waitFor()
    await drawer(other).getByRole('button', { name: 'Sign out' }).click()
    await form(page).waitFor()
    expect(await kept(page)).toBe('[]')
  })

  it('goes on silently when the access token has ended, and asks again when all have', async () => {
    const page = await open()
    await signIn(page, 'ada')
    await message(page).waitFor()
    await page.evaluate(() => {
      const name = Object.keys(localStorage).find((key) => key.endsWith(':account-token')) ?? ''
      // Another signature: the server refuses it, and it still says whose it is.
      localStorage.setItem(name, `${localStorage.getItem(name)?.split('.', 2).join('.')}.AAAA`)
    })
    await message(page).fill('Are you there?')
    await message(page).press('Enter')
    await answers(page).getByText('Hello world!').waitFor()
    // She signs out elsewhere: that ends every token of hers.
    const { access_token } = await fetch(`${harness.server.url}/api/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'ada', password: SECRET }),
    }).then((response) => response.json() as Promise<{ access_token: string }>)
    await fetch(`${harness.server.url}/api/auth/logout`, {
      method: 'POST',
      headers: { authorization: `Bearer ${access_token}` },
    })
    await message(page).fill('And now?')
    await message(page).press('Enter')
    await page.getByRole('alert').getByText('Please sign in again.').waitFor()
    expect(await messages(page).getByText('Are you there?').count()).toBe(1)
    await page.getByLabel('Password', { exact: true }).fill(SECRET)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect.poll(async () => answers(page).count()).toBe(2)
    await form(page).waitFor({ state: 'detached' })
    expect(await messages(page).getByText('And now?').count()).toBe(1)
  })
})

it('without accounts, nothing of signing in is loaded', async () => {
  const withoutAccounts = await startHarness()
  visitor = await withoutAccounts.visitor()
  const { page } = visitor
  const loaded: string[] = []
  page.on('request', (request) => loaded.push(request.url()))
  await page.goto(`${withoutAccounts.server.url}/page.html`)
  await say(page, 'Hello')
  await answers(page).getByText('Hello world!').waitFor()
  expect(loaded.filter((url) => /account|sign-in/.test(url))).toEqual([])
  await withoutAccounts.close()
})
