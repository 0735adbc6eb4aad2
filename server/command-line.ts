/** The command line. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isManual, knowledgeHomeIn } from './compose.ts'
import { demoKnowledgeDirectory, packageVersion } from './package.ts'
import { meaningOf } from './meaning.ts'
import { readConfig, type Config } from './config/index.ts'
import { readEnvironment } from './config/environment.ts'
import { ChatError, StartError } from './core/errors.ts'
import type { ConversationStore, Knowledge, Logger } from './core/ports/index.ts'
import { createBuiltinInference } from './builtin/index.ts'
import { loadKnowledge } from './knowledge/index.ts'
import type { KnowledgeDocument } from './knowledge/parse-document.ts'
import { createKnowledge } from './knowledge/search-index.ts'
import { countsInWords, formatSurvey, surveyDirectories } from './knowledge/survey.ts'
import { createLogger } from './log.ts'
import { serve } from './serve.ts'
import { backUp } from './stores/backup.ts'
import { guardWrites, nodeFileSystem } from './stores/disk/file-system.ts'
import { FolderInUse, lockFolder } from './stores/disk/folder-lock.ts'
import { createJsonFileStore } from './stores/json-conversations.ts'
import { openPostgresStores } from './stores/postgres/index.ts'
import { parseOptions, print } from './terminal.ts'
import { createTools } from './tools/index.ts'

/** Conversations between two words about how far a reindex has come. */
const PROGRESS_STEP = 100

const HELP = `samosa-chat ${packageVersion()}: the chat widget and its backend.

  samosa-chat [start]   serve the API, the widget and the demo; prints the address
  samosa-chat ingest    read the documents of KNOWLEDGE_DIR and tell what is found
  samosa-chat ingest <folder | URL | sitemap | file of URLs>
                        read a site, or copy documents, into the data folder; once more: what has
                        changed; samosa-chat ingest --help tells more
  samosa-chat reindex   the same as ingest alone, then the index that searches of conversations use is
                        made anew, which needs the server to be stopped; a running one keeps both
                        up to date by itself
  samosa-chat knowledge what documents there are and where, which are old, and which cannot be
                        read; --ask "…" shows what is found for a question, and the answer
  samosa-chat eval <questions>
                        ask questions whose answers are known, and tell how many came right;
                        samosa-chat eval --help tells more
  samosa-chat users     add, list, disable and enable users, and set passwords, where AUTH_MODE is
                        local; samosa-chat users --help tells more
  samosa-chat erase --user <name or id>
                        erase everything about somebody; samosa-chat erase --help tells more
  samosa-chat backup <folder>
                        copy the data folder, also of a running server, into a new folder
  samosa-chat migrate-data --from file:<folder> --to postgres://…
                        copy all that a data folder keeps into PostgreSQL;
                        samosa-chat migrate-data --help tells more
  samosa-chat --help    this text
  samosa-chat --version the version

Configuration comes from the environment and from a file .env in the current folder;
HOST, PORT, DATABASE_URL, INFERENCE_SERVICE_URL and KNOWLEDGE_DIR are the first to look at.
All are in the manual: /knowledge/configuration.html of a running server.`

const EVAL_HELP = `samosa-chat eval <questions> [options]: how well the documents are found and answered from.

  <questions>           a file with one question on each line:
                        {"id":"1","kind":"price","question":"What is the fee?","document":"fees.md",
                         "section":"Fees","words":["12 euros"]}
                        question: a text, or a list of what a visitor says in turn; document: where the
                        answer is (a path, a list, or null for none); section: under which heading
                        (may be left out); words: what a right answer says (a list in the list: one
                        of those); or a folder with BEIR's three files; or a .json file with passages
  --misses              name the questions that failed, and why
  --json <file>         write the run into a file
  --compare <file>      compare with a run in a file; exit code 1 on a loss beyond noise
  --half first|second   ask half of the questions: tune on one half, confirm on the other

Documents are those of KNOWLEDGE_DIR. After each figure stands the range that holds the true one in
95 of 100 cases.`

const KNOWLEDGE_HELP = `samosa-chat knowledge [--ask "…"]: what there is to answer from.

  Without an option, it counts documents and passages, tells the folders that they are in, and names
  the documents that have grown old and those that cannot be read, with the reason.

  --ask "…"             the passages that are found for the question, each with its score by words and
                        its score by meaning (– where meaning was not compared), and the answer that
                        a visitor gets when no model is configured

It can be run while the server runs, and changes nothing.`

/** The configuration, and the log that it asks for; what is odd about it is logged. */
function configure(): { readonly config: Config; readonly logger: Logger } {
  const directory = process.cwd()
  const { variables, warnings, unread } = readEnvironment(directory, process.env)
  const config = readConfig(variables, { directory, demoKnowledge: demoKnowledgeDirectory() })
  const logger = createLogger(config.logLevel)
  for (const warning of warnings) logger.warn({}, warning)
  if (unread.length > 0) logger.info({ unread }, '.env sets what this server does not read')
  return { config, logger }
}

async function start(): Promise<void> {
  const { config, logger } = configure()
  await serve(config, logger)
}

async function ingestInto(args: readonly string[]): Promise<void> {
  if (args.length === 0) return await reportDocuments(configure())
  // Loaded when it is needed: nothing else of the program reads pages of the web.
  const { ingest } = await import('./ingest.ts')
  const configured = configure()
  const isAnythingRead = await ingest(args, {
    config: configured.config,
    reportDocuments: () => reportDocuments(configured),
  })
  if (!isAnythingRead) process.exitCode = 1
}

async function reportDocuments({ config, logger }: ReturnType<typeof configure>): Promise<void> {
  const { size, documentTitles } = await loadKnowledge(config.knowledgeDirectory, {
    logger,
    home: knowledgeHomeOf(config),
    standIn: isManual(config),
  })
  for (const title of documentTitles) print(`- ${title}`)
  console.log(countsInWords(size))
}

async function reindex(): Promise<void> {
  const configured = configure()
  await reportDocuments(configured)
  const { database } = configured.config
  if (database.kind === 'postgres') {
    const { logger } = configured
    const stores = await openPostgresStores({ url: database.url, logger, attachmentBytes: 0 })
    await tellOfReindex(stores.conversations, stores.drafts)
  } else if (existsSync(join(database.directory, 'conversations'))) {
    await reindexConversations(database.directory, configured.logger)
  }
}

/** Has the index made anew, and closes what was opened for that. */
async function tellOfReindex(
  store: ConversationStore,
  ...others: readonly { close(): Promise<void> }[]
): Promise<void> {
  try {
    const done = await countConversations(store)
    console.log(`The index of ${done} ${done === 1 ? 'conversation' : 'conversations'} is new.`)
  } finally {
    for (const other of others) await other.close()
    await store.close()
  }
}

/** @throws StartError when a server uses the folder, and when it is interrupted */
async function reindexConversations(directory: string, logger: Logger): Promise<void> {
  const lock = await lockFolder({ directory, patience: 0, logger }).catch((cause: unknown) => {
    if (!(cause instanceof FolderInUse)) throw cause
    throw new StartError(
      `The index of conversations was left as it is: a server uses ${directory}. It keeps the index up to date by itself; to have it made anew, stop the server and run samosa-chat reindex again.`,
      { cause },
    )
  })
  try {
    const files = guardWrites(nodeFileSystem, lock.assertHeld)
    await tellOfReindex(await createJsonFileStore({ directory, files, logger }))
  } finally {
    await lock.release()
  }
}

/** Has the index made anew, and tells how far it has come. */
async function countConversations(store: ConversationStore): Promise<number> {
  const { stderr } = process
  let conversations = 0
  await store.reindex({
    signal: interruption(
      'The index of conversations is not finished. What it lacks is made when somebody searches; run samosa-chat reindex again to finish it now.',
    ),
    onProgress({ done, of }) {
      conversations = done
      const isTold = done === of || done % PROGRESS_STEP === 0
      if (isTold)
        stderr.write(
          `${stderr.isTTY ? '\r' : ''}${done} of ${of} conversations${stderr.isTTY && done < of ? '' : '\n'}`,
        )
    },
  })
  return conversations
}

/** Aborted, with a sentence, when somebody ends the program. */
function interruption(sentence: string): AbortSignal {
  const interrupt = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => interrupt.abort(new StartError(sentence)))
  }
  return interrupt.signal
}

async function showKnowledge(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseOptions(args, { ask: { type: 'string' } })
  if (positionals.length > 0) {
    throw new StartError('Put the question in quotes: samosa-chat knowledge --ask "…"')
  }
  const { config, logger } = configure()
  if (values.ask === undefined) {
    await surveyKnowledge(config)
    return
  }
  const { ask } = values
  const { askOnce } = await import('./knowledge/evaluation/index.ts')
  const told = await withKnowledge({ config, logger }, undefined, (knowledge) =>
    askOnce(ask, { knowledge, inference: answersFrom(knowledge) }),
  )
  print(told)
}

async function surveyKnowledge(config: Config): Promise<void> {
  const now = Date.now()
  const home = knowledgeHomeOf(config)
  const sites = [home === undefined ? [] : join(home, 'sites')]
    .flat()
    .filter((folder) => existsSync(folder))
  const isStandIn = isManual(config) && (await surveyDirectories(sites, { now })).documents === 0
  const own = isManual(config) && !isStandIn ? [] : [config.knowledgeDirectory]
  const directories = [...own, ...sites]
  print(formatSurvey(await surveyDirectories(directories, { now })))
  console.log(['', 'Read from:', ...directories.map((folder) => `- ${folder}`)].join('\n'))
  if (isStandIn) console.log(STAND_IN)
}

const STAND_IN = `
This is the manual of Samosa Chat, which answers until you have documents: put some into a folder
knowledge here, name a folder in KNOWLEDGE_DIR, or read your site with samosa-chat ingest.`

/** Where fetched sites are. */
const knowledgeHomeOf = ({ database }: Config) => knowledgeHomeIn(database.directory)

/**
 * The documents as a server has them once their meaning can be compared, or others in their place, whose
 * vectors are kept apart. @returns what it gives, after everything is closed again
 */
async function withKnowledge<Value>(
  { config, logger }: ReturnType<typeof configure>,
  documents: readonly KnowledgeDocument[] | undefined,
  use: (knowledge: Knowledge) => Promise<Value>,
): Promise<Value> {
  const { embeddings, knowledgeDirectory } = config
  const home = knowledgeHomeOf(config)
  const vectors = home !== undefined && documents ? join(home, 'evaluation') : home
  const meaning = meaningOf(embeddings, vectors, { logger })
  try {
    const knowledge = documents
      ? await createKnowledge(documents, [], meaning)
      : await loadKnowledge(knowledgeDirectory, {
          logger,
          home,
          meaning,
          standIn: isManual(config),
        })
    await knowledge.settled()
    return await use(knowledge)
  } finally {
    await meaning?.close()
  }
}

/** The built-in engine, without pauses: nobody reads along. */
const answersFrom = (knowledge: Knowledge) =>
  createBuiltinInference({
    knowledge,
    tools: createTools({ knowledge }),
    pace: async () => undefined,
  })

async function evaluate(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseOptions(args, {
    json: { type: 'string' },
    compare: { type: 'string' },
    half: { type: 'string' },
    misses: { type: 'boolean' },
  })
  const { half, ...options } = values
  const [path, ...more] = positionals
  if (path === undefined || more.length > 0) {
    throw new StartError('Name one file with questions: samosa-chat eval <questions>')
  }
  if (half !== undefined && half !== 'first' && half !== 'second') {
    throw new StartError(`--half is first or second, not "${half}".`)
  }
  const { config, logger } = configure()
  // Loaded late: a server that starts needs none of it.
  const { runEvaluation } = await import('./knowledge/evaluation/index.ts')
  const { stderr } = process
  const isFine = await runEvaluation({
    path,
    half,
    ...options,
    directory: config.knowledgeDirectory,
    withKnowledge: (documents, use) => withKnowledge({ config, logger }, documents, use),
    answersFrom,
    print,
    onQuestion(done, all) {
      if (stderr.isTTY) stderr.write(done < all ? `\r${done} of ${all} questions` : '\r')
    },
  })
  if (!isFine) process.exitCode = 1
}

async function changeUsers(args: readonly string[]): Promise<void> {
  if (args.length === 0) {
    console.log(await usersHelp())
    return
  }
  // Loaded late: a server that starts needs none of it.
  const { users } = await import('./users.ts')
  const { stdin, stderr } = process
  print(await users(args, { ...configure(), input: stdin, remarks: stderr }))
}

const usersHelp = async () => (await import('./users.ts')).USERS_HELP

async function eraseUser(args: readonly string[]): Promise<void> {
  // Loaded late: a server that starts needs none of it.
  const { erase } = await import('./erase.ts')
  const { stdin, stderr } = process
  await erase(args, { ...configure(), input: stdin, remarks: stderr, print })
}

const eraseHelp = async () => (await import('./erase.ts')).ERASE_HELP

async function backup([target]: readonly string[]): Promise<void> {
  if (!target) throw new StartError('Name a new or empty folder: samosa-chat backup <folder>')
  const { database } = configure().config
  if (database.kind !== 'files') {
    throw new StartError(
      'samosa-chat backup is for a data folder. Of PostgreSQL, pg_dump makes one while servers run: pg_dump --format=custom --file=samosa.dump "$DATABASE_URL"',
    )
  }
  const { stderr } = process
  const { conversations, files, bytes } = await backUp({
    directory: database.directory,
    target,
    signal: interruption('The backup was interrupted; nothing is left of it.'),
    onFile(count) {
      if (stderr.isTTY && count % 100 === 0) stderr.write(`\r${count} files`)
    },
  })
  if (stderr.isTTY) stderr.write('\r')
  const size = (bytes / 1_000_000).toFixed(1)
  console.log(`${resolve(target)} has ${conversations} conversations (${files} files, ${size} MB).`)
  console.log(
    'All files were read again and are as they should be. Settings (.env) are not part of it.',
  )
  console.log(`To start on it: DATABASE_URL=file:${resolve(target)} samosa-chat start`)
}

async function migrate(args: readonly string[]): Promise<void> {
  // Loaded late: a server that starts needs none of it.
  const { migrateData } = await import('./migrate-data.ts')
  const { logger } = configure()
  const { report, isWhole } = await migrateData(args, {
    directory: process.cwd(),
    logger,
    remarks: process.stderr,
    signal: interruption(
      'It was interrupted. Run the same command again: it goes on where it stopped.',
    ),
  })
  print(report)
  if (!isWhole) process.exitCode = 1
}

const migrateHelp = async () => (await import('./migrate-data.ts')).MIGRATE_DATA_HELP

interface Command {
  /** Gets what follows its name. */
  readonly run: (args: readonly string[]) => Promise<void>
  /** What it says of itself, where that is more than stands in HELP. */
  readonly help?: () => string | Promise<string>
}

const showHelp = async () => console.log(HELP)
const showVersion = async () => console.log(packageVersion())

const COMMANDS: Readonly<Record<string, Command>> = {
  start: { run: start },
  ingest: { run: ingestInto, help: async () => (await import('./ingest.ts')).INGEST_HELP },
  reindex: { run: reindex },
  knowledge: { run: showKnowledge, help: () => KNOWLEDGE_HELP },
  eval: { run: evaluate, help: () => EVAL_HELP },
  users: { run: changeUsers, help: usersHelp },
  erase: { run: eraseUser, help: eraseHelp },
  backup: { run: backup },
  'migrate-data': { run: migrate, help: migrateHelp },
  '--help': { run: showHelp },
  '-h': { run: showHelp },
  '--version': { run: showVersion },
  '-v': { run: showVersion },
}

const isHelpWish = (argument: string) => argument === '--help' || argument === '-h'

/** Does what the arguments say; ends the process with a sentence when it cannot. */
export async function runCommand([name = 'start', ...args]: readonly string[]): Promise<void> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  try {
    if (!command) throw new StartError(`There is no command "${name}". See samosa-chat --help.`)
    if (args.some(isHelpWish)) console.log((await command.help?.()) ?? HELP)
    else await command.run(args)
  } catch (error) {
    // What the operator can mend is a sentence; anything else keeps its stack for a report.
    const isSentence = error instanceof StartError || error instanceof ChatError
    console.error(isSentence ? error.message : error)
    process.exit(1)
  }
}
