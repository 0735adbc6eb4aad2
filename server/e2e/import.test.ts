import { expect, it } from 'vitest'
import { packageDirectory } from '../compose.ts'

it('imports the bundle where there is no window, and defines nothing', async () => {
  const bundle: unknown = await import(`${packageDirectory()}/dist/samosa-chat.js`)
  expect(bundle).toHaveProperty('SamosaChat')
  expect(globalThis).not.toHaveProperty('customElements')
})
