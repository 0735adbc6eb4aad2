import { describe, expect, it } from 'vitest'
import { createInProcessTurnLog } from './in-process.ts'
import { describeTurnLog } from '../testing/turn-log-suite.ts'

describeTurnLog('in-process turn log', async () => createInProcessTurnLog())

describe('memory of the in-process turn log', () => {
  const runTurn = async (log: ReturnType<typeof createInProcessTurnLog>, name: string) => {
    await log.begin(name, `conversation of ${name}`)
    await log.end(name)
  }

  it('drops ended turns after their time', async () => {
    let now = 0
    const log = createInProcessTurnLog({ keepEndedFor: 1_000, now: () => now })
    await runTurn(log, 'old')
    now = 999
    await runTurn(log, 'young')
    now = 1_000
    await runTurn(log, 'next')
    expect(await log.find('old')).toBeUndefined()
    expect(await log.find('young')).toBeDefined()
    await log.close()
  })

  it('keeps no more events of ended turns than it may', async () => {
    const log = createInProcessTurnLog({ keepEndedEvents: 5 })
    for (const name of ['a', 'b']) {
      await log.begin(name, name)
      for (let count = 0; count < 4; count += 1)
        log.writer(name).append([{ type: 'token', text: 'x' }])
      await log.end(name)
    }
    expect(await log.find('a')).toBeUndefined()
    expect(await log.find('b')).toBeDefined()
    await log.close()
  })

  it('keeps no more text of ended turns than it may, be it in few large chunks', async () => {
    const log = createInProcessTurnLog({ keepEndedCharacters: 1_500 })
    const data = JSON.stringify({ state: 'x'.repeat(600) })
    for (const name of ['a', 'b', 'c']) {
      await log.begin(name, name)
      log.writer(name).append([
        { type: 'chunk', data, hasChoices: true },
        { type: 'token', text: 'y'.repeat(100) },
      ])
      await log.end(name)
    }
    expect(await log.find('a')).toBeUndefined()
    expect(await log.find('b')).toBeDefined()
    expect(await log.find('c')).toBeDefined()
    await log.close()
  })

  it('keeps no more ended turns than it may, and never drops a running one', async () => {
    const log = createInProcessTurnLog({ keepEndedCount: 2 })
    await log.begin('running', 'c')
    for (const name of ['a', 'b', 'c', 'd']) await runTurn(log, name)
    expect(await log.find('b')).toBeUndefined()
    expect(await log.find('c')).toBeDefined()
    expect(await log.find('d')).toBeDefined()
    expect(await log.find('running')).toMatchObject({ running: true })
    await log.close()
  })
})
