import 'axe-core/axe.min.js'
import { mount, type Mounted } from '../testing/scripted/mount.ts'
import { ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { until } from '../testing/scripted/until.ts'
import { assertAccessible } from '../testing/scripted/visitor.ts'

function assert(condition: unknown, message = 'expected to hold'): asserts condition {
  if (!condition) throw new Error(message)
}

async function answered(
  text: string,
  attributes: Readonly<Record<string, string>> = {},
): Promise<Mounted> {
  const mounted = await mount({ mode: 'inline', ...attributes })
  mounted.chat.style.setProperty('height', '480px')
  mounted.chat.send('Tell me')
  await until(() => mounted.server.turns.length)
  mounted.server.lastTurn.token(text)
  mounted.server.lastTurn.done()
  await mounted.wait('.assistant [aria-label=Copy]')
  return mounted
}

afterEach(() => {
  for (const chat of document.querySelectorAll('samosa-chat')) chat.remove()
})

/** What the next copy puts into the clipboard, by its type. */
function nextCopy(): Promise<ReadonlyMap<string, string>> {
  return new Promise((resolve) => {
    const { write } = navigator.clipboard
    navigator.clipboard.write = async ([item]) => {
      navigator.clipboard.write = write
      const types = item?.types ?? []
      const texts = await Promise.all(
        types.map(async (type) => (await item?.getType(type))?.text() ?? ''),
      )
      resolve(new Map(types.map((type, at) => [type, texts[at] ?? ''])))
    }
  })
}

const MARKDOWN = `## Watering

**Twice** a week[^1], see [the page](/care). <img src=x onerror=alert(1)>

| Plant | Water |
|---|--:|
| Fern | 2 |

- [x] Pot
- [ ] Soil

\`\`\`js
const a = 1 < 2
\`\`\`

[^1]: In summer.
`

describe('an answer that is copied', () => {
  it('is text, and HTML beside it without anything of ours', async () => {
    const { wait } = await answered(MARKDOWN)
    await wait('.code-copy')
    const copied = nextCopy()
    ;(await wait('.assistant [aria-label=Copy]')).click()
    const types = await copied
    assert(types.get('text/plain') === MARKDOWN.trim(), types.get('text/plain'))
    const html = types.get('text/html') ?? ''
    assert(
      !/class=|part=|style=|tabindex|role=|aria-|<button|<div|onerror|<script/.test(html),
      html,
    )
    const page = new DOMParser().parseFromString(html, 'text/html')
    assert(page.querySelector('pre > code')?.textContent === 'const a = 1 < 2', html)
    assert(page.querySelectorAll('table th, table td').length === 4, html)
    assert(page.querySelector('td[align=right]')?.textContent === '2', html)
    assert(page.querySelector('a')?.getAttribute('href') === `${location.origin}/care`, html)
    assert(page.querySelector('h2')?.textContent === 'Watering', html)
    assert(html.includes('☑ Pot') && html.includes('☐ Soil'), html)
    assert(page.querySelector('sup')?.textContent === '1', html)
  })

  it('is text where the browser takes no more', async () => {
    const { wait } = await answered('**Yes**')
    const { write } = navigator.clipboard
    navigator.clipboard.write = () => Promise.reject(new DOMException('', 'NotAllowedError'))
    ;(await wait('.assistant [aria-label=Copy]')).click()
    await wait('[role=status]')
    let text = ''
    await until(() => {
      void navigator.clipboard.readText().then((read) => (text = read))
      return text === '**Yes**'
    })
    navigator.clipboard.write = write
  })

  it('has its code as plain text from the button on that', async () => {
    const { wait } = await answered(MARKDOWN)
    const copied: string[] = []
    const { writeText } = navigator.clipboard
    navigator.clipboard.writeText = async (text) => void copied.push(text)
    ;(await wait('.code-copy')).click()
    await until(() => copied.length)
    navigator.clipboard.writeText = writeText
    assert(copied[0] === 'const a = 1 < 2', copied[0])
  })
})

describe('long code', () => {
  for (const dir of ['ltr', 'rtl']) {
    it(`keeps its language and its button in sight while it is read: ${dir}`, async () => {
      const code = Array.from({ length: 80 }, (_, at) => `const line${at} = ${at}`).join('\n')
      const { wait } = await answered(
        `Here:\n\n\`\`\`js\n${code}\n\`\`\`\n\n${'That is all. '.repeat(300)}`,
        { dir },
      )
      const scroller = await wait('.scroller')
      const header = await wait('.code-header')
      const block = await wait('.code-block')
      const top = () => scroller.getBoundingClientRect().top
      scroller.scrollTop += block.getBoundingClientRect().top - top() + 500
      await until(() => Math.abs(header.getBoundingClientRect().top - top()) <= 1)
      const button = await wait('.code-copy')
      const { left, bottom } = button.getBoundingClientRect()
      const hit = header.getRootNode()
      assert(hit instanceof ShadowRoot && hit.elementFromPoint(left + 3, bottom - 3) === button)
      // With the end of the code it goes.
      scroller.scrollTop += block.getBoundingClientRect().bottom - top() - 10
      await until(() => header.getBoundingClientRect().top < top() - 5)
    })
  }
})

describe('the time of a message', () => {
  it('is said behind it, and seen with what can be done with it', async () => {
    const { wait, findAll, chat } = await answered('Yes.')
    const times = findAll('time')
    assert(times.length === 2)
    for (const time of times) {
      const date = new Date(time.getAttribute('datetime') ?? '')
      assert(Math.abs(Date.now() - date.getTime()) < 120_000, 'is now')
      assert(/\d:\d\d/.test(time.textContent ?? ''), time.textContent ?? '')
      assert(time.getAttribute('title')?.includes(String(date.getFullYear())))
      const article = time.closest('article')
      const before = article?.querySelector('.bubble, samosa-answer')
      assert(before && before.compareDocumentPosition(time) & Node.DOCUMENT_POSITION_FOLLOWING)
    }
    const bubble = (await wait('.bubble')).getBoundingClientRect()
    const { top } = times[0]?.getBoundingClientRect() ?? {}
    assert(top !== undefined && top >= bubble.bottom - 1, `${top} below ${bubble.bottom}`)
    await assertAccessible(chat)
  })

  it('is the one that the server knows', async () => {
    const server = new ScriptedServer()
    const id = server.addConversation([
      ['user', 'Hi'],
      ['assistant', 'Hello.'],
    ])
    const { findAll, wait } = await mount(
      { mode: 'inline', lang: 'de', 'conversation-id': id },
      server,
    )
    await wait('time')
    const [time] = findAll('time')
    assert(time?.getAttribute('datetime') === '2026-01-01T00:00:00.000Z')
    assert(/[Jj]an|[Dd]ez/.test(time.textContent ?? ''), time.textContent ?? '')
  })
})
