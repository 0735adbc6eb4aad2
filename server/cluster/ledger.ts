/**
 * What visitors have asked and been told, held against what is stored in the end: nothing that was acknowledged may be
 * lost, nothing doubled, no byte wrong.
 */
import { answerTo } from './model.ts'

/** One question and all that came of it. */
export interface Exchange {
  readonly conversationId: string
  readonly question: string
  /** The server has taken the question: it has said so, or a reader has had an event of its answer. */
  isAcknowledged: boolean
  /** The answer as its readers have had it. */
  text: string
  /** How it ended; `undefined`: no reader has seen the end. */
  finishReason: string | undefined
  /** Events with another content, or at another place, than they had before. */
  wrongEvents: number
  /** Milliseconds from the last event before the end to the end: how long it stood still. */
  longestSilence: number
}

/** A message as a conversation has it in the end. */
export interface KeptMessage {
  readonly role: string
  readonly content: string
  readonly finish_reason: string | null
}

export interface Verdict {
  readonly sent: number
  readonly answered: number
  /** Answers that ended early, as far as they had come, and said so. */
  readonly interrupted: number
  /** Questions or answers that were acknowledged and are not there. */
  readonly lost: number
  readonly doubled: number
  /** Answers, or parts of them, that are not what the model said. */
  readonly wrong: number
  /** What is amiss, a sentence each. */
  readonly complaints: readonly string[]
}

/** Judges exchanges by what is stored of their conversations. */
export function judge(
  exchanges: readonly Exchange[],
  stored: ReadonlyMap<string, readonly KeptMessage[]>,
): Verdict {
  const complaints: string[] = []
  let [answered, interrupted, lost, doubled, wrong] = [0, 0, 0, 0, 0]
  for (const exchange of exchanges) {
    const { question, conversationId, text, finishReason, wrongEvents } = exchange
    const complain = (what: string) => {
      complaints.push(`"${question}" in ${conversationId}: ${what}`)
      return 1
    }
    const messages = stored.get(conversationId) ?? []
    const asked = messages.filter(({ role, content }) => role === 'user' && content === question)
    if (exchange.isAcknowledged && asked.length === 0) lost += complain('the question is lost')
    if (asked.length > 1) doubled += complain(`the question is there ${asked.length} times`)
    if (wrongEvents > 0) wrong += complain(`${wrongEvents} events came in another form or order`)

    const expected = answerTo(question)
    const answers = answersTo(question, messages)
    if (answers.length > 1) doubled += complain(`there are ${answers.length} answers`)
    const [answer] = answers
    if (finishReason === 'stop') answered += 1
    else if (finishReason === 'interrupted' || finishReason === 'stopped') interrupted += 1
    if (finishReason === 'stop' && !answer) lost += complain('the answer is lost')
    if (finishReason === 'stop' && text !== expected) wrong += complain('readers got another text')
    if (!expected.startsWith(text)) wrong += complain('readers got what the model did not say')
    if (!answer) {
      if (text !== '' && finishReason !== 'stop')
        lost += complain('what came of the answer is lost')
    } else if (answer.finish_reason === 'stop') {
      if (answer.content !== expected) wrong += complain('the stored answer is another one')
    } else if (!expected.startsWith(answer.content)) {
      wrong += complain('the stored beginning is another one')
    } else if (answer.content.length < text.length) {
      lost += complain(
        `of ${text.length} characters that were read, ${answer.content.length} are stored`,
      )
    }
  }
  return { sent: exchanges.length, answered, interrupted, lost, doubled, wrong, complaints }
}

/** The answers right behind a question. */
function answersTo(question: string, messages: readonly KeptMessage[]): readonly KeptMessage[] {
  const at = messages.findIndex(({ role, content }) => role === 'user' && content === question)
  if (at < 0) return []
  const next = messages.findIndex(({ role }, index) => index > at && role === 'user')
  return messages.slice(at + 1, next < 0 ? undefined : next)
}
