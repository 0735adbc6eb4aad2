/** Pages of a real Chromium, with what its own instruments say of them. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, CDPSession, Page } from 'playwright-core'

/** Megabytes that are still in use after everything else was collected. */
export interface Heap {
  readonly script: number
  /** Elements and texts, which the browser keeps apart from the scripts' objects. */
  readonly document: number
}

export interface BenchTab {
  readonly page: Page
  /** Milliseconds of main thread since the instruments were switched on. */
  busy(): Promise<number>
  heap(): Promise<Heap>
  /** From now on the processor is so many times slower. */
  throttle(times: number): Promise<void>
  close(): Promise<void>
}

const MEGABYTE = 1_000_000

async function metric(session: CDPSession, wanted: string): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN
}

/** A page in a process of its own. */
export async function openTab(browser: Browser): Promise<BenchTab> {
  const context = await browser.newContext({ viewport: { width: 1_000, height: 800 } })
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  // The thread's own time: a machine that does other things as well changes little.
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  return {
    page,
    busy: async () => (await metric(session, 'TaskDuration')) * 1000,
    async heap() {
      // What finalisers let go of is only collected the next time.
      await session.send('HeapProfiler.collectGarbage')
      await session.send('HeapProfiler.collectGarbage')
      const { usedSize, embedderHeapUsedSize } = await session.send('Runtime.getHeapUsage')
      return { script: usedSize / MEGABYTE, document: embedderHeapUsedSize / MEGABYTE }
    },
    throttle: async (rate) => void (await session.send('Emulation.setCPUThrottlingRate', { rate })),
    close: () => context.close(),
  }
}

/** Records where a page spends its time until the returned function is called with a file's name. */
export async function profile(
  page: Page,
  folder: string,
): Promise<(name: string) => Promise<void>> {
  const session = await page.context().newCDPSession(page)
  await session.send('Profiler.enable')
  await session.send('Profiler.setSamplingInterval', { interval: 200 })
  await session.send('Profiler.start')
  return async (name) => {
    const { profile: recorded } = await session.send('Profiler.stop')
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, `${name}.cpuprofile`), JSON.stringify(recorded))
  }
}
