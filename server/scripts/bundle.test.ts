import { afterEach, expect, it, vi } from 'vitest'
import { buildWidget } from './bundle.ts'

afterEach(() => vi.unstubAllEnvs())

it.each([undefined, 'test'])('leaves NODE_ENV as it was: %s', async (environment) => {
  vi.stubEnv('NODE_ENV', environment)
  await buildWidget('embed-late', { write: false })
  expect(process.env['NODE_ENV']).toBe(environment)
})
