import { beforeEach, describe, expect, it } from 'vitest'
import { createKeyValueStore, type KeyValueStore } from '../api/key-value-store.ts'
import { openPage } from '../testing/scripted/open-page.ts'
import { problem, ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { until } from '../testing/scripted/until.ts'
import type { DraftFile } from './chat-message.ts'
import { createMemory } from './memory.ts'

let server: ScriptedServer
let store: KeyValueStore
let page: ReturnType<typeof openPage>

const HELLO = [
  ['user', 'Hi'],
  ['assistant', 'Hello'],
] as const

function draftFile(name: string): DraftFile {
  const file = new File(['a,b'], name, { type: 'text/csv' })
  return { name, type: file.type, size: file.size, file, read: 1, data: 'YSxi' }
}

const names = () => page.state.files.map(({ name }) => name)

beforeEach(() => {
  server = new ScriptedServer()
  store = createKeyValueStore('', undefined)
  page = openPage(server, store)
})

describe('drafts', () => {
  it('are kept for each conversation, over a reload', async () => {
    const [first, second] = [server.addConversation(HELLO), server.addConversation(HELLO)]
    await page.controller.load(first)
    page.state.draft = 'in the first'
    await page.controller.load(second)
    expect(page.state.draft).toBe('')
    page.state.draft = 'in the second'
    page = openPage(server, store)
    await page.controller.load(undefined)
    expect(page.state.draft).toBe('in the second')
    await page.controller.load(first)
    expect(page.state.draft).toBe('in the first')
    await page.controller.load(second)
    expect(page.state.draft).toBe('in the second')
  })

  it('change with the click, not when the conversation has come', async () => {
    const [first, second] = [server.addConversation(HELLO), server.addConversation(HELLO)]
    await page.controller.load(first)
    const loading = page.controller.load(second)
    page.state.draft = 'typed meanwhile'
    await loading
    expect(page.state.draft).toBe('typed meanwhile')
    await page.controller.load(first)
    expect(page.state.draft).toBe('')
  })

  it('stay with what is shown when another conversation does not load', async () => {
    const [first, second] = [server.addConversation(HELLO), server.addConversation(HELLO)]
    await page.controller.load(first)
    page.state.draft = 'still here'
    server.fail(new RegExp(`${second}$`), 'refuse')
    await page.controller.load(second)
    expect(page.kind()).toBe('failed')
    expect(page.state.draft).toBe('still here')
  })

  it('go along to a new conversation, unless that has one', async () => {
    const first = server.addConversation(HELLO)
    await page.controller.load(first)
    page.state.draft = 'taken along'
    page.controller.newConversation()
    expect(page.state.draft).toBe('taken along')
    await page.controller.load(first)
    expect(page.state.draft).toBe('')
    page.state.draft = 'stays'
    page.controller.newConversation()
    expect(page.state.draft).toBe('taken along')
    await page.controller.load(first)
    expect(page.state.draft).toBe('stays')
  })

  it('take over the one draft of an earlier version', () => {
    store.set('conversation', 'c')
    store.set('draft', 'from before')
    const memory = createMemory(store)
    expect([memory.draft('c'), memory.draft(undefined)]).toEqual(['from before', ''])
    expect(store.get('draft')).toBeUndefined()
  })
})

describe('the files of a draft', () => {
  const send = () => {
    page.state.draft = 'Look'
    page.state.files = [draftFile('a.csv')]
    page.controller.send('Look', { think: false })
  }

  it('go with its text, and with no other', async () => {
    page.state.draft = 'Look'
    page.state.files = [draftFile('a.csv')]
    page.controller.send('From a card', { think: false })
    await until(() => page.kind() === 'answering')
    expect(names()).toEqual(['a.csv'])
    server.lastTurn.done()
    await until(() => page.kind() === 'idle')
    page.controller.send('Look', { think: false })
    await until(() => page.kind() === 'answering')
    expect(names()).toEqual([])
    const [first, second] = server.asked('POST', /messages$/)
    expect(first?.body).not.toHaveProperty('attachments')
    expect(second?.body).toMatchObject({
      attachments: [{ filename: 'a.csv', content_type: 'text/csv', data_base64: 'YSxi' }],
    })
    expect(page.state.messages.at(-2)?.attachments).toMatchObject([{ name: 'a.csv', size: 3 }])
  })

  it.each([413, 415])(
    'come back with the text when the server refuses them (%i)',
    async (status) => {
      server.fail(/messages$/, () => problem(status))
      send()
      await until(() => page.kind() === 'failed')
      expect([page.state.draft, names()]).toEqual(['Look', ['a.csv']])
    },
  )

  it('are sent again with the text when the connection failed', async () => {
    server.fail(/messages$/, 'refuse')
    send()
    await until(() => page.kind() === 'failed')
    page.controller.retry()
    await until(() => page.kind() === 'answering')
    expect(server.asked('POST', /messages$/).at(-1)?.body).toHaveProperty('attachments')
  })

  it('are asked for again when the page went before they were sent', async () => {
    server.fail(/messages$/, 'refuse')
    send()
    await until(() => page.kind() === 'failed')
    page = openPage(server, store)
    await page.controller.load(undefined)
    expect(server.turns).toHaveLength(0)
    expect([page.state.draft, page.state.hint]).toEqual(['Look', 'files'])
  })

  it('are not asked for again when the server has them', async () => {
    server.fail(/messages$/, 'lose answer')
    send()
    await until(() => page.kind() === 'failed')
    page = openPage(server, store)
    void page.controller.load(undefined)
    await until(() => page.kind() === 'answering')
    expect(server.turns).toHaveLength(1)
    expect([page.state.draft, page.state.hint]).toEqual(['', undefined])
  })

  it('stay on the screen with a message that is edited', async () => {
    send()
    await until(() => page.kind() === 'answering')
    server.lastTurn.token('Seen')
    server.lastTurn.done()
    await until(() => page.kind() === 'idle')
    const replaces = page.state.messages[0]?.id ?? ''
    page.controller.send('Look again', { think: false, replaces })
    expect(page.state.messages.at(-2)?.attachments).toMatchObject([{ name: 'a.csv' }])
    await until(() => server.turns.length === 2)
    expect(server.asked('POST', /messages$/).at(-1)?.body).not.toHaveProperty('attachments')
  })

  it('stay with the conversation that they were added in', async () => {
    const [first, second] = [server.addConversation(HELLO), server.addConversation(HELLO)]
    await page.controller.load(first)
    page.state.files = [draftFile('a.csv')]
    await page.controller.load(second)
    expect(names()).toEqual([])
    await page.controller.load(first)
    expect(names()).toEqual(['a.csv'])
  })
})

describe('settings', () => {
  it('are sent with every turn', async () => {
    page.controller.settings = { temperature: 0.3, top_k: 40, force_web_search: true }
    page.controller.send('Hi', { think: false })
    await until(() => page.kind() === 'answering')
    server.lastTurn.token('Hello')
    server.lastTurn.done()
    await until(() => page.kind() === 'idle')
    page.controller.regenerate()
    await until(() => server.turns.length === 2)
    const wanted = { temperature: 0.3, top_k: 40, force_web_search: true }
    expect(server.asked('POST', /messages$/)[0]?.body).toMatchObject(wanted)
    expect(server.asked('POST', /regenerate$/)[0]?.body).toMatchObject(wanted)
  })

  it('outlive a reload, and what could not have been kept is not read', () => {
    createMemory(store).settings = { temperature: 0.3, top_k: 40 }
    expect(createMemory(store).settings).toMatchObject({ temperature: 0.3, top_k: 40 })
    for (const broken of ['', '[]', '{"temperature":3,"top_k":0.5,"force_web_search":1}', '{']) {
      store.set('settings', broken)
      expect(Object.values(createMemory(store).settings).filter(Boolean)).toEqual([])
    }
  })
})

describe('suggestions', () => {
  it('stand with their answer', async () => {
    page.controller.send('Hi', { think: false })
    await until(() => page.kind() === 'answering')
    server.lastTurn.token('Hello')
    server.lastTurn.emit({ suggestions: ['And then?'] })
    server.lastTurn.done()
    await until(() => page.kind() === 'idle')
    expect(page.state.lastAnswer?.suggestions).toEqual(['And then?'])
  })
})
