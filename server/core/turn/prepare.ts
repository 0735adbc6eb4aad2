/** A turn from its plan to the moment that it counts: the model may be asked before that. */
import { toChatError } from '../errors.ts'
import { AnswerFiles } from './answer.ts'
import type { EndReason } from './generate.ts'
import type { Attachment, TurnKeeper, TurnReply, TurnRequest } from '../ports/index.ts'
import { runTurn } from './run.ts'
import type { TurnDependencies, TurnPlan } from './plan.ts'

/** Milliseconds after which a model server that still says nothing new, or never ends, is given up. */
const LONGEST_TURN = 60 * 60_000

export interface RunningTurn {
  /** Never rejects. */
  readonly ended: Promise<void>
  /** Files of the answer that can be read already. */
  readonly files: () => readonly Attachment[]
  end(reason: EndReason): void
  /** What cannot be stored by now is left to whoever finds it. */
  giveUp(): void
}

export function prepareTurn(plan: TurnPlan, dependencies: TurnDependencies) {
  const { turnId, ownerId, conversationId, userMessage, messageId } = plan
  const abort = new AbortController()
  const givingUp = new AbortController()
  const files = new AnswerFiles({
    attachments: dependencies.attachments,
    place: { ownerId, conversationId },
    createId: dependencies.environment.createId,
    logger: dependencies.logger,
    names: { traceId: plan.trace.traceId, turnId, conversationId },
  })
  const acknowledged = Promise.withResolvers<boolean>()
  let ended: Promise<void> | undefined
  let isLost = false

  const run = async () => {
    const timer = setTimeout(() => {
      abort.abort(new DOMException('The turn took too long.', 'TimeoutError'))
    }, LONGEST_TURN).unref()
    await runTurn(
      plan,
      {
        signal: abort.signal,
        files,
        acknowledged: acknowledged.promise,
        givesUp: givingUp.signal,
        isLost: () => isLost,
      },
      dependencies,
    )
    clearTimeout(timer)
  }

  const carryOut = async (request: TurnRequest) => {
    const { clientTools } = dependencies
    if (request.kind === 'claim_tool') clientTools.claim(request.call)
    else if (request.kind === 'answer_tool') clientTools.answer(request.call, request.result)
    else {
      abort.abort('stopped' satisfies EndReason)
      await ended
    }
  }

  /** Answers for the turn to other servers. */
  const keeper: TurnKeeper = {
    async asked(request): Promise<TurnReply> {
      try {
        await carryOut(request)
        return { isDone: true }
      } catch (error) {
        const { code, message } = toChatError(error)
        return { isDone: false, code, message }
      }
    },
    lost() {
      isLost = true
      givingUp.abort()
      abort.abort('interrupted' satisfies EndReason)
    },
  }
  return {
    /** From now on, others can end the turn if this server dies. Nothing of it may be told before. */
    async keep(): Promise<void> {
      const { modelTag, startedAt, replaces, continues } = plan
      const ids = { ownerId, conversationId, userMessageId: userMessage.id, messageId }
      const note = { turnId, ...ids, modelTag, startedAt, keeps: replaces ?? continues?.id }
      await dependencies.log.keep(note, keeper)
    },
    /** Asks the model, if that has not been done. Never throws. */
    ask(): void {
      ended ??= run()
    },
    /** The turn counts: readers get its beginning, and all that the model has said. Asks if need be. */
    acknowledge(title: string | undefined): RunningTurn {
      dependencies.log.writer(turnId).append([
        {
          type: 'start',
          turn_id: turnId,
          user_message_id: userMessage.id,
          message_id: messageId,
        },
        ...(title === undefined ? [] : [{ type: 'title', title } as const]),
      ])
      acknowledged.resolve(true)
      ended ??= run()
      return {
        ended,
        files: () => files.kept,
        end: (reason) => abort.abort(reason),
        giveUp: () => givingUp.abort(),
      }
    },
    /** As though nobody had asked: nothing of the turn is read or stored. Never rejects. */
    async takeBack(): Promise<void> {
      acknowledged.resolve(false)
      abort.abort('interrupted' satisfies EndReason)
      await ended
    },
  }
}
