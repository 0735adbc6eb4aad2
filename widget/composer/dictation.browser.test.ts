import 'axe-core/axe.min.js'
import { mount, pressEnter, type, type Mounted } from '../testing/scripted/mount.ts'
import { until } from '../testing/scripted/until.ts'
import { assertAccessible, press } from '../testing/scripted/visitor.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}
function equal(actual: unknown, expected: unknown): void {
  const [got, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (got !== wanted) throw new Error(`expected ${wanted}, got ${got}`)
}

/** What stands in for the browser's speech recognition: it hears what the test says. */
class FakeRecognition extends EventTarget {
  static last: FakeRecognition | undefined
  lang = ''
  isOn = false
  onresult: ((event: object) => void) | null = null
  onerror: ((event: object) => void) | null = null
  onend: (() => void) | null = null

  constructor() {
    super()
    FakeRecognition.last = this
  }
  start(): void {
    this.isOn = true
  }
  stop(): void {
    this.isOn = false
  }
  abort(): void {
    this.isOn = false
  }
  hear(...transcripts: readonly string[]): void {
    this.onresult?.({ results: transcripts.map((transcript) => [{ transcript }]) })
  }
  fail(error: string): void {
    this.isOn = false
    this.onerror?.({ error })
    this.onend?.()
  }
}

const NAMES = ['SpeechRecognition', 'webkitSpeechRecognition'] as const
const original = NAMES.map((name) => Object.getOwnPropertyDescriptor(globalThis, name))
const provide = (value: unknown) => {
  for (const name of NAMES)
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
}

const said = ({ find }: Mounted) => find('.said')?.textContent?.trim() ?? ''

async function listening(): Promise<{ at: Mounted; heard: FakeRecognition; button: HTMLElement }> {
  const at = await mount({ mode: 'inline', lang: 'en-GB' })
  const button = await at.wait('[aria-label="Speak your message"]')
  button.click()
  await until(() => FakeRecognition.last?.isOn)
  const heard = FakeRecognition.last
  assert(heard)
  return { at, heard, button }
}

beforeEach(() => {
  FakeRecognition.last = undefined
  provide(FakeRecognition)
})

afterEach(() => {
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
})

after(() => {
  for (const [at, name] of NAMES.entries()) {
    const before = original[at]
    if (before) Object.defineProperty(globalThis, name, before)
    else Reflect.deleteProperty(globalThis, name)
  }
})

describe('speaking', () => {
  it('says who hears it, and shows what is heard while it is heard', async () => {
    const { at, heard, button } = await listening()
    equal(heard.lang, 'en-GB')
    await until(() => said(at).startsWith('Listening…'))
    assert(said(at).includes('Your browser’s speech service'))
    await until(() => button.getAttribute('aria-pressed') === 'true')
    await assertAccessible(at.chat)
    const input = await at.input()
    heard.hear('how long')
    await until(() => input.value === 'how long')
    heard.hear('how long does it', ' keep')
    await until(() => input.value === 'how long does it keep')
  })

  it('goes on from what was written, and is never sent by itself', async () => {
    const at = await mount({ mode: 'inline' })
    const input = await type(at, 'Tell me')
    ;(await at.wait('[aria-label="Speak your message"]')).click()
    await until(() => FakeRecognition.last?.isOn)
    FakeRecognition.last?.hear(' the hours')
    await until(() => input.value === 'Tell me the hours')
    FakeRecognition.last?.onend?.()
    await until(() => said(at) === '')
    equal([input.value, at.server.turns.length], ['Tell me the hours', 0])
    pressEnter(input)
    await until(() => at.server.turns.length)
    await until(() => input.value === '')
  })

  it('ends with the button, with Escape, with a key, with the message, and with the page', async () => {
    for (const end of [
      async ({ button }) => button.click(),
      async ({ at }) => void press(await at.input(), 'Escape'),
      async ({ at }) => void (await type(at, 'typed')),
      async ({ at }) => void at.chat.send('Hi'),
      async ({ at }) => at.chat.remove(),
    ] satisfies ((state: Awaited<ReturnType<typeof listening>>) => Promise<void>)[]) {
      const state = await listening()
      await end(state)
      await until(() => !state.heard.isOn)
      state.heard.hear('too late')
      equal((await state.at.input()).value.includes('too late'), false)
      state.at.chat.remove()
    }
  })

  it('writes into the conversation that it began in, and no other', async () => {
    const { at, heard } = await listening()
    heard.hear('here')
    const input = await at.input()
    await until(() => input.value === 'here')
    at.chat.conversationId = at.server.addConversation([['user', 'Older']])
    await until(() => at.texts().length === 1)
    await until(() => input.value === '')
    heard.hear('here and there')
    await at.chat.updateComplete
    equal([input.value, heard.isOn], ['', false])
  })

  for (const [error, words] of [
    ['not-allowed', 'The microphone is not allowed here.'],
    ['service-not-allowed', 'The microphone is not allowed here.'],
    ['no-speech', 'Nothing was heard.'],
    ['audio-capture', 'There is no microphone.'],
    ['network', 'cannot be reached'],
  ] as const) {
    it(`says so when it does not work (${error})`, async () => {
      const { at, heard, button } = await listening()
      heard.fail(error)
      await until(() => said(at).includes(words))
      equal(button.getAttribute('aria-pressed'), 'false')
    })
  }

  it('is not offered where the browser cannot', async () => {
    provide(undefined)
    const at = await mount({ mode: 'inline' })
    await at.wait('.greeting')
    await at.chat.updateComplete
    assert(!at.find('[aria-label="Speak your message"]'))
  })
})
