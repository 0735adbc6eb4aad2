/**
 * `npm run test:cluster`: two servers on one PostgreSQL and one Redis behind nginx, all of this machine's own, and
 * everything that can go wrong between them while visitors ask. Prints a table, and fails when an answer is lost,
 * doubled or wrong. What goes wrong is told in scenarios.ts, what it is played with in room.ts.
 */
import { parseArgs } from 'node:util'
import { ensureBuilt } from '../scripts/ensure-built.ts'
import { whyNoNginx, whyNoPostgres, whyNoRedis } from '../testing/database-servers.ts'
import { FULL_DISK, playFullDisk, whyNoSmallDisk } from './full-disk.ts'
import { openRoom } from './room.ts'
import { type Effort, play, type Result, SCENARIOS } from './scenarios.ts'

const HELP = `npm run test:cluster -- [options]

  --quick          less of everything, in a few minutes
  --only <words>   those with one of the words in their name: ${[...Object.keys(SCENARIOS), FULL_DISK].join('; ')}
`

const FULL: Effort = { visitors: 60, outage: 10_000, cuts: 10_000 }
const QUICK: Effort = { visitors: 20, outage: 5_000, cuts: 1_000 }

/** Of one scenario; the others would say the same. */
const MOST_COMPLAINTS = 10

const print = (text: string) => process.stdout.write(text)

const COLUMNS = [
  ...(['visitors', 'faults', 'sent', 'answered', 'interrupted'] as const),
  ...(['lost', 'doubled', 'wrong'] as const),
]

const heading = [
  'scenario'.padEnd(52),
  ...COLUMNS.map((name) => name.padStart(12)),
  'still, s'.padStart(10),
  'lasted, s'.padStart(10),
].join('')

const lineOf = (name: string, result: Result) =>
  [
    name.padEnd(52),
    ...COLUMNS.map((column) => String(result[column]).padStart(12)),
    (result.longestSilence / 1_000).toFixed(1).padStart(10),
    (result.lasted / 1_000).toFixed(1).padStart(10),
  ].join('')

const isGood = ({ lost, doubled, wrong, broken }: Result) =>
  lost + doubled + wrong + broken.length === 0

/** Debian's packages, where this may be done. */
function refusal(): string | undefined {
  const missing = [whyNoPostgres(), whyNoRedis(), whyNoNginx()].filter((why) => why !== undefined)
  return missing.length > 0 ? missing.join('\n') : undefined
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    print(HELP)
    return 0
  }
  const missing = refusal()
  if (missing !== undefined) {
    print(`${missing}\n`)
    return 1
  }
  await ensureBuilt()
  const words = values.only?.split(',')
  const isWanted = (name: string) =>
    words === undefined || words.some((word) => name.includes(word))
  const names = Object.keys(SCENARIOS).filter(isWanted)
  const effort = values.quick ? QUICK : FULL
  let [passed, failed, skipped] = [0, 0, 0]
  const tell = (name: string, result: Result) => {
    print(`${lineOf(name, result)}\n`)
    for (const complaint of [...result.broken, ...result.complaints.slice(0, MOST_COMPLAINTS)]) {
      print(`    ${complaint}\n`)
    }
    if (isGood(result)) passed += 1
    else failed += 1
  }

  print(`${heading}\n`)
  if (names.length > 0) {
    const room = await openRoom()
    try {
      for (const name of names) tell(name, await play(name, room, effort))
    } finally {
      await room.close()
    }
  }
  if (isWanted(FULL_DISK)) {
    const why = whyNoSmallDisk()
    if (why === undefined) tell(FULL_DISK, await playFullDisk(effort))
    else {
      print(`${FULL_DISK}: skipped, since ${why}\n`)
      skipped += 1
    }
  }
  print(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`)
  return failed > 0 || passed === 0 ? 1 : 0
}

process.exitCode = await main()
