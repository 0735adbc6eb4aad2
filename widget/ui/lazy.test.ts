import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { lazy } from './lazy.ts'

let comeOnline = () => {}

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('addEventListener', (_type: string, listener: () => void) => {
    comeOnline = listener
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** A module that is there from the given attempt on. */
function thereAfter(failures: number) {
  const load = vi.fn<() => Promise<string>>(async () => {
    if (load.mock.calls.length <= failures) throw new Error('no network')
    return 'module'
  })
  return { load, module: lazy(load) }
}

async function hasArrived(arrival: Promise<unknown>): Promise<boolean> {
  let isThere = false
  void arrival.then(() => {
    isThere = true
  })
  await vi.advanceTimersByTimeAsync(0)
  return isThere
}

describe('what is loaded late', () => {
  it('arrives as soon as the network is back', async () => {
    const { module } = thereAfter(1)
    const arrival = module.arrival()
    expect(await hasArrived(arrival)).toBe(false)
    comeOnline()
    expect(await hasArrived(arrival)).toBe(true)
    expect(module.loaded()).toBe('module')
  })

  it('is asked for ever more seldom while it fails, once for all who wait', async () => {
    const { load, module } = thereAfter(3)
    const arrivals = [module.arrival(), module.arrival()]
    await vi.advanceTimersByTimeAsync(14_999)
    expect(load).toHaveBeenCalledTimes(2)
    await vi.advanceTimersByTimeAsync(20_001)
    expect(load).toHaveBeenCalledTimes(4)
    await Promise.all(arrivals)
  })

  it('is asked for at once by who waits for it, also right after a failure', async () => {
    const { module } = thereAfter(1)
    await expect(module.need()).rejects.toThrow('no network')
    expect(await module.need()).toBe('module')
  })

  it('is left alone for a while after a failure by what asks again and again', async () => {
    const { load, module } = thereAfter(1)
    expect(await module.load()).toBeUndefined()
    expect(await module.load()).toBeUndefined()
    expect(load).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await module.load()).toBe('module')
  })
})
