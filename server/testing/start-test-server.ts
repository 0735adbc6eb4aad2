/** The real server on a free port and a folder of its own, for tests. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startServer } from '../compose.ts'
import { demoKnowledgeDirectory } from '../package.ts'
import { readConfig } from '../config/index.ts'
import type { Logger } from '../core/ports/index.ts'
import { createLogger } from '../log.ts'
import type { SessionBody } from '../protocol/api.ts'
import { createTestClient, type TestClient } from './test-client.ts'

export interface TestServer {
  readonly url: string
  readonly directory: string
  /** A new visitor's client. */
  visitor(): Promise<TestClient>
  /** Stops the server and starts another one on the same folder. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** A folder that is not there: reading the documents of the demo takes longer than all else of a start. */
const NO_DOCUMENTS = join(import.meta.dirname, 'no-documents')
/** For a server that answers from the demo’s shop and manual, as one does that is started with nothing set. */
export const DEMO = { KNOWLEDGE_DIR: demoKnowledgeDirectory() } as const

/** `environment` as on the command line; the folder, the port and silence are set already. A logger gets every line. */
export async function startTestServer(
  environment: Readonly<Record<string, string>> = {},
  logger?: Logger,
): Promise<TestServer> {
  const directory = await mkdtemp(join(tmpdir(), 'samosa-chat-'))
  const start = () => {
    const config = readConfig(
      {
        PORT: '0',
        LOG_LEVEL: 'silent',
        // Tests send faster than people.
        RATE_LIMIT_MESSAGES_PER_MINUTE: '0',
        // Answers must not depend on how far an encoder has come.
        EMBEDDINGS: 'off',
        ...environment,
      },
      { directory, demoKnowledge: NO_DOCUMENTS },
    )
    return startServer(config, logger ?? createLogger(config.logLevel))
  }
  let server = await start()
  return {
    get url() {
      return server.url
    },
    directory,
    async visitor() {
      const response = await fetch(`${server.url}/api/session`, { method: 'POST' })
      const { token } = (await response.json()) as SessionBody
      return createTestClient(() => server.url, token)
    },
    async restart() {
      await server.close(0)
      server = await start()
    },
    async close() {
      await server.close(0)
      await rm(directory, { recursive: true, force: true })
    },
  }
}
