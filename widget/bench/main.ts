/**
 * How fast the element is, in a real Chromium, against others that draw the same stream: a model server's
 * tokens, through the product's own server, on a page of another origin. Prints tables,
 * writes `.bench/widget.json`, fails when a budget is missed. `npm run bench` starts it after the
 * server's part; alone it takes the same options and these:
 *
 *   --contenders <names>  some of ours,streaming-markdown,naive,floor
 *   --profile             CPU profiles in .bench/profiles, with the names of the sources (it is slower then)
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { WIDGET_MEASUREMENTS } from '../../server/bench/names.ts'
import { startProduct } from '../../server/bench/servers.ts'
import { formatBudget, formatTable, isKept, type Measurement } from '../../server/bench/report.ts'
import { ensureBuilt } from '../../server/scripts/ensure-built.ts'
import { inRepository } from '../../server/scripts/repository.ts'
import { launchChromium } from '../testing/launch-chromium.ts'
import { buildScripts } from './bundles.ts'
import { MEASUREMENTS } from './measurements.ts'
import { startModelServer } from './model-server.ts'
import { startPageServer } from './pages.ts'
import { CONTENDERS } from './streaming.ts'

const print = (text: string) => process.stdout.write(text)

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: WIDGET_MEASUREMENTS.join(',') },
      contenders: { type: 'string', default: CONTENDERS.join(',') },
      quick: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
    },
  })
  const wanted = values.only.split(',')
  const output = inRepository('.bench')
  mkdirSync(output, { recursive: true })
  print('Building the element … ')
  await ensureBuilt()
  const pages = await startPageServer(await buildScripts(values.profile))
  const model = await startModelServer()
  const directory = mkdtempSync(join(output, 'run-'))
  const product = await startProduct({
    directory,
    profiles: undefined,
    model: model.url,
    core: undefined,
    environment: { ALLOWED_ORIGINS: pages.url },
  })
  const browser = await launchChromium()
  print(`done.\n${cpus()[0]?.model ?? ''}, ${cpus().length} cores, Chromium ${browser.version()}\n`)

  const done: Measurement[] = []
  try {
    for (const name of WIDGET_MEASUREMENTS) {
      if (!wanted.includes(name)) continue
      const measurement = await MEASUREMENTS[name]({
        browser,
        url: pages.url,
        endpoint: product.target.url,
        scripts: values.profile ? pages.url : product.target.url,
        model,
        directory,
        rounds: values.quick ? 1 : 5,
        longRounds: values.quick ? 1 : 3,
        contenders: values.contenders.split(','),
        profiles: values.profile ? join(output, 'profiles') : undefined,
      })
      done.push(measurement)
      print(`\n${measurement.name}\n${formatTable(measurement.table)}`)
      print(measurement.budgets.map(formatBudget).join(''))
    }
  } finally {
    await browser.close()
    await product.stop()
    rmSync(directory, { recursive: true, force: true })
    model.close()
    pages.close()
  }
  const budgets = done.flatMap((measurement) => measurement.budgets)
  const missed = budgets.filter((budget) => !isKept(budget))
  const report = { at: new Date().toISOString(), quick: values.quick, measurements: done }
  writeFileSync(join(output, 'widget.json'), `${JSON.stringify(report, undefined, 2)}\n`)
  print(`\n${budgets.length - missed.length} of ${budgets.length} budgets of the element kept\n`)
  return missed.length > 0 ? 1 : 0
}

process.exitCode = await main()
