import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { TurnObserver } from '../core/ports/index.ts'
import { ANSWER_OUTCOMES, FINISH_REASONS } from '../protocol/events.ts'
import type { UpstreamErrors } from './upstream-errors.ts'

/** Shorter answers come in one piece or two, and tell nothing of a speed. */
const FEWEST_TOKENS_FOR_A_SPEED = 10

/** Counts turns as they end; nothing happens per token. */
export function createTurnMetrics(registry: Registry, upstream: UpstreamErrors): TurnObserver {
  const registers = [registry]
  const turns = new Counter({
    name: 'samosa_turns_total',
    help: 'Turns that have ended, by the reason of the end.',
    labelNames: ['finish_reason'],
    registers,
  })
  // A series that appears with its first event hides that event from a rate.
  for (const reason of FINISH_REASONS) turns.inc({ finish_reason: reason }, 0)
  const outcomes = new Counter({
    name: 'samosa_answer_outcomes_total',
    help: 'Questions whose visitors need a way on, by what came of them.',
    labelNames: ['outcome'],
    registers,
  })
  for (const outcome of ANSWER_OUTCOMES) outcomes.inc({ outcome }, 0)
  const running = new Gauge({
    name: 'samosa_turns_running',
    help: 'Turns that are running.',
    registers,
  })
  const tokens = new Counter({
    name: 'samosa_tokens_total',
    help: 'Pieces of answers that were streamed.',
    registers,
  })
  const modelTokens = new Counter({
    name: 'samosa_model_tokens_total',
    help: 'Tokens as model servers count them, where they say so.',
    labelNames: ['kind'],
    registers,
  })
  for (const kind of ['prompt', 'completion']) modelTokens.inc({ kind }, 0)
  const firstToken = new Histogram({
    name: 'samosa_time_to_first_token_seconds',
    help: 'From the request to the first piece of the answer.',
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  })
  const duration = new Histogram({
    name: 'samosa_turn_duration_seconds',
    help: 'From the request to the end of the turn.',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600],
    registers,
  })
  const speed = new Histogram({
    name: 'samosa_tokens_per_second',
    help: `Pieces a second after the first, of answers with ${FEWEST_TOKENS_FOR_A_SPEED} or more.`,
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000],
    registers,
  })

  return {
    turnStarted: () => running.inc(),
    turnEnded({ finishReason, outcome, errorCode, tokenCount, usage, firstTokenMs, totalMs }) {
      running.dec()
      turns.inc({ finish_reason: finishReason })
      if (outcome !== undefined) outcomes.inc({ outcome })
      tokens.inc(tokenCount)
      modelTokens.inc({ kind: 'prompt' }, usage?.prompt_tokens ?? 0)
      modelTokens.inc({ kind: 'completion' }, usage?.completion_tokens ?? 0)
      duration.observe(totalMs / 1_000)
      if (errorCode !== undefined) upstream.note(errorCode)
      if (firstTokenMs === undefined) return
      firstToken.observe(firstTokenMs / 1_000)
      const streamedMs = totalMs - firstTokenMs
      if (tokenCount < FEWEST_TOKENS_FOR_A_SPEED || streamedMs <= 0) return
      speed.observe((tokenCount - 1) / (streamedMs / 1_000))
    },
  }
}
