import { describe, expect, it } from 'vitest'
import { createRecordingLogger } from './testing/stores/testing.ts'
import { reportStart, type StartFacts } from './start-report.ts'

const INFERENCE = { url: undefined, isOn: true } as StartFacts['config']['inference']

async function report(
  config: Partial<StartFacts['config']> = {},
  facts: Partial<StartFacts> = {},
): Promise<readonly string[]> {
  const sentences: string[] = []
  for await (const sentence of reportStart({
    config: {
      allowedOrigins: [],
      inference: INFERENCE,
      knowledgeDirectory: `${process.cwd()}/help`,
      ...config,
    },
    knowledge: { size: { documents: 3, passages: 12 }, unreadable: [], isStandIn: false },
    inference: { kind: 'builtin', isReady: async () => true },
    logger: createRecordingLogger(),
    ...facts,
  })) {
    sentences.push(sentence)
  }
  return sentences
}

describe('what whoever starts the server is told', () => {
  it('is which documents there are, whose pages may ask, and who answers', async () => {
    expect(await report()).toEqual([
      'Documents: 3 documents, 12 passages in ./help.',
      expect.stringMatching(/^Pages: this server’s own .* ALLOWED_ORIGINS/),
      expect.stringMatching(/^Answers: from the documents, without a model server/),
    ])
  })

  it('is that documents cannot be read, and that there are none of their own', async () => {
    const size = { documents: 1, passages: 1 }
    const unreadable = [{ document: 'a.pdf', reason: 'it is broken' }]
    const [some] = await report({}, { knowledge: { size, unreadable, isStandIn: false } })
    expect(some).toMatch(/^Documents: 1 document, 1 passage in .*; 1 cannot be read/)
    const [none] = await report({}, { knowledge: { size, unreadable: [], isStandIn: true } })
    expect(none).toMatch(/none of your own yet.*KNOWLEDGE_DIR/)
  })

  it('is whose pages may use the chat', async () => {
    const [, named] = await report({ allowedOrigins: ['https://shop.example'] })
    expect(named).toContain('https://shop.example')
    const [, all] = await report({ allowedOrigins: ['*'] })
    expect(all).toBe('Pages: those of all sites may use the chat.')
  })

  it.each([
    ['is there', async () => true, /https:\/\/models\.example\/v1, which is there/],
    ['is silent or refuses', async () => false, /WHICH DOES NOT ANSWER/],
    ['cannot be asked', () => Promise.reject(new Error('no')), /WHICH DOES NOT ANSWER/],
  ])('is whether a model server %s, and the log has it', async (_name, isReady, sentence) => {
    const logger = createRecordingLogger()
    const url = 'https://key:secret@models.example/v1'
    const sentences = await report(
      { inference: { ...INFERENCE, url } },
      { inference: { kind: 'openai', isReady }, logger },
    )
    expect(sentences.at(-1)).toMatch(sentence)
    expect(logger.lines).toHaveLength(1)
    expect(JSON.stringify([sentences, logger.lines])).not.toContain('secret')
  })
})
