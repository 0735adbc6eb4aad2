/** Visitors who ask one question after the other, while something goes wrong; and what they say of it in the end. */
import { type Exchange, judge, type KeptMessage, type Verdict } from './ledger.ts'
import { type AnswerShape, questionOf } from './model.ts'
import { createVisitor, type ReadingHabits, type Visitor } from './visitor.ts'

/** One question in a conversation of its own. */
export interface Asking {
  readonly exchange: Exchange
  readonly visitor: Visitor
  /** Resolves when the visitor has the end of the answer, or has given up. */
  readonly asked: Promise<void>
}

export interface Crowd {
  readonly size: number
  /** Connections that visitors have dropped in mid-answer. @throws Error when one of them was refused for good */
  readonly cuts: number
  readonly exchanges: readonly Exchange[]
  /** One of them asks. */
  ask(shape: AnswerShape, habits?: ReadingHabits): Promise<Asking>
  /** All of them ask, again and again, until `end`. */
  start(shape: AnswerShape, habits?: ReadingHabits): void
  /** Resolves when the last answers have ended. */
  end(): Promise<void>
  /** Holds what they were told against what is stored. */
  judge(): Promise<Verdict>
}

/** No two questions of one run are alike. */
let numbered = 0

export async function createCrowd(url: string, size: number): Promise<Crowd> {
  const visitors = await Promise.all(Array.from({ length: size }, () => createVisitor(url)))
  const askings: Asking[] = []
  let isOver = false
  let asking: Promise<unknown> = Promise.resolve()
  let failure: unknown

  const askAs = async (visitor: Visitor, shape: AnswerShape, habits?: ReadingHabits) => {
    const conversationId = await visitor.begin()
    numbered += 1
    const exchange: Exchange = {
      conversationId,
      question: questionOf(numbered, shape),
      isAcknowledged: false,
      text: '',
      finishReason: undefined,
      wrongEvents: 0,
      longestSilence: 0,
    }
    const begun = { exchange, visitor, asked: visitor.ask(exchange, habits) }
    askings.push(begun)
    return begun
  }

  return {
    size,
    get cuts() {
      if (failure !== undefined) throw new Error('a visitor was refused', { cause: failure })
      return visitors.reduce((sum, { cuts }) => sum + cuts, 0)
    },
    get exchanges() {
      return askings.map(({ exchange }) => exchange)
    },
    async ask(shape, habits) {
      const visitor = visitors[askings.length % visitors.length]
      if (!visitor) throw new Error('nobody is there to ask')
      return await askAs(visitor, shape, habits)
    },
    start(shape, habits) {
      isOver = false
      asking = Promise.all(
        visitors.map(async (visitor) => {
          while (!isOver) await (await askAs(visitor, shape, habits)).asked
        }),
      )
      // It is waited for at the end; until then nobody would hear of a failure.
      asking.catch((error: unknown) => {
        failure ??= error
      })
    },
    async end() {
      isOver = true
      await asking
      await Promise.all(askings.map(({ asked }) => asked))
    },
    async judge() {
      const stored = new Map<string, readonly KeptMessage[]>()
      for (const { exchange, visitor } of askings) {
        stored.set(exchange.conversationId, await visitor.messages(exchange.conversationId))
      }
      return judge(
        askings.map(({ exchange }) => exchange),
        stored,
      )
    },
  }
}
