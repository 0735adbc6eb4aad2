/** Looks for a pattern in texts, away from the thread that serves; see index.ts. */
import { parentPort } from 'node:worker_threads'
import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js'

/** First the pattern, then texts as often as there are more; nothing before the thread says that it is ready. */
export type PatternRequest =
  | { readonly pattern: string }
  | { readonly texts: readonly (readonly string[])[] }

export type PatternReply =
  | {
      readonly kind: 'done'
      /** Whether any of each entry's texts matches. */
      readonly matches?: readonly boolean[]
    }
  | {
      readonly kind: 'refused'
      /** What is wrong with the pattern, without a full stop. */
      readonly problem: string
    }

let compiled: RE2JS | undefined

function compile(pattern: string): PatternReply {
  try {
    compiled = RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE | RE2JS.MULTILINE)
    return { kind: 'done' }
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) return { kind: 'refused', problem: error.error }
    if (error instanceof RE2JSException) return { kind: 'refused', problem: 'it is too large' }
    throw error
  }
}

const find = (texts: readonly (readonly string[])[]): PatternReply => ({
  kind: 'done',
  matches: texts.map((entry) => entry.some((text) => compiled?.test(text))),
})

const reply = (message: PatternReply) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
  parentPort?.postMessage(message)
}

parentPort?.on('message', (request: PatternRequest) => {
  reply('pattern' in request ? compile(request.pattern) : find(request.texts))
})
reply({ kind: 'done' })
