import { expect, it } from 'vitest'
import { eventually } from '../../testing/eventually.ts'
import { startFakeModelServer } from '../../testing/fake-model-server.ts'
import { startTestServer } from '../../testing/start-test-server.ts'

it('a model server at a wrong address is not ready, which the health of the server says too', async () => {
  let status = 404
  const model = await startFakeModelServer({
    protocol: 'openai',
    respond: () => [{ status: 404, body: '{"detail":"Not Found"}' }],
    lookup: () => ({ status, body: status === 200 ? { data: [{ id: 'm' }] } : {} }),
  })
  const server = await startTestServer({
    INFERENCE_SERVICE_URL: model.url,
    INFERENCE_API: 'openai',
  })
  const health = async () => {
    const response = await fetch(`${server.url}/health`)
    return [response.status, await response.json()]
  }
  try {
    expect((await fetch(`${server.url}/ready`)).status).toBe(503)
    expect(await health()).toMatchObject([200, { status: 'ok', ready: false }])
    status = 200
    // It looks again by itself.
    await eventually(async () => {
      expect(await health()).toMatchObject([200, { status: 'ok', ready: true }])
    })
    expect((await fetch(`${server.url}/ready`)).status).toBe(200)
  } finally {
    await server.close()
    await model.close()
  }
})
