import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ChatError } from '../core/errors.ts'
import type { Caller, TurnOutcome } from '../core/ports/index.ts'
import { createTextFile } from '../stores/disk/atomic-file.ts'
import { nodeFileSystem } from '../stores/disk/file-system.ts'
import { createRecordingLogger } from '../testing/stores/testing.ts'
import { createTokenBudget, type DailyTokenBudget } from './token-budget.ts'

const NOON = Date.UTC(2026, 4, 1, 12)
const HOUR = 60 * 60_000

let directory: string
let time: number
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'samosa-budget-'))
  time = NOON
})
afterEach(() => rm(directory, { recursive: true }))

const logger = createRecordingLogger()
const open = (whole: number, perVisitor = 0) =>
  createTokenBudget({
    whole,
    perVisitor,
    file: createTextFile({ files: nodeFileSystem, logger }, join(directory, 'token-budget.json')),
    logger,
    now: () => time,
  })

const anna: Caller = { userId: 'anna', address: '203.0.113.9' }

function outcome(changes: Partial<TurnOutcome> = {}): TurnOutcome {
  return {
    ownerId: 'anna',
    finishReason: 'stop',
    outcome: undefined,
    errorCode: undefined,
    isAnswered: true,
    tokenCount: 10,
    usage: { total_tokens: 100 },
    promptCharacters: 200,
    firstTokenMs: 1,
    totalMs: 2,
    ...changes,
  }
}

/** What a check says; `undefined` when it lets the caller pass. */
async function refusal(budget: DailyTokenBudget, caller = anna): Promise<ChatError | undefined> {
  try {
    await budget.check(caller)
    return undefined
  } catch (error) {
    return error as ChatError
  }
}

describe('the budget of the whole server', () => {
  it('is used up by what the model server says its answers cost, until midnight UTC', async () => {
    const budget = await open(200)
    expect(await refusal(budget)).toBeUndefined()
    budget.turnEnded(outcome())
    expect(await refusal(budget)).toBeUndefined()
    budget.turnEnded(outcome())
    expect(await refusal(budget)).toMatchObject({
      code: 'budget_exhausted',
      status: 429,
      retryable: false,
      retryAfter: 43_200,
    })
    expect((await refusal(budget))?.message).toMatch(/today.*midnight UTC/)
    time += 12 * HOUR
    expect(await refusal(budget)).toBeUndefined()
    await budget.close()
  })

  it('counts the prompt and the answer where the model server says nothing', async () => {
    const budget = await open(60)
    budget.turnEnded(outcome({ usage: undefined, tokenCount: 9 }))
    expect(await refusal(budget)).toBeUndefined()
    budget.turnEnded(outcome({ usage: undefined, tokenCount: 1, promptCharacters: 0 }))
    expect(await refusal(budget)).toBeDefined()
    await budget.close()
  })

  it('is not touched by turns that never reached a model', async () => {
    const budget = await open(1)
    budget.turnEnded(
      outcome({
        usage: undefined,
        tokenCount: 0,
        errorCode: 'inference_unreachable',
        isAnswered: false,
      }),
    )
    expect(await refusal(budget)).toBeUndefined()
    await budget.close()
  })

  it('counts answers with nothing in them, which were paid for too', async () => {
    for (const usage of [{ total_tokens: 100 }, undefined]) {
      const budget = await open(25)
      budget.turnEnded(outcome({ usage, tokenCount: 0, errorCode: 'inference_length' }))
      expect(await refusal(budget)).toBeDefined()
      await budget.close()
    }
  })

  it('stays spent over a restart, and is whole again on another day', async () => {
    const budget = await open(100)
    budget.turnEnded(outcome())
    await budget.close()
    const again = await open(100)
    expect(await refusal(again)).toBeDefined()
    await again.close()
    time += 24 * HOUR
    const tomorrow = await open(100)
    expect(await refusal(tomorrow)).toBeUndefined()
    await tomorrow.close()
  })

  it('starts anew when its file is damaged', async () => {
    await writeFile(join(directory, 'token-budget.json'), '{"date": 7')
    const budget = await open(100)
    expect(await refusal(budget)).toBeUndefined()
    await budget.close()
  })
})

describe('the budget of a visitor', () => {
  it('is one visitor’s own', async () => {
    const budget = await open(0, 100)
    expect(await refusal(budget)).toBeUndefined()
    budget.turnEnded(outcome())
    expect((await refusal(budget))?.message).toMatch(/You have used up today/)
    expect(await refusal(budget, { userId: 'ben', address: '203.0.113.9' })).toBeUndefined()
    await budget.close()
  })

  it('is not renewed without end by fresh sessions from one address, also over a restart', async () => {
    const budget = await open(0, 100)
    for (const userId of ['one', 'two', 'three']) {
      expect(await refusal(budget, { ...anna, userId })).toBeUndefined()
      budget.turnEnded(outcome({ ownerId: userId }))
    }
    expect(await refusal(budget, { ...anna, userId: 'four' })).toBeDefined()
    await budget.close()
    const again = await open(0, 100)
    expect(await refusal(again, { ...anna, userId: 'four' })).toBeDefined()
    expect(await refusal(again, { userId: 'four', address: '198.51.100.1' })).toBeUndefined()
    await again.close()
  })

  it('leaves neither names nor addresses on the disk', async () => {
    const budget = await open(0, 100)
    await refusal(budget)
    budget.turnEnded(outcome())
    await budget.close()
    const text = await readFile(join(directory, 'token-budget.json'), 'utf8')
    expect(text).not.toMatch(/anna|203/)
  })
})
