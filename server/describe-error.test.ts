import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { ChatError, notSetUp } from './core/errors.ts'
import { describeError, createLogger } from './log.ts'

const SECRET = 'sk-live-4711 and what the visitor wrote'

const thrownBy = async (work: () => unknown): Promise<unknown> => {
  try {
    await work()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

describe('an error in the log', () => {
  it('has its class, its code and the place, but not its words', async () => {
    const error = await thrownBy(() => JSON.parse(SECRET))
    const described = describeError(error)
    expect(described).toEqual({ type: 'SyntaxError', frames: expect.any(Array) })
    expect(described.frames?.join()).toContain('describe-error.test.ts')
  })

  it('keeps the words that are ours or the system’s', async () => {
    expect(describeError(new ChatError('internal', 'The disk is full.'))).toMatchObject({
      type: 'ChatError',
      code: 'internal',
      message: 'The disk is full.',
    })
    expect(describeError(notSetUp('The key is wrong.'))).toMatchObject({
      cause: { message: 'The key is wrong.' },
    })
    const missing = await thrownBy(() => readFile('/nowhere/at/all'))
    expect(describeError(missing)).toMatchObject({ type: 'Error', code: 'ENOENT' })
    expect(describeError(missing).message).toContain('/nowhere/at/all')
  })

  it.each([
    ['a plain error', () => new Error(SECRET)],
    ['lines that look like a stack', () => new Error(`x\n    at ${SECRET}\n    at ${SECRET}`)],
    ['a message that was changed later', () => Object.assign(new Error(SECRET), { message: 'x' })],
    ['a name', () => Object.assign(new Error('x'), { name: SECRET })],
    ['a code', () => Object.assign(new Error('x'), { code: SECRET })],
    ['properties', () => Object.assign(new Error('x'), { headers: { authorization: SECRET } })],
    ['what a model server said', () => new ChatError('inference_error', SECRET)],
    ['a cause', () => new Error('x', { cause: new Error(SECRET) })],
    ['a cause that is a text', () => new Error('x', { cause: SECRET })],
    ['several errors', () => new AggregateError([new Error(SECRET), SECRET], SECRET)],
    ['a text', () => SECRET],
    ['a thing', () => ({ message: SECRET })],
  ])('gives nothing away that stands in %s', (_, make) => {
    const lines: string[] = []
    const logger = createLogger('debug', { write: (line) => void lines.push(line) })
    logger.error({ err: make(), cause: make() }, 'broken')
    expect(lines).toHaveLength(1)
    expect(lines[0]).not.toContain(SECRET)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'error', message: 'broken' })
  })

  it('ends, however deep or round its causes are', () => {
    const round = new Error('x')
    round.cause = round
    expect(JSON.stringify(describeError(round)).match(/"type"/g)).toHaveLength(5)
  })
})
