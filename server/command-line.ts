/** The command line. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { demoKnowledgeDirectory, packageVersion } from './compose.ts'
import { readConfig, type Config } from './config.ts'
import { ChatError, StartError } from './core/errors.ts'
import { loadKnowledge } from './knowledge/index.ts'
import { createLogger } from './log.ts'
import { serve } from './serve.ts'

const HELP = `samosa-chat ${packageVersion()}: the chat widget and its backend.

  samosa-chat [start]   serve the API, the widget and the demo; prints the address
  samosa-chat ingest    read the documents of KNOWLEDGE_DIR and tell what is found
  samosa-chat reindex   the same; a running server reads its documents when it starts
  samosa-chat --help    this text
  samosa-chat --version the version

Configuration comes from the environment and from a file .env in the current folder;
HOST, PORT, DATABASE_URL, INFERENCE_SERVICE_URL and KNOWLEDGE_DIR are the first to look at.
All are in the README.`

/** The real environment wins over the file. */
function readEnvironment(directory: string): Readonly<Record<string, string | undefined>> {
  const file = join(directory, '.env')
  try {
    return { ...(existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}), ...process.env }
  } catch (cause) {
    throw new StartError(`${file} cannot be read. Make it a readable file, or remove it.`, {
      cause,
    })
  }
}

function loadConfig(): Config {
  const directory = process.cwd()
  return readConfig(readEnvironment(directory), {
    directory,
    demoKnowledge: demoKnowledgeDirectory(),
  })
}

async function start(): Promise<void> {
  const config = loadConfig()
  await serve(config, createLogger(config.logLevel))
}

async function ingest(): Promise<void> {
  const config = loadConfig()
  const logger = createLogger(config.logLevel)
  const { size, documentTitles } = await loadKnowledge(config.knowledgeDirectory, { logger })
  for (const title of documentTitles) console.log(`- ${title}`)
  console.log(`${size.documents} documents, ${size.passages} passages`)
}

const COMMANDS: Readonly<Record<string, () => Promise<void>>> = {
  start,
  ingest,
  reindex: ingest,
  '--help': async () => console.log(HELP),
  '-h': async () => console.log(HELP),
  '--version': async () => console.log(packageVersion()),
  '-v': async () => console.log(packageVersion()),
}

/** Does what the arguments say; ends the process with a sentence when it cannot. */
export async function runCommand([name = 'start']: readonly string[]): Promise<void> {
  const command = COMMANDS[name]
  try {
    if (!command) throw new StartError(`There is no command "${name}". See samosa-chat --help.`)
    await command()
  } catch (error) {
    // What the operator can mend is a sentence; anything else keeps its stack for a report.
    const isSentence = error instanceof StartError || error instanceof ChatError
    console.error(isSentence ? error.message : error)
    process.exit(1)
  }
}
