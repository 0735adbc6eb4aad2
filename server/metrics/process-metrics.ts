/**
 * How the process is: its processor time, memory and event loop. prom-client's own set cannot be ended,
 * and would go on watching after the server was closed.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, Gauge, type Registry } from 'prom-client'

const NANOSECONDS = 1e9
const MICROSECONDS = 1e6

/** Starts watching; the function that is returned ends it. */
export function watchProcess(registry: Registry): () => void {
  const registers = [registry]
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()

  const gauge = <Label extends string>(
    name: string,
    help: string,
    collect: (gauge: Gauge<Label>) => void,
    labelNames: Label[] = [],
  ) =>
    new Gauge({
      name: `samosa_${name}`,
      help,
      labelNames,
      registers,
      collect() {
        collect(this)
      },
    })

  gauge('process_start_time_seconds', 'When the process began, in seconds since 1970.', (it) =>
    it.set(performance.timeOrigin / 1_000),
  )
  const processor = new Counter({
    name: 'samosa_process_cpu_seconds_total',
    help: 'Processor time used so far.',
    labelNames: ['mode'],
    registers: [],
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc({ mode: 'user' }, user / MICROSECONDS)
      this.inc({ mode: 'system' }, system / MICROSECONDS)
    },
  })
  registry.registerMetric(processor)
  gauge<'kind'>(
    'process_memory_bytes',
    'Memory in use: all that is resident, the heap, and what lies outside it.',
    (it) => {
      const { rss, heapUsed, heapTotal, external } = process.memoryUsage()
      it.set({ kind: 'resident' }, rss)
      it.set({ kind: 'heap_used' }, heapUsed)
      it.set({ kind: 'heap_total' }, heapTotal)
      it.set({ kind: 'external' }, external)
    },
    ['kind'],
  )
  gauge<'quantile'>(
    'event_loop_delay_seconds',
    'How late the event loop was since the last time this was asked for.',
    (it) => {
      for (const quantile of [50, 90, 99, 100]) {
        it.set({ quantile: String(quantile / 100) }, delay.percentile(quantile) / NANOSECONDS)
      }
      delay.reset()
    },
    ['quantile'],
  )
  return () => delay.disable()
}
