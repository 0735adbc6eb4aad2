/** An answer that reached its length limit goes on: what a model is asked, and how the two parts are joined. */
import { CodeTracker } from '../../protocol/code-tracker.ts'
import { THINK_END, THINK_START } from '../../protocol/marks.ts'
import { ChatError } from '../errors.ts'
import { takeAll } from './answer.ts'
import { historyAnswer } from './history.ts'
import { countCodePoints } from '../../text/code-points.ts'
import type {
  AnswerEvents,
  EventBatch,
  GenerateRequest,
  HistoryMessage,
  InferenceEvent,
  Message,
  TakeBatch,
} from '../ports/index.ts'

/** Code points of the answer so far that a model gets: its end, from which it goes on. */
const LONGEST_PART = 6_000
/** UTF-16 units that a model may say again of the answer's end; fewer are chance. */
const LEAST_REPEATED = 12
const MOST_REPEATED = 400
/** Different characters in them: rows of zeros are no repetition. */
const LEAST_KINDS = 6
/** The line that opens a block of code again, as far as it has come. */
const FENCE_LINE = /^\s*(?:`{3,}|~{3,})[^\s`~][^\n`]{0,40}(\n|$)/
const FENCE_BEGINNING = /^\s*(?:`{0,2}|~{0,2}|`{3,}|~{3,})$/

const GO_ON =
  'Your last answer was cut off by its length limit. Go on with it exactly where it ends, beginning with the very next character: repeat nothing, say nothing before it, and open no block of code that is open already.'

/** @throws ChatError `invalid_request` (400) where nothing was cut off that could go on */
export function checkContinues(answer: Message | undefined): Message {
  const isCutOff = answer?.finishReason === 'length'
  if (!answer || !isCutOff || historyAnswer(answer.content).text === '') {
    throw new ChatError(
      'invalid_request',
      'The last answer did not end at its length limit, so there is nothing to go on with.',
      { status: 400 },
    )
  }
  return answer
}

/** What a model gets of the answer so far, within so many code points. */
export function partToContinue(content: string, characters: number): string {
  const most = Math.min(LONGEST_PART, Math.floor(characters / 2))
  const { text, withTools } = historyAnswer(content)
  const whole = [...withTools, text].find((part) => countCodePoints(part) <= most)
  const [blanks = ''] = /\s*$/.exec(content) ?? []
  return (whole ?? `…${Array.from(text).slice(-most).join('')}`) + blanks
}

/** The messages of a request; of one whose answer goes on, with that answer and the wish behind the question. */
export function messagesToAnswer({
  messages,
  continues,
}: Pick<GenerateRequest, 'messages' | 'continues'>): readonly HistoryMessage[] {
  if (continues === undefined) return messages
  return [...messages, { role: 'assistant', content: continues }, { role: 'user', content: GO_ON }]
}

/**
 * Takes the events of an answer that goes on behind `before`, without what models put between the two: thinking, the
 * opening of a block of code that is open already, and the last words once more.
 */
export async function takeBehind(
  before: string,
  events: AnswerEvents,
  take: TakeBatch,
): Promise<void> {
  const seam = new Seam(before)
  let isWanted = true
  await takeAll(events, (batch) => {
    isWanted = take(batch.flatMap((event) => joinedAt(seam, event)))
    return isWanted
  })
  const rest = seam.end()
  if (isWanted && rest !== '') take([{ type: 'token', text: rest }])
}

function joinedAt(seam: Seam, event: InferenceEvent): EventBatch {
  if (event.type === 'token') {
    const text = seam.take(event.text)
    return text === '' ? [] : [{ ...event, text }]
  }
  if (event.type !== 'finish') return [event]
  const rest = seam.end()
  return rest === '' ? [event] : [{ type: 'token', text: rest }, event]
}

/** Holds back the beginning of what comes until it is clear what of it is new. */
class Seam {
  readonly #end: string
  readonly #isInCode: boolean
  #held = ''
  #isThinking = false
  #isOver = false

  constructor(before: string) {
    const tracker = new CodeTracker()
    tracker.read(before)
    this.#isInCode = tracker.inFence
    this.#end = before.slice(-MOST_REPEATED)
  }

  /** What can be passed on now. */
  take(text: string): string {
    if (this.#isOver) return text
    this.#held += text
    if (this.#waitsForThought() || this.#waitsForFence()) return ''
    return this.#waitsForRepetition() ? '' : this.end()
  }

  /** Nothing more comes that could tell. */
  end(): string {
    const rest = this.#isThinking ? '' : this.#held
    this.#isOver = true
    this.#held = ''
    return rest
  }

  #waitsForThought(): boolean {
    const begun = this.#held.trimStart()
    if (!this.#isThinking && begun !== '' && THINK_START.startsWith(begun)) return true
    if (begun.startsWith(THINK_START)) this.#isThinking = true
    if (!this.#isThinking) return false
    const at = this.#held.indexOf(THINK_END)
    if (at < 0) return true
    this.#isThinking = false
    // What stands between the thinking and the answer belongs to neither.
    this.#held = this.#held.slice(at + THINK_END.length).replace(/^\s+/, '')
    return false
  }

  #waitsForFence(): boolean {
    if (!this.#isInCode) return false
    const [line, lineEnd] = FENCE_LINE.exec(this.#held) ?? []
    if (line === undefined) return this.#held !== '' && FENCE_BEGINNING.test(this.#held)
    if (lineEnd === '') return true
    this.#held = this.#held.slice(line.length)
    return false
  }

  #waitsForRepetition(): boolean {
    const end = this.#end
    const held = this.#held
    if (held === '') return true
    let mayRepeat = false
    for (let at = 0; at <= end.length - LEAST_REPEATED; at += 1) {
      const said = end.slice(at)
      if (held.startsWith(said)) {
        if (new Set(said).size >= LEAST_KINDS) this.#held = held.slice(said.length)
        return false
      }
      mayRepeat ||= said.startsWith(held)
    }
    return mayRepeat
  }
}
