/** What a model is asked in a turn. */
import { groundingPrompt } from '../grounding.ts'
import { messagesToAnswer, partToContinue } from './continuation.ts'
import { countCodePoints, limitHistory, withoutRepetitions } from './history.ts'
import { metadataOf, readHistoryFiles, withFiles } from './history-files.ts'
import type { GenerateRequest, HistoryMessage, ToolDefinition, TurnWriter } from '../ports/index.ts'
import type { TurnDependencies, TurnPlan } from './plan.ts'

export interface RequestOptions {
  /** Is told of files that are read. */
  readonly output: TurnWriter
  readonly tools: readonly ToolDefinition[]
}

/** Reads the files that go with it; without any, nothing is waited for. */
export async function requestOf(
  plan: TurnPlan,
  dependencies: TurnDependencies,
  { output, tools }: RequestOptions,
): Promise<GenerateRequest> {
  const { options, grounding, ownerId } = plan
  const { defaults, prompts, history } = dependencies.settings
  // The thinking of an answer stands before it.
  const thinkingMode = !plan.continues && (options.thinking_mode ?? false)
  const continues = plan.continues && partToContinue(plan.continues.content, history.characters)
  const characters = history.characters - countCodePoints(continues ?? '')
  return {
    messages: limitHistory(await historyOf(plan, dependencies, output), { ...history, characters }),
    continues,
    systemPrompt: [
      thinkingMode ? prompts.think : prompts.direct,
      ...(grounding ? groundingPrompt(grounding) : []),
    ]
      .filter((part) => part !== '')
      .join('\n\n'),
    model: plan.modelTag === 'default' ? null : plan.modelTag,
    temperature: options.temperature ?? defaults.temperature,
    maxTokens: options.max_tokens ?? defaults.maxTokens,
    topK: options.top_k ?? defaults.topK,
    thinkingMode,
    grounding,
    forceWebSearch: options.force_web_search ?? false,
    tools,
    // Their tags may be text where the answer was cut off.
    mayCallTools: !plan.continues,
    rounds: [],
    thread: plan.thread && { user: ownerId, conversationId: plan.thread.conversationId },
    trace: plan.trace,
  }
}

async function historyOf(
  { ownerId, conversationId, history: said, thread }: TurnPlan,
  { attachments, texts, inference, settings, logger }: TurnDependencies,
  output: TurnWriter,
): Promise<readonly HistoryMessage[]> {
  const { messages, characters } = settings.history
  const isThread = thread !== undefined
  // The provider of a thread gets every message.
  const history = isThread ? said : withoutRepetitions(said)
  const recent = history.slice(-messages)
  if (!attachments || !recent.some((message) => message.attachments)) {
    return history.map((message) => {
      const { role, content } = message
      return { role, content, ...metadataOf(message, { isThread }) }
    })
  }
  return await readHistoryFiles(recent, {
    attachments,
    texts,
    place: { ownerId, conversationId },
    takesImages: inference.takesImages ?? false,
    isThread,
    characters,
    progress: (event) => output.append([event]),
    logger,
  })
}

/** What an image costs a model, as text that costs about the same. */
const IMAGE_CHARACTERS = 4_000

/** Of the prompt and the history. */
export const promptCharactersOf = ({ systemPrompt, ...request }: GenerateRequest) =>
  messagesToAnswer(request).reduce((sum, message) => {
    const images = message.files?.filter(({ kind }) => kind === 'image') ?? []
    return sum + withFiles(message).length + images.length * IMAGE_CHARACTERS
  }, systemPrompt.length)
