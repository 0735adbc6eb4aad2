/** What whoever starts the server is told beside its address: what it answers from, who answers, and for whose pages. */
import { relative } from 'node:path'
import type { Config } from './config/index.ts'
import type { Inference, Logger } from './core/ports/index.ts'
import type { LoadedKnowledge } from './knowledge/index.ts'
import { countsInWords } from './knowledge/survey.ts'

/** Milliseconds that a model server has to show that it is there. */
const PATIENCE = 5_000

export interface StartFacts {
  readonly config: Pick<Config, 'allowedOrigins' | 'inference' | 'knowledgeDirectory'>
  readonly knowledge: Pick<LoadedKnowledge, 'size' | 'unreadable' | 'isStandIn'>
  readonly inference: Pick<Inference, 'kind' | 'isReady'>
  readonly logger: Logger
}

/** Sentences, each when it is known; a silent model server holds up its own alone. */
export async function* reportStart(facts: StartFacts): AsyncGenerator<string> {
  yield documentsSentence(facts)
  yield pagesSentence(facts)
  yield await answersSentence(facts)
}

/** A folder as it would be named on the command line. */
function shortPath(folder: string): string {
  const path = relative(process.cwd(), folder)
  return path.startsWith('..') || path === '' ? folder : `./${path}`
}

function documentsSentence({ config, knowledge }: StartFacts): string {
  const { size, unreadable, isStandIn } = knowledge
  if (isStandIn) {
    return 'Documents: none of your own yet, so those of the demo answer. Put yours (Markdown, HTML, text, PDF) into ./knowledge, or name a folder in KNOWLEDGE_DIR.'
  }
  const folder = shortPath(config.knowledgeDirectory)
  const found = `Documents: ${countsInWords(size)} in ${folder}`
  if (unreadable.length === 0) return `${found}.`
  return `${found}; ${unreadable.length} cannot be read: samosa-chat knowledge says why.`
}

function pagesSentence({ config: { allowedOrigins } }: StartFacts): string {
  if (allowedOrigins.includes('*')) return 'Pages: those of all sites may use the chat.'
  if (allowedOrigins.length > 0) {
    return `Pages: this server’s own, and those of ${allowedOrigins.join(', ')}, may use the chat.`
  }
  return 'Pages: this server’s own may use the chat; those of another site once ALLOWED_ORIGINS names it.'
}

/** Also into the log, which whoever starts the server without a terminal reads. */
async function answersSentence({ config, inference, logger }: StartFacts): Promise<string> {
  const { url, isOn } = config.inference
  if (!isOn) return 'Answers: none, as CHAT_LLM_ENABLED is false.'
  if (inference.kind === 'builtin' || url === undefined) {
    return 'Answers: from the documents, without a model server (INFERENCE_SERVICE_URL names one).'
  }
  const { origin, pathname } = new URL(url)
  const at = `${origin}${pathname}`
  const isReady = await inference
    .isReady({ signal: AbortSignal.timeout(PATIENCE) })
    .catch(() => false)
  if (isReady) {
    logger.info({ url: at, api: inference.kind }, 'the model server answers')
    return `Answers: from the model server at ${at}, which is there.`
  }
  logger.warn({ url: at }, 'the model server does not answer; visitors are told so until it does')
  return `Answers: from the model server at ${at}, WHICH DOES NOT ANSWER. Start it, or look at INFERENCE_SERVICE_URL; the log says what it said.`
}
