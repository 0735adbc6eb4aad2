/** Makes the events of an answer from its chunks. */
import type { ChatError } from '../../core/errors.ts'
import type { Interrupt } from '../../core/turn/interrupts.ts'
import type { ChunkEvent, FinishReason, Usage } from '../../protocol/events.ts'
import { CallIds, createToolCallGatherer, type ToolCallGatherer } from './tool-calls.ts'
import { type BodyEnd, type Ending, EventReader } from '../transport/sse.ts'
import {
  failureInList,
  failureOf,
  isFailure,
  looksLikeFailure,
  reportedFailure,
  saysNothing,
} from '../failure.ts'
import { isRecord, parseJson, type JsonRecord } from '../../text/json.ts'
import {
  conversationIdOf,
  nameOf,
  readAgentChunk,
  withContent,
  withLinks,
  type AgentChunk,
  finishReasonOf,
  firstChoice,
  reasonOf,
  usageIn,
  readDelta,
  type DeltaSink,
  type ReasoningField,
  type ToolCallPiece,
  suggestionsOf,
} from './chunk.ts'
import { ReasoningKeeper, ReasoningMarks, type MarkedSink, TaggedWriter } from './reasoning.ts'
import { endedEarly, interrupted } from '../transport/upstream.ts'

/** Characters that are kept until the answer ends; no model means more. */
const MOST_GATHERED = 4_000_000
const MOST_CALLS = 64

/** What a reader of one answer knows of the turn around it. */
export interface OpenaiReaderOptions {
  /** Ids of calls that the turn has made already. */
  readonly usedCallIds?: Iterable<string>
  /** Names of the tools that the model may call. */
  readonly tools?: Iterable<string>
  /** Whether the answer may end in calls, so that its reasoning may be wanted back. */
  readonly keepsReasoning?: boolean
  /**
   * The turn is one of a thread: chunks are passed on, and a call of a tool is the provider's own affair.
   */
  readonly isThread?: boolean
}

/**
 * Reads `chat.completion.chunk` events into tagged text and tool calls. Only choice 0 counts. The answer is
 * complete with `[DONE]`, or when the stream ends after a finish reason; not when that reason is no good end, when
 * more of the answer came after it, or when what came last could not be read. An agent that says `completed` or
 * `interrupted` has ended it, whatever comes then.
 */
export class OpenaiReader extends EventReader implements DeltaSink, MarkedSink {
  readonly #writer = new TaggedWriter()
  readonly #marks = new ReasoningMarks()
  #eventLength = 0
  /** Characters that are kept and not emitted at once. */
  #gathered = 0
  #wroteText = false
  /** Text that is no reasoning. */
  #wroteProse = false
  /** An agent has said that this is all. */
  #isSettled = false
  /** There is more to the answer than its text: files, or what an agent asks. */
  #hasMoreThanText = false
  #responseId: string | undefined
  #conversationId: string | undefined
  #wroteCalls = false
  /** There from the first call on. */
  #calls: ToolCallGatherer | undefined
  #callIds: CallIds | undefined
  readonly #kept: ReasoningKeeper | undefined
  /** Given after all that has come of the answer. */
  #finishReason: FinishReason | undefined
  /** What it stands for, when it is no good end. */
  #unfinished: ChatError | undefined
  /** A reason was given, and then the answer went on: this server gives reasons in mid-answer. */
  #tookReasonBack = false
  /** The event that is being read has a part of the answer. */
  #saysMore = false
  /** What came last, when it was not understood: it may have been a failure, or a part of the answer. */
  #unread: 'foreign' | 'unreadable' | undefined
  #usage: Usage | undefined
  #refused = false
  readonly #options: OpenaiReaderOptions

  constructor(options: OpenaiReaderOptions = {}) {
    super()
    this.#options = options
    this.#kept = options.keepsReasoning ? new ReasoningKeeper() : undefined
  }

  read(data: string): void {
    if (data.trim() === DONE) {
      if (this.#mayLackSome) this.#giveUp(interrupted())
      else this.#complete()
      return
    }
    this.#eventLength = data.length
    const chunk = parseJson(data)
    if (isRecord(chunk)) this.#readChunk(data, chunk)
    else this.#readOther(data, chunk)
    if (this.#gathered > 0) this.#boundGathered()
  }

  readWhole(body: unknown): void {
    const choice = isRecord(body) ? firstChoice(body) : undefined
    if (!isRecord(body) || !choice || isFailure(body)) {
      this.#fail(body)
      return
    }
    if (this.#options.isThread) {
      const { message, ...rest } = choice
      const whole = { ...body, object: 'chat.completion.chunk' }
      const chunk = { ...whole, choices: [{ ...rest, delta: message ?? choice.delta }] }
      this.#readChunk(JSON.stringify(chunk), chunk)
      if (this.outcome === 'running') this.#complete()
      return
    }
    this.#readChoice(choice, choice.message ?? choice.delta)
    this.#readSuggestions(body)
    this.#usage = usageIn(body, choice)
    if (this.outcome === 'running') this.#complete()
  }

  end(how: BodyEnd): void {
    const isOver =
      how === 'closed'
        ? this.#finishReason !== undefined
        : this.ending === 'certain' || (how === 'silent' && this.ending === 'likely')
    if (isOver && !this.#mayLackSome) this.#complete()
    else this.#marks.end(this)
  }

  reasoning(text: string, field: ReasoningField | undefined): void {
    if (!this.#marks.isOver) this.#marks.end(this)
    if (this.#kept && field) this.#kept.text(text, field)
    this.thought(text)
  }

  reasoningDetails(details: readonly unknown[]): void {
    if (this.#kept) this.#gathered += this.#kept.details(details, this.#eventLength)
  }

  text(text: string): void {
    this.#wroteText = true
    this.#saysMore = true
    if (this.#marks.isOver) this.prose(text)
    else this.#marks.read(text, this)
  }

  refusal(text: string): void {
    this.#refused = true
    this.text(text)
  }

  textOfThought(text: string): void {
    this.#wroteText = true
    this.#saysMore = true
    this.#marks.readThought(text, this)
  }

  thought(text: string): void {
    this.#writeWholeCalls()
    this.#wroteText = true
    this.#saysMore = true
    this.#emitText(this.#writer.reasoning(text))
  }

  prose(text: string): void {
    this.#writeWholeCalls()
    this.#wroteProse = true
    this.#emitText(this.#writer.text(text))
  }

  toolCall(piece: ToolCallPiece): void {
    if (!this.#marks.isOver) this.#marks.end(this)
    this.#saysMore = true
    this.#gathered += 1 + (piece.extra ? this.#eventLength : piece.arguments.length)
    this.#calls ??= createToolCallGatherer(new Set(this.#options.tools))
    this.#calls.add(piece)
  }

  #readChunk(data: string, chunk: JsonRecord): void {
    const choice = firstChoice(chunk)
    const { agent_status: status, message_metadata: details } = chunk
    // No more than this for a chunk of a server that runs no agents.
    const agent = status === undefined && details === undefined ? undefined : readAgentChunk(chunk)
    if (this.#options.isThread) this.#passOn(data, chunk, { choice, agent })
    if (agent?.interrupt) this.#readInterrupt(agent.interrupt, choice)
    else if (choice) this.#readChoice(choice, choice.delta ?? this.#wholeMessage(choice))
    // Not beside tokens, each of which would be looked at for it.
    const isToken = choice !== undefined && !choice.finish_reason
    const usage = isToken && !chunk.usage ? undefined : usageIn(chunk, choice)
    if (usage) this.#usage = usage
    if (!isToken) this.#readSuggestions(chunk)
    if (isFailure(chunk) || agent?.status === FAILED) this.#fail(chunk)
    else if (agent?.status === 'completed') this.#settle()
    else if (!chunk.choices && !chunk.usage && !usage && !agent) this.#readForeign(chunk)
  }

  /** Passes a chunk on as it came, and tells what else it says. What is a failure is told in other words. */
  #passOn(
    data: string,
    chunk: JsonRecord,
    {
      choice,
      agent,
    }: { readonly choice: JsonRecord | undefined; readonly agent: AgentChunk | undefined },
  ): void {
    if (isFailure(chunk) || agent?.status === FAILED || (choice && isFailure(choice))) return
    const isForeign = !agent && !chunk.choices && !chunk.usage && !isChunk(chunk)
    if (isForeign && (looksLikeFailure(chunk) || saysNothing('', chunk))) return
    this.#learnNames(chunk)
    const toEvent = (text: string): ChunkEvent => ({
      type: 'chunk',
      data: text,
      status: agent?.status,
      hasChoices: chunk.choices !== undefined && chunk.choices !== null,
    })
    const question = agent?.interrupt?.question ?? ''
    const sent = question === '' ? chunk : withContent(chunk, question)
    if (agent && agent.files.length > 0) {
      this.#hasMoreThanText = true
      const { files } = agent
      this.emit({
        type: 'files',
        files,
        chunk: (links) => ({
          ...toEvent(JSON.stringify(withLinks(sent, links))),
          hasChoices: sent.choices !== undefined && sent.choices !== null,
        }),
      })
    } else if (sent === chunk) this.emit(toEvent(data))
    else this.emit({ ...toEvent(JSON.stringify(sent)), hasChoices: true })
  }

  #learnNames(chunk: JsonRecord): void {
    const responseId = this.#responseId ?? nameOf(chunk.id)
    const conversationId = conversationIdOf(chunk) ?? this.#conversationId
    if (responseId === this.#responseId && conversationId === this.#conversationId) return
    this.#responseId = responseId
    this.#conversationId = conversationId
    this.emit({ type: 'provider', responseId, conversationId })
  }

  /** What was said before is what led the agent to its question: the question alone is the answer. */
  #readInterrupt(interrupt: Interrupt, choice: JsonRecord | undefined): void {
    this.#marks.end(this)
    const hadProse = this.#wroteProse
    if (hadProse && interrupt.question !== '') this.#emitText(this.#writer.turnIntoThinking())
    if (interrupt.question !== '') this.text(interrupt.question)
    else if (choice && isRecord(choice.delta)) readDelta(choice.delta, this)
    this.#hasMoreThanText = true
    this.emit({ type: 'interrupt', interrupt })
    this.#settle()
  }

  #settle(): void {
    this.#isSettled = true
    this.#finishReason = 'stop'
    this.#unfinished = undefined
    this.#unread = undefined
    this.ending = this.#wroteText || this.#hasMoreThanText ? 'certain' : 'likely'
  }

  #readChoice(choice: JsonRecord, said: unknown): void {
    this.#saysMore = false
    if (isRecord(said)) readDelta(said, this)
    if (this.#saysMore) this.#goOn()
    if (isFailure(choice)) this.#fail(choice)
    else if (choice.finish_reason) this.#readFinish(choice.finish_reason)
  }

  /** More of the answer came: what was given as the reason for its end was none. */
  #goOn(): void {
    this.#unread = undefined
    if (this.#finishReason === undefined) return
    this.#isSettled = false
    this.#finishReason = undefined
    this.#unfinished = undefined
    this.#tookReasonBack = true
    this.ending = 'open'
  }

  /** Some servers send the whole message as one event; behind its pieces it would be the same again. */
  #wholeMessage({ message }: JsonRecord): unknown {
    return this.#wroteText || this.#calls ? undefined : message
  }

  #readFinish(value: unknown): void {
    const reason = finishReasonOf(value)
    // What has failed is not made good by an end behind it, and what an agent has ended is not undone.
    if (reason === undefined || this.#unfinished || this.#isSettled) return
    this.ending = this.#endingWith(reason)
    this.#finishReason = reason
    this.#unread = undefined
    if (reason === 'error') this.#unfinished = reportedFailure(undefined)
    else if (reason === 'interrupted') this.#unfinished = endedEarly(value)
  }

  #endingWith(reason: FinishReason): Ending {
    // Where every piece of an answer comes with a reason, none of them says anything.
    if (this.#saysMore) return this.#tookReasonBack ? 'open' : 'likely'
    if (this.#finishReason !== undefined) return this.ending
    // Calls that are announced and not made are the server's own: it goes on when they are through.
    const hasCalls = this.#calls !== undefined
    const isOver = reason === 'tool_calls' ? hasCalls : hasCalls || this.#wroteText
    return isOver && !this.#tookReasonBack ? 'certain' : 'likely'
  }

  /** What is no chunk of an answer. */
  #readForeign(event: JsonRecord): void {
    if (looksLikeFailure(event)) this.#fail(event)
    else if (!isChunk(event) && !suggestionsOf(event) && !saysNothing('', event)) {
      this.#unread ??= 'foreign'
    }
  }

  #readOther(data: string, body: unknown): void {
    const failure = failureInList(body)
    if (failure) this.#fail(failure)
    if (failure || saysNothing(data, body)) return
    if (body !== undefined) this.#unread ??= 'foreign'
    // The last event may be cut short where it has nothing to lose.
    else if (!DONE.startsWith(data)) this.#unread = 'unreadable'
  }

  /** After a reason, servers also tell of other things. */
  get #mayLackSome(): boolean {
    if (this.#unread === undefined || this.#isSettled) return false
    return this.#unread === 'unreadable' || this.#finishReason === undefined
  }

  #readSuggestions(from: JsonRecord): void {
    const suggestions = suggestionsOf(from)
    if (suggestions) this.emit(suggestions)
  }

  #emitText(text: string): void {
    if (text !== '') this.emit({ type: 'token', text })
  }

  /** A call goes before what comes after it, unless its arguments are still on their way. */
  #writeWholeCalls(): void {
    if (this.#calls && !this.#calls.hasPartial()) this.#writeCalls(this.#calls)
  }

  #writeCalls(calls: ToolCallGatherer): void {
    for (const call of calls.take()) {
      this.#wroteCalls = true
      this.#emitText(this.#writer.toolCall(call))
      if (this.#options.isThread) continue
      this.#callIds ??= new CallIds(this.#options.usedCallIds ?? [])
      this.emit({
        type: 'tool_call',
        call: {
          id: this.#callIds.of(call),
          name: call.name,
          arguments: call.arguments,
          ...(call.extra && { carry: call.extra }),
        },
      })
    }
  }

  #complete(): void {
    if (this.#unfinished) {
      this.#giveUp(this.#unfinished)
      return
    }
    this.#marks.end(this)
    if (this.#calls) this.#writeCalls(this.#calls)
    this.#emitText(this.#writer.end())
    const usage = this.#usage
    const carry = this.#wroteCalls ? this.#kept?.carry() : undefined
    this.emit({
      type: 'finish',
      reason: reasonOf(this.#finishReason ?? 'stop', this.#wroteCalls),
      ...(this.#refused && { declines: true }),
      ...(usage && { usage }),
      ...(carry && { carry }),
    })
    this.outcome = 'complete'
  }

  /** Memory is not endless, and what is only kept is not bounded by what readers get. */
  #boundGathered(): void {
    if (this.outcome !== 'running') return
    if (this.#gathered > MOST_GATHERED || (this.#calls?.count ?? 0) > MOST_CALLS) {
      this.#giveUp(reportedFailure('The model server sent more than an answer can hold.'))
    }
  }

  #fail(body: unknown): void {
    const isThere = this.#isSettled && (this.#wroteText || this.#hasMoreThanText)
    if (isThere) this.#complete()
    else this.#giveUp(failureOf(body))
  }

  /** What came before a failure stands. */
  #giveUp(failure: ChatError): void {
    this.#marks.end(this)
    this.outcome = failure
  }
}

/** What an agent says that has come to nothing. */
const FAILED = 'failed'

const DONE = '[DONE]'

const isChunk = ({ object }: JsonRecord) =>
  typeof object === 'string' && object.startsWith('chat.completion')
