/**
 * `npm run bench`: how fast the server is, against asking the model server directly, nginx and a bare
 * pipe; then how fast the element is in a browser (widget/bench). Prints tables, writes
 * `.bench/server.json` and `.bench/widget.json`, fails when a budget is missed.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { inRepository } from '../scripts/repository.ts'
import { runNode } from '../scripts/run.ts'
import { MEASUREMENTS } from './measurements.ts'
import { WIDGET_MEASUREMENTS } from './names.ts'
import { pinning } from './processes.ts'
import { formatBudget, formatTable, isKept, type Measurement, type Effort } from './report.ts'
import { createServers } from './servers.ts'

const HELP = `npm run bench -- [options]

  --only <names>  server or widget, or some of ${Object.keys(MEASUREMENTS).join(',')}
                  ${WIDGET_MEASUREMENTS.join(',')}
  --quick         fewer rounds: a first impression, no judgement
  --profile       CPU profiles in .bench/profiles (what is measured is slower then)
`

const FULL: Effort = {
  rounds: 5,
  requests: 200,
  streams: 1_000,
  window: 3_000,
  growth: { conversations: [100, 1_000, 10_000, 100_000], messages: [100, 1_000, 5_000] },
}
const QUICK: Effort = {
  rounds: 1,
  requests: 100,
  streams: 1_000,
  window: 2_000,
  growth: { conversations: [100, 1_000, 10_000], messages: [100, 1_000, 5_000] },
}

const print = (text: string) => process.stdout.write(text)

interface Options {
  readonly quick: boolean
  readonly profile: boolean
}

async function benchServer(wanted: ReadonlySet<string>, options: Options): Promise<number> {
  const output = inRepository('.bench')
  mkdirSync(output, { recursive: true })
  const directory = mkdtempSync(join(output, 'run-'))
  const profiles = options.profile ? join(output, 'profiles') : undefined
  const servers = await createServers({ directory, profiles })
  print(`${cpus()[0]?.model ?? ''}, ${cpus().length} cores, Node ${process.version}; ${pinning}\n`)
  if (!servers.startNginx) print('nginx is not installed: nothing is compared with it.\n')

  const done: Measurement[] = []
  try {
    for (const [name, measure] of Object.entries(MEASUREMENTS)) {
      if (!wanted.has(name)) continue
      const measurement = await measure(servers, options.quick ? QUICK : FULL)
      done.push(measurement)
      print(`\n${measurement.name}\n${formatTable(measurement.table)}`)
      print(measurement.budgets.map(formatBudget).join(''))
    }
  } finally {
    await servers.stop()
    rmSync(directory, { recursive: true, force: true })
  }
  const budgets = done.flatMap((measurement) => measurement.budgets)
  const missed = budgets.filter((budget) => !isKept(budget))
  const report = { at: new Date().toISOString(), quick: options.quick, pinning, measurements: done }
  writeFileSync(join(output, 'server.json'), `${JSON.stringify(report, undefined, 2)}\n`)
  print(`\n${budgets.length - missed.length} of ${budgets.length} budgets kept\n`)
  return missed.length > 0 ? 1 : 0
}

/** The names that `--only` means: all of a part, or one measurement. */
function namesOf(only: string): readonly string[] {
  if (only === 'server') return Object.keys(MEASUREMENTS)
  return only === 'widget' ? WIDGET_MEASUREMENTS : [only]
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: 'server,widget' },
      quick: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const wanted = new Set(values.only.split(',').flatMap(namesOf))
  const inPage = WIDGET_MEASUREMENTS.filter((name) => wanted.has(name))
  const onServer = Object.keys(MEASUREMENTS).filter((name) => wanted.has(name))
  const areKnown = inPage.length + onServer.length === wanted.size
  if (values.help || !areKnown) {
    print(HELP)
    return areKnown ? 0 : 1
  }
  const codes: number[] = []
  if (onServer.length > 0) codes.push(await benchServer(wanted, values))
  if (inPage.length > 0) {
    const flags = [...(values.quick ? ['--quick'] : []), ...(values.profile ? ['--profile'] : [])]
    codes.push(await runNode('widget/bench/main.ts', ['--only', inPage.join(','), ...flags]))
  }
  return Math.max(0, ...codes)
}

process.exitCode = await main()
