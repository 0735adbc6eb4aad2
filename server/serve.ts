/** The server as a process: it tells where it is, and ends when it is asked to or has lost its data folder. */
import { setTimeout as wait } from 'node:timers/promises'
import { type RunningServer, startServer } from './compose.ts'
import type { Config } from './config.ts'
import type { Logger } from './core/ports.ts'
import type { FolderLockOptions } from './stores/folder-lock.ts'

/** Milliseconds in which whoever asks is told that this server ends, before it takes nobody any more. */
const TOLD_BEFORE_THE_END = 3_000

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
  // For people and for what starts the server; the log has it too.
  console.log(`Samosa Chat is ready at ${server.url}`)
  logger.info({ url: server.url }, 'ready')

  let stopping = false
  const stop = (signal: NodeJS.Signals) => {
    // Asked twice: the person means now.
    if (stopping) process.exit(1)
    stopping = true
    logger.info({ signal }, 'stopping: running answers may end first')
    void end(server, logger)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)

  void server.folderLost.then(async (sentence) => {
    console.error(sentence)
    await wait(TOLD_BEFORE_THE_END)
    // Running answers have nowhere to go.
    await server.close(0).finally(() => process.exit(1))
  })
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
