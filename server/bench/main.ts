/**
 * `npm run bench`: how fast the server is, against asking the model server directly, nginx and a bare
 * pipe. Prints tables, writes `.bench/server.json`, fails when a budget is missed.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { inRepository } from '../scripts/repository.ts'
import { MEASUREMENTS, type Effort } from './measurements.ts'
import { pinning } from './processes.ts'
import { formatBudget, formatTable, isKept, type Measurement } from './report.ts'
import { createServers } from './servers.ts'

const HELP = `npm run bench -- [options]

  --only <names>  some of ${Object.keys(MEASUREMENTS).join(',')}
  --quick         fewer rounds: a first impression, no judgement
  --profile       CPU profiles of the server in .bench/profiles (it is slower then)
`

const FULL: Effort = { rounds: 5, requests: 200, streams: 1_000, window: 3_000 }
const QUICK: Effort = { rounds: 1, requests: 100, streams: 1_000, window: 2_000 }

const print = (text: string) => process.stdout.write(text)

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const wanted = new Set(values.only?.split(',') ?? Object.keys(MEASUREMENTS))
  const unknown = [...wanted].filter((name) => !(name in MEASUREMENTS))
  if (values.help || unknown.length > 0) {
    print(HELP)
    return unknown.length > 0 ? 1 : 0
  }
  const output = inRepository('.bench')
  mkdirSync(output, { recursive: true })
  const directory = mkdtempSync(join(output, 'run-'))
  const profiles = values.profile ? join(output, 'profiles') : undefined
  const servers = await createServers({ directory, profiles })
  print(`${cpus()[0]?.model ?? ''}, ${cpus().length} cores, Node ${process.version}; ${pinning}\n`)
  if (!servers.startNginx) print('nginx is not installed: nothing is compared with it.\n')

  const done: Measurement[] = []
  try {
    for (const [name, measure] of Object.entries(MEASUREMENTS)) {
      if (!wanted.has(name)) continue
      const measurement = await measure(servers, values.quick ? QUICK : FULL)
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
  const report = { at: new Date().toISOString(), quick: values.quick, pinning, measurements: done }
  writeFileSync(join(output, 'server.json'), `${JSON.stringify(report, undefined, 2)}\n`)
  print(`\n${budgets.length - missed.length} of ${budgets.length} budgets kept\n`)
  return missed.length > 0 ? 1 : 0
}

process.exitCode = await main()
