import { describe, expect, it } from 'vitest'
import { callsOf, DONE, resultsIn, say, startScriptedAnswer } from '../testing/scripted-answer.ts'

const pageTools = [{ name: 'cart', description: 'Reads the cart', parameters: {} }]
const rounds = [callsOf(['cart', '{"id":7}']), [say('Done.'), DONE]]

/** An answer that waits for its page. */
async function askPage(limits?: { readonly client: number }) {
  const started = startScriptedAnswer({ rounds, pageTools, ...(limits && { limits }) })
  const request = await started.event('tool_request')
  const by = (claimant: string, changes: object = {}) => ({
    conversationId: started.conversationId,
    callId: request.call_id,
    claimant,
    ...changes,
  })
  const results = async () => resultsIn((await started.result).content)
  const progress = () => started.events.filter((event) => event.type === 'tool_progress')
  return { ...started, request, by, results, progress }
}

const output = { success: true, output: ['samosa'] } as const

describe('a call of a tool of the page', () => {
  it('asks its readers, waits, and goes on with what a page gave', async () => {
    const asked = await askPage()
    expect(asked.request).toEqual({
      type: 'tool_request',
      call_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      tool: 'cart',
      arguments: { id: 7 },
      timeout_ms: 300_000,
    })
    asked.clientTools.claim(asked.by('tab-1'))
    asked.clientTools.answer(asked.by('tab-1'), output)
    expect(await asked.results()).toEqual([
      { tool: 'cart', success: true, output: ['samosa'], error: null },
    ])
    expect(asked.progress()).toEqual(
      (['claimed', 'settled'] as const).map((state) => ({
        type: 'tool_progress',
        call_id: asked.request.call_id,
        state,
        claimant: 'tab-1',
      })),
    )
  })

  it('goes on with a failure that a page reports', async () => {
    const asked = await askPage()
    asked.clientTools.answer(asked.by('tab-1'), { success: false, error: 'Not allowed.' })
    expect(await asked.results()).toMatchObject([{ success: false, error: 'Not allowed.' }])
  })

  it('belongs to the page that claims it first, which may claim it again', async () => {
    const asked = await askPage()
    asked.clientTools.claim(asked.by('tab-1'))
    asked.clientTools.claim(asked.by('tab-1'))
    const conflict = expect.objectContaining({ code: 'conflict' })
    expect(() => asked.clientTools.claim(asked.by('tab-2'))).toThrow(conflict)
    expect(() => asked.clientTools.answer(asked.by('tab-2'), output)).toThrow(conflict)
    expect(asked.progress()).toHaveLength(1)
    asked.clientTools.answer(asked.by('tab-1'), output)
    expect(await asked.results()).toMatchObject([{ success: true }])
  })

  it('is claimed by the page that answers it; the same page may claim and answer again, to no effect', async () => {
    const asked = await askPage()
    asked.clientTools.answer(asked.by('tab-1'), output)
    asked.clientTools.answer(asked.by('tab-1'), { success: false, error: 'again' })
    expect(() => asked.clientTools.answer(asked.by('tab-2'), output)).toThrow(
      expect.objectContaining({ code: 'conflict' }),
    )
    expect(() => asked.clientTools.claim(asked.by('tab-2'))).toThrow(
      expect.objectContaining({ code: 'conflict' }),
    )
    asked.clientTools.claim(asked.by('tab-1'))
    expect(await asked.results()).toMatchObject([{ success: true }])
    expect(asked.progress()).toMatchObject([{ state: 'settled', claimant: 'tab-1' }])
  })

  it('is unknown to other conversations and under other ids', async () => {
    const asked = await askPage()
    const missing = expect.objectContaining({ code: 'not_found' })
    for (const wrong of [{ conversationId: 'another' }, { callId: 'another' }]) {
      expect(() => asked.clientTools.claim(asked.by('tab-1', wrong))).toThrow(missing)
      expect(() => asked.clientTools.answer(asked.by('tab-1', wrong), output)).toThrow(missing)
    }
    asked.clientTools.answer(asked.by('tab-1'), output)
    expect(() =>
      asked.clientTools.answer(asked.by('tab-1', { conversationId: 'another' }), output),
    ).toThrow(missing)
    await asked.result
  })

  it('fails when no page answers in time, and an answer after that is too late', async () => {
    const asked = await askPage({ client: 5 })
    asked.clientTools.claim(asked.by('tab-1'))
    expect(await asked.results()).toMatchObject([
      { success: false, error: 'The page did not answer in time.' },
    ])
    expect(asked.progress().at(-1)).toMatchObject({ state: 'settled', claimant: 'tab-1' })
    expect(() => asked.clientTools.answer(asked.by('tab-1'), output)).toThrow(
      expect.objectContaining({ code: 'not_found' }),
    )
  })

  it.each(['stopped', 'interrupted'] as const)('ends with its turn: %s', async (reason) => {
    const asked = await askPage()
    asked.end(reason)
    expect(await asked.result).toMatchObject({ finishReason: reason, error: undefined })
    expect(asked.progress()).toMatchObject([{ state: 'settled', claimant: null }])
    expect(() => asked.clientTools.claim(asked.by('tab-1'))).toThrow(
      expect.objectContaining({ code: 'not_found' }),
    )
  })

  it('never reaches the page with broken arguments', async () => {
    const { result, events } = startScriptedAnswer({
      rounds: [callsOf(['cart', '{"id":']), [say('Done.'), DONE]],
      pageTools,
    })
    expect(resultsIn((await result).content)).toMatchObject([{ success: false }])
    expect(events.some(({ type }) => type === 'tool_request')).toBe(false)
  })

  it('never reaches the page with arguments that no event can carry', async () => {
    const depth = 200_000
    const { result, events } = startScriptedAnswer({
      rounds: [
        callsOf(['cart', `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`]),
        [say('Done.'), DONE],
      ],
      pageTools,
    })
    expect(resultsIn((await result).content)).toMatchObject([{ success: false }])
    expect(events.some(({ type }) => type === 'tool_request')).toBe(false)
  })
})
