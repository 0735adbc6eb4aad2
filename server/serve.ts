/** The server as a process: it tells where it is, and ends when it is asked to or has lost its data folder. */
import { setTimeout as wait } from 'node:timers/promises'
import { type RunningServer, startServer } from './compose.ts'
import type { Config } from './config/index.ts'
import type { Logger } from './core/ports/index.ts'
import { print } from './terminal.ts'
import { reportStart, type StartFacts } from './start-report.ts'
import type { FolderLockOptions } from './stores/disk/folder-lock.ts'

/** Milliseconds in which whoever asks is told that this server ends, before it takes nobody any more. */
const TOLD_BEFORE_THE_END = 3_000

/**
 * What npm runs when it runs this very process: `npm start`, npx, or a script that is our command and nothing
 * else. All that a script starts gets to know its text.
 */
const OWN_SCRIPT = /server\/scripts\/start\.ts$|^(?:\w+=\S* +)*["']?samosa-chat["']?(?: +start)?$/
/** Milliseconds in which what npm passes on may repeat the signal of a terminal or a service manager. */
const ECHO_WINDOW = 1_000
/** Milliseconds between two looks whether the shell that npm runs us in is still there. */
const PARENT_CHECK = 500

/** Calls `stop` once, with the reason, when the server is to stop; asked again, the process ends at once. */
function onStopRequest(stop: (reason: string) => void): void {
  const isRunByNpm = OWN_SCRIPT.test(process.env['npm_lifecycle_script'] ?? '')
  let askedAt: number | undefined
  const ask = (reason: string) => {
    if (askedAt === undefined) {
      askedAt = performance.now()
      stop(reason)
      return
    }
    const isEcho = isRunByNpm && performance.now() - askedAt < ECHO_WINDOW
    // Asked twice: the person means now.
    if (!isEcho) process.exit(1)
  }
  process.on('SIGTERM', ask)
  process.on('SIGINT', ask)
  if (!isRunByNpm) return
  // npm tells the shell that it runs us in, and some shells end without telling us.
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent && askedAt === undefined) ask('npm has ended')
  }, PARENT_CHECK).unref()
}

/**
 * Returns when the server is ready; the process ends with it. `lock` is for tests.
 * @throws StartError when it cannot start as configured
 */
export async function serve(
  config: Config,
  logger: Logger,
  lock: Partial<FolderLockOptions> = {},
): Promise<void> {
  const server = await startServer(config, logger, lock)
  onStopRequest((reason) => {
    logger.info({ signal: reason }, 'stopping: running answers may end first')
    void end(server, logger)
  })
  // For people and for what starts the server; the log has it too.
  console.log(`Samosa Chat is ready at ${server.url}`)
  logger.info({ url: server.url, node: process.version, flags: process.execArgv }, 'ready')
  void tell(server.facts)

  void server.folderLost.then(async (sentence) => {
    console.error(sentence)
    await wait(TOLD_BEFORE_THE_END)
    // Running answers have nowhere to go.
    await server.close(0).finally(() => process.exit(1))
  })
}

/** In a terminal; whoever reads the log instead finds the same there. */
async function tell(facts: StartFacts): Promise<void> {
  for await (const sentence of reportStart(facts)) {
    if (process.stdout.isTTY) print(sentence)
  }
}

/** The exit code tells whether all is saved. */
async function end(server: RunningServer, logger: Logger): Promise<void> {
  try {
    await server.close()
    process.exit(0)
  } catch (error) {
    logger.error({ err: error }, 'the server could not save everything before it stopped')
    process.exit(1)
  }
}
