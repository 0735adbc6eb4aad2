import type { ToolProgressEvent, TurnEvent } from '../protocol/events.ts'
import { ChatError } from './errors.ts'
import type { Cancellable, ToolResult } from './ports/index.ts'
import type { Environment } from './settings.ts'

/** Calls answered lately that are remembered, so that a page may repeat an answer whose receipt was lost. */
const MOST_ANSWERED = 1_000

/** A call that waits for a page. */
export interface ClientToolCall {
  readonly conversationId: string
  readonly tool: string
  readonly arguments: Readonly<Record<string, unknown>>
  /** Milliseconds. */
  readonly timeoutMs: number
}

/** Which call a page means, and which page it is. */
export interface ClientToolReference {
  readonly conversationId: string
  readonly callId: string
  readonly claimant: string
}

/** Where turns wait for the pages that run their tools, and pages bring the results. */
export interface ClientTools {
  /**
   * Tells the turn's readers what is to be run, and waits for the result; failure when none comes in time,
   * `undefined` when the signal aborts.
   */
  ask(
    call: ClientToolCall,
    options: Cancellable & { readonly append: (events: readonly TurnEvent[]) => void },
  ): Promise<ToolResult | undefined>
  /**
   * Gives the call to a page; it may ask again, also when it has answered.
   * @throws ChatError `not_found` when no such call is waiting, `conflict` when another page has it
   */
  claim(reference: ClientToolReference): void
  /** Ends the wait. The page that answered may repeat it. @throws ChatError as claim does */
  answer(reference: ClientToolReference, result: ToolResult): void
}

interface WaitingCall {
  readonly conversationId: string
  claimant: string | null
  report(state: ToolProgressEvent['state']): void
  settle(result: ToolResult | undefined): void
}

/** Within one process: a page must reach the one that runs its turn. */
export function createClientTools({ createId }: Pick<Environment, 'createId'>): ClientTools {
  const waiting = new Map<string, WaitingCall>()
  /** Oldest first. */
  const answered = new Map<string, ClientToolReference>()

  const find = ({ conversationId, callId, claimant }: ClientToolReference): WaitingCall => {
    const call = waiting.get(callId)
    if (call?.conversationId !== conversationId) {
      throw new ChatError('not_found', 'No such tool call is waiting.')
    }
    if (call.claimant !== null && call.claimant !== claimant) throw takenElsewhere()
    return call
  }

  /** @throws ChatError `conflict` when another page has answered it */
  const isAnsweredBy = ({ conversationId, callId, claimant }: ClientToolReference): boolean => {
    const earlier = answered.get(callId)
    if (earlier?.conversationId !== conversationId) return false
    if (earlier.claimant !== claimant) throw takenElsewhere()
    return true
  }

  const remember = (reference: ClientToolReference) => {
    answered.set(reference.callId, reference)
    const [oldest] = answered.keys()
    if (answered.size > MOST_ANSWERED && oldest !== undefined) answered.delete(oldest)
  }

  return {
    async ask(request, { signal, append }) {
      if (signal.aborted) return undefined
      const { conversationId, tool, timeoutMs } = request
      const callId = createId()
      const { promise, resolve } = Promise.withResolvers<ToolResult | undefined>()
      const call: WaitingCall = {
        conversationId,
        claimant: null,
        report: (state) =>
          append([{ type: 'tool_progress', call_id: callId, state, claimant: call.claimant }]),
        settle(result) {
          if (!waiting.delete(callId)) return
          clearTimeout(timer)
          signal.removeEventListener('abort', onAbort)
          call.report('settled')
          resolve(result)
        },
      }
      const timer = setTimeout(() => {
        call.settle({ success: false, error: 'The page did not answer in time.' })
      }, timeoutMs)
      const onAbort = () => call.settle(undefined)
      signal.addEventListener('abort', onAbort, { once: true })
      waiting.set(callId, call)
      append([
        {
          type: 'tool_request',
          call_id: callId,
          tool,
          arguments: request.arguments,
          timeout_ms: timeoutMs,
        },
      ])
      return await promise
    },

    claim(reference) {
      if (isAnsweredBy(reference)) return
      const call = find(reference)
      if (call.claimant !== null) return
      call.claimant = reference.claimant
      call.report('claimed')
    },

    answer(reference, result) {
      if (isAnsweredBy(reference)) return
      const call = find(reference)
      call.claimant = reference.claimant
      remember(reference)
      call.settle(result)
    },
  }
}

const takenElsewhere = () => new ChatError('conflict', 'Another page runs this tool call already.')
