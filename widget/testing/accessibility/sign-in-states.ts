/** What is seen of signing in and out, where the server has accounts. */
import type { Mounted } from '../scripted/mount.ts'
import { problem } from '../scripted/scripted-server.ts'
import { until } from '../scripted/until.ts'
import type { State } from './state.ts'

const config = {
  auth_mode: 'local',
  features: { think: true, feedback: true, accounts: true },
}

/** The element's own client knows accounts; until the test is over, the page's `fetch` is the server's. */
async function openForm({ chat, server, wait }: Mounted): Promise<void> {
  server.accounts.add('ada', 'Ada Byron')
  window.fetch = server.fetch
  chat.client = undefined
  await wait('#username')
}

function enter({ find }: Mounted, password: string): void {
  const [name, secret] = [find('#username'), find('#password')]
  if (!(name instanceof HTMLInputElement) || !(secret instanceof HTMLInputElement)) return
  name.value = 'ada'
  secret.value = password
  secret.form?.requestSubmit()
}

async function refused(mounted: Mounted): Promise<void> {
  await openForm(mounted)
  enter(mounted, 'wrong')
  await mounted.wait('.failure')
}

async function signIn(mounted: Mounted): Promise<void> {
  await openForm(mounted)
  enter(mounted, 'ada’s secret')
  await mounted.input()
}

export const signInStates: readonly State[] = [
  { name: 'the form to sign in', config, enter: openForm },
  {
    name: 'the form in a bubble',
    mode: 'bubble',
    attributes: { open: '' },
    config,
    enter: openForm,
  },
  { name: 'the form as a page', mode: 'page', config, enter: openForm },
  { name: 'a password that is not right', config, enter: refused },
  {
    name: 'too many attempts',
    config,
    async enter(mounted) {
      await openForm(mounted)
      const limited = () => problem(429, { code: 'rate_limited' }, { 'retry-after': '60' })
      mounted.server.fail(/login/, limited)
      enter(mounted, 'wrong')
      await mounted.wait('[type=submit][aria-disabled=true]')
    },
  },
  {
    name: 'a message that waits for the sign-in',
    config,
    async enter(mounted) {
      await openForm(mounted)
      mounted.chat.send('What is a samosa?')
      await until(() => mounted.texts().length > 0)
    },
  },
  {
    name: 'a sign-in that has ended',
    config,
    async enter(mounted) {
      await signIn(mounted)
      mounted.server.accounts.expireAll()
      mounted.chat.send('What is a samosa?')
      await mounted.wait('.problem')
    },
  },
  {
    name: 'who has signed in',
    config,
    async enter(mounted) {
      await signIn(mounted)
      mounted.find('.list')?.click()
      await mounted.wait('.account')
    },
  },
]
