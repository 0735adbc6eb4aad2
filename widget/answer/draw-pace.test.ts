import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { DrawPace } from './draw-pace.ts'

/** Milliseconds between two frames of the screen. */
const FRAME_MS = 1000 / 60

let draws: number[]
/** Milliseconds in which nothing else could run. */
let spent: number
let pace: DrawPace

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: 0 })
  spent = 0
  vi.stubGlobal('performance', { now: () => Date.now() + spent })
  vi.stubGlobal('requestAnimationFrame', (draw: FrameRequestCallback) => {
    const rest = FRAME_MS - (performance.now() % FRAME_MS)
    return setTimeout(() => draw(performance.now()), rest)
  })
  vi.stubGlobal('cancelAnimationFrame', clearTimeout)
  draws = []
  pace = new DrawPace(() => void draws.push(performance.now()))
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

it('draws the first word in the next frame, and also one after a pause', () => {
  pace.request()
  vi.advanceTimersByTime(FRAME_MS + 1)
  expect(draws).toHaveLength(1)
  vi.advanceTimersByTime(500)
  pace.request()
  vi.advanceTimersByTime(FRAME_MS + 1)
  expect(draws).toHaveLength(2)
})

it('draws thirty times a second however often words come', () => {
  for (let time = 0; time < 1000; time += 5) {
    pace.request()
    vi.advanceTimersByTime(5)
  }
  expect(draws.length).toBeGreaterThan(25)
  expect(draws.length).toBeLessThanOrEqual(31)
})

it('leaves a slow device to others for twice the time that drawing takes it', () => {
  const slow = new DrawPace(() => {
    draws.push(performance.now())
    spent += 50
  })
  for (let time = 0; time < 1500; time += 5) {
    slow.request()
    vi.advanceTimersByTime(5)
  }
  const between = draws.slice(1).map((at, index) => at - (draws[index] ?? 0))
  expect(draws.length).toBeGreaterThan(5)
  for (const time of between) expect(time).toBeGreaterThanOrEqual(150)
})

it('tells when what was requested is drawn', async () => {
  expect(pace.drawn).toBeUndefined()
  pace.request()
  const seen = pace.drawn?.then(() => draws.length)
  vi.advanceTimersByTime(FRAME_MS + 1)
  await expect(seen).resolves.toBe(1)
  expect(pace.drawn).toBeUndefined()
})

it('goes on after a drawing that failed', () => {
  let count = 0
  const failing = new DrawPace(() => {
    count += 1
    if (count === 1) throw new Error('This cannot be drawn')
  })
  failing.request()
  expect(() => vi.advanceTimersByTime(FRAME_MS + 1)).toThrow('This cannot be drawn')
  failing.request()
  vi.advanceTimersByTime(100)
  expect(count).toBe(2)
})

it('draws nothing after it was cancelled, and lets go of who waits', async () => {
  pace.request()
  const { drawn } = pace
  pace.cancel()
  await drawn
  vi.advanceTimersByTime(100)
  expect(draws).toEqual([])
})
