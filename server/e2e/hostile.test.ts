/** Hostile text in every place that shows text: no script runs, no request leaves, the page stays as it is. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { EVENT_STREAM_HEADERS, writeEvent } from '../protocol/events.ts'
import { serve } from './foreign-page.ts'
import { answers, say, startHarness, type Harness, type Visitor } from './harness.ts'

const EVIL = 'https://evil.example'
const PAYLOADS = [
  '<script>hacked()</script>',
  '<img src=x onerror=hacked()>',
  `<img src="${EVIL}/a.png">`,
  `![a](${EVIL}/b.png)`,
  '<svg onload=hacked()><script>hacked()</script></svg>',
  '<iframe srcdoc="<script>parent.hacked()</script>"></iframe>',
  '<a href="javascript:hacked()">a</a> [b](javascript:hacked()) [c](data:text/html,<script>)',
  '<form action=javascript:hacked()><button autofocus onfocus=hacked()>x</button></form>',
  `<style>@import "${EVIL}/c.css"; body { display: none }</style>`,
  `<link rel=stylesheet href="${EVIL}/d.css"><base href="${EVIL}"><meta http-equiv=refresh content="0;${EVIL}">`,
  `<video poster="${EVIL}/e.png" autoplay><source src=x onerror=hacked()></video>`,
  `<div style="background:url(${EVIL}/f.png);position:fixed;inset:0">over the page</div>`,
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src onerror=hacked()&gt;">',
  '<details open ontoggle=hacked()>x</details><samosa-chat endpoint="//evil.example" mode=page>',
  '</p></div></samosa-answer><b id=outside>out</b>',
].join('\n\n')
const JSON_TEXT = JSON.stringify(PAYLOADS)

let harness: Harness
let visitor: Visitor
beforeAll(async () => {
  harness = await startHarness()
})
afterEach(() => visitor.context.close())
afterAll(() => harness.close())

/** A page that would notice a script that runs, and anything that changes outside the element. */
async function visit(prepare: (page: Page) => Promise<unknown> = async () => {}): Promise<Page> {
  visitor = await harness.visitor()
  const { page, context } = visitor
  const at = `${harness.server.url}/victim.html`
  await serve(
    context,
    at,
    `<!doctype html><body><h1>Bank</h1><samosa-chat mode="inline" endpoint=""></samosa-chat>
    <script>
      var hacks = 0, changes = []
      function hacked() { hacks += 1 }
      onload = () => new MutationObserver((records) => changes.push(...records.map(String)))
        .observe(document, { subtree: true, childList: true, characterData: true })
    </script>
    <script type="module" src="/samosa-chat.js"></script></body>`,
  )
  await prepare(page)
  await page.goto(at)
  return page
}

async function expectHarmless(page: Page): Promise<void> {
  expect(await page.evaluate('[hacks, changes.length, document.title, location.pathname]')).toEqual(
    [0, 0, '', '/victim.html'],
  )
  expect(visitor.elsewhere).toEqual([])
  expect(await page.locator('script, iframe, object, embed, base, form, style').count()).toBe(
    await page.locator('body > script, form.pod').count(),
  )
}

/** In pieces of this many characters: every construct is cut somewhere. */
const cutInto = (text: string, size: number) =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
    text.slice(index * size, (index + 1) * size),
  )

it.each([
  ['an answer', PAYLOADS],
  ['thinking', `<think>${PAYLOADS}</think>\n\n`],
  [
    'a tool’s call and result',
    `<|python_start|>{"tool":${JSON_TEXT},"arguments":{${JSON_TEXT}:${JSON_TEXT}}}<|python_end|>` +
      `<|output_start|>{"tool":"web_search","success":true,"output":{"results":[{"title":${JSON_TEXT},"url":"javascript:hacked()","content":${JSON_TEXT}}]},"error":${JSON_TEXT}}<|output_end|>\n\n`,
  ],
  ['a fence’s language', `\`\`\`${PAYLOADS.replaceAll(/\s/g, '')}\ncode\n\`\`\`\n\n`],
])('in %s, at every cut of the stream', async (_, text) => {
  const page = await visit()
  for (const size of [1, 7, text.length]) {
    harness.script = [...cutInto(text, size), `\n\nRead ${size}.`]
    await say(page, `Attack by ${size}`)
    await page.getByRole('button', { name: /^stop/i }).waitFor({ state: 'detached' })
    const closed = answers(page).last().locator('button[aria-expanded=false]')
    while ((await closed.count()) > 0) await closed.first().click()
    await expectHarmless(page)
  }
})

it('in what the visitor says, and in the conversation after a reload', async () => {
  harness.script = ['Hm.']
  const page = await visit()
  await say(page, PAYLOADS.slice(0, 1_500))
  await answers(page).last().getByText('Hm.').waitFor()
  await expectHarmless(page)
  await page.reload()
  await answers(page).last().getByText('Hm.').waitFor()
  await expectHarmless(page)
})

it('in the server’s configuration, and in what it says has failed', async () => {
  const features = { think: true, search: PAYLOADS, feedback: true, knowledge: [] }
  const config = {
    title: PAYLOADS,
    greeting: PAYLOADS,
    starters: [PAYLOADS, 7, null, { text: PAYLOADS }],
    features,
    auth_mode: PAYLOADS,
    max_message_length: 'many',
    locale: PAYLOADS,
  }
  const page = await visit(async (fresh) => {
    await fresh.route('**/api/widget-config', (route) => route.fulfill({ json: config }))
  })
  await page.getByText('<script>hacked()</script>').first().waitFor()
  await expectHarmless(page)
  await page.route('**/api/conversations', (route) =>
    route.fulfill({ status: 422, json: { title: PAYLOADS, detail: PAYLOADS, code: PAYLOADS } }),
  )
  await say(page, 'Hello')
  await page.getByRole('alert').waitFor()
  expect(await page.getByRole('alert').innerText()).not.toContain('script')
  await expectHarmless(page)
})

it('in events that nobody knows, or that are broken: the answer goes on', async () => {
  const page = await visit(async (fresh) => {
    await fresh.route('**/messages', async (route) => {
      const body = [
        '{"turn_id":"t","user_message_id":"u","message_id":"m"}',
        `{"unknown":${JSON_TEXT}}`,
        '{"token":7}',
        '{"sources":[{"number":"1"},null,"x"]}',
        `{"sources":[{"number":1,"title":${JSON_TEXT},"url":"javascript:hacked()","creator":null,"section":${JSON_TEXT},"snippet":${JSON_TEXT},"score":1}]}`,
        `{"progress":{"step":${JSON_TEXT},"name":${JSON_TEXT},"done":-1,"total":"x"}}`,
        `{"suggestions":[${JSON_TEXT},7]}`,
        'no json',
        '[]',
        'null',
        '{"token":"Still here [1]."}',
        '{"done":true,"message_id":"m","finish_reason":"stop"}',
      ]
      await route.fulfill({
        headers: EVENT_STREAM_HEADERS,
        body: body.map((data, index) => writeEvent('t', index + 1, data)).join(''),
      })
    })
  })
  await say(page, 'Hello')
  await answers(page).last().getByText('Still here').waitFor()
  await page.getByRole('button', { name: /^stop/i }).waitFor({ state: 'detached' })
  await expectHarmless(page)
})
