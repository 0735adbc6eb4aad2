/** Runs every test: unit and server, real browser, end to end; one failing does not hide the others. */
import { mkdir, readFile, rm } from 'node:fs/promises'
import type { z } from 'zod'
import { ensureBuilt } from './ensure-built.ts'
import { inRepository } from './repository.ts'
import { runNode } from './run.ts'
import {
  add,
  BrowserCounts,
  inWords,
  settle,
  VitestCounts,
  type TestCounts,
} from './test-counts.ts'

const REPORTS = '.cache/tests'

interface Suite {
  readonly name: string
  readonly program: string
  readonly args: readonly string[]
  readonly report: string
  readonly schema: z.ZodType<TestCounts>
}

const vitest = (name: string, project: string): Suite => {
  const report = `${REPORTS}/${project}.json`
  return {
    name,
    program: 'node_modules/vitest/vitest.mjs',
    args: [
      ...['run', '--project', project],
      ...['--reporter', 'default', '--reporter', 'json', '--outputFile.json', report],
    ],
    report,
    schema: VitestCounts,
  }
}

const SUITES: readonly Suite[] = [
  vitest('Unit and server tests', 'unit'),
  {
    name: 'Browser tests',
    program: 'node_modules/@web/test-runner/dist/bin.js',
    args: ['--config', 'widget/testing/web-test-runner.config.js'],
    report: `${REPORTS}/browser.json`,
    schema: BrowserCounts,
  },
  vitest('End-to-end tests', 'e2e'),
]

async function runSuite({ name, program, args, report, schema }: Suite): Promise<TestCounts> {
  console.log(`\n── ${name} ${'─'.repeat(70 - name.length)}\n`)
  const code = await runNode(program, args)
  const text = await readFile(inRepository(report), 'utf8').catch(() => undefined)
  return settle(text === undefined ? undefined : schema.parse(JSON.parse(text)), code)
}

await rm(inRepository(REPORTS), { recursive: true, force: true })
await mkdir(inRepository(REPORTS), { recursive: true })
await ensureBuilt()
const results: TestCounts[] = []
for (const suite of SUITES) results.push(await runSuite(suite))

console.log('')
for (const [index, { name }] of SUITES.entries()) {
  console.log(`${name.padEnd(24)}${inWords(results[index] ?? add([]))}`)
}
const total = add(results)
for (const name of total.failures) console.log(`Failed: ${name}`)
console.log(`${'All tests'.padEnd(24)}${inWords(total)}`)
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0
