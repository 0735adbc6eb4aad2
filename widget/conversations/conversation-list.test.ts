import { beforeEach, describe, expect, it } from 'vitest'
import type { ReactiveControllerHost } from 'lit'
import { createClient, type ChatClient } from '../api/client.ts'
import { createKeyValueStore } from '../api/key-value-store.ts'
import { ScriptedServer } from '../testing/scripted/scripted-server.ts'
import { ConversationPages } from './conversation-list.ts'

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `Number ${index}`)

let server: ScriptedServer
let client: ChatClient
beforeEach(() => {
  server = new ScriptedServer()
  const store = createKeyValueStore('test:', undefined)
  client = createClient({ endpoint: 'https://chat.example', fetch: server.fetch, store })
})

const host: ReactiveControllerHost = {
  addController() {},
  removeController() {},
  requestUpdate() {},
  updateComplete: Promise.resolve(true),
}
const createList = () => new ConversationPages(host, client)
const titles = ({ items }: ConversationPages) => items.map(({ title }) => title)
const touch = (id: string, time = Date.now() + 60_000) =>
  Object.assign(server.conversations.get(id) ?? {}, { updatedAt: new Date(time).toISOString() })

describe('a list', () => {
  it('loads page after page, each conversation once, while others change', async () => {
    const ids = server.addTitled(numbered(120))
    const list = createList()
    await list.refresh()
    expect(list.items).toHaveLength(50)
    touch(ids[3]!)
    server.addTitled(['New'], Date.now() + 120_000)
    await list.more()
    await list.more()
    expect(list.hasMore).toBe(false)
    expect(titles(list)).toEqual(numbered(120))
    await list.more()
    expect(server.asked('GET', /conversations$/)).toHaveLength(3)
  })

  it('asks for a page once, however many want it', async () => {
    server.addTitled(numbered(60))
    const list = createList()
    await list.refresh()
    await Promise.all([list.more(), list.more(), list.more()])
    expect(list.items).toHaveLength(60)
    expect(server.asked('GET', /conversations$/)).toHaveLength(2)
  })

  it('takes over what changed elsewhere, and keeps what it has loaded', async () => {
    const ids = server.addTitled(numbered(120))
    const list = createList()
    await list.refresh()
    await list.more()
    touch(ids[70]!)
    server.conversations.delete(ids[2]!)
    server.addTitled(['New'], Date.now() + 120_000)
    await list.refresh()
    const expected = numbered(100).filter((_, index) => index !== 2 && index !== 70)
    expect(titles(list)).toEqual(['New', 'Number 70', ...expected])
    await list.more()
    expect(list.items).toHaveLength(120)
  })

  it('begins anew when so much is new that nothing joins', async () => {
    server.addTitled(numbered(60))
    const list = createList()
    await list.refresh()
    await list.more()
    const newer = Array.from({ length: 55 }, (_, index) => `Newer ${index}`)
    server.addTitled(newer, Date.now() + 100 * 60_000)
    await list.refresh()
    expect(titles(list)).toEqual(newer.slice(0, 50))
    await list.more()
    await list.more()
    expect(titles(list)).toEqual([...newer, ...numbered(60)])
  })

  it('keeps what it has when a page does not come, and goes on when it is asked to', async () => {
    server.addTitled(numbered(60))
    const list = createList()
    await list.refresh()
    server.fail(/conversations$/, 'refuse')
    await list.more()
    expect(list.error).toMatchObject({ code: 'unreachable' })
    expect(list.items).toHaveLength(50)
    await list.retry()
    expect(list.error).toBeUndefined()
    expect(list.items).toHaveLength(60)
  })

  it('finds words, and says nothing more once it is stopped', async () => {
    server.addTitled(['Ferns', 'Cacti'])
    const list = createList()
    await list.search('fern')
    expect(titles(list)).toEqual(['Ferns'])
    const late = createList()
    const asked = late.search('cact')
    late.stop()
    await asked
    expect(late.items).toEqual([])
    expect(late.error).toBeUndefined()
  })

  it('shows what the last words find, and what the ones before found until then', async () => {
    server.addTitled(['Ferns', 'Cacti'])
    const list = createList()
    await list.search('fern')
    const asked = [list.search('cact'), list.search('ferns'), list.search('cacti')]
    expect(titles(list)).toEqual(['Ferns'])
    await Promise.all(asked)
    expect(titles(list)).toEqual(['Cacti'])
    expect(server.asked('GET', /conversations$/)).toHaveLength(2)
  })
})
