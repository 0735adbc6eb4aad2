import { describe, expect, it } from 'vitest'
import type { TurnEvent } from '../../protocol/events.ts'
import { TurnOutput } from './answer.ts'

const token = (text: string): TurnEvent => ({ type: 'token', text })

function createOutput() {
  const written: TurnEvent[][] = []
  const acknowledged = Promise.withResolvers<boolean>()
  let time = 0
  const output = new TurnOutput({
    writer: { append: (events) => written.push([...events]) },
    acknowledged: acknowledged.promise,
    elapsed: () => (time += 1),
  })
  const acknowledge = async (counts: boolean) => {
    acknowledged.resolve(counts)
    await acknowledged.promise
  }
  return { output, written, acknowledge }
}

describe('the output of a turn', () => {
  it('holds back what comes before the turn counts, and then passes everything on in order', async () => {
    const { output, written, acknowledge } = createOutput()
    output.append([token('a')])
    output.append([token('b')])
    expect(written).toEqual([])
    await acknowledge(true)
    output.append([token('c')])
    expect(written).toEqual([[token('a'), token('b')], [token('c')]])
  })

  it('never passes on anything of a turn that does not count', async () => {
    const { output, written, acknowledge } = createOutput()
    output.append([token('a')])
    await acknowledge(false)
    output.append([token('b')])
    expect(written).toEqual([])
  })

  it('notes when the first token came, held back or not, and no later one', async () => {
    const early = createOutput()
    early.output.append([token('a')])
    await early.acknowledge(true)
    early.output.append([token('b')])
    expect(early.output.firstTokenMs).toBe(1)

    const late = createOutput()
    await late.acknowledge(true)
    late.output.append([{ type: 'sources', sources: [] }])
    expect(late.output.firstTokenMs).toBeUndefined()
    late.output.append([token('a')])
    late.output.append([token('b')])
    expect(late.output.firstTokenMs).toBe(1)
    expect(late.written.flat()).toHaveLength(3)
  })
})
