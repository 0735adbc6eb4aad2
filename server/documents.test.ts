/** Documents as an operator comes by them: from nothing, with the manual, to a site that was read. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { demoKnowledgeDirectory } from './package.ts'
import type { WidgetConfigBody } from './protocol/api.ts'
import { createRecordingLogger } from './testing/stores/testing.ts'
import { eventually } from './testing/eventually.ts'
import { startFakeModelServer } from './testing/fake-model-server.ts'
import { DEMO, startTestServer } from './testing/start-test-server.ts'

it('a site that is read while the server runs takes the place of the manual, for a model too', async () => {
  const logger = createRecordingLogger()
  const model = await startFakeModelServer({ protocol: 'openai' })
  onTestFinished(() => model.close())
  const environment = { INFERENCE_SERVICE_URL: model.url, INFERENCE_API: 'openai' }
  const server = await startTestServer({ ...DEMO, ...environment, INFERENCE_MODEL: 'chat' }, logger)
  onTestFinished(() => server.close())
  expect(logger.lines).toContainEqual(
    expect.objectContaining({
      message: 'There are no documents of your own yet: those of the demo answer',
      fields: expect.objectContaining({ folder: demoKnowledgeDirectory(), unreadable: 0 }),
    }),
  )
  const visitor = await server.visitor()
  const promptFor = async (content: string) => {
    await visitor.send(await visitor.conversation(), content)
    return JSON.stringify(model.requests.at(-1)?.messages)
  }
  const starters = async () => {
    const response = await fetch(`${server.url}/api/widget-config`)
    const shown = (await response.json()) as WidgetConfigBody
    return shown.starters.length
  }
  expect(await promptFor('What is the default port of the server?')).not.toContain('8787')
  expect(await starters()).toBeGreaterThan(0)

  const site = join(server.directory, 'data/knowledge/sites/shop.example')
  await mkdir(site, { recursive: true })
  await writeFile(join(site, 'care.md'), '# Linen\n\nWash linen at forty degrees.')
  await eventually(async () => expect(await starters()).toBe(0))
  expect(await promptFor('How do I wash linen?')).toContain('Wash linen at forty degrees.')
  expect(await promptFor('What is the default port of the server?')).not.toContain('8787')
  await server.restart()
  expect(await starters()).toBe(0)
  expect(logger.lines).toContainEqual(
    expect.objectContaining({
      message: 'Documents are read',
      fields: expect.objectContaining({ documents: 1, passages: 1 }),
    }),
  )
})
