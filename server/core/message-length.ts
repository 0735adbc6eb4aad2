/** How long a message may be for a model server that counts the prompt as part of it. */
import { ChatError } from './errors.ts'
import { countCodePoints } from './turn/history.ts'
import type { Inference } from './ports/index.ts'
import type { TurnSettings } from './settings.ts'

type Limited = Pick<Inference, 'messageLimit'>

/** Between the prompt and what the visitor says. */
const JOINT = '\n\n'.length
/** Milliseconds that a message waits until it is known which server is to get it. */
const PATIENCE = 2_000
/** Code points that fit in any case. */
const SHORT = 1_000

/**
 * Unicode code points that a visitor's message may have. The longer one of the two prompts counts: a visitor may
 * have the same message answered again with thinking. Infinity where the model server sets no limit, and where a
 * prompt leaves no room at all: that is no fault of a message, and the adapter says whose it is.
 */
export function longestMessage(
  { messageLimit }: Limited,
  { direct, think }: TurnSettings['prompts'],
): number {
  if (messageLimit === undefined) return Number.POSITIVE_INFINITY
  const prompt = Math.max(countCodePoints(direct), countCodePoints(think))
  const left = messageLimit - (prompt === 0 ? 0 : prompt + JOINT)
  return left > 0 ? left : Number.POSITIVE_INFINITY
}

/** Code points that are left for more of the prompt beside a message of this length. */
export const roomBeside = (content: string, inference: Limited, prompts: TurnSettings['prompts']) =>
  longestMessage(inference, prompts) - countCodePoints(content) - JOINT

/** @throws ChatError `invalid_request` with the name of the field that holds the text */
export function checkLength(content: string, longest: number, field: string): void {
  // A code point has at least one unit: no need to count what is short.
  if (content.length <= longest || countCodePoints(content) <= longest) return
  const message = `must have at most ${longest} characters, which this model server takes`
  throw new ChatError('invalid_request', `${field} ${message}.`, {
    errors: [{ path: field, message }],
  })
}

/** Resolves when it is known what the model server takes, or cannot be known now. Never rejects. */
export async function learnLimit(inference: Inference, content: string): Promise<void> {
  if (content.length > SHORT) await learn(inference, PATIENCE)
}

/** The same, for as many milliseconds at most. */
export async function learn({ learn: ask }: Inference, patience: number): Promise<void> {
  try {
    await ask?.({ signal: AbortSignal.timeout(patience) })
  } catch {
    // Whoever asks it something is told why.
  }
}
