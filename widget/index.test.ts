import { expect, it } from 'vitest'

it('can be imported where there is no window', async () => {
  expect(globalThis.window).toBeUndefined()
  const { SamosaChat } = await import('./index.ts')
  expect(SamosaChat.elementProperties.has('endpoint')).toBe(true)
})
