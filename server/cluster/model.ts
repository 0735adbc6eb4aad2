/** What the model server of the machine room says: a text that follows from the question, at a person's pace. */
import { setTimeout as wait } from 'node:timers/promises'
import { type FakeModelServer, startFakeModelServer } from '../testing/fake-model-server.ts'

/** How long an answer is, and how fast it comes. */
export interface AnswerShape {
  readonly tokens: number
  /** Milliseconds between two tokens. */
  readonly interval: number
}

const QUESTION = /^#(?<number>\d+): (?<tokens>\d+) tokens, one each (?<interval>\d+) ms$/

export const questionOf = (number: number, { tokens, interval }: AnswerShape): string =>
  `#${number}: ${tokens} tokens, one each ${interval} ms`

/** Not all of one length, and no two alike: a token that is missing, doubled or in the wrong place shows. */
const tokenOf = (number: string, index: number) =>
  `${number}.${index}${index % 7 === 3 ? 'ü漢🙂' : ''} `

function tokensOf(question: string): {
  readonly tokens: readonly string[]
  readonly interval: number
} {
  const { number = '0', tokens = '1', interval = '1' } = QUESTION.exec(question)?.groups ?? {}
  return {
    tokens: Array.from({ length: Number(tokens) }, (_, index) => tokenOf(number, index)),
    interval: Number(interval),
  }
}

/** The whole answer to a question. */
export const answerTo = (question: string): string => tokensOf(question).tokens.join('')

/** Speaks OpenAI's chat completions. */
export const startModel = (): Promise<FakeModelServer> =>
  startFakeModelServer({
    protocol: 'openai',
    respond({ messages }) {
      const { tokens, interval } = tokensOf(String(messages.at(-1)?.content))
      const began = performance.now()
      return tokens.flatMap((token, index) => [
        {
          // Asked for when it is due: a promise for each token at once would be a timer for each.
          get wait() {
            return wait(Math.max(0, began + index * interval - performance.now()))
          },
        },
        token,
      ])
    },
  })
